"""/_simulator/companies/{number}/consents and …/tokens: give, read and take back what a company agreed to."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, HTTPException

from fortnox_sync.simulator.caller import InWorld
from fortnox_sync.simulator.company import Company
from fortnox_sync.simulator.control_forms import ConsentForm, ExpiryForm
from fortnox_sync.simulator.control_subjects import OfCompany, Record
from fortnox_sync.simulator.tokens import Consent

router = APIRouter(prefix="/_simulator/companies/{number}", tags=["consents"])


@router.post("/consents", status_code=HTTPStatus.CREATED)
async def give_consent(company: OfCompany, form: ConsentForm, world: InWorld) -> Record:
    """Give a consent without a browser, and hand out its first tokens."""
    app = world.client_apps.get(form.client_id)
    if app is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"no app {form.client_id}")
    scopes = form.scopes or app.scopes
    consent = Consent(form.client_id, company.database_number, form.email, scopes, form.service)
    world.tokens.give_consent(consent)
    grant = world.tokens.issue(consent, scopes, refreshable=not form.service)
    return {
        "access_token": grant.access.text,
        "expires_at": grant.access.expires_at,
        "refresh_token": grant.refresh_token,
        "scopes": scopes,
    }


@router.get("/consents")
async def list_consents(company: OfCompany, world: InWorld) -> list[Consent]:
    """List the consents a company has given."""
    return [one for one in world.tokens.consents.values() if one.tenant == company.database_number]


@router.delete("/consents", status_code=HTTPStatus.NO_CONTENT)
async def withdraw_consents(
    company: OfCompany, world: InWorld, client_id: str | None = None, *, access_tokens_die: bool = False
) -> None:
    """Take consents back, as a person can; access tokens run out by themselves unless asked to die."""
    world.tokens.withdraw(_about(company, client_id), access_tokens_die=access_tokens_die)


@router.post("/tokens/expire", status_code=HTTPStatus.NO_CONTENT)
async def expire_tokens(company: OfCompany, form: ExpiryForm, world: InWorld) -> None:
    """Make tokens end now."""
    world.tokens.expire(_about(company, form.client_id), access=form.access, refresh=form.refresh)


def _about(company: Company, client_id: str | None) -> Callable[[Consent], bool]:
    return lambda one: one.tenant == company.database_number and client_id in (None, one.client_id)
