"""The BackOffice's calls on mappings."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from fortnox_sync.accounting.account_map import AccountMap, AccountRole, Dimension
from fortnox_sync.connection.chart import active_in, newest_chart
from fortnox_sync.mapping.repository import Choice, Mappings, tag_of
from fortnox_sync.mapping.routes.change import change
from fortnox_sync.mapping.schemas.mappings import (
    AccountIn,
    Key,
    MappingOut,
    MappingsIn,
    MappingsOut,
    narrow_of,
    role_of,
)
from fortnox_sync.mapping.setup import CatalogItem, Setup
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.problems import Problem, responses

REFUSALS = refusals()
OfDimension = Annotated[Dimension, Path(description="What kind of thing it is to the till.")]
ItemKey = Annotated[Key, Path(description="The till's id of it, or the VAT rate.")]
Register = Annotated[Key | None, Query(description="Narrows a payment method to one register.")]
Rate = Annotated[str | None, Query(max_length=8, description="Narrows an article group to one VAT rate.")]


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=400,
        description="The ETag that the choices had when they were read; refused with 412 if they changed.",
    ),
]
_CHANGED = responses(HTTPStatus.PRECONDITION_FAILED)


def build(door: Door, database: Database, bell: Bell) -> APIRouter:
    """Make the routes; every change lets what waits be looked at again."""
    router = APIRouter(prefix="/v1/companies/{company_id}", tags=["mapping"], responses=REFUSALS)
    reader = Annotated[Principal, Depends(door.reader)]
    writer = Annotated[Principal, Depends(door.writer)]

    @router.get("/mappings")
    async def mappings(company_id: CompanyId, _: reader, response: Response) -> MappingsOut:
        """List every item the till knows with its account, and every narrower choice.

        `ETag` stands for all choices as they are now; send it as `If-Match` with a change.
        """
        async with database.read() as connection:
            items = await Setup(database, connection, company_id).catalog()
            chosen = await Mappings(database, connection, company_id).account_map()
            chart = await newest_chart(connection, company_id)
        response.headers["ETag"] = tag_of(chosen)
        return MappingsOut(mappings=_rows(items, chosen, active_in(chart)))

    @router.put("/mappings", responses=_CHANGED)
    async def put_mappings(
        company_id: CompanyId, body: MappingsIn, principal: writer, response: Response, seen: IfMatch = None
    ) -> MappingsOut:
        """Choose many accounts at once: all of them, or none."""
        choices = [Choice(one.role, one.account) for one in body.mappings]
        await change(
            database, bell, company_id, lambda chosen: chosen.choose(choices, principal.subject), seen
        )
        return await mappings(company_id, principal, response)

    @router.put("/mappings/{dimension}/{key}", responses=_CHANGED)
    async def put_mapping(
        company_id: CompanyId,
        dimension: OfDimension,
        key: ItemKey,
        body: AccountIn,
        principal: writer,
        response: Response,
        register_id: Register = None,
        vat_rate: Rate = None,
        seen: IfMatch = None,
    ) -> MappingOut:
        """Choose the account of one item."""
        role = _role(dimension, key, register_id, vat_rate)
        choice = [Choice(role, body.account)]
        response.headers["ETag"] = await change(
            database, bell, company_id, lambda chosen: chosen.choose(choice, principal.subject), seen
        )
        async with database.read() as connection:
            chart = await newest_chart(connection, company_id)
        return _row(role, None, body.account, active_in(chart))

    @router.delete("/mappings/{dimension}/{key}", status_code=HTTPStatus.NO_CONTENT, responses=_CHANGED)
    async def delete_mapping(
        company_id: CompanyId,
        dimension: OfDimension,
        key: ItemKey,
        principal: writer,
        register_id: Register = None,
        vat_rate: Rate = None,
        seen: IfMatch = None,
    ) -> Response:
        """Take a choice back; what it is for waits then, and is never booked elsewhere."""
        role = _role(dimension, key, register_id, vat_rate)
        tag = await change(
            database,
            bell,
            company_id,
            lambda chosen: chosen.choose([Choice(role, None)], principal.subject),
            seen,
        )
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"ETag": tag})

    return router


def _role(dimension: Dimension, key: str, register_id: str | None, vat_rate: str | None) -> AccountRole:
    try:
        return role_of(dimension, key, register_id, vat_rate)
    except ValueError as error:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", "The mapping can't be.", f"{error}."
        ) from None


def _rows(
    items: tuple[CatalogItem, ...], chosen: AccountMap, active: Mapping[int, bool] | None
) -> list[MappingOut]:
    """List items without their narrower keys, then every choice that has one or is for no known item."""
    names = {(item.dimension, item.item_id): item.name for item in items}
    known = {
        AccountRole(Dimension(item.dimension), item.item_id)
        for item in items
        if item.dimension in set(Dimension)
    }
    roles = sorted(known | chosen.accounts.keys())
    return [
        _row(role, names.get((role.dimension.value, role.key)), chosen.accounts.get(role), active)
        for role in roles
    ]


def _row(
    role: AccountRole, name: str | None, account: int | None, active: Mapping[int, bool] | None
) -> MappingOut:
    return MappingOut(
        dimension=role.dimension.value,
        key=role.key,
        narrow=narrow_of(role),
        name=name,
        account=account,
        state=_state(account, active),
    )


def _state(
    account: int | None, active: Mapping[int, bool] | None
) -> Literal["mapped", "unmapped", "account_missing", "account_inactive"]:
    """Say whether an account can be booked on; nobody knows before the chart was read."""
    if account is None:
        return "unmapped"
    if active is None or active.get(account):
        return "mapped"
    return "account_inactive" if account in active else "account_missing"
