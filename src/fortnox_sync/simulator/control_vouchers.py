"""/_simulator/companies/{number}/vouchers: read the books to the öre, and do to them what people do."""

from dataclasses import asdict, replace
from http import HTTPStatus

from fastapi import APIRouter, HTTPException

from fortnox_sync.simulator.books import NotLastError, Voucher
from fortnox_sync.simulator.caller import InWorld
from fortnox_sync.simulator.company import Company
from fortnox_sync.simulator.control_forms import HandMadeVoucher, StrikeForm, VoucherEdit
from fortnox_sync.simulator.control_subjects import OfCompany, OneVoucher, Record

router = APIRouter(prefix="/_simulator/companies/{number}/vouchers", tags=["vouchers"])
one_voucher = APIRouter(prefix="/{year}/{series}/{voucher_number}")

PERSON = "person"


def record_voucher(company: Company, voucher: Voucher) -> Record:
    """Tell everything about a voucher; amounts in öre."""
    files = [
        {"name": stored.name, "size": len(stored.content)}
        for one in company.connections.values()
        if (one.year_id, one.series, one.number) == voucher.key
        and (stored := company.files.get(one.file_id)) is not None
    ]
    draft = voucher.draft
    return {
        "year": voucher.key.year_id,
        "series": voucher.key.series,
        "number": voucher.key.number,
        "transaction_date": draft.transaction_date,
        "description": draft.description,
        "comments": draft.comments,
        "cost_center": draft.cost_center,
        "made_by": voucher.made_by,
        "booked_at": voucher.booked_at,
        "modified_at": voucher.modified_at,
        "rows": [asdict(row) for row in draft.rows],
        "files": files,
    }


@router.get("")
async def list_vouchers(
    company: OfCompany, year: int | None = None, series: str | None = None
) -> list[Record]:
    """List the vouchers as they truly are, however stale the API may be; by year, series and number."""
    found = sorted(
        (
            one
            for one in company.books
            if year in (None, one.key.year_id) and series in (None, one.key.series)
        ),
        key=lambda one: one.key,
    )
    return [record_voucher(company, one) for one in found]


@router.post("", status_code=HTTPStatus.CREATED)
async def make_voucher_by_hand(company: OfCompany, form: HandMadeVoucher, world: InWorld) -> Record:
    """Book a voucher as a person; any series will do."""
    year = company.year_of(form.transaction_date)
    if year is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"no financial year for {form.transaction_date}")
    voucher = company.books.book(form.draft(), year.id, world.clock.now(), PERSON)
    return record_voucher(company, voucher)


@one_voucher.patch("")
async def edit_voucher(company: OfCompany, voucher: OneVoucher, form: VoucherEdit, world: InWorld) -> Record:
    """Change a booked voucher as a person."""
    changes = form.model_dump(exclude_none=True, exclude={"rows"})
    if form.rows is not None:
        changes["rows"] = tuple(row.row() for row in form.rows)
    edited = company.books.edit(voucher.key, replace(voucher.draft, **changes), world.clock.now())
    return record_voucher(company, edited)


@one_voucher.post("/strike")
async def strike_rows(company: OfCompany, voucher: OneVoucher, form: StrikeForm, world: InWorld) -> Record:
    """Strike rows as a person; they stay, marked Removed."""
    struck = company.books.strike(voucher.key, form.rows, world.clock.now())
    return record_voucher(company, struck)


@one_voucher.post("/loss", status_code=HTTPStatus.NO_CONTENT)
async def lose_voucher(company: OfCompany, voucher: OneVoucher) -> None:
    """Have Fortnox lose a voucher and keep its number taken: a gap in the series."""
    company.books.lose(voucher.key)


@one_voucher.delete("", status_code=HTTPStatus.NO_CONTENT)
async def delete_voucher(company: OfCompany, voucher: OneVoucher) -> None:
    """Delete the last voucher of a series as a person; its number will be used again."""
    try:
        company.books.delete_last(voucher.key)
    except NotLastError as error:
        raise HTTPException(HTTPStatus.CONFLICT, "only the last voucher of a series") from error


router.include_router(one_voucher)
