"""/oauth-v1/token and /oauth-v1/revoke (Fortnox docs, authorization), odd content types of errors and all."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from fortnox_sync.simulator import amounts
from fortnox_sync.simulator.caller import INTEGRATION_LICENCE, InWorld
from fortnox_sync.simulator.lists import answer
from fortnox_sync.simulator.tokens import ACCESS_LIFE, ClientApp, Grant, InvalidGrantError
from fortnox_sync.simulator.world import World

router = APIRouter(prefix="/oauth-v1", include_in_schema=False)

Form = Mapping[str, str]


class TokenRefusedError(Exception):
    """The token endpoint says no; recorded answers call their JSON text/html at 400 and text/plain at 401."""

    def __init__(self, error: str, description: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status

    def response(self) -> Response:
        """Make the answer."""
        body = amounts.write_json({"error": self.error, "error_description": self.description})
        odd = "text/plain" if self.status == HTTPStatus.UNAUTHORIZED else "text/html; charset=UTF-8"
        return Response(body, self.status, {"content-type": odd})


def _client(world: World, request: Request) -> ClientApp:
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    client_id, _, secret = _decode(encoded).partition(":")
    app = world.client_apps.get(client_id)
    if kind.lower() != "basic" or app is None or not hmac.compare_digest(app.client_secret, secret):
        raise TokenRefusedError(
            "invalid_client", "The client credentials are invalid", HTTPStatus.UNAUTHORIZED
        )
    return app


def _decode(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""


async def _form(request: Request) -> Form:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


@router.post("/token")
async def give_token(request: Request, world: InWorld) -> Response:
    """Exchange a code, rotate a refresh token, or serve a service account."""
    app, form = _client(world, request), await _form(request)
    match form.get("grant_type"):
        case "authorization_code":
            grant = _for_code(world, app, form)
        case "refresh_token":
            grant = _for_refresh_token(world, app, form)
        case "client_credentials":
            grant = _for_service(world, app, form, request.headers.get("tenantid", ""))
        case _:
            raise TokenRefusedError("unsupported_grant_type", "The grant type is not supported")
    return answer(_body(grant))


def _for_code(world: World, app: ClientApp, form: Form) -> Grant:
    try:
        return world.tokens.redeem_code(app.client_id, form.get("code", ""), form.get("redirect_uri"))
    except InvalidGrantError as error:
        raise TokenRefusedError("invalid_grant", "Auth code or ClientID supplied is invalid") from error


def _for_refresh_token(world: World, app: ClientApp, form: Form) -> Grant:
    text = form.get("refresh_token", "")
    _check_licence(world, world.tokens.tenant_of(refresh_token=text))
    try:
        return world.tokens.rotate(app.client_id, text)
    except InvalidGrantError as error:
        raise TokenRefusedError("invalid_grant", "Invalid refresh token") from error


def _for_service(world: World, app: ClientApp, form: Form, tenant: str) -> Grant:
    if not app.allows_service_accounts:
        raise TokenRefusedError("unauthorized_client", "Client does not allow service account")
    consent = world.tokens.service_consent(app.client_id, int(tenant) if tenant.isdecimal() else 0)
    if consent is None:  # what Fortnox says here is documented nowhere
        raise TokenRefusedError("invalid_grant", "No consent for the tenant")
    _check_licence(world, consent.tenant)
    scopes = tuple(form.get("scope", "").split()) or consent.scopes
    if not set(scopes) <= set(consent.scopes):
        raise TokenRefusedError("invalid_scope", "The scope is not consented to")
    return world.tokens.issue(consent, scopes, refreshable=False)


def _check_licence(world: World, tenant: int | None) -> None:
    company = world.companies.get(tenant) if tenant is not None else None
    if company is None or not company.conditions.licence_checked_at_token:
        return
    if INTEGRATION_LICENCE not in company.licences:
        raise TokenRefusedError("error_missing_app_license", "Missing app license")


def _body(grant: Grant) -> dict[str, object]:
    body: dict[str, object] = {
        "access_token": grant.access.text,
        "scope": " ".join(grant.access.scopes),
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "token_type": "bearer",
    }
    return body if grant.refresh_token is None else {**body, "refresh_token": grant.refresh_token}


@router.post("/revoke")
async def revoke_token(request: Request, world: InWorld) -> Response:
    """Revoke a refresh token; an unknown one is "revoked" as well."""
    app, form = _client(world, request), await _form(request)
    world.tokens.revoke(app.client_id, form.get("token", ""))
    return answer({"revoked": True})
