"""What Fortnox's numbers mean here: its error codes, the errors of its token endpoint, HTTP statuses.

Fortnox documents few of them. Each says where it was seen: *docs* are Fortnox's developer pages on errors,
*recordings* are answers kept in public test suites, *clients* are constants of public client libraries,
*integrators* are help pages of products that book in Fortnox.
"""

from enum import IntEnum, StrEnum


class Meaning(StrEnum):
    """What a refusal comes down to for a voucher or a consent."""

    ACCOUNT_MISSING = "account_missing"
    ACCOUNT_INACTIVE = "account_inactive"
    ACCOUNT_UNUSABLE = "account_unusable"  # missing or inactive, Fortnox does not say which
    AUTHORIZATION_ENDED = "authorization_ended"
    AUTHORIZATION_DENIED = "authorization_denied"
    ADMINISTRATOR_NEEDED = "administrator_needed"
    LICENSE_LACKING = "license_lacking"
    INTEGRATION_LICENSE_LACKING = "integration_license_lacking"
    PERMISSION_LACKING = "permission_lacking"
    COST_CENTER_MISSING = "cost_center_missing"
    COST_CENTER_INACTIVE = "cost_center_inactive"
    COST_CENTER_REQUIRED = "cost_center_required"
    COST_CENTER_NOT_ALLOWED = "cost_center_not_allowed"
    SERIES_NOT_MANUAL = "series_not_manual"
    SERIES_MISSING = "series_missing"
    YEAR_MISSING = "year_missing"
    PERIOD_LOCKED = "period_locked"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"  # nothing was done
    UNANSWERED = "unanswered"  # nobody knows whether it was done
    UNKNOWN = "unknown"  # a refusal we have no remedy for, our own malformed requests among them


class Code(IntEnum):
    """Fortnox's error codes that concern vouchers, accounts and access."""

    ACCOUNT_NOT_IN_CHART = 2001304  # docs: "Kunde inte hitta konto"
    ACCOUNT_NOT_FOUND = 2000423  # docs, clients: "Kan inte hitta kontot.", a look-up by number
    ACCOUNT_NOT_ACTIVE = 2000550  # clients; its text "Konto 3001 är inte aktivt" on integrators' pages
    PREDEFINED_ACCOUNT_UNUSABLE = 2001265  # docs: missing, nonexistent or inactive
    COST_CENTER_MANDATORY = 2000946  # integrators: "Kostnadsställe är obligatoriskt på konto: 1930"
    COST_CENTER_NOT_ACTIVE = 2002821  # integrators: 'Angivet kostnadsställe "UND" är inte aktivt.'
    COST_CENTER_NOT_ACTIVE_ON_ENTRY = 2000947  # integrators, without its text
    SERIES_WITHOUT_MANUAL_TICK = 2001940  # integrators: "Verifikationsserien är inte manuell (1)."
    PERIOD_IS_LOCKED = 2000401  # integrators: "… har låst perioden t.o.m. 2026-09-30."
    PERIOD_IS_LOCKED_FOR_INVOICES = 2002141  # integrators, without its text
    SCOPE_FORBIDDEN = 2000663  # docs: "Har inte behörighet för scope"; seen as 400 and as 403
    VOUCHERS_FORBIDDEN = 2002455  # clients, without its text
    SCOPE_WITHOUT_LICENSE = 2001101  # docs: "Det finns ingen aktiv licens för önskat scope"
    INTEGRATION_LICENSE_ABSENT = 2001103  # docs: "Api-licens saknas."
    LOGIN_INVALID = 2000310  # docs: "Ogiltig inloggning"
    LOGIN_INVALID_TOO = 2004054  # clients, without its text
    CREDENTIALS_ABSENT = 2000311  # docs: "Kan inte logga in, access-token eller client-secret saknas(2)."
    NOT_AUTHENTICATED = 2003275  # docs: "Ej autentiserad"
    AUTHORIZATION_CODE_INVALID = 2000719  # recordings: "Ogiltig auktoriseringskod."
    SYSTEM_EXCEPTION = 1000003  # docs; a fault at Fortnox says nothing about what was done before it
    INTERNAL_ERROR = 1000029  # recordings; as above
    FORBIDDEN_CHARACTER = 2000359  # docs: "Värdet innehåller ej tillåtna tecken."
    NOT_ALPHANUMERIC = 2000106  # docs
    VALUE_TOO_LONG = 2000107  # clients
    NOT_NUMERIC = 2000108  # docs
    NOT_BOOLEAN = 2000134  # docs
    FIELD_READ_ONLY = 2000321  # clients
    FILTER_INVALID = 2000587  # recordings: "Ett ogiltigt filter har använts."
    PARAMETER_INVALID = 2000588  # docs
    IDENTIFIER_INVALID = 2000729  # docs
    NO_SUCH_ROUTE = 2000762  # clients
    BODY_ABSENT = 2001392  # docs
    FIELD_UNKNOWN = 2001399  # docs
    TOO_FEW_ROWS = 2001897  # integrators
    JSON_BROKEN = 2002115  # docs
    ENVELOPE_WRONG = 2002649  # recordings
    RESPONSE_TYPE_INVALID = 1000030  # docs
    CONTENT_TYPE_INVALID = 1000031  # docs


# Codes not listed are malformed requests of ours: known, so that no word in their text counts as evidence.
MEANING_OF_CODE: dict[int, Meaning] = {
    **dict.fromkeys(Code, Meaning.UNKNOWN),
    Code.ACCOUNT_NOT_IN_CHART: Meaning.ACCOUNT_MISSING,
    Code.ACCOUNT_NOT_FOUND: Meaning.ACCOUNT_MISSING,
    Code.ACCOUNT_NOT_ACTIVE: Meaning.ACCOUNT_INACTIVE,
    Code.PREDEFINED_ACCOUNT_UNUSABLE: Meaning.ACCOUNT_UNUSABLE,
    Code.COST_CENTER_MANDATORY: Meaning.COST_CENTER_REQUIRED,
    Code.COST_CENTER_NOT_ACTIVE: Meaning.COST_CENTER_INACTIVE,
    Code.COST_CENTER_NOT_ACTIVE_ON_ENTRY: Meaning.COST_CENTER_INACTIVE,
    Code.SERIES_WITHOUT_MANUAL_TICK: Meaning.SERIES_NOT_MANUAL,
    Code.PERIOD_IS_LOCKED: Meaning.PERIOD_LOCKED,
    Code.PERIOD_IS_LOCKED_FOR_INVOICES: Meaning.PERIOD_LOCKED,
    Code.SCOPE_FORBIDDEN: Meaning.PERMISSION_LACKING,
    Code.VOUCHERS_FORBIDDEN: Meaning.PERMISSION_LACKING,
    Code.SCOPE_WITHOUT_LICENSE: Meaning.LICENSE_LACKING,
    Code.INTEGRATION_LICENSE_ABSENT: Meaning.INTEGRATION_LICENSE_LACKING,
    Code.LOGIN_INVALID: Meaning.AUTHORIZATION_ENDED,
    Code.LOGIN_INVALID_TOO: Meaning.AUTHORIZATION_ENDED,
    Code.CREDENTIALS_ABSENT: Meaning.AUTHORIZATION_ENDED,
    Code.NOT_AUTHENTICATED: Meaning.AUTHORIZATION_ENDED,
    Code.AUTHORIZATION_CODE_INVALID: Meaning.AUTHORIZATION_ENDED,
    Code.SYSTEM_EXCEPTION: Meaning.UNANSWERED,
    Code.INTERNAL_ERROR: Meaning.UNANSWERED,
}

# OAuth 2 (RFC 6749, 4.1.2.1 and 5.2) and Fortnox's own three, which its FAQ names. How it answers a consent
# revoked under client credentials is documented nowhere; the RFC has the first two for it.
MEANING_OF_GRANT_ERROR: dict[str, Meaning] = {
    "invalid_grant": Meaning.AUTHORIZATION_ENDED,
    "unauthorized_client": Meaning.AUTHORIZATION_ENDED,
    "access_denied": Meaning.AUTHORIZATION_DENIED,
    "error_missing_system_admin_right": Meaning.ADMINISTRATOR_NEEDED,
    "error_missing_license": Meaning.LICENSE_LACKING,
    "error_missing_app_license": Meaning.INTEGRATION_LICENSE_LACKING,
    "server_error": Meaning.UNREACHABLE,
    "temporarily_unavailable": Meaning.UNREACHABLE,
    "invalid_client": Meaning.UNKNOWN,  # our own credentials: no consent of the merchant's mends that
    "invalid_request": Meaning.UNKNOWN,
    "invalid_scope": Meaning.UNKNOWN,  # a scope our app was never given
    "unsupported_grant_type": Meaning.UNKNOWN,
}

MEANING_OF_STATUS: dict[int, Meaning] = {
    401: Meaning.AUTHORIZATION_ENDED,
    403: Meaning.PERMISSION_LACKING,
    408: Meaning.UNANSWERED,
    429: Meaning.THROTTLED,
}


def meaning_of_status(status: int | None) -> Meaning:
    """Read a bare HTTP status: only a 4xx says that nothing was done."""
    if status is None or status in range(400, 500):
        return MEANING_OF_STATUS.get(status or 0, Meaning.UNKNOWN)
    return Meaning.UNANSWERED
