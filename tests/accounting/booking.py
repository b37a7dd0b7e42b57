"""A till's case through the code under test: read, summed as the ledger sums it, posted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.factories import body_of

from fortnox_sync.accounting.account_map import AccountMap
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.posting import CostCenters, Names, NotPosted, Posted, post
from fortnox_sync.accounting.till import Entry, Tally, TransactionKind
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.intake.contents import read
from fortnox_sync.intake.payload import CatalogChanged, DayClosed, Transaction
from fortnox_sync.mapping.schemas.mappings import MappingIn

Case = Mapping[str, Any]
Part = tuple[str, tuple[Tally, ...]]


class Booking:
    """What a case tells, understood by the service's own reader, and posted by its own rules."""

    def __init__(self, case: Case) -> None:
        """Read every delivery; a transaction told twice counts once."""
        contents = [read(body_of(delivery)) for delivery in case["deliveries"]]
        assert [problem for one in contents for problem in one.problems] == []
        transactions = {t.transaction_id: t for one in contents for t in one.transactions}
        self.transactions: tuple[Transaction, ...] = tuple(transactions.values())
        self.closes: tuple[DayClosed, ...] = tuple(_unique(one.day_close for one in contents))
        catalogs = [one.catalog for one in contents if one.catalog]
        self.accounts = accounts_of(case["mapping"])
        self.cost_centers = CostCenters(
            of_register={
                r.register_id: r.cost_center_id for c in catalogs for r in c.registers if r.cost_center_id
            },
            codes=dict(case["cost_centers"]),
            demanding=frozenset(case.get("demanding_accounts", ())),
        )
        self.names = _names(catalogs, self.transactions)

    def tallies(self, session_id: str) -> tuple[Tally, ...]:
        """Sum a session as the ledger does."""
        return sums_of(t for t in self.transactions if t.session_id == session_id)

    def post(self, tallies: Iterable[Tally]) -> Posted | NotPosted:
        """Post sums with everything the case chose."""
        return post(tallies, self.accounts, self.cost_centers, self.names)

    def rows(self, session_id: str, part: str) -> tuple[VoucherRow, ...]:
        """Return the rows of one voucher of a session."""
        posted = self.post(dict(parts_of(self.tallies(session_id)))[part])
        assert isinstance(posted, Posted), posted
        return posted.rows

    def vouchers(self) -> list[dict[str, Any]]:
        """Return the vouchers of every closed session as a case file spells them."""
        return [
            {
                "session_id": close.session_id,
                "register_id": close.register_id,
                "part": part,
                "transaction_date": close.business_date.isoformat(),
                "rows": [spelled(row) for row in rows],
            }
            for close in self.closes
            for part, _ in parts_of(self.tallies(close.session_id))
            if (rows := self.rows(close.session_id, part))
        ]


def sums_of(transactions: Iterable[Transaction]) -> tuple[Tally, ...]:
    """Sum equal entries; drawer movements and purchases stay apart from each other."""
    sums: dict[tuple[Any, ...], list[Entry]] = {}
    for transaction in transactions:
        apart = None if transaction.kind.is_takings else transaction.transaction_id
        for e in transaction.entries:
            key = (transaction.kind, e.type, e.item_id, transaction.register_id)
            sums.setdefault((*key, e.vat_rate, e.cost_center_id, apart), []).append(e)
    return tuple(
        Tally(
            kind=kind,
            type=kind_of_line,
            item_id=item_id,
            register_id=register_id,
            amount=Money(sum(e.amount.ore for e in entries)),
            vat=Money(sum(e.vat.ore for e in entries)),
            vat_rate=vat_rate,
            cost_center_id=cost_center_id,
            transaction_id=apart,
        )
        for (
            kind,
            kind_of_line,
            item_id,
            register_id,
            vat_rate,
            cost_center_id,
            apart,
        ), entries in sums.items()
    )


def parts_of(tallies: Sequence[Tally]) -> list[Part]:
    """Divide the sums of a session into vouchers: takings, each purchase, drawer movements."""
    bought = sorted({t.transaction_id or "" for t in tallies if t.kind is TransactionKind.PURCHASE})
    return [
        ("takings", tuple(t for t in tallies if t.kind.is_takings)),
        *((f"purchase:{one}", tuple(t for t in tallies if t.transaction_id == one)) for one in bought),
        ("drawer", tuple(t for t in tallies if t.kind is TransactionKind.DRAWER)),
    ]


def accounts_of(mapping: Iterable[Mapping[str, Any]]) -> AccountMap:
    """Read a case's choices as the mapping call reads them."""
    choices = [MappingIn.model_validate(dict(choice)) for choice in mapping]
    return AccountMap.of((choice.role, choice.account) for choice in choices)


def spelled(row: VoucherRow) -> dict[str, Any]:
    """Spell a row as a case file does."""
    sides = {"debit": row.debit.ore, "credit": row.credit.ore}
    return {"account": row.account, "cost_center": row.cost_center, **sides, "of": row.of}


def in_order(vouchers: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort vouchers by what they are, so that two lists can be compared."""
    return sorted(vouchers, key=lambda voucher: (voucher["session_id"], voucher["part"]))


def _unique(closes: Iterable[DayClosed | None]) -> Iterable[DayClosed]:
    return {close.session_id: close for close in closes if close}.values()


def _names(catalogs: Sequence[CatalogChanged], transactions: Iterable[Transaction]) -> Names:
    return Names(
        payment_methods={p.payment_method_id: p.name for c in catalogs for p in c.payment_methods if p.name},
        events={e.event_id: e.name for c in catalogs for e in c.events if e.name},
        texts={t.transaction_id: t.text for t in transactions if t.text and not t.kind.is_takings},
    )
