"""/3/inbox and /3/voucherfileconnections: a file is uploaded first and put on a voucher in a second call."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.responses import Response

from fortnox_sync.simulator import forms, refusals, shapes
from fortnox_sync.simulator.books import VoucherKey
from fortnox_sync.simulator.caller import Connector, Uploader
from fortnox_sync.simulator.forms import READ_ONLY, Writable
from fortnox_sync.simulator.lists import answer, answer_list, asked_year, check_query
from fortnox_sync.simulator.registers import FileConnection, StoredFile

router = APIRouter(prefix="/3", include_in_schema=False)

# Fixed folders of the inbox (public OpenAPI description).
_FOLDERS = frozenset(f"inbox_{kind}" for kind in ("v", "d", "s", "kf", "a", "b", "l", "o", "of"))

_CONNECTION: forms.Form = {
    "FileId": Writable("file_id", forms.text(100), required=True),
    "VoucherSeries": Writable("series", forms.text(10), required=True),
    "VoucherNumber": Writable("number", forms.whole_number, required=True),
    "VoucherYear": READ_ONLY,
    "VoucherDescription": READ_ONLY,
    "Name": READ_ONLY,
    "@url": READ_ONLY,
}

_FILTERS: dict[str, Callable[[FileConnection], str]] = {
    "voucheryear": lambda one: str(one.year_id),
    "vouchernumber": lambda one: str(one.number),
    "voucherseries": lambda one: one.series,
}


@router.post("/inbox")
async def upload_file(caller: Uploader) -> Response:
    """Take one file into a folder of the inbox."""
    caller.refuse_unless_known("path", "folderId")
    folder = caller.request.query_params.get("path", "inbox_v")
    async with caller.request.form() as form:
        parts = [part for part in form.values() if isinstance(part, UploadFile)]
        if folder not in _FOLDERS or len(parts) != 1:
            raise refusals.NO_BODY.error()
        content, name = await parts[0].read(), parts[0].filename or ""
    chance = caller.world.chance
    stored = StoredFile(chance.identity(), chance.identity(), name, folder, content)
    caller.company.files[stored.id] = stored
    shape = shapes.stored_file(stored, caller.url(f"inbox/{stored.id}"))
    return answer({"File": shape}, HTTPStatus.CREATED)


def _shape(caller: Connector, one: FileConnection) -> shapes.Shape:
    url = caller.url(f"voucherfileconnections/{one.file_id}")
    return shapes.file_connection(one, url, caller.company)


@router.post("/voucherfileconnections")
async def connect_file(caller: Connector) -> Response:
    """Put a file on a voucher of the asked year; without one, silently on the preselected year's namesake."""
    caller.refuse_unless_known("financialyear")
    body = forms.open_envelope(await caller.request.body(), "VoucherFileConnection")
    values: dict[str, Any] = forms.read(_CONNECTION, body)
    connection = FileConnection(year_id=asked_year(caller).id, **values)
    if connection.file_id not in caller.company.files:
        raise refusals.FILE_NOT_FOUND.error()
    key = VoucherKey(connection.year_id, connection.series, connection.number)
    if caller.company.books.find(key) is None:
        raise refusals.VOUCHER_NOT_FOUND.error()
    caller.company.connections[connection.file_id] = connection
    return answer({"VoucherFileConnection": _shape(caller, connection)}, HTTPStatus.CREATED)


@router.get("/voucherfileconnections")
async def list_connections(caller: Connector) -> Response:
    """List files on vouchers."""
    check_query(caller, *_FILTERS)
    query = caller.request.query_params
    found = [
        one
        for one in caller.company.connections.values()
        if all(read(one) == query[name] for name, read in _FILTERS.items() if name in query)
        and ("financialyear" not in query or one.year_id == asked_year(caller).id)
    ]
    return answer_list(caller, "VoucherFileConnections", found, lambda one: _shape(caller, one))


@router.get("/voucherfileconnections/{file_id}")
async def read_connection(file_id: str, caller: Connector) -> Response:
    """Read which voucher a file is on."""
    return answer({"VoucherFileConnection": _shape(caller, _find(caller, file_id))})


@router.delete("/voucherfileconnections/{file_id}")
async def disconnect_file(file_id: str, caller: Connector) -> Response:
    """Take a file off its voucher."""
    del caller.company.connections[_find(caller, file_id).file_id]
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _find(caller: Connector, file_id: str) -> FileConnection:
    connection = caller.company.connections.get(file_id)
    if connection is None:
        raise refusals.FILE_NOT_FOUND.error()
    return connection
