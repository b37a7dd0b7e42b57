"""What the consent page decides: is the question in order, may this person say yes, and where to go then."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from fortnox_sync.simulator.caller import INTEGRATION_LICENCE, LICENCE_OF_SCOPE
from fortnox_sync.simulator.company import Company
from fortnox_sync.simulator.registers import User
from fortnox_sync.simulator.tokens import ClientApp, Consent
from fortnox_sync.simulator.world import World


class UnaskableError(Exception):
    """The question cannot be trusted enough to send anybody back; a page tells why."""


class WrongLoginError(Exception):
    """Fel e-postadress eller lösenord, eller ingen behörighet till företaget."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an app asks a company for."""

    app: ClientApp
    redirect_uri: str
    named_redirect_uri: str | None
    state: str
    scopes: tuple[str, ...]
    service: bool

    def back(self, **facts: str) -> str:
        """Write the address that takes the browser back to the app."""
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return f"{self.redirect_uri}{joint}{urlencode({**facts, 'state': self.state})}"

    def refusal(self, error: str, description: str) -> str:
        """Write the address that takes a no back to the app."""
        return self.back(error=error, error_description=description)


def read_question(world: World, query: Mapping[str, str]) -> Question:
    """Read the query of the authorize call."""
    app = world.client_apps.get(query.get("client_id", ""))
    if app is None:
        raise UnaskableError("Okänd app: client_id finns inte.")
    named = query.get("redirect_uri")
    if named is not None and named not in app.redirect_uris:
        raise UnaskableError("Adressen i redirect_uri är inte registrerad för appen.")
    if not query.get("state"):
        raise UnaskableError("Parametern state saknas.")
    return Question(
        app=app,
        redirect_uri=named or app.redirect_uris[0],
        named_redirect_uri=named,
        state=query["state"],
        scopes=tuple(query.get("scope", "").split()),
        service=query.get("account_type") == "service",
    )


def refused_before_login(question: Question, query: Mapping[str, str]) -> str | None:
    """Find what is wrong with a question before anybody logs in: where to send the browser then."""
    if query.get("response_type") != "code":
        return question.refusal("unsupported_response_type", "The response type is not supported")
    if not question.scopes or not set(question.scopes) <= set(question.app.scopes):
        return question.refusal("invalid_scope", "The scope is not enabled on the app")
    if query.get("account_type") not in {None, "service"}:
        return question.refusal("invalid_request", "The account type is not supported")
    if question.service and not question.app.allows_service_accounts:
        return question.refusal("unauthorized_client", "Client does not allow service account")
    return None


def decide(world: World, question: Question, form: Mapping[str, str]) -> str:
    """Take a person's decision: where to send the browser."""
    if form.get("decision") != "approve":
        return question.refusal("access_denied", "The user denied the request")
    company, user = _log_in(world, form)
    if question.service and not user.sysadmin:
        return question.refusal("error_missing_system_admin_right", "Not a system administrator")
    if INTEGRATION_LICENCE not in company.licences:
        return question.refusal("error_missing_app_license", "The company has no integration licence")
    if (
        not {LICENCE_OF_SCOPE.get(scope, INTEGRATION_LICENCE) for scope in question.scopes}
        <= company.licences
    ):
        # One scope without a licence fails the whole consent, as integrators report.
        return question.refusal("error_missing_license", "The company has no licence for a scope")
    return question.back(code=_approve(world, question, company, user))


def _log_in(world: World, form: Mapping[str, str]) -> tuple[Company, User]:
    number = form.get("company", "")
    company = world.companies.get(int(number) if number.isdecimal() else 0)
    user = company.users.get(form.get("email", "")) if company else None
    if company is None or user is None:
        raise WrongLoginError
    if not hmac.compare_digest(user.password.encode(), form.get("password", "").encode()):
        raise WrongLoginError
    return company, user


def _approve(world: World, question: Question, company: Company, user: User) -> str:
    consent = Consent(
        client_id=question.app.client_id,
        tenant=company.database_number,
        email=user.email,
        scopes=question.scopes,
        service=question.service,
    )
    world.tokens.give_consent(consent)
    return world.tokens.issue_code(consent, question.named_redirect_uri)
