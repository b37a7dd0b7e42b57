"""The error tree keeps its facts and gives nothing away."""

import copy
import pickle

import pytest

from fortnox_sync.fortnox import (
    FortnoxError,
    GrantRefused,
    NotFound,
    NotSent,
    Refused,
    Throttled,
    Unanswered,
    Unauthorised,
)

EXAMPLES = [
    NotSent("ConnectError"),
    Refused(400, 2000946, "Kostnadsställe är obligatoriskt på konto: 3001", "uid-1"),
    NotFound(404, 2000423, "Kan inte hitta kontot.", "uid-2"),
    Throttled(2.5, "uid-3"),
    Unauthorised("unauthorized"),
    GrantRefused("invalid_grant", "Invalid refresh token", 400),
    Unanswered("ReadTimeout", 502, "uid-4"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_survives_pickling_and_copying(error: FortnoxError) -> None:
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own bytes
        assert type(twin) is type(error)
        assert vars(twin) == vars(error)
        assert repr(twin) == repr(error)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_belongs_to_the_tree_and_can_be_raised(error: FortnoxError) -> None:
    with pytest.raises(FortnoxError) as caught:
        raise error
    assert caught.value is error


def test_facts_stand_in_the_message() -> None:
    assert str(NotFound(404, 2000423, "Kan inte hitta kontot.", "uid-2")) == (
        "Fortnox has nothing under that key (status=404, code=2000423, request_id='uid-2')"
    )
    assert repr(NotSent("ConnectError")) == "NotSent(reason='ConnectError')"


def test_fortnox_words_stay_out_of_messages_because_they_can_name_people() -> None:
    text = "Anna Andersson har låst perioden t.o.m. 2026-03-31."
    for error in (Refused(400, 2000401, text), Unauthorised(text), GrantRefused("x", text)):
        assert "Anna" not in f"{error!r}{error}"


def test_a_missing_thing_is_a_kind_of_refusal() -> None:
    assert isinstance(NotFound(), Refused)
    assert not issubclass(Unauthorised, Refused)
