"""A client for Fortnox's API that never guesses whether a write happened."""

from fortnox_sync.fortnox.answers import Answered
from fortnox_sync.fortnox.client import FortnoxClient
from fortnox_sync.fortnox.errors import (
    FortnoxError,
    GrantRefused,
    NotFound,
    NotSent,
    Refused,
    Throttled,
    Unanswered,
    Unauthorised,
)
from fortnox_sync.fortnox.exchange import MayLeave, OnCall
from fortnox_sync.fortnox.host import Host
from fortnox_sync.fortnox.oauth import OAuthClient, TokenAnswer, TokenClaims, authorize_url, claims_of
from fortnox_sync.fortnox.throttle import Throttle, Turns
from fortnox_sync.fortnox.transports import Transports, http_clients
from fortnox_sync.fortnox.wire import (
    Account,
    BookedRow,
    BookedVoucher,
    CompanyInformation,
    CostCenter,
    FileConnection,
    FinancialYear,
    InboxFile,
    VoucherDraft,
    VoucherListItem,
    VoucherRowDraft,
    VoucherSeries,
)

__all__ = [
    "Account",
    "Answered",
    "BookedRow",
    "BookedVoucher",
    "CompanyInformation",
    "CostCenter",
    "FileConnection",
    "FinancialYear",
    "FortnoxClient",
    "FortnoxError",
    "GrantRefused",
    "Host",
    "InboxFile",
    "MayLeave",
    "NotFound",
    "NotSent",
    "OAuthClient",
    "OnCall",
    "Refused",
    "Throttle",
    "Throttled",
    "TokenAnswer",
    "TokenClaims",
    "Transports",
    "Turns",
    "Unanswered",
    "Unauthorised",
    "VoucherDraft",
    "VoucherListItem",
    "VoucherRowDraft",
    "VoucherSeries",
    "authorize_url",
    "claims_of",
    "http_clients",
]
