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
    step: SettingsStep = Field(description="The step to open.")
    items: tuple[Item, ...] = Field(default=(), description="The items to point at there.")


class CreateAccount(Shape):
    """Add the accounts to the chart of accounts in Fortnox, from here."""

    action: Literal["create_account"] = "create_account"
    numbers: tuple[int, ...] = Field(description="The accounts to add, by `POST /fortnox/accounts`.")


class ShowInactiveAccounts(Shape):
    """Show in the settings which accounts are inactive; all of the map where Fortnox named none."""

    action: Literal["show_inactive_accounts"] = "show_inactive_accounts"
    numbers: tuple[int, ...] = Field(
        default=(), description="The accounts to show; empty for all that are chosen."
    )


class OpenFortnox(Shape):
    """Go to Fortnox; the path is as its Swedish menus read, for it has no other language."""

    action: Literal["open_fortnox"] = "open_fortnox"
    url: str = Field(default="https://apps.fortnox.se", description="Where to go.")
    menu_path: str = Field(description="The way through the menus there.")


class Reauthorize(Shape):
    """Consent again, for the company the integration is linked to."""

    action: Literal["reauthorize"] = "reauthorize"


class OpenCostCenters(Shape):
    """Open the till's cost centres and their codes."""

    action: Literal["open_cost_centers"] = "open_cost_centers"
    code: str = Field(default="", description="The code to point at; empty where none is known.")


class ResendTillData(Shape):
    """Have the till send again what is missing or wrong; what is empty is not to the point."""

    action: Literal["resend_till_data"] = "resend_till_data"
    register_id: str = Field(default="", description="The register; empty where it is none.")
    session_id: str = Field(default="", description="The session; empty where it is none.")
    receipt_numbers: tuple[int, ...] = Field(default=(), description="The receipts that are missing.")
    z_numbers: tuple[int, ...] = Field(default=(), description="The Z numbers that are missing.")
    transaction_id: str = Field(
        default="", description="The transaction that is wrong; empty where it is none."
    )
    delivery_id: str = Field(default="", description="The delivery that is wrong; empty where it is none.")


class ExportAnyway(Shape):
    """Book what there is although it is not proven complete; an operator signs for it with a reason."""

    action: Literal["export_anyway"] = "export_anyway"
    register_id: str = Field(description="The register.")
    session_id: str = Field(
        default="", description="The session to sign for; empty for Z numbers that never came."
    )
    scope: Literal["operator"] = Field(
        default="operator", description="What the token of the one who signs must hold."
    )
    reason_required: Literal[True] = Field(default=True, description="The call takes a `reason`.")


class Wait(Shape):
    """Do nothing: it goes on by itself, at the latest then where that is known."""

    action: Literal["wait"] = "wait"
    until_at: AwareDatetime | None = Field(
        default=None, description="When it goes on at the latest, UTC; null where nobody knows."
    )


class Decide(Shape):
    """Look at the evidence and say what became of the voucher."""

    action: Literal["decide"] = "decide"
    voucher_id: str = Field(description="The voucher: `POST /vouchers/{voucher_id}/decision`.")
    choices: tuple[Choice, ...] = Field(
        default=("adopt", "send_again", "dismiss"), description="What can be answered."
    )


class Accept(Shape):
    """Let it stand as it is: the books in Fortnox, or what the till told first."""

    action: Literal["accept"] = "accept"


class Reverse(Shape):
    """Book the opposite of the vouchers named; vouchers are never changed, only reversed."""

    action: Literal["reverse"] = "reverse"
    vouchers: tuple[BookedAs, ...] = Field(description="The vouchers to reverse in Fortnox.")


class BookAgain(Shape):
    """Book the sales of what was deleted in Fortnox once more."""

    action: Literal["book_again"] = "book_again"


class ContactSupport(Shape):
    """Ask the people behind the integration, who need the reference."""

    action: Literal["contact_support"] = "contact_support"
    reference: str = Field(default="", description="What to tell them; empty where there is nothing.")


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
