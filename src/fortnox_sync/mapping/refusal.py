"""What a person is answered when Fortnox can't be asked: a problem with the fault's code, words and cures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from fortnox_sync.connection.link import Link
from fortnox_sync.connection.tokens import NotConnectedError, OtherBooksError
from fortnox_sync.fault.classify import Context, classify
from fortnox_sync.fault.cure import remediations_for
from fortnox_sync.fault.facts import WrongCompanyFacts
from fortnox_sync.fault.model import (
    Fault,
    FinancialYearMissing,
    FortnoxUnavailable,
    RateLimited,
    RejectedByFortnox,
    VoucherSeriesMissing,
    VoucherSeriesNotManual,
    WrongCompany,
)
from fortnox_sync.fault.parts import Company
from fortnox_sync.fault.texts import label, message, title
from fortnox_sync.fortnox import Account, FortnoxClient, FortnoxError
from fortnox_sync.web.language import Language
from fortnox_sync.web.problems import Problem

T = TypeVar("T")
_SOON_S = 10
_NOT_CONNECTED: dict[Language, tuple[str, str]] = {
    "sv": (
        "Företaget är inte anslutet till Fortnox.",
        "Aktivera integrationen först; här väljs bland det som finns i Fortnox.",
    ),
    "en": (
        "The company is not connected to Fortnox.",
        "Activate the integration first; what is chosen here is what Fortnox has.",
    ),
}

_NUMBER_TAKEN: dict[Language, tuple[str, str]] = {
    "sv": (
        "Konto {number} finns redan i Fortnox och heter {description}.",
        "Välj det om det är det du söker, eller ta ett ledigt nummer.",
    ),
    "en": (
        "Account {number} is in Fortnox already and is called {description}.",
        "Choose it if it is the one you look for, or take a free number.",
    ),
}

# A fault speaks of vouchers that wait; at a screen it is the person who does.
_AT_A_SCREEN: dict[str, dict[Language, tuple[str, str]]] = {
    "fortnox_unavailable": {
        "sv": ("Fortnox går inte att nå just nu.", "Försök igen om en stund."),
        "en": ("Fortnox can't be reached right now.", "Try again in a moment."),
    },
    "rate_limited": {
        "sv": ("Fortnox tar emot färre anrop än vanligt.", "Försök igen om en stund."),
        "en": ("Fortnox takes fewer calls than usual.", "Try again in a moment."),
    },
    "financial_year_missing": {
        "sv": (
            "Det finns inget räkenskapsår i Fortnox för {day}.",
            "Välj en annan dag, eller lägg upp året i Fortnox: Inställningar/Bokföring/Räkenskapsår.",
        ),
        "en": (
            "There is no financial year in Fortnox that holds {day}.",
            "Choose another day, or add the year in Fortnox: Inställningar/Bokföring/Räkenskapsår.",
        ),
    },
    "voucher_series_missing": {
        "sv": (
            "Det finns ingen verifikationsserie {series} i Fortnox för räkenskapsåret {year}.",
            "Välj en annan serie, eller lägg upp den i Fortnox: Inställningar/Bokföring/Verifikationsserier.",
        ),
        "en": (
            "There is no voucher series {series} in Fortnox for the financial year {year}.",
            "Choose another series, or add it in Fortnox: Inställningar/Bokföring/Verifikationsserier.",
        ),
    },
    "voucher_series_not_manual": {
        "sv": (
            "Verifikationsserien {series} tar inte emot verifikationer från kassan {year}.",
            "Kryssa för Manuell kontering i Fortnox (Inställningar/Bokföring/Verifikationsserier).",
        ),
        "en": (
            "The voucher series {series} takes no vouchers from the till in {year}.",
            "Tick Manuell kontering in Fortnox (Inställningar/Bokföring/Verifikationsserier).",
        ),
    },
    "rejected_by_fortnox": {
        "sv": ("Fortnox sade nej: {text}", "Kontakta supporten om det inte går att rätta."),
        "en": ("Fortnox said no: {text}", "Contact support if it can't be mended."),
    },
}


def fault_of(error: FortnoxError | OtherBooksError, now: datetime) -> Fault:
    """Tell why Fortnox could not be asked."""
    if isinstance(error, FortnoxError):
        return classify(error, Context(now=now))
    expected, found = Company(name="", tenant_id=error.expected), Company(name="", tenant_id=error.found)
    return WrongCompany(facts=WrongCompanyFacts(expected=expected, found=found))


async def asked(
    link: Link,
    company_id: str,
    work: Callable[[FortnoxClient], Awaitable[T]],
    language: Language,
    now: datetime,
) -> T:
    """Ask Fortnox for a person who waits; raises a problem where it can't be asked or says no."""
    try:
        return await link.ask(company_id, work)
    except NotConnectedError:
        raise not_connected(language) from None
    except (FortnoxError, OtherBooksError) as error:
        raise refusal(fault_of(error, now), language, now) from error


def not_connected(language: Language) -> Problem:
    """Answer for a company that has no consent: there is nothing to ask with."""
    heading, detail = _NOT_CONNECTED[language]
    return Problem(HTTPStatus.CONFLICT, "not_connected", heading, detail)


def number_taken(account: Account, language: Language) -> Problem:
    """Answer for a number that an account with another name has."""
    heading, detail = _NUMBER_TAKEN[language]
    heading = heading.format(number=account.number, description=account.description)
    return Problem(HTTPStatus.CONFLICT, "account_exists", heading, detail)


def told(fault: Fault, language: Language) -> tuple[str, str]:
    """Say in a heading what went wrong, and then what to do about it."""
    if fault.code not in _AT_A_SCREEN:
        return title(fault, language), message(fault, language)
    heading, detail = _AT_A_SCREEN[fault.code][language]
    return heading.format(**_gaps(fault)), detail


def _gaps(fault: Fault) -> dict[str, object]:
    """Return what the headings at a screen name of a fault."""
    match fault:
        case RejectedByFortnox():
            return {"text": fault.facts.text or fault.code}
        case FinancialYearMissing():
            return {"day": fault.facts.transaction_date}
        case VoucherSeriesMissing() | VoucherSeriesNotManual():
            year = fault.facts.financial_year
            return {"series": fault.facts.series, "year": year.label if year else ""}
        case _:
            return {}


def refusal(fault: Fault, language: Language, now: datetime) -> Problem:
    """Answer with a fault: 503 for what passes by itself, 409 for what a person must cure first.

    A year or a series that Fortnox has no place for can't be meant: 422.
    """
    passes = isinstance(fault, FortnoxUnavailable | RateLimited)
    cures = [
        {"label": label(one, language), "remediation": one.model_dump(mode="json")}
        for one in remediations_for(fault)
    ]
    heading, detail = told(fault, language)
    return Problem(
        _status(fault),
        fault.code,
        heading,
        detail,
        headers={"Retry-After": str(_seconds_until(fault, now))} if passes else None,
        remediations=cures,
    )


def _status(fault: Fault) -> HTTPStatus:
    match fault:
        case FortnoxUnavailable() | RateLimited():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case FinancialYearMissing() | VoucherSeriesMissing() | VoucherSeriesNotManual():
            return HTTPStatus.UNPROCESSABLE_ENTITY
        case _:
            return HTTPStatus.CONFLICT


def _seconds_until(fault: Fault, now: datetime) -> int:
    next_try_at = fault.facts.next_try_at if isinstance(fault, FortnoxUnavailable | RateLimited) else None
    return _SOON_S if next_try_at is None else max(1, int((next_try_at - now).total_seconds()))
