"""What Fortnox's Swedish sentences mean, and the numbers, codes and dates they name.

Many refusals have no documented code, so their words are the evidence, as integrators' help pages quote them.
Each pattern asks for a little less than the sentence seen, because wordings drift.
"""

import re
import unicodedata
from datetime import date

from fortnox_sync.fault.codes import Meaning

LONGEST_TEXT = 1000  # Fortnox's own are a sentence or two; more would be a page of HTML

# The first that matches counts: sentences on cost centres name accounts too, so they stand before these.
PATTERNS: tuple[tuple[str, Meaning], ...] = (
    (r"serie.*inte manuell", Meaning.SERIES_NOT_MANUAL),  # "Verifikationsserien är inte manuell (F)"
    (r"ogiltig verifikationsserie", Meaning.SERIES_MISSING),  # "Ogiltig verifikationsserie angiven"
    (r"verifikationsserie.*(?:finns inte|saknas)", Meaning.SERIES_MISSING),
    (r"\blåst perioden\b", Meaning.PERIOD_LOCKED),  # "Anna har låst perioden t.o.m. 2026-09-30. …"
    (r"låst period\b", Meaning.PERIOD_LOCKED),  # "Bokföringsdatumet ligger i en automatlåst period"
    (r"\bperioden är (?:auto\w*)?låst", Meaning.PERIOD_LOCKED),
    (r"räkenskapsår.*(?:finns inte|saknas)", Meaning.YEAR_MISSING),  # "Räkenskapsår saknas för valt datum."
    (r"kostnadsställe.*obligatorisk", Meaning.COST_CENTER_REQUIRED),
    (
        r"kostnadsställe.*(?:ej|inte) till[åa]t",
        Meaning.COST_CENTER_NOT_ALLOWED,
    ),  # "… är ej tillåtet på konto"
    (r"kostnadsställe.*(?:inte aktiv|inaktiv)", Meaning.COST_CENTER_INACTIVE),
    (r"kostnadsställe.*(?:finns inte|saknas)", Meaning.COST_CENTER_MISSING),
    (r"(?:hitta|hämta)\b.*kostnadsställe", Meaning.COST_CENTER_MISSING),  # "Kunde inte hämta kostnadsställe"
    (
        r"\bkonto(?:t|n|na)?\b.*(?:inte aktiv|inaktiv)",
        Meaning.ACCOUNT_INACTIVE,
    ),  # "Konto 3001 är inte aktivt"
    (r"\bkonto(?:t|n|na)?\b.*(?:finns inte|saknas)", Meaning.ACCOUNT_MISSING),  # "Konto saknas i kontoplanen"
    (r"inte hitta konto", Meaning.ACCOUNT_MISSING),
    (r"ogiltigt konto\b", Meaning.ACCOUNT_UNUSABLE),
    (r"api-licens", Meaning.INTEGRATION_LICENSE_LACKING),
    (r"ingen aktiv licens|licens saknas", Meaning.LICENSE_LACKING),
    (r"inte behörighet|saknar behörighet|lacks authorization", Meaning.PERMISSION_LACKING),
    (r"ogiltig inloggning|ej autentiserad|kan inte logga in", Meaning.AUTHORIZATION_ENDED),
    (r"ogiltig auktoriseringskod", Meaning.AUTHORIZATION_ENDED),
)

_COMPILED = tuple((re.compile(pattern, re.DOTALL), meaning) for pattern, meaning in PATTERNS)
_ACCOUNTS = re.compile(r"\bkonto\w*:?\s+((?:[1-9][0-9]{3}(?:\s*,\s*|\s+och\s+)?)+)(?![0-9-])", re.IGNORECASE)
_ACCOUNT = re.compile(r"[1-9][0-9]{3}")
_QUOTED = re.compile(r"[\"'“”»]([^\"'“”»«]+)[\"'“”«]")
_LETTERS_IN_PARENTHESES = re.compile(r"\(([^\W\d_]{1,10})\)")
_DATE_AFTER_TOM = re.compile(r"t\s?\.?\s?o\s?\.?\s?m\s?\.?\s*([0-9]{4}-[0-9]{2}-[0-9]{2})", re.IGNORECASE)


def tidy(text: str) -> str:
    """Make a foreign text fit to store: no half characters, no NUL, of a sensible length."""
    whole = text.encode(errors="replace").decode().replace("\0", " ")
    return unicodedata.normalize("NFC", whole[:LONGEST_TEXT]).strip()


def meaning_of_text(text: str) -> Meaning | None:
    """Read a sentence of Fortnox's; None for words we do not know."""
    folded = text.casefold()
    return next((meaning for pattern, meaning in _COMPILED if pattern.search(folded)), None)


def accounts_in(text: str) -> tuple[int, ...]:
    """Return the account numbers a sentence names, in its order."""
    found = (number for run in _ACCOUNTS.findall(text) for number in _ACCOUNT.findall(run))
    return tuple(dict.fromkeys(int(number) for number in found))


def quoted_in(text: str) -> str:
    """Return what a sentence puts in quotation marks, which is where it names a cost centre."""
    match = _QUOTED.search(text)
    return match.group(1).strip() if match else ""


def series_in(text: str) -> str:
    """Return the series a sentence puts in parentheses: letters only, since a `(1)` there is no series."""
    match = _LETTERS_IN_PARENTHESES.search(text)
    return match.group(1) if match else ""


def lock_date_in(text: str) -> date | None:
    """Return the date a period is locked up to and including, where a sentence tells it."""
    match = _DATE_AFTER_TOM.search(text)
    try:
        return date.fromisoformat(match.group(1)) if match else None
    except ValueError:
        return None
