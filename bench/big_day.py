"""A till's large day, told through the inbox and closed, in a company that has chosen all accounts."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime

from tests.factories import DAY, a_batch, a_day_close, a_delivery, body_of, totals_of

from bench.databases import Shelf
from bench.sales import COMPANIES, Json, a_day
from fortnox_sync.accounting.account_map import AccountRole, Dimension
from fortnox_sync.connection import company
from fortnox_sync.connection.lane import Lease
from fortnox_sync.export import tally
from fortnox_sync.export.backlog import sessions_to_plan
from fortnox_sync.export.marker import new_marker
from fortnox_sync.export.payload import freeze
from fortnox_sync.export.plan import plan
from fortnox_sync.export.repository import Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.intake.contents import read
from fortnox_sync.intake.inbox import Inbox
from fortnox_sync.intake.signature import VerifiedDelivery
from fortnox_sync.intake.tables import till_transaction
from fortnox_sync.mapping.repository import Choice, Mappings
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.runtime.database import Database

COMPANY, SESSION = COMPANIES[0], "K1-412"
_DAY = date.fromisoformat(DAY)
_A_BATCH = 1000
_ACCOUNTS = {
    Dimension.PAYMENT_METHOD: {"card": 1686, "swish": 1687, "cash": 1910, "invoice": 1510}
    | {"gift_card": 2421, "meal_card": 1688},
    Dimension.VAT_RATE: {"25": 2611, "12": 2621, "6": 2631},
    Dimension.ARTICLE_GROUP: {"food": 3002, "drinks": 3001, "shop": 3003, "deposit": 3004},
    Dimension.EVENT: {"tip": 2820, "rounding": 3740, "bank_drop": 1689}
    | {"purchase_supplies": 5460, "input_vat": 2641},
}


def told(shelf: Shelf, transactions: int) -> str:
    """Make a database in which a day was told and closed, and nothing of it is planned."""
    url = shelf.new()
    asyncio.run(_tell(Database(url), transactions))
    asyncio.run(_choose(Database(url)))
    shelf.settle(url)
    return url


def half_claimed(shelf: Shelf, url: str, transactions: int) -> str:
    """Copy it and put the first half of the day into a voucher."""
    copy = shelf.copy(url)
    asyncio.run(_claim(Database(copy), transactions // 2))
    shelf.settle(copy)
    return copy


async def plan_day(database: Database) -> None:
    """Plan what is not in vouchers yet."""
    (session,) = await sessions_to_plan(database, COMPANY, most=2)
    await plan(database, Lease(COMPANY, "bench", epoch=0), session)


async def _tell(database: Database, transactions: int) -> None:
    async with _taking(database) as inbox:
        for first in range(1, transactions + 1, _A_BATCH):
            await _take(inbox, a_batch(a_day(_A_BATCH, SESSION, first), company=COMPANY))
        totals = totals_of(a_day(transactions, SESSION))
        close = a_day_close(transaction_count=transactions, totals=totals)
        await _take(inbox, a_delivery(close | {"company_id": COMPANY}))


async def _choose(database: Database) -> None:
    choices = [
        Choice(AccountRole(dimension, key), account)
        for dimension, accounts in _ACCOUNTS.items()
        for key, account in accounts.items()
    ]
    async with database.write() as connection:
        await company.change(connection, COMPANY, status="active", start_on=_DAY, voucher_series="F")
        await Mappings(database, connection, COMPANY).choose(choices, "bench")
    await database.dispose()


async def _claim(database: Database, transactions: int) -> None:
    async with database.write() as connection:
        vouchers = Vouchers(database, connection, COMPANY)
        payload = freeze("F", _DAY, "The first half", new_marker(), ())
        voucher_id = await vouchers.add(SESSION, "takings", "K1", payload, State.EMPTY)
        first = till_transaction.c.receipt_number <= transactions
        await vouchers.claim(voucher_id, SESSION, first, tally.live_claims(COMPANY, SESSION))
    await database.dispose()


@asynccontextmanager
async def _taking(database: Database) -> AsyncIterator[Inbox]:
    inbox = Inbox(database, LocalBell())
    running = asyncio.create_task(inbox.run())
    yield inbox
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await database.dispose()


async def _take(inbox: Inbox, delivery: Json) -> None:
    body = body_of(delivery)
    contents = read(body)
    body_hash = hashlib.sha256(body).hexdigest()
    receipt = await inbox.take(VerifiedDelivery(body_hash, datetime.now(UTC), body, body_hash), contents)
    if receipt.problems or not contents.is_known:
        raise ValueError(receipt)
