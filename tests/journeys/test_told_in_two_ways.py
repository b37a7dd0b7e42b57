"""The till tells the same thing in two ways: the first stands, the other is shown until it is settled."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories import a_batch, a_payment, a_sale, a_transaction
from tests.little_shop import a_close, fault, states, tell
from tests.world import World

from fortnox_sync.intake.tables import delivery
from fortnox_sync.runtime.audit import audit

Json = dict[str, Any]

FIRST, LATER, LATEST = "2026-10-02T18:00:00Z", "2026-10-02T19:00:00Z", "2026-10-02T20:00:00Z"
LUNCH = a_transaction(1)
DINNER = a_transaction(1, sales=[a_sale(gross=22400, vat=2400)])


async def told_twice(shop: World) -> Json:
    """Let the till tell a lunch, and then under the same id a dinner; return the fault."""
    await tell(shop, a_batch([LUNCH], at=FIRST), a_batch([DINNER], at=LATER))
    return await fault(shop, "delivery_conflicting")


async def statuses(shop: World) -> list[str]:
    """Return what became of the transactions' deliveries, in the order they came."""
    query = sa.select(delivery.c.status).where(delivery.c.type == "till.transactions.recorded")
    async with shop.service.database.read() as connection:
        found = await connection.execute(query.order_by(delivery.c.received_at, delivery.c.delivery_id))
        return list(found.scalars())


async def accept(shop: World, fault_id: str, **claims: Any) -> int:
    return (await shop.call("POST", f"/faults/{fault_id}/accept", **claims)).status_code


async def test_the_first_telling_is_booked_and_the_other_is_kept_and_shown(shop: World) -> None:
    """Row 30: another content under a known natural key has no effect, but it is no silence either."""
    told = await told_twice(shop)
    await tell(shop, a_close([LUNCH]))
    await shop.work()

    assert told["severity"] == "warning"
    facts = told["fault"]["facts"]
    assert facts["transaction_ids"] == ["K1-412-1"]
    assert facts["till_register"]["register_id"] == "K1"
    assert facts["session_id"] == "K1-412"
    assert [one["remediation"]["action"] for one in told["remediations"]] == ["resend_till_data", "accept"]
    assert await statuses(shop) == ["stored", "conflicting"]
    (booked,) = await shop.booked()
    assert sum(row["debit"] for row in booked["rows"]) == 11200


async def test_the_same_content_under_a_new_id_is_no_conflict(shop: World) -> None:
    """Row 30."""
    await tell(shop, a_batch([LUNCH], at=FIRST), a_batch([LUNCH], at=LATER))
    assert await shop.faults() == []


async def test_what_the_till_tells_again_later_as_it_stands_settles_it(shop: World) -> None:
    """The cure offered first: the till sends it again, and its last word is what stands."""
    await told_twice(shop)
    await tell(shop, a_batch([LUNCH], at=LATEST))
    assert await shop.faults() == []


async def test_the_first_telling_come_twice_settles_nothing(shop: World) -> None:
    """Row 30: a doubled delivery is as old as it was, and the till has said otherwise since."""
    await told_twice(shop)
    await tell(shop, a_batch([LUNCH], at=FIRST))
    assert await shop.faults() == ["delivery_conflicting"]


async def test_the_other_telling_come_twice_is_the_same_fault(shop: World) -> None:
    told = await told_twice(shop)
    await tell(shop, a_batch([DINNER], at=LATEST))
    assert (await fault(shop, "delivery_conflicting"))["fault_id"] == told["fault_id"]


async def test_a_conflict_settled_in_part_says_what_is_left(shop: World) -> None:
    lunches = [a_transaction(1), a_transaction(2)]
    dinners = [DINNER, a_transaction(2, payments=[a_payment("cash", 11200)], sales=[a_sale()])]
    await tell(shop, a_batch(lunches, at=FIRST), a_batch(dinners, at=LATER), a_batch(lunches[:1], at=LATEST))
    told = await fault(shop, "delivery_conflicting")
    assert told["fault"]["facts"]["transaction_ids"] == ["K1-412-2"]


async def test_a_close_told_otherwise_under_its_revision_is_shown(shop: World) -> None:
    """A corrected close has a higher revision; this one has not."""
    await tell(shop, a_batch([LUNCH]), a_close([LUNCH]), a_close([DINNER]))
    await shop.work()
    told = await fault(shop, "delivery_conflicting")
    assert told["fault"]["facts"]["closes"] == [{"session_id": "K1-412", "revision": 1}]
    assert "K1-412" in told["message"]
    assert await states(shop) == ["booked"]


async def test_a_person_accepts_that_the_first_stands(shop: World) -> None:
    """A second click changes nothing; who accepted what is written down."""
    told = await told_twice(shop)
    assert [await accept(shop, told["fault_id"]) for _ in range(2)] == [204, 204]
    assert await shop.faults() == []

    async with shop.service.database.read() as connection:
        query = sa.select(audit).where(audit.c.action == "fault.accepted")
        (written,) = (await connection.execute(query)).all()
    assert (written.actor, written.details["code"]) == ("owner", "delivery_conflicting")
    assert written.details["facts"]["transaction_ids"] == ["K1-412-1"]


async def test_what_was_accepted_is_shown_again_when_it_is_told_again(shop: World) -> None:
    told = await told_twice(shop)
    await accept(shop, told["fault_id"])
    await tell(shop, a_batch([DINNER], at=LATEST))
    assert (await fault(shop, "delivery_conflicting"))["fault_id"] != told["fault_id"]


async def test_only_a_fault_that_offers_it_can_be_accepted(shop: World) -> None:
    await tell(shop, a_close([LUNCH]))
    await shop.work()
    held = await fault(shop, "day_incomplete")
    refused = await shop.call("POST", f"/faults/{held['fault_id']}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_acceptable")
    assert await shop.faults() == ["day_incomplete"]


async def test_a_fault_is_accepted_by_its_company_and_with_the_right_to_write(shop: World) -> None:
    told = await told_twice(shop)
    assert await accept(shop, told["fault_id"], scope="integration:read") == 403
    assert await accept(shop, told["fault_id"], company_ids=["another"]) == 404
    assert await accept(shop, "0199a6c2-0000") == 404
    elsewhere = await shop.api.post(
        f"/v1/companies/another/faults/{told['fault_id']}/accept",
        headers={"Authorization": f"Bearer {shop.token(company_ids=['another'])}"},
    )
    assert elsewhere.status_code == 404
    assert await shop.faults() == ["delivery_conflicting"]


async def test_another_body_under_a_known_id_is_kept_beside_the_first_and_shown(shop: World) -> None:
    """Row 28: both kept, people are told, the first stands; the same once more is no news."""
    await shop.send(a_batch([LUNCH]), webhook_id="same")
    for _ in range(2):
        answer = await shop.send(a_batch([DINNER, a_transaction(2)]), webhook_id="same")
        assert answer.json()["status"] == "variant"

    told = await fault(shop, "delivery_conflicting")
    assert told["fault"]["facts"]["transaction_ids"] == ["K1-412-1", "K1-412-2"]
    assert await statuses(shop) == ["stored", "variant"]
    await tell(shop, a_close([LUNCH]))
    await shop.work()
    assert await states(shop) == ["booked"]


async def test_what_came_under_a_known_id_is_settled_when_it_comes_under_one_of_its_own(shop: World) -> None:
    """Row 28: a till that numbers its deliveries badly has lost nothing."""
    await shop.send(a_batch([LUNCH], at=FIRST), webhook_id="same")
    await shop.send(a_batch([a_transaction(2)], at=LATER), webhook_id="same")
    assert await shop.faults() == ["delivery_conflicting"]
    await tell(shop, a_batch([a_transaction(2)], at=LATEST))
    assert await shop.faults() == []


async def test_the_same_content_spelled_otherwise_under_its_id_is_no_conflict(shop: World) -> None:
    """Row 28: a retry that orders its fields anew tells nothing new."""
    await shop.send(a_batch([LUNCH]), webhook_id="same")
    again = json.dumps(a_batch([LUNCH]), indent=1, sort_keys=True).encode()
    assert (await shop.send_bytes(again, webhook_id="same")).json()["status"] == "variant"
    assert await shop.faults() == []


@pytest.mark.parametrize("first", ["known", "new"])
async def test_tellings_of_one_commit_are_compared_with_what_stands(shop: World, first: str) -> None:
    """One delivery tells the same id in two ways: the first of them stands, unless it was told before."""
    if first == "known":
        await tell(shop, a_batch([DINNER], at=FIRST))
    await tell(shop, a_batch([LUNCH, DINNER, LUNCH], at=LATER))
    told = await fault(shop, "delivery_conflicting")
    assert told["fault"]["facts"]["transaction_ids"] == ["K1-412-1"]
    await tell(shop, a_close([DINNER if first == "known" else LUNCH]))
    await shop.work()
    assert await states(shop) == ["booked"]
