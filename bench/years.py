"""A company as it stands after years: thousands of sessions in the books, and much that waits for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

from fortnox_sync.connection import company
from fortnox_sync.connection.tables import grant
from fortnox_sync.export.state import State
from fortnox_sync.export.tables import booking, claim, voucher
from fortnox_sync.fault.examples import EXAMPLES
from fortnox_sync.fault.tables import fault, fault_waiting
from fortnox_sync.intake.tables import till_session, till_transaction
from fortnox_sync.mapping.tables import account_mapping
from fortnox_sync.runtime.clock import business_day
from fortnox_sync.runtime.database import Database

Json = dict[str, Any]

FULL, EMPTY = "c_full", "c_empty"
SESSIONS, MAPPINGS, FAULTS = 10_000, 500, 50
RECEIPTS = 20
WAITING = 40  # vouchers, for each fault
_REGISTERS = 5
_NOW = datetime.now(UTC)
_TODAY = business_day(_NOW)
_START = _TODAY - timedelta(days=SESSIONS // _REGISTERS)
_A_LOAD = 2_000


async def pass_by(url: str) -> None:
    """Write what years leave behind, beside a company that nothing has happened to yet."""
    database = Database(url)
    async with database.write() as connection:
        await company.add(database, connection, [FULL, EMPTY])
        for number, one in enumerate((FULL, EMPTY)):
            settings = {
                "status": "active",
                "start_on": _START,
                "voucher_series": "F",
                "setup_completed": True,
            }
            await company.change(database, connection, one, **settings)
            await connection.execute(grant.insert().values(_grant(one, number)))
        for table, rows in (
            (account_mapping, map(_mapping, range(MAPPINGS))),
            (till_session, map(_session, range(SESSIONS))),
            (till_transaction, (_receipt(number, n) for number in range(SESSIONS) for n in range(RECEIPTS))),
            (voucher, map(_voucher, range(_REGISTERS, SESSIONS))),
            (claim, (_claim(number, n) for number in range(_REGISTERS, SESSIONS) for n in range(RECEIPTS))),
            (booking, map(_booking, range(_REGISTERS + FAULTS * WAITING, SESSIONS))),
            (fault, map(_fault, range(FAULTS))),
            (fault_waiting, map(_waiting, range(FAULTS * WAITING))),
        ):
            for load in _loads(rows):
                await database.add_new(connection, table, load)
    await database.dispose()


def _loads(rows: Iterable[Json]) -> Iterator[list[Json]]:
    left = iter(rows)
    while load := list(islice(left, _A_LOAD)):
        yield load


def _grant(company_id: str, number: int) -> Json:
    names = {"fortnox_company_name": "Krogen AB", "organisation_number": f"55667{number}-8899"}
    kind = {
        "kind": "client_credentials",
        "scopes": ["bookkeeping"],
        "refreshed_at": _NOW,
        "consented_at": _NOW,
    }
    return {"company_id": company_id, "fortnox_company": number + 1, **names, **kind}


def _mapping(number: int) -> Json:
    role = {"dimension": "article_group", "key": f"group-{number}", "narrow": "", "account": 3000 + number}
    return {"company_id": FULL, **role, "updated_at": _NOW, "updated_by": "owner"}


# Sessions count backwards: the first are today's, open still; those before them wait; the rest is booked.


def _session(number: int) -> Json:
    is_open = number < _REGISTERS
    day = _TODAY - timedelta(days=number // _REGISTERS)
    return {
        "company_id": FULL,
        "session_id": f"s-{number}",
        "register_id": f"K{number % _REGISTERS}",
        "business_date": day,
        "closed_at": None if is_open else datetime.combine(day, time(22), UTC),
        "changes": RECEIPTS if is_open else RECEIPTS + 1,
        "planned_changes": 0 if is_open else RECEIPTS + 1,
    }


def _receipt(number: int, receipt: int) -> Json:
    day = _TODAY - timedelta(days=number // _REGISTERS)
    return {
        "company_id": FULL,
        "transaction_id": f"t-{number}-{receipt}",
        "session_id": f"s-{number}",
        "register_id": f"K{number % _REGISTERS}",
        "receipt_number": receipt,
        "business_date": day,
        "occurred_at": datetime.combine(day, time(12), UTC),
        "kind": "sale",
        "content_hash": "0" * 64,
        "delivery_id": "d",
    }


def _voucher(number: int) -> Json:
    day = _TODAY - timedelta(days=number // _REGISTERS)
    waits = number < _REGISTERS + FAULTS * WAITING
    return {
        "voucher_id": f"v-{number}",
        "company_id": FULL,
        "origin": f"s-{number}",
        "part": "takings",
        "register_id": f"K{number % _REGISTERS}",
        "state": (State.HELD if waits else State.BOOKED).value,
        "series": "F",
        "transaction_date": day,
        "description": "Dagsavslut",
        "comments": "",
        "marker": f"#{number}",
        "payload_hash": "0" * 64,
        "created_at": datetime.combine(day, time(22), UTC),
    }


def _claim(number: int, receipt: int) -> Json:
    held = {"voucher_id": f"v-{number}", "transaction_id": f"t-{number}-{receipt}"}
    return {**held, "company_id": FULL, "session_id": f"s-{number}"}


def _booking(number: int) -> Json:
    booked = {"fortnox_company": 1, "financial_year": 1, "series": "F", "number": SESSIONS - number}
    return {"voucher_id": f"v-{number}", **booked, "source": "answer", "booked_at": _NOW, "verified_at": _NOW}


def _fault(number: int) -> Json:
    """Take every kind of fault by turns."""
    one = list(EXAMPLES.values())[number % len(EXAMPLES)]
    told = {"code": one.code, "subject": f"subject {number}", "facts": one.facts.model_dump(mode="json")}
    seen = {"opened_at": _NOW - timedelta(hours=number), "seen_at": _NOW}
    return {"fault_id": f"f-{number}", "company_id": FULL, **told, **seen}


def _waiting(number: int) -> Json:
    waits = _REGISTERS + number
    day = _TODAY - timedelta(days=waits // _REGISTERS)
    what = {"kind": "voucher", "waiting_id": f"v-{waits}", "business_date": day, "amount": 1_000_000}
    return {"fault_id": f"f-{number // WAITING}", **what}
