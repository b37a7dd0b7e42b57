"""The printed statement: the same figures as the JSON, every text escaped, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from tests.factories import a_catalog, a_delivery, a_transaction
from tests.little_shop import tell, tell_day
from tests.story import COMPANY
from tests.world import World

from fortnox_sync.accounting.money import Money

Json = dict[str, Any]
OCTOBER = "from=2026-10-01&to=2026-10-31"
EVIL = "<script>alert('1')</script>&\"x"


class Cells(HTMLParser):
    """Reads the texts of a page's table cells and which elements it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.elements: set[str] = set()
        self.is_in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        assert not any(name.startswith("on") or name in {"src", "href", "style"} for name, _ in attrs)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self.is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.is_in_cell = self.is_in_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self.is_in_cell:
            self.rows[-1][-1] += data


async def printed(world: World, language: str = "sv") -> httpx.Response:
    headers = {"authorization": f"Bearer {world.token()}", "accept-language": language}
    answer = await world.api.get(f"/v1/companies/{COMPANY}/statement.html?{OCTOBER}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def test_the_page_has_the_figures_of_the_json(active: World, krogen: Json) -> None:
    await active.play(krogen)
    drawn = await active.ok("GET", f"/statement?{OCTOBER}")
    rows = Cells((await printed(active)).text).rows

    def side(ore: int) -> str:
        return str(Money(ore)) if ore else ""

    for one in drawn["accounts"]:
        expected = [str(one["number"]), one["name"], side(one["debit"]), side(one["credit"])]
        assert [*expected, str(Money(one["net"]))] in rows
    for one in drawn["vouchers"]:
        (row,) = [row for row in rows if row[0] == f"{one['series']} {one['number']}"]
        assert row[1:3] == [one["transaction_date"], one["text"]]
        assert row[5] == str(Money(one["amount"]))
    sums = [row for row in rows if row[0] == "Summa"]
    proof = drawn["proof"]
    assert ["Summa", "", str(Money(proof["debit"])), str(Money(proof["credit"])), "0,00"] in sums


@pytest.mark.parametrize(
    ("language", "said"),
    [("sv", ("Kassaavstämning", "Summa", "Debet")), ("en", ("Till reconciliation", "Sum", "Debit"))],
)
async def test_it_speaks_both_languages(shop: World, language: str, said: tuple[str, ...]) -> None:
    await tell_day(shop)
    await shop.work()
    answer = await printed(shop, language)
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}">' in answer.text
    for word in said:
        assert word in answer.text


async def test_every_text_from_elsewhere_is_escaped(shop: World) -> None:
    catalog = a_catalog([a_transaction(1)])
    for one in catalog["registers"]:
        one["name"] = EVIL
    await tell(shop, a_delivery(catalog))
    await shop.control("PATCH", "/accounts/1686", {"description": EVIL})
    await tell_day(shop)
    await shop.work()
    page = (await printed(shop)).text

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert EVIL in {cell for row in Cells(page).rows for cell in row}


async def test_nothing_may_run_or_be_loaded(shop: World) -> None:
    answer = await printed(shop)
    policy = answer.headers["content-security-policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    assert not Cells(answer.text).elements & {"script", "link", "img", "iframe", "form", "object"}
    assert answer.headers["content-disposition"].startswith("inline; filename=")
