"""What cures a fault: a union told apart by `action`, each a button with all it needs to work."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from fortnox_sync.fault.parts import BookedAs, Item, Shape

SettingsStep = Literal[
    "start_date", "voucher_series", "payment_methods", "vat_rates", "article_groups", "events"
]
Choice = Literal["adopt", "send_again", "dismiss"]


class OpenSettings(Shape):
    """Open the integration's settings at a step, on the items that lack something."""

    action: Literal["open_settings"] = "open_settings"
    step: SettingsStep
    items: tuple[Item, ...] = ()


class CreateAccount(Shape):
    """Add the accounts to the chart of accounts in Fortnox, from here."""

    action: Literal["create_account"] = "create_account"
    numbers: tuple[int, ...]


class ShowInactiveAccounts(Shape):
    """Show in the settings which accounts are inactive; all of the map where Fortnox named none."""

    action: Literal["show_inactive_accounts"] = "show_inactive_accounts"
    numbers: tuple[int, ...] = ()


class OpenFortnox(Shape):
    """Go to Fortnox; the path is as its Swedish menus read, for it has no other language."""

    action: Literal["open_fortnox"] = "open_fortnox"
    url: str = "https://apps.fortnox.se"
    menu_path: str


class Reauthorize(Shape):
    """Consent again, for the company the integration is linked to."""

    action: Literal["reauthorize"] = "reauthorize"


class OpenCostCenters(Shape):
    """Open the till's cost centres and their codes."""

    action: Literal["open_cost_centers"] = "open_cost_centers"
    code: str = ""


class ResendTillData(Shape):
    """Have the till send again what is missing or wrong; what is empty is not to the point."""

    action: Literal["resend_till_data"] = "resend_till_data"
    register_id: str = ""
    session_id: str = ""
    receipt_numbers: tuple[int, ...] = ()
    z_numbers: tuple[int, ...] = ()
    transaction_id: str = ""
    delivery_id: str = ""


class ExportAnyway(Shape):
    """Book what there is although it is not proven complete; an operator signs for it with a reason."""

    action: Literal["export_anyway"] = "export_anyway"
    register_id: str
    session_id: str = ""
    scope: Literal["operator"] = "operator"
    reason_required: Literal[True] = True


class Wait(Shape):
    """Do nothing: it goes on by itself, at the latest then where that is known."""

    action: Literal["wait"] = "wait"
    until_at: AwareDatetime | None = None


class Decide(Shape):
    """Look at the evidence and say what became of the voucher."""

    action: Literal["decide"] = "decide"
    voucher_id: str
    choices: tuple[Choice, ...] = ("adopt", "send_again", "dismiss")


class Accept(Shape):
    """Let it stand as it is: the books in Fortnox, or what the till told first."""

    action: Literal["accept"] = "accept"


class Reverse(Shape):
    """Book the opposite of the vouchers named; vouchers are never changed, only reversed."""

    action: Literal["reverse"] = "reverse"
    vouchers: tuple[BookedAs, ...]


class BookAgain(Shape):
    """Book the sales of what was deleted in Fortnox once more."""

    action: Literal["book_again"] = "book_again"


class ContactSupport(Shape):
    """Ask the people behind the integration, who need the reference."""

    action: Literal["contact_support"] = "contact_support"
    reference: str = ""


class Retry(Shape):
    """Try again now."""

    action: Literal["retry"] = "retry"


Remediation = Annotated[
    OpenSettings
    | CreateAccount
    | ShowInactiveAccounts
    | OpenFortnox
    | Reauthorize
    | OpenCostCenters
    | ResendTillData
    | ExportAnyway
    | Wait
    | Decide
    | Accept
    | Reverse
    | BookAgain
    | ContactSupport
    | Retry,
    Field(discriminator="action"),
]

Action = Literal[
    "open_settings",
    "create_account",
    "show_inactive_accounts",
    "open_fortnox",
    "reauthorize",
    "open_cost_centers",
    "resend_till_data",
    "export_anyway",
    "wait",
    "decide",
    "accept",
    "reverse",
    "book_again",
    "contact_support",
    "retry",
]
