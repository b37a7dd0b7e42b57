"""Files on vouchers, in two calls."""

import httpx
from tests.simulator.testbed import FIRST_YEAR, SECOND_YEAR, Testbed, error_of


async def upload(fortnox: Testbed, folder: str = "inbox_v") -> httpx.Response:
    files = {"file": ("z-412.pdf", b"%PDF-1.7", "application/pdf")}
    return await fortnox.http.post("/3/inbox", params={"path": folder}, files=files)


async def connect(fortnox: Testbed, file_id: str, year: int | None, **more: object) -> httpx.Response:
    form = {"FileId": file_id, "VoucherSeries": "F", "VoucherNumber": "1", **more}
    return await fortnox.post("voucherfileconnections", "VoucherFileConnection", form, year=year)


async def test_an_uploaded_file_is_put_on_a_voucher(fortnox: Testbed) -> None:
    await fortnox.book()
    uploaded = await upload(fortnox)
    file = uploaded.json()["File"]
    assert (uploaded.status_code, file["Name"], file["Size"]) == (201, "z-412.pdf", 8)
    connected = await connect(fortnox, file["Id"], FIRST_YEAR)
    assert connected.status_code == 201
    assert connected.json()["VoucherFileConnection"]["VoucherNumber"] == "1"
    assert (await fortnox.vouchers())[0]["files"] == [{"name": "z-412.pdf", "size": 8}]


async def test_without_a_year_the_file_lands_in_the_preselected_one(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.book(year=SECOND_YEAR, TransactionDate="2027-01-02")
    await fortnox.tell("PATCH", "companies/4711", {"preselected_year": SECOND_YEAR})
    file_id = (await upload(fortnox)).json()["File"]["Id"]
    connected = await connect(fortnox, file_id, None)
    assert connected.json()["VoucherFileConnection"]["VoucherYear"] == SECOND_YEAR


async def test_the_archive_id_is_not_the_file_id(fortnox: Testbed) -> None:
    await fortnox.book()
    archive_id = (await upload(fortnox)).json()["File"]["ArchiveFileId"]
    assert error_of(await connect(fortnox, archive_id, FIRST_YEAR))[:2] == (404, 9900017)


async def test_a_year_in_the_body_is_read_only(fortnox: Testbed) -> None:
    await fortnox.book()
    file_id = (await upload(fortnox)).json()["File"]["Id"]
    assert error_of(await connect(fortnox, file_id, FIRST_YEAR, VoucherYear=1))[1] == 2000321


async def test_a_file_needs_a_voucher(fortnox: Testbed) -> None:
    file_id = (await upload(fortnox)).json()["File"]["Id"]
    assert error_of(await connect(fortnox, file_id, FIRST_YEAR))[:2] == (404, 9900013)


async def test_connections_are_listed_read_and_deleted(fortnox: Testbed) -> None:
    await fortnox.book()
    file_id = (await upload(fortnox)).json()["File"]["Id"]
    await connect(fortnox, file_id, FIRST_YEAR)
    path = f"voucherfileconnections/{file_id}"
    listed = (await fortnox.get("voucherfileconnections", vouchernumber="1", financialyear=1)).json()
    assert [one["FileId"] for one in listed["VoucherFileConnections"]] == [file_id]
    assert (await fortnox.get(path)).json()["VoucherFileConnection"]["Name"] == "z-412.pdf"
    assert (await fortnox.http.delete(f"/3/{path}")).status_code == 204
    assert (await fortnox.get(path)).status_code == 404


async def test_an_unknown_folder_is_refused(fortnox: Testbed) -> None:
    assert error_of(await upload(fortnox, "inbox_x"))[1] == 2001392


async def test_an_upload_must_be_multipart(fortnox: Testbed) -> None:
    assert error_of(await fortnox.http.post("/3/inbox", json={}))[1] == 1000031
