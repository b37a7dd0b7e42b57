"""/3/costcenters: the company's cost centres (Fortnox docs, cost centres)."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from fortnox_sync.simulator import forms, refusals, shapes
from fortnox_sync.simulator.caller import CostCenterKeeper
from fortnox_sync.simulator.forms import READ_ONLY, Writable
from fortnox_sync.simulator.lists import answer, answer_list, check_query, in_order, modified_since
from fortnox_sync.simulator.registers import CostCenter

router = APIRouter(prefix="/3", include_in_schema=False)

_COST_CENTER: forms.Form = {
    "Code": Writable("code", forms.text(6), required=True),
    "Description": Writable("description", forms.text(1000), required=True),
    "Note": Writable("note", forms.text(1000)),
    "Active": Writable("active", forms.flag),
    "@url": READ_ONLY,
}


def _shape(caller: CostCenterKeeper, one: CostCenter) -> shapes.Shape:
    return shapes.cost_center(one, caller.url(f"costcenters/{one.code}"))


def _answer(caller: CostCenterKeeper, one: CostCenter, status: int = 200) -> Response:
    return answer({"CostCenter": _shape(caller, one)}, status)


def _find(caller: CostCenterKeeper, code: str) -> CostCenter:
    cost_center = caller.company.cost_centers.get(code)
    if cost_center is None:
        raise refusals.COST_CENTER_NOT_FOUND.error()
    return cost_center


@router.get("/costcenters")
async def list_cost_centers(caller: CostCenterKeeper) -> Response:
    """List the cost centres, by code."""
    check_query(caller)
    found = [
        one
        for _, one in sorted(caller.company.cost_centers.items())
        if modified_since(caller, one.modified_at)
    ]
    ordered = in_order(caller, found, {"code": lambda one: one.code})
    return answer_list(caller, "CostCenters", ordered, lambda one: _shape(caller, one))


@router.get("/costcenters/{code}")
async def read_cost_center(code: str, caller: CostCenterKeeper) -> Response:
    """Read one cost centre."""
    return _answer(caller, _find(caller, code))


@router.post("/costcenters")
async def add_cost_center(caller: CostCenterKeeper) -> Response:
    """Add a cost centre."""
    body = forms.open_envelope(await caller.request.body(), "CostCenter")
    values: dict[str, Any] = forms.read(_COST_CENTER, body)
    cost_center = CostCenter(**values, modified_at=caller.now)
    if cost_center.code in caller.company.cost_centers:
        raise refusals.ALREADY_EXISTS.error(key=cost_center.code)
    caller.company.cost_centers[cost_center.code] = cost_center
    return _answer(caller, cost_center, HTTPStatus.CREATED)


@router.put("/costcenters/{code}")
async def change_cost_center(code: str, caller: CostCenterKeeper) -> Response:
    """Change the fields that were sent, never the code."""
    cost_center = _find(caller, code)
    body = forms.open_envelope(await caller.request.body(), "CostCenter")
    values: dict[str, Any] = forms.read(_COST_CENTER, body, partial=True)
    changed = replace(cost_center, **{**values, "code": code, "modified_at": caller.now})
    caller.company.cost_centers[code] = changed
    return _answer(caller, changed)


@router.delete("/costcenters/{code}")
async def delete_cost_center(code: str, caller: CostCenterKeeper) -> Response:
    """Delete a cost centre that no voucher names."""
    _find(caller, code)
    used = (row.cost_center for voucher in caller.company.books for row in voucher.draft.rows)
    if code in used:
        raise refusals.COST_CENTER_IN_USE.error()
    del caller.company.cost_centers[code]
    return Response(status_code=HTTPStatus.NO_CONTENT)
