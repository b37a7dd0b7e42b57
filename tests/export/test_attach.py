"""Papers: the Z report hangs on its voucher, once, and whatever goes wrong with it holds no voucher."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.factories import a_batch, a_payment, a_transaction, an_event
from tests.little_shop import a_close, lunches, states, tell, tell_day, tell_days
from tests.world import Kept, KilledError, World, a_world, is_booking
from tests.worlds import a_paper_shop, hold

from fortnox_sync.export.tables import voucher_file

Json = dict[str, Any]
PDF = b"%PDF-1.7 the till's own Z report"
UPLOAD, LINK = ("POST", "/3/inbox"), ("POST", "/3/voucherfileconnections")


def report(content: bytes = PDF, media_type: str = "application/pdf") -> Json:
    return {"media_type": media_type, "content": base64.b64encode(content).decode()}


async def files(world: World) -> list[list[str]]:
    """Return the names of the files on each voucher as it stands in Fortnox."""
    return [[file["name"].split("-2026")[0] for file in one["files"]] for one in await world.booked()]


async def papers(world: World) -> list[Any]:
    async with world.service.database.read() as connection:
        return list(await connection.execute(sa.select(voucher_file).order_by(voucher_file.c.voucher_id)))


async def asked(world: World, call: tuple[str, str]) -> int:
    """Count how often Fortnox was asked something."""
    seen = (await world.simulator.get("/_simulator/requests")).json()
    return sum((one["method"], one["path"]) == call for one in seen)


def contents(world: World) -> list[bytes]:
    """Return what lies in the inbox, hanging somewhere or not."""
    return [one.content for one in world.fortnox.state.world.companies[world.number].files.values()]


def tear(ears: list[Any], call: tuple[str, str], error: BaseException) -> None:
    """Let one call end in an error, on its way there or back."""

    async def torn(request: httpx.Request) -> None:
        if (request.method, request.url.path) == call:
            ears.remove(torn)
            raise error

    ears.append(torn)


async def test_the_report_of_the_till_hangs_on_its_voucher(paper_shop: World) -> None:
    await tell_day(paper_shop, report=report())
    await paper_shop.work()

    assert await files(paper_shop) == [["Z-rapport"]]
    assert contents(paper_shop) == [PDF]
    (paper,) = await papers(paper_shop)
    assert (paper.source, paper.state, paper.error) == ("till", "connected", None)
    assert paper.connected_at is not None


async def test_a_paper_hangs_in_the_year_of_its_voucher(paper_shop: World) -> None:
    """Both years have a voucher F 1: without the year the file would land on the wrong one, in silence."""
    for session, day in (("K1-700", "2027-01-02"), ("K1-412", "2026-10-02")):
        sold = lunches(session=session, business_date=day, occurred_at=f"{day}T12:00:00Z")
        named = [{**one, "transaction_id": f"{session}-{n}"} for n, one in enumerate(sold)]
        await tell_day(paper_shop, named, session, day, report=report(PDF + day.encode()))
    await paper_shop.work()

    held = {(one["year"], one["number"]): one["files"][0]["name"] for one in await paper_shop.booked()}
    assert len(held) == 2
    assert {number for _, number in held} == {1}
    assert sorted(name[:20] for name in held.values()) == ["Z-rapport-2026-10-02", "Z-rapport-2027-01-02"]
    years = {one["year"]: one["transaction_date"] for one in await paper_shop.booked()}
    assert all(years[year] in name for (year, _), name in held.items())


async def test_without_a_report_the_service_makes_one(paper_shop: World) -> None:
    await tell_day(paper_shop)
    await paper_shop.work()

    assert await files(paper_shop) == [["Dagsrapport"]]
    assert contents(paper_shop)[0].startswith(b"%PDF-")
    assert [one.source for one in await papers(paper_shop)] == ["service"]


@pytest.mark.parametrize(
    "sent",
    [report(b"<html>Z 412</html>"), report(PDF, "text/html"), report(b"")],
    ids=["lie", "html", "none"],
)
async def test_a_report_that_is_no_pdf_is_replaced_by_our_own(paper_shop: World, sent: Json) -> None:
    await tell_day(paper_shop, report=sent)
    await paper_shop.work()

    assert await files(paper_shop) == [["Dagsrapport"]]


async def test_of_two_revisions_the_latest_report_hangs(paper_shop: World) -> None:
    sold = lunches()
    await tell(paper_shop, a_batch(sold), a_close(sold, report=report()))
    await tell(paper_shop, a_close(sold, revision=2, report=report(PDF + b", corrected")))
    await paper_shop.work()

    assert contents(paper_shop) == [PDF + b", corrected"]


async def test_a_reversal_wants_no_paper(paper_shop: World) -> None:
    await tell_day(paper_shop)
    await paper_shop.work()
    (voucher,) = await paper_shop.vouchers()
    path = f"/vouchers/{voucher['voucher_id']}/reversal"
    answer = await paper_shop.call("POST", path, {"reason": "Fel konto"}, key="once")
    assert answer.is_success, answer.text
    await paper_shop.work()

    assert await files(paper_shop) == [["Dagsrapport"], [], ["Dagsrapport"]]


async def test_a_drawer_movement_and_a_purchase_want_no_paper(paper_shop: World) -> None:
    moved, bought = (
        a_transaction(number, kind=kind, payments=[a_payment("cash", by)], events=[an_event("tip", by)])
        for number, kind, by in ((7, "drawer", 9000), (8, "purchase", -4500))
    )
    await tell_day(paper_shop, [*lunches(), moved, bought], report=report())
    await paper_shop.work_for(hours=1)

    parts = {
        (one["booking"]["series"], one["booking"]["number"]): one["part"]
        for one in await paper_shop.vouchers()
    }
    hanging = {parts[one["series"], one["number"]]: len(one["files"]) for one in await paper_shop.booked()}
    assert hanging == {"takings": 1, "drawer": 0, "purchase:K1-412-8": 0}
    assert len(await papers(paper_shop)) == await asked(paper_shop, UPLOAD) == 1


@pytest.mark.parametrize("given_out_again", [False, True], ids=["gone", "somebody else's by now"])
async def test_nothing_is_put_onto_a_voucher_that_was_deleted_while_its_paper_waited(
    shop_begun: tuple[str, Kept], *, given_out_again: bool
) -> None:
    """A deleted number is given out again, and a link asks for no more than a number.

    The books are not checked afterwards: a verified voucher is gone from them, and that is the story.
    """
    async with a_paper_shop(*shop_begun) as world:
        await world.switch("fail", operation=" ".join(LINK))
        await tell_day(world, report=report())
        await world.work()
        (ours,) = await world.booked()
        await world.control("DELETE", f"/vouchers/{ours['year']}/{ours['series']}/{ours['number']}")
        if given_out_again:
            rows = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]
            theirs = {"series": "F", "transaction_date": "2026-10-02", "description": "Hyra", "rows": rows}
            made = await world.control("POST", "/vouchers", theirs)
            assert made["number"] == ours["number"]
        await world.work_for(days=3)

        assert await files(world) == ([[]] if given_out_again else [])
        (paper,) = await papers(world)
        assert (paper.state, paper.next_due_at, paper.connected_at) == ("uploaded", None, None)
        assert paper.error == "voucher_gone"
        assert (await asked(world, UPLOAD), await asked(world, LINK)) == (1, 1)


async def test_nothing_is_put_onto_a_voucher_that_was_deleted_in_fortnox(paper_shop: World) -> None:
    """Its number may be another voucher's soon."""

    async def delete(request: httpx.Request) -> None:
        if is_booking(request):
            paper_shop.wire.after.remove(delete)
            (booked,) = await paper_shop.booked()
            await paper_shop.control("DELETE", f"/vouchers/{booked['year']}/F/{booked['number']}")

    paper_shop.wire.after.append(delete)
    await tell_day(paper_shop)
    await paper_shop.work_for(hours=2)

    assert await paper_shop.faults() == ["voucher_deleted"]
    assert await asked(paper_shop, LINK) == 0


async def test_a_voucher_booked_by_hand_that_a_person_says_is_ours_gets_its_paper(paper_shop: World) -> None:
    await paper_shop.switch("never_book", times=2)
    await tell_day(paper_shop, report=report())
    await paper_shop.work_for(hours=6)
    (undecided,) = await paper_shop.vouchers()
    told = ("account", "debit", "credit", "cost_center")
    rows = [{name: row[name] for name in told if row[name] is not None} for row in undecided["rows"]]
    form = {"series": "F", "transaction_date": "2026-10-02", "description": "Dagskassa", "rows": rows}
    made = await paper_shop.control("POST", "/vouchers", form)
    decision = {"decision": "adopt", "number": made["number"], "reason": "Har tittat i Fortnox"}
    await paper_shop.ok("POST", f"/vouchers/{undecided['voucher_id']}/decision", decision)
    await paper_shop.work_for(minutes=5)

    assert await states(paper_shop) == ["booked"]
    assert await files(paper_shop) == [["Z-rapport"]]


async def test_a_link_that_fails_is_tried_again_and_the_voucher_is_not(paper_shop: World) -> None:
    await paper_shop.switch("fail", operation=" ".join(LINK), times=2)
    await tell_day(paper_shop, report=report())
    await paper_shop.work()
    assert await files(paper_shop) == [[]]
    assert await states(paper_shop) == ["booked"]
    assert await paper_shop.faults() == []
    (paper,) = await papers(paper_shop)
    assert (paper.state, paper.tries, paper.error) == ("uploaded", 1, "Unanswered")

    await paper_shop.work_for(seconds=59)
    assert await asked(paper_shop, LINK) == 1
    await paper_shop.work_for(minutes=6)

    assert await files(paper_shop) == [["Z-rapport"]]
    assert (await asked(paper_shop, UPLOAD), await asked(paper_shop, LINK)) == (1, 3)
    assert len(await paper_shop.posts()) == 1


async def test_a_document_fortnox_cannot_read_is_tried_ever_more_seldom(paper_shop: World) -> None:
    await paper_shop.switch("refuse", operation=" ".join(UPLOAD), times=100, status=400, code=2001740)
    await tell_day(paper_shop)
    await paper_shop.work_for(days=3)

    (paper,) = await papers(paper_shop)
    assert (paper.state, paper.error) == ("waiting", "Refused 2001740")
    assert paper.tries == await asked(paper_shop, UPLOAD) == 9
    assert paper.next_due_at - paper_shop.clock.now() <= timedelta(days=1)
    assert await paper_shop.faults() == []


async def test_an_upload_nobody_answered_for_leaves_a_file_and_still_one_link(paper_shop: World) -> None:
    await paper_shop.switch("lose_answer", operation=" ".join(UPLOAD))
    await tell_day(paper_shop, report=report())
    await paper_shop.work_for(minutes=2)

    assert await files(paper_shop) == [["Z-rapport"]]
    assert len(contents(paper_shop)) == 2, "the first one hangs nowhere"
    assert await asked(paper_shop, LINK) == 1


async def test_a_link_nobody_answered_for_is_looked_for_and_not_made_again(paper_shop: World) -> None:
    await paper_shop.switch("lose_answer", operation=" ".join(LINK))
    await tell_day(paper_shop, report=report())
    await paper_shop.work_for(minutes=2)

    assert await files(paper_shop) == [["Z-rapport"]]
    assert (await asked(paper_shop, UPLOAD), await asked(paper_shop, LINK)) == (1, 1)
    assert [one.state for one in await papers(paper_shop)] == ["connected"]


@pytest.mark.parametrize(("call", "uploads", "links"), [(UPLOAD, 2, 1), (LINK, 1, 1)], ids=["upload", "link"])
async def test_a_worker_killed_after_a_step_leaves_one_link(
    paper_shop: World, call: tuple[str, str], uploads: int, links: int
) -> None:
    tear(paper_shop.wire.after, call, KilledError())
    await tell_day(paper_shop, report=report())
    with pytest.raises(KilledError):
        await paper_shop.work()
    await paper_shop.restart()
    await paper_shop.work_for(minutes=3)

    assert await files(paper_shop) == [["Z-rapport"]]
    assert (await asked(paper_shop, UPLOAD), await asked(paper_shop, LINK)) == (uploads, links)
    assert len(await paper_shop.posts()) == 1


async def test_a_worker_killed_before_the_link_uploads_nothing_again(paper_shop: World) -> None:
    tear(paper_shop.wire.before, LINK, KilledError())
    await tell_day(paper_shop, report=report())
    with pytest.raises(KilledError):
        await paper_shop.work()
    await paper_shop.restart()
    await paper_shop.work_for(minutes=3)

    assert await files(paper_shop) == [["Z-rapport"]]
    assert (await asked(paper_shop, UPLOAD), await asked(paper_shop, LINK)) == (1, 1)


async def test_a_right_taken_away_holds_no_voucher(paper_shop: World) -> None:
    await paper_shop.switch("refuse", operation=" ".join(UPLOAD), times=1000, status=403, code=2000663)
    await tell_days(paper_shop, 3)
    await paper_shop.work()

    assert await states(paper_shop) == ["booked"] * 3
    assert await paper_shop.faults() == []
    assert await asked(paper_shop, UPLOAD) == 1, "the other papers would fare no better"
    assert sorted(one.error or "" for one in await papers(paper_shop)) == ["", "", "Refused 2000663"]

    await paper_shop.control("DELETE", "/switches")
    await paper_shop.work_for(minutes=20)
    assert await files(paper_shop) == [["Dagsrapport"]] * 3


async def test_a_consent_without_the_rights_asks_for_no_paper(shop_begun: tuple[str, Kept]) -> None:
    url, kept = shop_begun
    settings = kept.settings.model_copy(update={"attach_reports": True})
    async with a_world(url, kept=replace(kept, settings=settings)) as world:
        await tell_day(world, report=report())
        await world.work_for(hours=1)

        assert await states(world) == ["booked"]
        assert await papers(world) == []
        assert await asked(world, UPLOAD) == 0
        assert await world.faults() == []
        await hold(world)


async def test_nothing_is_attached_where_it_is_switched_off(paper_shop: World) -> None:
    await paper_shop.switch("fail", operation=" ".join(UPLOAD))
    await tell_day(paper_shop, report=report())
    await paper_shop.work()
    paper_shop.service = replace(
        paper_shop.service, counter=replace(paper_shop.service.counter, attaches=False)
    )
    await tell_day(
        paper_shop,
        [{**one, "transaction_id": f"later-{n}"} for n, one in enumerate(lunches(session="K1-413"))],
        "K1-413",
    )
    await paper_shop.work_for(hours=1)

    assert await files(paper_shop) == [[], []]
    assert len(await papers(paper_shop)) == 1
    assert await asked(paper_shop, UPLOAD) == 1


async def test_a_shop_without_the_setting_neither_asks_for_the_rights_nor_attaches(shop: World) -> None:
    await tell_day(shop, report=report())
    await shop.work()

    assert await papers(shop) == []
    assert await asked(shop, UPLOAD) == 0
    (voucher,) = await shop.vouchers()
    assert voucher["booking"]["verified_at"] is not None


async def test_a_dead_token_is_replaced_and_the_paper_hangs_in_the_same_turn(paper_shop: World) -> None:
    await paper_shop.switch("unauthorised", operation=" ".join(UPLOAD))
    await tell_day(paper_shop)
    await paper_shop.work()

    assert await files(paper_shop) == [["Dagsrapport"]]
    assert await paper_shop.faults() == []


async def test_a_wish_to_slow_down_stops_the_lane_for_a_while_and_holds_nothing(paper_shop: World) -> None:
    await paper_shop.switch("throttle", operation=" ".join(UPLOAD))
    await tell_day(paper_shop)
    await paper_shop.work()
    assert await states(paper_shop) == ["booked"]
    assert await paper_shop.faults() == ["rate_limited"]

    await paper_shop.work_for(minutes=2)
    assert await files(paper_shop) == [["Dagsrapport"]]
    assert await paper_shop.faults() == []


async def test_a_file_that_is_gone_from_the_inbox_is_uploaded_anew(paper_shop: World) -> None:
    await paper_shop.switch("fail", operation=" ".join(LINK))
    await tell_day(paper_shop, report=report())
    await paper_shop.work()
    paper_shop.fortnox.state.world.companies[paper_shop.number].files.clear()
    await paper_shop.work_for(minutes=10)

    assert await files(paper_shop) == [["Z-rapport"]]
    assert await asked(paper_shop, UPLOAD) == 2


async def test_a_few_papers_a_turn_and_vouchers_first(paper_shop: World) -> None:
    order: list[str] = []

    async def listen(request: httpx.Request) -> None:
        call = (request.method, request.url.path)
        if call in {("POST", "/3/vouchers"), LINK}:
            order.append(request.url.path.rpartition("/")[2])

    paper_shop.wire.before.append(listen)
    await tell_days(paper_shop, 23)
    turns = await paper_shop.work()

    assert order == ["vouchers"] * 23 + ["voucherfileconnections"] * 23
    assert turns == 6, "two for the vouchers, the second of them and four more for the papers"
    assert await files(paper_shop) == [["Dagsrapport"]] * 23
