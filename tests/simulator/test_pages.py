"""The books for human eyes."""

from tests.simulator.testbed import Testbed


async def test_the_first_page_lists_the_companies(fortnox: Testbed) -> None:
    page = (await fortnox.http.get("/")).text
    assert 'href="/companies/4711"' in page
    assert "Krogen &amp; &lt;Disken&gt; AB" in page


async def test_a_companys_page_shows_vouchers_in_swedish(fortnox: Testbed) -> None:
    await fortnox.book()
    page = (await fortnox.http.get("/companies/4711")).text
    assert "F 1" in page
    assert "1\N{NO-BREAK SPACE}250,50" in page
    assert "Utgående moms på försäljning inom Sverige, 25 %" in page
    assert all(heading in page for heading in ("Kontoplan", "Verifikationsserier", "Kostnadsställen"))


async def test_what_people_write_is_escaped(fortnox: Testbed) -> None:
    form = {"transaction_date": "2026-10-02", "description": "<script>alert(1)</script>", "rows": []}
    await fortnox.tell_company("POST", "vouchers", form)
    page = (await fortnox.http.get("/companies/4711")).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_struck_rows_and_locks_show(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.tell_company("POST", "vouchers/1/F/1/strike", {"rows": [1]})
    await fortnox.tell_company("PUT", "locked-period", {"end_on": "2026-09-30"})
    page = (await fortnox.http.get("/companies/4711")).text
    assert page.count('class="struck"') == 1
    assert "har låst perioden t.o.m. 2026-09-30" in page


async def test_vouchers_come_fifty_to_a_page_newest_first(fortnox: Testbed) -> None:
    await fortnox.conditions(rate_limit=0)
    for _ in range(51):
        await fortnox.book()
    first = (await fortnox.http.get("/companies/4711?series=F")).text
    second = (await fortnox.http.get("/companies/4711?year=1&page=2&series=F")).text
    assert "F 51 " in first
    assert "F 1 " not in first
    assert "F 1 " in second
    assert "/companies/4711?year=1&amp;page=2&amp;series=F" in first


async def test_what_is_not_there_is_404(fortnox: Testbed) -> None:
    assert (await fortnox.http.get("/companies/1")).status_code == 404
    assert (await fortnox.http.get("/companies/4711?year=9")).status_code == 404
