"""The proof on torn wires tears where it says."""

from collections import Counter

import pytest
from proof.network.harm import Oddity, Place, Tear, cut_at
from proof.network.run import drawn

MESSAGE = b'POST /3/vouchers HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n{"a": 1}'
LINE, HEAD = MESSAGE.index(b"\r\n"), MESSAGE.index(b"{")


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
@pytest.mark.parametrize(
    ("place", "first", "last"),
    [
        (Place.REQUEST_LINE, 1, LINE - 1),
        (Place.REQUEST_HEADERS, LINE + 2, HEAD - 1),
        (Place.REQUEST_BODY, HEAD, len(MESSAGE) - 1),
        (Place.WHOLE_REQUEST, len(MESSAGE), len(MESSAGE)),
        (Place.STATUS_LINE, 1, LINE - 1),
        (Place.ANSWER_HEADERS, LINE + 2, HEAD - 1),
        (Place.ANSWER_BODY, HEAD, len(MESSAGE) - 1),
        (Place.LAST_BYTE, len(MESSAGE) - 1, len(MESSAGE) - 1),
    ],
)
def test_a_call_is_cut_where_its_place_is(place: Place, first: int, last: int, share: float) -> None:
    assert first <= cut_at(MESSAGE, place, share) <= last


def test_the_same_seed_draws_the_same_harm_and_another_draws_other() -> None:
    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_every_kind_of_harm_is_drawn_and_only_what_was_not_executed_is_harmed_twice() -> None:
    days = [day for seed in range(100) for day in drawn(seed)]
    counted = Counter((one.how, one.place) if isinstance(one, Tear) else one for day in days for one in day)

    assert set(Oddity) <= counted.keys()
    assert len(counted) == len(Oddity) + 4 * len(Place)
    twice = [day for day in days if len(day) > 1]
    assert twice
    assert all(isinstance(day[0], Tear) and not day[0].place.is_executed for day in twice)
