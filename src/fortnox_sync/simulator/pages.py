"""/ and /companies/{number}: the books of a simulated company for human eyes, in Swedish."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import HTMLResponse

from fortnox_sync.simulator.amounts import swedish_amount
from fortnox_sync.simulator.books import Voucher, VoucherRow
from fortnox_sync.simulator.caller import InWorld
from fortnox_sync.simulator.company import Company
from fortnox_sync.simulator.markup import Html, document, join, table, tag
from fortnox_sync.simulator.registers import Dimension, FinancialYear

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_VOUCHERS_ON_A_PAGE = 50
_ON_COST_CENTERS = {
    Dimension.ALLOWED: "Tillåtet",
    Dimension.MANDATORY: "Obligatoriskt",
    Dimension.NOT_ALLOWED: "Ej tillåtet",
}


@router.get("/")
async def show_companies(world: InWorld) -> str:
    """List the companies."""
    rows = [
        tag(
            "tr",
            tag("td", tag("a", one.name, href=f"/companies/{one.database_number}")),
            tag("td", one.organisation_number),
            tag("td", str(one.database_number)),
            tag("td", str(len(one.books)), class_="amount"),
        )
        for one in world.companies.values()
    ]
    headings = ["Företag", "Organisationsnummer", "Databasnummer", "Verifikationer"]
    return document("Fortnox, simulerat", tag("h1", "Företag"), tag("section", table(headings, rows)))


@router.get("/companies/{number}")
async def show_company(
    number: int,
    world: InWorld,
    year: int | None = None,
    series: str | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> str:
    """Show one company's books of a year, newest voucher first."""
    company = world.companies.get(number)
    if company is None:
        raise HTTPException(404, "Företaget finns inte")
    shown = company.years.get(year or company.preselected_year)
    if shown is None:
        raise HTTPException(404, "Räkenskapsåret finns inte")
    return document(
        company.name,
        tag("h1", company.name),
        tag("p", f"{company.organisation_number}, databasnummer {number}", class_="quiet"),
        _years(company, shown),
        _vouchers(company, shown, series, page),
        _series(company, shown),
        _cost_centers(company),
        _chart(company, shown),
    )


def _years(company: Company, shown: FinancialYear) -> Html:
    links = [
        tag("li", tag("a", f"{year.from_on} till {year.to_on}", href=_address(company, year)))
        for year in company.years.values()
    ]
    locks = [
        tag("p", f"{lock.by} har låst perioden t.o.m. {lock.end_on}", class_="alarm")
        for lock in company.locks
    ]
    heading = f"Räkenskapsår {shown.from_on} till {shown.to_on}"
    return tag("section", tag("h2", heading), tag("ul", *links), *locks)


def _address(company: Company, year: FinancialYear, **more: str) -> str:
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/companies/{company.database_number}?year={year.id}{query}"


def _vouchers(company: Company, year: FinancialYear, series: str | None, page: int) -> Html:
    found = [one for one in company.books if one.key.year_id == year.id and series in (None, one.key.series)][
        ::-1
    ]
    first = (page - 1) * _VOUCHERS_ON_A_PAGE
    shown = found[first : first + _VOUCHERS_ON_A_PAGE]
    older = first + _VOUCHERS_ON_A_PAGE < len(found)
    more = {"page": str(page + 1)} | ({"series": series} if series else {})
    return tag(
        "section",
        tag("h2", f"Verifikationer ({len(found)})"),
        *(_voucher(company, one) for one in shown),
        tag("p", tag("a", "Äldre", href=_address(company, year, **more))) if older else Html(""),
    )


def _voucher(company: Company, voucher: Voucher) -> Html:
    key, draft = voucher.key, voucher.draft
    headings = ["Konto", "Benämning", "Kostnadsställe", "Text", "Debet", "Kredit"]
    return join(
        tag("h3", f"{key.series} {key.number}  {draft.transaction_date}  {draft.description}"),
        tag("p", draft.comments, class_="quiet") if draft.comments else Html(""),
        table(headings, [_row(company, voucher, row) for row in draft.rows]),
    )


def _row(company: Company, voucher: Voucher, row: VoucherRow) -> Html:
    account = company.accounts[voucher.key.year_id].get(row.account)
    cells = [
        tag("td", str(row.account)),
        tag("td", account.description if account else ""),
        tag("td", row.cost_center),
        tag("td", row.transaction_information),
        *(tag("td", swedish_amount(ore) if ore else "", class_="amount") for ore in (row.debit, row.credit)),
    ]
    return tag("tr", *cells, class_="struck" if row.removed else "")


def _series(company: Company, year: FinancialYear) -> Html:
    rows = [
        tag(
            "tr",
            tag("td", tag("a", code, href=_address(company, year, series=code))),
            tag("td", one.description),
            tag("td", "Ja" if one.manual else "Nej"),
            tag("td", str(company.books.next_number(year.id, code)), class_="amount"),
        )
        for code, one in sorted(company.series[year.id].items())
    ]
    headings = ["Serie", "Benämning", "Manuell", "Nästa nummer"]
    return tag("section", tag("h2", "Verifikationsserier"), table(headings, rows))


def _cost_centers(company: Company) -> Html:
    rows = [
        tag(
            "tr",
            tag("td", code),
            tag("td", one.description),
            tag("td", "Aktivt" if one.active else "Inaktivt"),
        )
        for code, one in sorted(company.cost_centers.items())
    ]
    return tag("section", tag("h2", "Kostnadsställen"), table(["Kod", "Benämning", "Status"], rows))


def _chart(company: Company, year: FinancialYear) -> Html:
    rows = [
        tag(
            "tr",
            tag("td", str(number)),
            tag("td", one.description),
            tag("td", _ON_COST_CENTERS[one.cost_center_settings]),
            tag("td", "Aktivt" if one.active else "Inaktivt"),
        )
        for number, one in sorted(company.accounts[year.id].items())
    ]
    headings = ["Konto", "Benämning", "Kostnadsställe", "Status"]
    return tag("section", tag("h2", "Kontoplan"), table(headings, rows))
