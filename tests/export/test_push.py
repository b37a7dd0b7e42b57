"""The intent is on disk when the POST arrives, and what is sent is what was frozen."""

from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from tests.factories import a_catalog, a_delivery, a_payment, a_sale, a_transaction, an_event
from tests.little_shop import a_close, states, tell, tell_day, tell_days
from tests.world import World, is_booking

from fortnox_sync.export import push
from fortnox_sync.export.desk import Desk

Json = dict[str, Any]


async def sent(shop: World) -> list[Json]:
    """Remember the bodies of the vouchers as they leave."""
    bodies: list[Json] = []

    async def listen(request: httpx.Request) -> None:
        if is_booking(request):
            bodies.append(httpx.Response(200, content=request.content).json()["Voucher"])

    shop.wire.before.append(listen)
    return bodies


async def test_the_intent_is_committed_before_the_post_arrives(shop: World) -> None:
    seen: list[Json] = []

    async def look(request: httpx.Request) -> None:
        if is_booking(request):
            async with shop.service.database.read() as connection:
                query = "SELECT a.*, v.state FROM attempt a JOIN voucher v USING (voucher_id)"
                seen.extend(dict(row) for row in (await connection.exec_driver_sql(query)).mappings())

    shop.wire.before.append(look)
    await tell_day(shop)
    await shop.work()

    (intent,) = seen
    assert (intent["outcome"], intent["state"], intent["no"]) == ("open", "sending", 1)
    assert (intent["series"], intent["financial_year"], intent["watermark"]) == ("F", 2, 0)
    assert intent["token_id"]
    assert intent["token_expires_at"]


async def test_each_post_goes_out_once_on_a_connection_of_its_own(shop: World) -> None:
    headers: list[httpx.Headers] = []

    async def listen(request: httpx.Request) -> None:
        if is_booking(request):
            headers.append(request.headers)

    shop.wire.before.append(listen)
    await tell_days(shop, 3)
    await shop.work()

    assert [one["connection"] for one in headers] == ["close"] * 3
    assert len(await shop.posts()) == len(await shop.booked()) == 3


async def test_no_transaction_is_open_while_fortnox_is_asked(shop: World) -> None:
    async def write_meanwhile(request: httpx.Request) -> None:
        if is_booking(request):
            async with shop.service.database.write() as connection:
                await connection.exec_driver_sql("UPDATE lane SET people_turns = NULL")

    shop.wire.before.append(write_meanwhile)
    await tell_day(shop)
    await shop.work()

    assert await states(shop) == ["booked"]


async def test_the_marker_stands_in_its_three_places_as_fortnox_received_them(shop: World) -> None:
    bodies = await sent(shop)
    await tell_day(shop)
    await shop.work()

    (body,), (voucher,), (booked,) = bodies, await shop.vouchers(), await shop.booked()
    marker = voucher["marker"]
    assert body["Description"] == f"Dagsavslut 2026-10-02 Restaurang Z 412 {marker}"
    assert body["Comments"].split() == [marker, body["Comments"][-12:]]
    assert [marker in row["TransactionInformation"] for row in body["VoucherRows"]] == [True, False, False]
    assert marker in booked["description"]
    assert marker in booked["comments"]
    assert marker in booked["rows"][0]["transaction_information"]


async def test_texts_are_cleaned_to_what_fortnox_takes(shop: World) -> None:
    """Names with an emoji, quotes, pipes and brackets; drawer notes too."""
    name = 'Bar 🍺 "Ö|l" [1] <a href="https://x">'
    moved = a_transaction(
        1,
        kind="drawer",
        payments=[a_payment("cash", 5000)],
        events=[an_event("tip", 5000)],
        text="Växel ✓ {500} ~ https://bank.example",
    )
    registers = [{"register_id": "K1", "name": name, "cost_center_id": "restaurant"}]
    methods = [{"payment_method_id": "cash", "name": "Kontant 💰|€"}]
    catalog = a_catalog([moved], registers=registers, payment_methods=methods)
    await tell(shop, a_delivery(catalog, at="2026-10-02T08:00:00Z"))
    await tell_day(shop, [moved])
    await shop.work()

    (booked,) = await shop.booked()
    assert (
        "Bar \N{RIGHT SINGLE QUOTATION MARK}Ö/l\N{RIGHT SINGLE QUOTATION MARK} (1)" in booked["description"]
    )
    assert await shop.faults() == []


async def test_the_longest_names_keep_the_marker_and_the_z_number(shop: World) -> None:
    """Two hundred characters are the most a till may send; Fortnox takes as many in the whole text."""
    name = "Å" * 200
    sold = [a_transaction(1, payments=[a_payment("cash")], sales=[a_sale()])]
    registers = [{"register_id": "K1", "name": name, "cost_center_id": "restaurant"}]
    methods = [{"payment_method_id": "cash", "name": name}]
    catalog = a_catalog(sold, registers=registers, payment_methods=methods)
    await tell(shop, a_delivery(catalog, at="2026-10-02T08:00:00Z"))
    bodies = await sent(shop)
    await tell_day(shop, sold)
    await shop.work()

    (body,), (voucher,) = bodies, await shop.vouchers()
    assert len(body["Description"]) <= 200
    assert body["Description"].endswith(f"Å Z 412 {voucher['marker']}")
    assert max(len(row["TransactionInformation"]) for row in body["VoucherRows"]) <= 100
    assert await shop.faults() == []


async def test_a_name_longer_than_a_till_may_send_loses_no_sale(shop: World) -> None:
    """Three hundred characters make an unreadable catalogue; the register goes by its old name."""
    registers = [{"register_id": "K1", "name": "Å" * 300, "cost_center_id": "restaurant"}]
    await shop.send(a_delivery(a_catalog(registers=registers), at="2026-10-02T08:00:00Z"))
    await tell_day(shop)
    await shop.work()

    assert await states(shop) == ["booked"]


async def test_the_same_voucher_is_sent_word_for_word_the_second_time(shop: World) -> None:
    bodies = await sent(shop)
    await shop.switch("drop_request", operation="POST /3/vouchers")
    await tell_day(shop)
    await shop.work_for(minutes=80)

    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


async def test_a_day_of_a_billion_kronor_is_booked_to_the_ore(shop: World) -> None:
    """Row 40: and a refund, a void and a zero beside it."""
    big = 10**11 + 1
    sold = [
        a_transaction(1, sales=[a_sale(gross=big, vat=10**10)]),
        a_transaction(2, sales=[a_sale(gross=-11200, vat=-1200)]),
        a_transaction(3, sales=[a_sale(gross=0, vat=0)], payments=[a_payment(amount=0)]),
        a_transaction(4, sales=[], payments=[a_payment("card", 1), a_payment("cash", -1)], events=[]),
    ]
    await tell_day(shop, sold)
    await shop.work()

    (booked,) = await shop.booked()
    assert sum(row["debit"] for row in booked["rows"]) == big - 11200 + 1 + 1200 - 1200
    assert (await shop.vouchers())[0]["booking"]["verified_at"]


@pytest.mark.parametrize(
    "sold", [[], [a_transaction(1), a_transaction(2, sales=[a_sale(gross=-11200, vat=-1200)])]]
)
async def test_a_day_that_sums_to_nothing_is_recorded_and_not_posted(shop: World, sold: list[Json]) -> None:
    await tell_day(shop, sold)
    await shop.work()

    assert await states(shop) == ["empty"]
    assert await shop.posts() == []
    assert await shop.faults() == []


async def test_a_token_about_to_die_is_replaced_before_the_intent(shop: World) -> None:
    """A try needs a token that outlives it."""
    shop.clock.advance(minutes=58, seconds=30)
    await tell(shop, a_close([]))
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work()

    async with shop.service.database.read() as connection:
        query = "SELECT started_at, token_expires_at FROM attempt"
        (attempt,) = (await connection.exec_driver_sql(query)).all()
    assert str(attempt.token_expires_at) > str(attempt.started_at)
    assert [one["status"] for one in await shop.posts()] == [201]


@pytest.mark.parametrize(("seconds", "may_leave"), [(0, True), (19, True), (20, False), (7200, False)])
async def test_an_intent_may_leave_for_twenty_seconds(shop: World, seconds: int, *, may_leave: bool) -> None:
    """Row 17: whoever slept on it must not send what others look for by now."""
    is_fresh = push._freshness(cast("Desk", SimpleNamespace(now=shop.clock.now)))  # noqa: SLF001 - the rule itself
    shop.clock.advance(seconds=seconds)

    assert is_fresh() is may_leave
