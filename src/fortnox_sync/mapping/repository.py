"""The choices of one company: accounts for roles, codes for cost centres, and what they can be made for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.account_map import AccountMap, AccountRole, Dimension
from fortnox_sync.mapping.tables import account_mapping, cost_center_code
from fortnox_sync.runtime import audit, events
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Choice:
    """An account chosen for a role; None takes the choice back."""

    role: AccountRole
    account: int | None


def tag_of(chosen: AccountMap) -> str:
    """Return an entity tag of all choices: it changes with any of them, and with nothing else."""
    accounts = chosen.accounts
    told = json.dumps([[*map(str, astuple(role)), accounts[role]] for role in sorted(accounts)])
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


class Mappings:
    """The mapping of one company, inside the caller's transaction."""

    def __init__(self, database: Database, connection: AsyncConnection, company_id: str) -> None:
        """Bind to a company: no query here can reach another."""
        self._database, self._connection, self._company_id = database, connection, company_id

    async def account_map(self) -> AccountMap:
        """Return every choice of the company."""
        chosen = account_mapping.c
        query = sa.select(chosen.dimension, chosen.key, chosen.narrow, chosen.account).where(
            chosen.company_id == self._company_id
        )
        rows = (await self._connection.execute(query)).all()
        return AccountMap.of(
            (AccountRole(Dimension(row.dimension), row.key, row.narrow), row.account) for row in rows
        )

    async def choose(self, choices: Iterable[Choice], actor: str) -> None:
        """Write choices, all of them, with the name of who made them."""
        for choice in choices:
            if choice.account is None:
                await self._connection.execute(account_mapping.delete().where(self._is(choice.role)))
            else:
                await self._put(choice.role, choice.account, actor)
            await audit.record(
                self._database,
                self._connection,
                self._company_id,
                actor,
                "mapping.changed",
                dimension=choice.role.dimension.value,
                key=choice.role.key,
                narrow=choice.role.narrow,
                account=choice.account,
            )
            self._tell()

    def _tell(self) -> None:
        events.tell(self._database, self._connection, self._company_id, "mapping.changed")

    def _is(self, role: AccountRole) -> sa.ColumnElement[bool]:
        return sa.and_(
            account_mapping.c.company_id == self._company_id,
            account_mapping.c.dimension == role.dimension.value,
            account_mapping.c.key == role.key,
            account_mapping.c.narrow == role.narrow,
        )

    async def _put(self, role: AccountRole, account: int, actor: str) -> None:
        said: dict[str, Any] = {
            "account": account,
            "updated_at": self._database.clock.now(),
            "updated_by": actor,
        }
        insert = self._database.upsert(account_mapping).values(
            company_id=self._company_id,
            dimension=role.dimension.value,
            key=role.key,
            narrow=role.narrow,
            **said,
        )
        await self._connection.execute(
            insert.on_conflict_do_update(
                index_elements=["company_id", "dimension", "key", "narrow"],
                set_={**said, "version": account_mapping.c.version + 1},
            )
        )

    async def cost_center_codes(self) -> dict[str, str]:
        """Return the Fortnox code of each of the till's cost centres that has one."""
        query = sa.select(cost_center_code.c.cost_center_id, cost_center_code.c.code).where(
            cost_center_code.c.company_id == self._company_id, cost_center_code.c.code.is_not(None)
        )
        return {row.cost_center_id: row.code for row in await self._connection.execute(query)}

    async def set_code(self, cost_center_id: str, code: str | None, actor: str) -> None:
        """Say which code a cost centre has in Fortnox; None for no cost centre on its rows."""
        said = {"code": code, "updated_at": self._database.clock.now(), "updated_by": actor}
        insert = self._database.upsert(cost_center_code).values(
            company_id=self._company_id, cost_center_id=cost_center_id, **said
        )
        await self._connection.execute(
            insert.on_conflict_do_update(index_elements=["company_id", "cost_center_id"], set_=said)
        )
        await audit.record(
            self._database,
            self._connection,
            self._company_id,
            actor,
            "cost_center.changed",
            cost_center_id=cost_center_id,
            code=code,
        )
        self._tell()
