"""How the lane takes an error: only what is certain to have done nothing may be sent again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fortnox_sync.fault.kind import Kind, kind_of
from fortnox_sync.fortnox.errors import (
    FortnoxError,
    GrantRefused,
    NotFound,
    NotSent,
    Refused,
    Throttled,
    Unanswered,
    Unauthorised,
)

CASES: list[tuple[FortnoxError, Kind]] = [
    (NotSent("connect timeout"), Kind.NOT_SENT),
    (Throttled(), Kind.THROTTLED),
    (Unauthorised(), Kind.UNAUTHORISED),
    (Unauthorised(code=2000663), Kind.UNAUTHORISED),
    (Refused(status=403), Kind.FORBIDDEN),
    (Refused(status=400, code=2000663), Kind.FORBIDDEN),
    (Refused(status=400, code=2001101), Kind.FORBIDDEN),
    (Refused(status=400, code=2000310), Kind.UNAUTHORISED),
    (Refused(status=400, code=2000550), Kind.INVALID),
    (Refused(status=400, text="Kostnadsställe är obligatoriskt på konto: 1930"), Kind.INVALID),
    (Refused(status=400, code=2999999), Kind.INVALID),
    (NotFound(code=2000423), Kind.INVALID),
    (Refused(status=400, code=2001940), Kind.PERIOD),
    (Refused(status=400, code=2000401), Kind.PERIOD),
    (Refused(status=400, text="Ogiltig verifikationsserie angiven"), Kind.PERIOD),
    (Refused(status=400, text="Räkenskapsår saknas för valt datum."), Kind.PERIOD),
    (Refused(status=429), Kind.THROTTLED),
    (Refused(status=400, code=1000003), Kind.AMBIGUOUS),
    (Unanswered("read timeout"), Kind.AMBIGUOUS),
    (FortnoxError(), Kind.AMBIGUOUS),
    (GrantRefused(error="invalid_grant", status=400), Kind.UNAUTHORISED),
    (GrantRefused(error="error_missing_license", status=400), Kind.FORBIDDEN),
    (GrantRefused(error="invalid_client", status=401), Kind.FORBIDDEN),
    (GrantRefused(error="temporarily_unavailable", status=503), Kind.NOT_SENT),
    (GrantRefused(error="slow_down", status=429), Kind.THROTTLED),
]


@pytest.mark.parametrize(("error", "kind"), CASES, ids=repr)
def test_an_error_is_taken_as(error: FortnoxError, kind: Kind) -> None:
    assert kind_of(error) is kind


@given(
    status=st.integers().filter(lambda status: status not in range(400, 500) or status == 408),
    code=st.sampled_from([None, 2000550, 2001940, 2000401, 2000663]),
)
def test_a_refusal_with_a_status_that_proves_nothing_is_ambiguous(status: int, code: int | None) -> None:
    assert kind_of(Refused(status=status, code=code)) is Kind.AMBIGUOUS


@given(
    status=st.integers(400, 499),
    code=st.one_of(st.none(), st.integers()),
    text=st.text(),
)
def test_every_refusal_has_a_kind(status: int, code: int | None, text: str) -> None:
    assert kind_of(Refused(status=status, code=code, text=text)) in Kind
