"""The bodies a till sends, checked strictly: whole öre, dates that are dates, times that know their zone."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
)

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.till import Entry, EntryType, TransactionKind
from fortnox_sync.accounting.vat import VatRate

MOST_TRANSACTIONS = 1000
# Far above any sale, far below what a sum of many could overflow in a 64-bit column.
_MOST_ORE = 10**13
_control_character = re.compile("[\\x00-\\x1f\\x7f]").search
# A till knows a handful of rates: each is read once.
_parse_rate = lru_cache(maxsize=256)(VatRate.parse)


def _printable(text: str) -> str:
    if _control_character(text):
        raise ValueError("no control characters")
    return text


def _rate(text: str) -> str:
    try:
        return _parse_rate(text).key
    except ValueError:  # its words repeat the value, which may be anything
        raise ValueError("a rate in percent, from 0 up to 100, with at most two decimals") from None


def _base64(text: object) -> bytes:
    """Decode strictly: a report cut short must not become an empty file."""
    if not isinstance(text, str):
        raise ValueError("base64 text")  # noqa: TRY004 - pydantic turns ValueError into a problem
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the offset leads out of the years 1 to 9999
        raise ValueError("a moment that a calendar has") from None


Id = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
Text = Annotated[str, Field(max_length=200), AfterValidator(_printable)]
Ore = Annotated[int, Field(ge=-_MOST_ORE, le=_MOST_ORE)]
Count = Annotated[int, Field(ge=0, le=10**15)]
Rate = Annotated[str, Field(max_length=8), AfterValidator(_rate)]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class _Fact(BaseModel):
    """A part of a body: strict, unknown fields ignored (the raw delivery keeps them)."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, ser_json_bytes="base64")


class SaleLine(_Fact):
    """What was sold: gross and the till's own VAT, in öre."""

    article_group_id: Id
    vat_rate: Rate
    gross: Ore
    vat: Ore
    cost_center_id: Id | None = None


class PaymentLine(_Fact):
    """How it was paid, in öre; negative when money went back."""

    payment_method_id: Id
    amount: Ore


class EventLine(_Fact):
    """What else moved money: a tip, a gift card sold, a bank drop, in öre."""

    event_id: Id
    amount: Ore
    cost_center_id: Id | None = None


class Transaction(_Fact):
    """One receipt, drawer movement, count or purchase."""

    transaction_id: Id
    register_id: Id
    session_id: Id
    receipt_number: Count | None = None
    business_date: date
    occurred_at: Moment
    kind: TransactionKind
    sales: tuple[SaleLine, ...] = ()
    payments: tuple[PaymentLine, ...] = ()
    events: tuple[EventLine, ...] = ()
    text: Text | None = None

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Return its lines as the ledger keeps them, in the order the till sent them."""
        return (
            *(Entry(EntryType.PAYMENT, p.payment_method_id, Money(p.amount)) for p in self.payments),
            *(_sale(line) for line in self.sales),
            *(
                Entry(EntryType.EVENT, e.event_id, Money(e.amount), cost_center_id=e.cost_center_id)
                for e in self.events
            ),
        )

    @cached_property
    def content_hash(self) -> str:
        """Identify what it says, however it was spelled."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def _sale(line: SaleLine) -> Entry:
    return Entry(
        EntryType.SALE,
        line.article_group_id,
        Money(line.gross),
        Money(line.vat),
        _parse_rate(line.vat_rate),
        line.cost_center_id,
    )


class RateTotal(_Fact):
    """A Z report's sales at one rate, in öre."""

    vat_rate: Rate
    gross: Ore
    vat: Ore


class Totals(_Fact):
    """The sums of a Z report."""

    sales: tuple[RateTotal, ...] = ()
    payments: tuple[PaymentLine, ...] = ()
    events: tuple[EventLine, ...] = ()


class Report(_Fact):
    """The Z report itself, for the accountant to read."""

    media_type: Annotated[str, Field(max_length=100), AfterValidator(_printable)]
    content: Annotated[bytes, BeforeValidator(_base64)]


class TransactionsRecorded(_Fact):
    """Receipts of open sessions, as they happen or in batches."""

    company_id: Id
    transactions: Annotated[tuple[Transaction, ...], Field(max_length=MOST_TRANSACTIONS)]


class DayClosed(_Fact):
    """A session's Z report, and any of its transactions not sent before."""

    company_id: Id
    register_id: Id
    session_id: Id
    z_number: Count
    revision: Annotated[int, Field(ge=1, le=10**6)] = 1
    business_date: date
    opened_at: Moment
    closed_at: Moment
    transaction_count: Count
    totals: Totals
    transactions: Annotated[tuple[Transaction, ...], Field(max_length=MOST_TRANSACTIONS)] = ()
    report: Report | None = None

    @property
    def content_hash(self) -> str:
        """Identify what the report says; transactions have hashes of their own."""
        return hashlib.sha256(self.model_dump_json(exclude={"transactions"}).encode()).hexdigest()


class Register(_Fact):
    """A register and the cost centre its sales belong to."""

    register_id: Id
    name: Text | None = None
    cost_center_id: Id | None = None


class PaymentMethod(_Fact):
    """A way to pay."""

    payment_method_id: Id
    name: Text | None = None
    kind: Annotated[str, Field(max_length=32), AfterValidator(_printable)] | None = None


class ArticleGroup(_Fact):
    """A group of articles and the rates they are sold at."""

    article_group_id: Id
    name: Text | None = None
    vat_rates: tuple[Rate, ...] = ()


class EventType(_Fact):
    """Another kind of event the till records."""

    event_id: Id
    name: Text | None = None
    kind: Annotated[str, Field(max_length=32), AfterValidator(_printable)] | None = None


class CostCenter(_Fact):
    """A cost centre as the till knows it."""

    cost_center_id: Id
    name: Text | None = None


class CatalogChanged(_Fact):
    """Everything the till can name in a transaction."""

    company_id: Id
    company_name: Text | None = None
    organisation_number: Annotated[str, Field(max_length=20), AfterValidator(_printable)] | None = None
    registers: tuple[Register, ...] = ()
    payment_methods: tuple[PaymentMethod, ...] = ()
    vat_rates: tuple[Rate, ...] = ()
    article_groups: tuple[ArticleGroup, ...] = ()
    events: tuple[EventType, ...] = ()
    cost_centers: tuple[CostCenter, ...] = ()


class Recorded(_Fact):
    """Transactions, told."""

    type: Literal["till.transactions.recorded"]
    timestamp: Moment
    data: TransactionsRecorded


class Closed(_Fact):
    """A day close, told."""

    type: Literal["till.day.closed"]
    timestamp: Moment
    data: DayClosed


class Catalog(_Fact):
    """A catalogue, told."""

    type: Literal["catalog.changed"]
    timestamp: Moment
    data: CatalogChanged


envelope: TypeAdapter[Recorded | Closed | Catalog] = TypeAdapter(
    Annotated[Recorded | Closed | Catalog, Field(discriminator="type")]
)
KNOWN_TYPES = frozenset({"till.transactions.recorded", "till.day.closed", "catalog.changed"})
