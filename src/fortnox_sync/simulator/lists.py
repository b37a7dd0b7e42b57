"""Lists: years, filters, sorting and paging from the query, and the envelope around the items."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from starlette.responses import Response

from fortnox_sync.simulator import amounts, refusals
from fortnox_sync.simulator.caller import Caller
from fortnox_sync.simulator.clock import SWEDEN
from fortnox_sync.simulator.forms import parse_day
from fortnox_sync.simulator.gateway import JSON
from fortnox_sync.simulator.registers import FinancialYear

Item = TypeVar("Item")
Shape = dict[str, object]

# Fortnox docs, parameters: these are common to every list; limit is 100 unless told, 500 at most.
_GLOBAL = ("lastmodified", "financialyear", "financialyeardate", "fromdate", "todate")
_USUAL_LIMIT = 100
_LARGEST_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    number: int
    limit: int
    offset: int


def answer(content: object, status: int = 200) -> Response:
    """Answer with JSON whose numbers are exact."""
    return Response(amounts.write_json(content), status, media_type=JSON)


def check_query(caller: Caller, *filters: str) -> None:
    """Refuse unknown parameters; a list takes one filter of its own at a time (Fortnox docs, parameters)."""
    caller.refuse_unless_known(*_GLOBAL, *filters)
    if sum(name in caller.request.query_params for name in filters) > 1:
        raise refusals.UNKNOWN_FILTER.error()


def asked_year(caller: Caller) -> FinancialYear:
    """Find the year a call is about; without a word of it, the preselected one."""
    query = caller.request.query_params
    year_id = asked_year_id(caller)
    if year_id is not None:
        return caller.company.year(year_id)
    if "financialyeardate" in query:
        found = caller.company.year_of(asked_day(caller, "financialyeardate") or date.min)
        if found is None:
            raise refusals.YEAR_MISSING.error()
        return found
    return caller.company.year(caller.company.preselected_year)


def asked_year_id(caller: Caller) -> int | None:
    """Read ?financialyear=, which is an id."""
    named = caller.request.query_params.get("financialyear")
    return None if named is None else _number(named, least=1)


def asked_day(caller: Caller, name: str) -> date | None:
    """Read a date from the query."""
    words = caller.request.query_params.get(name)
    found = None if words is None else parse_day(words)
    if words is not None and found is None:
        raise refusals.UNKNOWN_PARAMETER.error()
    return found


def modified_since(caller: Caller, moment: datetime | None) -> bool:
    """Tell whether a thing changed since ?lastmodified=; its zone is nowhere stated, Swedish is our guess."""
    words = caller.request.query_params.get("lastmodified")
    if words is None:
        return True
    try:
        since = datetime.strptime(words, "%Y-%m-%d %H:%M").replace(tzinfo=SWEDEN)
    except ValueError as error:
        raise refusals.UNKNOWN_PARAMETER.error() from error
    return moment is not None and moment >= since


def in_order(
    caller: Caller, items: Iterable[Item], sort_keys: Mapping[str, Callable[[Item], Any]]
) -> list[Item]:
    """Sort as ?sortby= and ?sortorder= ask; else leave the natural order."""
    query = caller.request.query_params
    order = query.get("sortorder", "ascending")
    name = query.get("sortby")
    if order not in {"ascending", "descending"} or (name is not None and name not in sort_keys):
        raise refusals.UNKNOWN_PARAMETER.error()
    found = sorted(items, key=sort_keys[name]) if name is not None else list(items)
    return found[::-1] if order == "descending" else found


def answer_list(caller: Caller, key: str, items: list[Item], shape: Callable[[Item], Shape]) -> Response:
    """Answer with one page of a list."""
    page = _page(caller)
    first = (page.number - 1) * page.limit + page.offset
    meta = {
        "@TotalResources": len(items),
        "@TotalPages": max(1, -(-len(items) // page.limit)),
        "@CurrentPage": page.number,
    }
    shown = [shape(item) for item in items[first : first + page.limit]]
    return answer({"MetaInformation": meta, key: shown})


def _page(caller: Caller) -> Page:
    query = caller.request.query_params
    limit = _number(query.get("limit", str(_USUAL_LIMIT)), least=1)
    if limit > _LARGEST_LIMIT:
        raise refusals.UNKNOWN_PARAMETER.error()
    return Page(_number(query.get("page", "1"), least=1), limit, _number(query.get("offset", "0"), least=0))


def _number(words: str, least: int) -> int:
    if not words.isdecimal() or int(words) < least:
        raise refusals.UNKNOWN_PARAMETER.error()
    return int(words)
