"""Bodies as Fortnox spells them, and the frozen values we read them into.

Amounts are integer öre here and numbers with two decimals on the wire. A body that does not say what we asked
for is `Unanswered`, and a list without its list is not an empty list.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from fortnox_sync.fortnox.fields import NOTHING, Demand, Fields
from fortnox_sync.fortnox.json_exact import encoded

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CompanyInformation:
    """Whose books these are; the database number is also the tenant id of the token."""

    name: str
    organisation_number: str
    database_number: int


@dataclass(frozen=True, slots=True)
class FinancialYear:
    """A financial year (räkenskapsår); the id is Fortnox's counter, not the calendar year."""

    id: int
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class VoucherSeries:
    """A voucher series of one financial year; only a manual one takes vouchers from an integration."""

    code: str
    description: str
    manual: bool
    next_number: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account of one year's chart, with what it demands of the rows that use it."""

    number: int
    description: str
    active: bool
    cost_center_setting: Demand = "ALLOWED"
    transaction_information_setting: Demand | None = None
    project_setting: Demand | None = None
    vat_code: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class CostCenter:
    """A cost center (kostnadsställe)."""

    code: str
    description: str
    active: bool


@dataclass(frozen=True, slots=True)
class VoucherRowDraft:
    """A voucher row to be booked."""

    account: int
    debit_ore: int
    credit_ore: int
    cost_center: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class VoucherDraft:
    """A voucher to be booked; Fortnox gives it its number."""

    series: str
    transaction_date: date
    description: str
    comments: str
    rows: tuple[VoucherRowDraft, ...]


@dataclass(frozen=True, slots=True)
class BookedRow:
    """A row of a booked voucher; a removed one is struck out and counts in no sum."""

    account: int
    debit_ore: int
    credit_ore: int
    cost_center: str | None = None
    text: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class BookedVoucher:
    """A voucher as it stands in the books, known by series, number and financial year."""

    series: str
    number: int
    year: int
    transaction_date: date
    description: str
    comments: str
    rows: tuple[BookedRow, ...]


@dataclass(frozen=True, slots=True)
class VoucherListItem:
    """A booked voucher as lists show it: without its rows."""

    series: str
    number: int
    year: int
    transaction_date: date
    description: str
    comments: str


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file in the inbox; the id is what connects it to a voucher."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class FileConnection:
    """A file hung on a voucher."""

    file_id: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and how many there are if Fortnox said so."""

    items: tuple[T, ...]
    pages: int | None


def voucher_body(draft: VoucherDraft) -> bytes:
    """Write the body that books a voucher."""
    voucher = {
        "VoucherSeries": draft.series,
        "TransactionDate": draft.transaction_date.isoformat(),
        "Description": draft.description,
        "Comments": draft.comments,
        "VoucherRows": [_row_fields(row) for row in draft.rows],
    }
    return encoded({"Voucher": voucher})


def new_account_body(number: int, description: str) -> bytes:
    """Write the body that adds an account to the chart."""
    return encoded({"Account": {"Number": number, "Description": description}})


def active_account_body() -> bytes:
    """Write the body that makes an account active; fields that are not sent stay as they are."""
    return encoded({"Account": {"Active": True}})


def file_connection_body(file_id: str, series: str, number: int) -> bytes:
    """Write the body that hangs a file on a voucher; the year belongs in the query, never in here."""
    link = {"FileId": file_id, "VoucherSeries": series, "VoucherNumber": str(number)}
    return encoded({"VoucherFileConnection": link})


def _row_fields(row: VoucherRowDraft) -> dict[str, object]:
    fields: dict[str, object] = {
        "Account": row.account,
        "Debit": _kronor(row.debit_ore),
        "Credit": _kronor(row.credit_ore),
    }
    if row.cost_center is not None:
        fields["CostCenter"] = row.cost_center
    if row.text is not None:
        fields["TransactionInformation"] = row.text
    return fields


def _kronor(ore: int) -> Decimal:
    return Decimal(operator.index(ore)).scaleb(-2)


def one(key: str, read: Callable[[Fields], T]) -> Callable[[object], T]:
    """Read the single thing under its envelope."""
    return lambda body: read(Fields.of(body, "the body").inside(key))


def page_of(key: str, read: Callable[[Fields], T]) -> Callable[[object], Page[T]]:
    """Read one page of a list."""

    def read_page(body: object) -> Page[T]:
        whole = Fields.of(body, "the body")
        return Page(tuple(map(read, whole.each(key))), _page_count(whole))

    return read_page


def _page_count(body: Fields) -> int | None:
    about = body.raw("MetaInformation")
    return Fields.of(about, "MetaInformation").number_if_any("@TotalPages") if about else None


def company_information(body: Fields) -> CompanyInformation:
    """Read who the company is."""
    return CompanyInformation(
        name=body.text("CompanyName"),
        organisation_number=body.text("OrganizationNumber"),
        database_number=body.number("DatabaseNumber"),
    )


def financial_year(body: Fields) -> FinancialYear:
    """Read a financial year."""
    return FinancialYear(id=body.number("Id"), from_on=body.day("FromDate"), to_on=body.day("ToDate"))


def voucher_series(body: Fields) -> VoucherSeries:
    """Read a voucher series; only the single read tells the next number."""
    return VoucherSeries(
        code=body.key("Code"),
        description=body.text("Description"),
        manual=body.flag("Manual"),
        next_number=body.number_if_any("NextVoucherNumber"),
        year=body.number_if_any("Year"),
    )


def account(body: Fields) -> Account:
    """Read an account; lists leave some of its settings out."""
    return Account(
        number=body.number("Number"),
        description=body.text("Description"),
        active=body.flag("Active"),
        cost_center_setting=body.demand("CostCenterSettings") or "ALLOWED",
        transaction_information_setting=body.demand("TransactionInformationSettings"),
        project_setting=body.demand("ProjectSettings"),
        vat_code=body.text_if_any("VATCode"),
        year=body.number_if_any("Year"),
    )


def cost_center(body: Fields) -> CostCenter:
    """Read a cost center."""
    return CostCenter(code=body.key("Code"), description=body.text("Description"), active=body.flag("Active"))


def locked_until(body: object) -> date | None:
    """Read up to and including which day the books are locked; nothing at all means not locked."""
    period = Fields.of({} if body in NOTHING else body, "the body").raw("LockedPeriod")
    lock = Fields.of({} if period in NOTHING else period, "LockedPeriod")
    return None if lock.raw("EndDate") in NOTHING else lock.day("EndDate")


def booked_voucher(body: Fields) -> BookedVoucher:
    """Read a booked voucher with its rows."""
    head = voucher_list_item(body)
    return BookedVoucher(
        series=head.series,
        number=head.number,
        year=head.year,
        transaction_date=head.transaction_date,
        description=head.description,
        comments=head.comments,
        rows=tuple(map(_booked_row, body.each("VoucherRows"))),
    )


def voucher_list_item(body: Fields) -> VoucherListItem:
    """Read a voucher as lists show it."""
    return VoucherListItem(
        series=body.key("VoucherSeries"),
        number=body.number("VoucherNumber"),
        year=body.number("Year"),
        transaction_date=body.day("TransactionDate"),
        description=body.text("Description"),
        comments=body.text("Comments"),
    )


def inbox_file(body: Fields) -> InboxFile:
    """Read the file that was put into the inbox."""
    return InboxFile(id=body.key("Id"), name=body.text("Name"))


def file_connection(body: Fields) -> FileConnection:
    """Read the link between a file and a voucher."""
    return FileConnection(file_id=body.key("FileId"))


def _booked_row(body: Fields) -> BookedRow:
    return BookedRow(
        account=body.number("Account"),
        debit_ore=body.ore("Debit"),
        credit_ore=body.ore("Credit"),
        cost_center=body.text_if_any("CostCenter"),
        text=body.text_if_any("TransactionInformation"),
        removed=body.flag("Removed"),
    )
