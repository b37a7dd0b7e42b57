"""Every reason Fortnox refuses a call, with its code, its Swedish text and how the body is spelled.

Codes and texts: Fortnox docs, errors; recorded answers of public SDK tests; integrators' help pages. Where a
text is public but its code is not, the code is made up, begins with 99 and is named UNKNOWN_CODE_.
"""

from dataclasses import dataclass
from http import HTTPStatus

UNKNOWN_CODE_SERIES_MISSING = 9900001
UNKNOWN_CODE_UNBALANCED = 9900002
UNKNOWN_CODE_YEAR_MISSING = 9900003
UNKNOWN_CODE_DATE_OUTSIDE_YEAR = 9900004
UNKNOWN_CODE_COST_CENTER_MISSING = 9900005
UNKNOWN_CODE_COST_CENTER_NOT_ALLOWED = 9900006
UNKNOWN_CODE_PROJECT_REQUIRED = 9900007
UNKNOWN_CODE_AUTOMATIC_LOCK = 9900008
UNKNOWN_CODE_VALUE_MISSING = 9900009
UNKNOWN_CODE_TOO_MANY_DECIMALS = 9900010
UNKNOWN_CODE_NEGATIVE_AMOUNT = 9900011
UNKNOWN_CODE_ROW_SIDES = 9900012
UNKNOWN_CODE_VOUCHER_NOT_FOUND = 9900013
UNKNOWN_CODE_SERIES_NOT_FOUND = 9900014
UNKNOWN_CODE_COST_CENTER_NOT_FOUND = 9900015
UNKNOWN_CODE_YEAR_NOT_FOUND = 9900016
UNKNOWN_CODE_FILE_NOT_FOUND = 9900017
UNKNOWN_CODE_ALREADY_EXISTS = 9900018
UNKNOWN_CODE_INVALID_DATE = 9900019
UNKNOWN_CODE_INVALID_CHOICE = 9900020
UNKNOWN_CODE_YEAR_NOT_FOLLOWING = 9900021
UNKNOWN_CODE_COST_CENTER_IN_USE = 9900022
UNKNOWN_CODE_NUMBER_CANNOT_CHANGE = 9900023


class RefusedError(Exception):
    """Fortnox refuses a call."""

    def __init__(self, code: int, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, whose text may have blanks to fill in."""

    code: int
    text: str
    status: int = HTTPStatus.BAD_REQUEST

    def error(self, **facts: object) -> RefusedError:
        """Fill in the blanks."""
        return RefusedError(self.code, self.text.format(**facts), self.status)


def _not_found(code: int, text: str) -> Reason:
    return Reason(code, text, HTTPStatus.NOT_FOUND)


# The caller.
SCOPE_MISSING = Reason(2000663, "Har inte behörighet för scope")
LICENCE_MISSING = Reason(2001101, "Det finns ingen aktiv licens för önskat scope")
APP_LICENCE_MISSING = Reason(2001103, "Api-licens saknas.")

# The shape of the call.
NO_ROUTE = _not_found(2000762, "No such route")
BAD_ACCEPT = Reason(1000030, "Invalid response type")
BAD_CONTENT_TYPE = Reason(1000031, "Invalid content type")
NO_BODY = Reason(2001392, "Ingen eller felaktig typ av data.")
BROKEN_JSON = Reason(2002115, "Error deserializing JSON: JSON_ERROR_SYNTAX")
WRONG_ENVELOPE = Reason(2002649, "Felaktig datastruktur.")
UNKNOWN_FIELD = Reason(2001399, "Felaktigt fältnamn ({field})")
UNKNOWN_FILTER = Reason(2000587, "Ett ogiltigt filter har använts.")
UNKNOWN_PARAMETER = Reason(2000588, "Ogiltig parameter i anropet.")

# The values. No public page shows the texts of 2000321 and 2000107: these wordings are ours.
READ_ONLY_FIELD = Reason(2000321, "Fältet kan inte ändras ({field})")
TOO_LONG = Reason(2000107, "Värdet är för långt ({field})")
FORBIDDEN_CHARACTER = Reason(2000359, "Värdet innehåller ej tillåtna tecken. ({field})")
NOT_A_NUMBER = Reason(2000108, "Värdet måste vara numeriskt ({field})")
NOT_A_BOOLEAN = Reason(2000134, "Värdet måste vara en boolean ({field})")
NOT_ALPHANUMERIC = Reason(2000106, "Värdet måste vara alfanumeriskt ({field})")
VALUE_MISSING = Reason(UNKNOWN_CODE_VALUE_MISSING, "Värdet tolkas som null ({field})")
INVALID_DATE = Reason(UNKNOWN_CODE_INVALID_DATE, "Värdet är inte ett giltigt datum ({field})")
INVALID_CHOICE = Reason(UNKNOWN_CODE_INVALID_CHOICE, "Värdet är inte giltigt ({field})")

# The voucher.
TOO_FEW_ROWS = Reason(2001897, "Verifikationen måste ha minst två rader")
ROW_SIDES = Reason(UNKNOWN_CODE_ROW_SIDES, "En rad ska ha antingen debet eller kredit")
TOO_MANY_DECIMALS = Reason(UNKNOWN_CODE_TOO_MANY_DECIMALS, "Beloppet har fler än två decimaler ({field})")
NEGATIVE_AMOUNT = Reason(UNKNOWN_CODE_NEGATIVE_AMOUNT, "Beloppet får inte vara negativt ({field})")
UNBALANCED = Reason(UNKNOWN_CODE_UNBALANCED, "Verifikationen balanserar inte")
YEAR_MISSING = Reason(UNKNOWN_CODE_YEAR_MISSING, "Räkenskapsår saknas för valt datum.")
DATE_OUTSIDE_YEAR = Reason(UNKNOWN_CODE_DATE_OUTSIDE_YEAR, "Datumet ligger utanför räkenskapsåret")
PERIOD_LOCKED = Reason(
    2000401, "{user} har låst perioden t.o.m. {end_on}. Lås upp perioden för att fortsätta."
)
AUTOMATIC_LOCK = Reason(UNKNOWN_CODE_AUTOMATIC_LOCK, "Bokföringsdatumet ligger i en automatlåst period")
SERIES_MISSING = Reason(UNKNOWN_CODE_SERIES_MISSING, "Ogiltig verifikationsserie angiven")
SERIES_NOT_MANUAL = Reason(2001940, "Verifikationsserien är inte manuell ({series})")
ACCOUNT_MISSING = Reason(2001304, "Kunde inte hitta konto")
ACCOUNT_INACTIVE = Reason(2000550, "Konto {account} är inte aktivt")
COST_CENTER_MISSING = Reason(UNKNOWN_CODE_COST_CENTER_MISSING, 'Kunde inte hitta kostnadsställe "{code}"')
COST_CENTER_INACTIVE = Reason(2002821, 'Angivet kostnadsställe "{code}" är inte aktivt.')
COST_CENTER_REQUIRED = Reason(2000946, "Kostnadsställe är obligatoriskt på konto: {account}")
COST_CENTER_NOT_ALLOWED = Reason(
    UNKNOWN_CODE_COST_CENTER_NOT_ALLOWED, "Kostnadsställe är ej tillåtet på konto: {account}"
)
PROJECT_REQUIRED = Reason(UNKNOWN_CODE_PROJECT_REQUIRED, "Projekt är obligatoriskt på konto: {account}")
PROJECT_MISSING = _not_found(2001161, "Kan inte hitta projektet.")

# Things that are not there, or already are.
ACCOUNT_NOT_FOUND = _not_found(2000423, "Kan inte hitta kontot.")
VOUCHER_NOT_FOUND = _not_found(UNKNOWN_CODE_VOUCHER_NOT_FOUND, "Kan inte hitta verifikationen.")
SERIES_NOT_FOUND = _not_found(UNKNOWN_CODE_SERIES_NOT_FOUND, "Kan inte hitta verifikationsserien.")
COST_CENTER_NOT_FOUND = _not_found(UNKNOWN_CODE_COST_CENTER_NOT_FOUND, "Kan inte hitta kostnadsstället.")
YEAR_NOT_FOUND = _not_found(UNKNOWN_CODE_YEAR_NOT_FOUND, "Kan inte hitta räkenskapsåret.")
FILE_NOT_FOUND = _not_found(UNKNOWN_CODE_FILE_NOT_FOUND, "Kan inte hitta filen.")
ALREADY_EXISTS = Reason(UNKNOWN_CODE_ALREADY_EXISTS, "{key} används redan.")
NUMBER_CANNOT_CHANGE = Reason(UNKNOWN_CODE_NUMBER_CANNOT_CHANGE, "Kontots nummer kan inte ändras.")
YEAR_NOT_FOLLOWING = Reason(
    UNKNOWN_CODE_YEAR_NOT_FOLLOWING, "Räkenskapsåret måste följa direkt på det senaste."
)
COST_CENTER_IN_USE = Reason(UNKNOWN_CODE_COST_CENTER_IN_USE, "Kostnadsstället används i bokföringen.")


def error_body(refused: RefusedError, casing: str, *, code_as_text: bool) -> dict[str, object]:
    """Spell an error body; recorded answers have lower case at 400 and capitals at 404."""
    capitals = casing == "capitals" or (casing == "documented" and refused.status == HTTPStatus.NOT_FOUND)
    names = ("Error", "Message", "Code") if capitals else ("error", "message", "code")
    code = str(refused.code) if code_as_text else refused.code
    return {"ErrorInformation": dict(zip(names, (1, refused.message, code), strict=True))}
