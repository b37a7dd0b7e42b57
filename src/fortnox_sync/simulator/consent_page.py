"""/oauth-v1/auth: the page on which a person says yes or no; one form, without scripts or cookies."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fortnox_sync.simulator import markup
from fortnox_sync.simulator.caller import InWorld
from fortnox_sync.simulator.consent import (
    Question,
    UnaskableError,
    WrongLoginError,
    decide,
    read_question,
    refused_before_login,
)
from fortnox_sync.simulator.markup import Html, tag
from fortnox_sync.simulator.world import World

router = APIRouter(prefix="/oauth-v1", include_in_schema=False)

_SCOPES = {
    "bookkeeping": "Bokföring: verifikationer, konton, serier och räkenskapsår",
    "companyinformation": "Företagsinformation",
    "connectfile": "Koppla filer till verifikationer",
    "costcenter": "Kostnadsställen",
    "inbox": "Inkorg",
    "profile": "Din profil",
    "settings": "Inställningar",
}


@router.get("/auth")
async def ask(request: Request, world: InWorld) -> Response:
    """Show the question, or send the browser back at once."""
    try:
        question = read_question(world, request.query_params)
    except UnaskableError as error:
        return _error_page(str(error))
    back = refused_before_login(question, request.query_params)
    return _redirect(back) if back else HTMLResponse(_page(world, question, request.url.query))


@router.post("/auth")
async def take_decision(request: Request, world: InWorld) -> Response:
    """Take the answer and send the browser back to the app."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    if "grant_type" in form:  # the code belongs at /oauth-v1/token (Fortnox FAQ)
        return Response(status_code=HTTPStatus.FORBIDDEN)
    try:
        question = read_question(world, request.query_params)
        back = refused_before_login(question, request.query_params) or decide(world, question, form)
    except UnaskableError as error:
        return _error_page(str(error))
    except WrongLoginError:
        alarm = "Fel e-postadress eller lösenord, eller så saknar du behörighet till företaget."
        page = _page(world, question, request.url.query, alarm, form.get("email", ""))
        return HTMLResponse(page, HTTPStatus.UNAUTHORIZED)
    return _redirect(back)


def _redirect(back: str) -> Response:
    return RedirectResponse(back, HTTPStatus.FOUND)


def _error_page(why: str) -> Response:
    page = markup.document(
        "Det gick inte att logga in", tag("h1", "Det gick inte att logga in"), tag("p", why)
    )
    return HTMLResponse(page, HTTPStatus.BAD_REQUEST)


def _page(world: World, question: Question, query: str, alarm: str = "", email: str = "") -> str:
    name = question.app.name
    form = tag(
        "form",
        tag("h1", f"{name} vill ansluta till ditt företag"),
        tag("p", "Appen får läsa och skriva:"),
        tag("ul", *(tag("li", _SCOPES.get(scope, scope)) for scope in question.scopes)),
        _account_note(question),
        tag("p", alarm, class_="alarm", role="alert") if alarm else Html(""),
        *_fields(world, email),
        tag("button", "Godkänn", name="decision", value="approve", class_="yes"),
        tag("button", "Avbryt", name="decision", value="deny", formnovalidate=""),
        method="post",
        action=f"/oauth-v1/auth?{query}",
        class_="login",
    )
    return markup.document(f"Anslut {name}", form)


def _account_note(question: Question) -> Html:
    if not question.service:
        return tag("p", "Anslutningen görs genom dig och upphör om din användare tas bort.", class_="quiet")
    return tag(
        "p", "Anslutningen blir ett servicekonto. Det kräver att du är systemadministratör.", class_="quiet"
    )


def _fields(world: World, email: str) -> list[Html]:
    companies = [
        tag("option", f"{one.name} ({one.organisation_number})", value=str(one.database_number))
        for one in world.companies.values()
    ]
    return [
        tag("label", "E-postadress", for_="email"),
        tag("input", id="email", name="email", type="email", value=email, required=""),
        tag("label", "Lösenord", for_="password"),
        tag("input", id="password", name="password", type="password", required=""),
        tag("label", "Företag", for_="company"),
        tag("select", *companies, id="company", name="company"),
    ]
