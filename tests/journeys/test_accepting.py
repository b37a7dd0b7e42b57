"""Every fault that offers to be accepted can be, and no other."""

from __future__ import annotations

from typing import get_args

from tests.world import World

from fortnox_sync.fault.cure import remediations_for
from fortnox_sync.fault.examples import EXAMPLES
from fortnox_sync.fault.model import FaultCode
from fortnox_sync.fault.remediation import Accept
from fortnox_sync.fault.repository import Faults


async def test_a_fault_is_accepted_exactly_if_it_offers_that(shop: World) -> None:
    database = shop.service.database
    codes: tuple[FaultCode, ...] = get_args(FaultCode)
    async with database.write() as connection:
        faults = Faults(database, connection, shop.company)
        ids = {code: await faults.open(EXAMPLES[code]) for code in codes}

    answers = {
        code: (await shop.call("POST", f"/faults/{one}/accept")).status_code for code, one in ids.items()
    }

    offering = {c for c in codes if any(isinstance(one, Accept) for one in remediations_for(EXAMPLES[c]))}
    assert {code for code, status in answers.items() if status == 204} == offering
    assert {code for code, status in answers.items() if status == 409} == set(codes) - offering
    assert set(await shop.faults()) == set(codes) - offering
    async with database.write() as connection:
        for code in codes:
            await Faults(database, connection, shop.company).close(code)
