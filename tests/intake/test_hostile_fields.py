"""Any field of a good delivery may hold anything: it is answered, kept, and holds up nothing beside it."""

import json
from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.factories import Json, a_batch, a_catalog, a_day_close, a_delivery, a_sale, a_transaction, an_event
from tests.intake.desk import rows
from tests.world import World

from fortnox_sync.intake.contents import read
from fortnox_sync.intake.tables import delivery, till_transaction

GOOD = a_transaction(1)
VICTIM = a_transaction(2, sales=[a_sale(cost_center="bar")], events=[an_event()], text="Bord 4")
REPORT = {"media_type": "application/pdf", "content": "JVBERi0xLjcK"}
WHOLE = (
    a_batch([GOOD, VICTIM]),
    a_delivery(a_day_close([GOOD, VICTIM], transactions=[GOOD, VICTIM], report=REPORT)),
    a_delivery(a_catalog([GOOD, VICTIM])),
)
HOSTILE = (
    None, True, False, 0, -1, 1.5, -0.0, 10**13 + 1, 2**63, 2**64, -(10**400), float("nan"), float("inf"),
    "", " ", "x", "null", "1", "\x00", "a\x00b", "\n", "\x7f", "\u2028", "\ufeff", "å" * 64, "x" * 65,
    "x" * 5000, "0001-01-01T00:00:00+14:00",
    "9999-12-31", "2026-10-02T12:00:00", "100", "NaN", "1e400", "😀" * 40,
    [], [None], {}, {"a": {"b": [1, {}]}}, [[[]]],
)  # fmt: skip
numbers = count()


def places(node: Any, path: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """List every place in a body, the whole of it last."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(value, (*path, key))
    yield path


PLACES = [(number, path) for number, whole in enumerate(WHOLE) for path in places(whole)]


def replaced(whole: Any, path: tuple[int | str, ...], by: object) -> Any:
    """Return the body with something else in one place."""
    if not path:
        return by
    changed = deepcopy(whole)
    node = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = by
    return changed


def of_company(whole: Json, company: str) -> Json:
    return whole | {"data": whole["data"] | {"company_id": company}}


@given(place=st.sampled_from(PLACES), value=st.sampled_from(HOSTILE))
@example(place=(0, ("type",)), value="a\x00b")
@example(place=(0, ("data", "transactions", 1, "text")), value="a\x00b")
@example(place=(1, ("data", "closed_at")), value="9999-12-31T23:59:59-14:00")
@example(place=(1, ("data", "report", "media_type")), value="å" * 101)
@example(place=(2, ("data", "registers", 0, "name")), value="x" * 201)
@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_stands_in_a_field(
    world: World, place: tuple[int, tuple[int | str, ...]], value: object
) -> None:
    number, path = place
    company = f"c_{next(numbers)}"
    body = json.dumps(replaced(of_company(WHOLE[number], company), path, value)).encode()
    before = len(await rows(world.service.database, delivery, "delivery_id"))
    answer = await world.send_bytes(body)

    assert answer.status_code in {202, 400}, answer.text
    assert answer.status_code == 202 or b"NaN" in body or b"Infinity" in body
    kept = await rows(world.service.database, delivery)
    assert len(kept) == before + 1
    assert body in {row["body"] for row in kept}
    if answer.status_code == 202 and path[:3] == ("data", "transactions", 1):
        taken = await rows(world.service.database, till_transaction, "company_id", "transaction_id")
        assert {"company_id": company, "transaction_id": "K1-412-1"} in taken


def test_null_in_every_field_is_read_or_told_and_never_breaks() -> None:
    for number, path in PLACES:
        contents = read(json.dumps(replaced(WHOLE[number], path, None)).encode())
        assert contents.problems or contents.is_known
