"""The faults in English; Fortnox's menus stay Swedish, for it has no others."""

from fortnox_sync.fault.lexicon import Lexicon, Passage, Sentence
from fortnox_sync.fault.model import FaultCode
from fortnox_sync.fault.parts import Dimension
from fortnox_sync.fault.remediation import Action

GOES_ON = "Once that is done, everything that waits is booked by itself, oldest first."

TITLES: dict[FaultCode, Sentence] = {
    "account_unmapped": (
        "The bookkeeping could not be exported to Fortnox because an account was missing. "
        "Update the settings of your Fortnox integration to fix this."
    ),
    "account_missing": "One or more accounts are not in the chart of accounts in Fortnox.",
    "account_inactive": (
        "The bookkeeping could not be exported because one or more accounts are inactive in Fortnox."
    ),
    "authorization_expired": (
        "Your Fortnox authentication is no longer valid. Log in to Fortnox to renew the authentication."
    ),
    "license_missing": "A licence or a permission is missing in Fortnox.",
    "wrong_company": "The consent is for another company in Fortnox.",
    "cost_center_missing": (
        (
            'You need to log in to Fortnox and add the cost centre "{name}" with the code "{code}" '
            "for the bookkeeping to be exported correctly."
        ),
        (
            'You need to log in to Fortnox and add a cost centre with the code "{code}" '
            "for the bookkeeping to be exported correctly."
        ),
        (
            "You need to log in to Fortnox and add the cost centre that is missing "
            "for the bookkeeping to be exported correctly."
        ),
    ),
    "cost_center_inactive": (
        'The cost centre "{code}" is inactive in Fortnox.',
        "A cost centre is inactive in Fortnox.",
    ),
    "cost_center_required": (
        "Account {account} demands a cost centre.",
        "An account in Fortnox demands a cost centre.",
    ),
    "cost_center_not_allowed": (
        "Account {account} allows no cost centre.",
        "An account in Fortnox allows no cost centre.",
    ),
    "voucher_series_not_manual": "Fortnox error 2001940: the voucher series is not manual.",
    "voucher_series_missing": (
        "The voucher series {series} does not exist in Fortnox.",
        "The voucher series does not exist in Fortnox.",
    ),
    "financial_year_missing": (
        "There is no financial year for {year} in Fortnox.",
        "The financial year does not exist in Fortnox.",
    ),
    "period_locked": (
        "The books are locked up to and including {locked_until}.",
        "The period is locked in Fortnox.",
    ),
    "day_incomplete": "Day close Z {z_number} does not agree with what the till has sent.",
    "day_overdue": "Register {till_register} has no day close for {business_date}.",
    "z_number_gap": "Day closes from register {till_register} are missing.",
    "transaction_unbalanced": "A transaction from register {till_register} does not add up.",
    "delivery_unreadable": "Data from the till cannot be read.",
    "delivery_conflicting": (
        "Register {till_register} has told the same thing in two ways.",
        "The till has told the same thing in two ways.",
    ),
    "fortnox_unavailable": "Fortnox cannot be reached right now.",
    "rate_limited": "Fortnox accepts fewer calls than usual.",
    "answer_in_doubt": "An answer from Fortnox is late.",
    "decision_needed": "You need to decide whether a voucher is booked.",
    "voucher_changed": "Voucher {voucher} has been changed in Fortnox.",
    "voucher_deleted": "Voucher {voucher} is no longer in Fortnox.",
    "voucher_duplicate": "The same sales are booked more than once.",
    "voucher_foreign": "Voucher {voucher} does not come from the till.",
    "voucher_numbers_missing": "Numbers are missing in voucher series {series}.",
    "rejected_by_fortnox": (
        "Fortnox refused the bookkeeping with error code {fortnox_code}.",
        "Fortnox refused the bookkeeping.",
    ),
    "internal_error": "An error on our side holds up a voucher.",
}

MESSAGES: dict[FaultCode, Passage] = {
    "account_unmapped": (
        "This has no account yet: {items}.",
        "It happens when something new is used in the till and nobody has said where to book it.",
        "Choose an account for each in the settings.",
        GOES_ON,
    ),
    "account_missing": (
        (
            "The voucher is to be booked on {accounts}, not in the chart of accounts of {financial_year}.",
            "The voucher is to be booked on {accounts}, not in the chart of accounts.",
            (
                "The voucher is to be booked on an account that is not in the chart of accounts. "
                "Fortnox does not say which."
            ),
        ),
        "Each financial year has a chart of its own, so an account can exist in one year and not in another.",
        "Add the account or choose another one in the settings.",
        GOES_ON,
    ),
    "account_inactive": (
        (
            "In Fortnox, this is inactive: {accounts}.",
            "One of the accounts of the integration is inactive. Fortnox does not say which.",
        ),
        "Fortnox takes no vouchers on inactive accounts.",
        "Activate them in Fortnox under Register/Kontoplan, or choose other accounts in the settings.",
        GOES_ON,
    ),
    "authorization_expired": (
        "Since {began_at} Fortnox has not let the integration in, {reason}.",
        "Log in to Fortnox and approve the integration again.",
        GOES_ON,
    ),
    "license_missing": (
        "Fortnox refuses the integration: {lacking}.",
        "What it refuses is {scope}.",
        (
            "Have a system administrator see to it in Fortnox under Administrera användare, "
            "and then approve the integration again."
        ),
        GOES_ON,
    ),
    "wrong_company": (
        "The integration keeps the books of {expected}, but the consent was given for {found}.",
        "Nothing is sent, so that nobody's sales end up in somebody else's books.",
        "Consent again and choose {expected} in Fortnox.",
    ),
    "cost_center_missing": (
        (
            'The till books on the cost centre "{name}" with the code "{code}", which Fortnox does not have.',
            'The till books on the code "{code}", which is no cost centre in Fortnox.',
            "The till books on a cost centre that Fortnox does not have. Fortnox does not say which.",
        ),
        "The codes must be the same in both places; the names may differ.",
        "Add the cost centre under Inställningar/Bokföring/Kostnadsställen or correct the code in the till.",
        GOES_ON,
    ),
    "cost_center_inactive": (
        (
            'The cost centre "{name}" with the code "{code}" is inactive in Fortnox and cannot be booked on.',
            'The cost centre with the code "{code}" is inactive in Fortnox and cannot be booked on.',
            "A cost centre is inactive in Fortnox. Fortnox does not say which.",
        ),
        "Activate it under Inställningar/Bokföring/Kostnadsställen or enter another code in the till.",
        GOES_ON,
    ),
    "cost_center_required": (
        "Account {account} is set so that each row must have a cost centre, and the till gives none.",
        "Booked on it: {items}.",
        "Set a cost centre for the register, or change the account in Fortnox under Register/Kontoplan.",
        GOES_ON,
    ),
    "cost_center_not_allowed": (
        "Account {account} is set so that it may have no cost centre.",
        'The till gives the cost centre "{code}".',
        "Booked on it: {items}.",
        "Allow cost centres on it in Fortnox under Register/Kontoplan, or remove the code in the till.",
        GOES_ON,
    ),
    "voucher_series_not_manual": (
        (
            (
                "The voucher series {series} does not allow manual entries in the financial year "
                "{financial_year}, so it takes nothing from the till."
            ),
            "The voucher series {series} does not allow manual entries, so it takes nothing from the till.",
            "The voucher series does not allow manual entries, so it takes nothing from the till.",
        ),
        (
            "The setting is in Fortnox under Inställningar/Bokföring/Verifikationsserier: "
            "tick Manuell kontering for the series."
        ),
        GOES_ON,
    ),
    "voucher_series_missing": (
        (
            "The series {series} does not exist in the financial year {financial_year}.",
            "The series {series} does not exist in the financial year.",
        ),
        "Series are set up for each financial year, so a new year can lack them.",
        (
            "Add the series under Inställningar/Bokföring/Verifikationsserier or choose another one "
            "in the settings."
        ),
        GOES_ON,
    ),
    "financial_year_missing": (
        "The sales of {transaction_date} fall in no financial year.",
        "Add the year in Fortnox under Inställningar/Bokföring/Räkenskapsår.",
        GOES_ON,
    ),
    "period_locked": (
        (
            (
                "The sales of {transaction_date} cannot be booked: the period is locked up to and including "
                "{locked_until}."
            ),
            "The sales of {transaction_date} cannot be booked: the period is locked.",
            "The sales cannot be booked: the period is locked.",
        ),
        (
            "Unlock it under Inställningar/Bokföring/Låsning av period. Ask whoever keeps the books first: "
            "the VAT of the period may already be reported."
        ),
        GOES_ON,
    ),
    "day_incomplete": (
        (
            "The day close from register {till_register} on {business_date} says one thing, "
            "its transactions another."
        ),
        "Transactions by the till's count: {transactions_reported}, received: {transactions_received}.",
        "Missing receipts: {missing_receipts}.",
        "Differences: {differences}.",
        "A corrected report moves the day to {reported_on}; the day that was told first stands.",
        "The day is booked only when everything agrees to the öre. Send what is missing from the till.",
    ),
    "day_overdue": (
        "Session {session_id} has sales but is not closed.",
        "Transactions received: {transactions_received}.",
        "Close the day in the till, or send the day close again if that is done already.",
    ),
    "z_number_gap": (
        "Z numbers follow one another, but these have not come: {missing_z_numbers}.",
        "More are missing, up to {up_to}.",
        "Send them again from the till, so that no sale stays out of the books.",
    ),
    "transaction_unbalanced": (
        "In transaction {transaction_id} on {business_date}, {paid_ore} was paid for {sold_ore}.",
        "So it cannot be booked. Correct it in the till and send it again.",
    ),
    "delivery_unreadable": (
        "A delivery from the till came at {received_at} but could not be read ({problem}).",
        "It is kept. Send it again from the till, or contact support with the number {delivery_id}.",
    ),
    "delivery_conflicting": (
        "A delivery that came at {received_at} says something else than what was told first.",
        "Transactions told otherwise: {transaction_ids}.",
        "Day closes told otherwise: {closes}.",
        "What was told first stands and is what is booked. The other is kept beside it as {delivery_id}.",
        (
            "If the first is right, accept it, or let the till send it again as it stands. If not, correct "
            "it in the till with a return and a new sale."
        ),
    ),
    "fortnox_unavailable": (
        "Fortnox has not answered since {began_at}.",
        "The next try is at {next_try_at}.",
        "Nothing is lost and you need do nothing: the export goes on by itself.",
    ),
    "rate_limited": (
        "Since {began_at} vouchers are sent more slowly, because Fortnox asks for it.",
        "The next try is at {next_try_at}.",
        "You need do nothing.",
    ),
    "answer_in_doubt": (
        (
            (
                "The voucher for {transaction_date} in series {series} was sent at {asked_at}, "
                "but no answer came back."
            ),
            "A voucher was sent at {asked_at}, but no answer came back.",
        ),
        "So that nothing is booked twice, it is not sent again until it is certain not to exist.",
        "That is settled by {settled_by_at}. You need do nothing.",
    ),
    "decision_needed": (
        (
            "The voucher for {transaction_date} in series {series} waits for you: {reason}.",
            "A voucher waits for you: {reason}.",
        ),
        "The amount is {amount_ore}.",
        "Fortnox has {candidates}.",
        "Compare with Fortnox and say whether it is booked already, is to be sent again or put aside.",
    ),
    "voucher_changed": (
        "Voucher {voucher} is no longer as the till sent it.",
        "Date: sent {our_date}, now {their_date}.",
        "Rows: {rows}.",
        "Accept the change if it is intended, or reverse the voucher.",
    ),
    "voucher_deleted": (
        "Voucher {voucher} for {transaction_date} of {amount_ore} was deleted in Fortnox.",
        "Its sales are therefore not booked.",
        "Accept that if it is intended, or book them again.",
    ),
    "voucher_duplicate": (
        "The sales of {transaction_date}, {amount_ore}, stand in {voucher} but also in {copies}.",
        "Reverse what is too much, so that each sale is booked once.",
    ),
    "voucher_foreign": (
        (
            "Somebody else booked {voucher} on {transaction_date} in the series the till uses.",
            "Somebody else booked {voucher} in the series the till uses.",
        ),
        "Its text is: {description}.",
        "Accept it if it belongs there. A series for the till alone makes checking safer.",
    ),
    "voucher_numbers_missing": (
        "{missing_count} numbers of series {series} hold no voucher in Fortnox, and the till never had them.",
        "Missing: {missing_numbers}.",
        "A series should have no gaps, or a gap that is explained. No sale of the till is missing for it.",
        "Ask Fortnox or your accountant what stood there, and accept it when the explanation is on file.",
    ),
    "rejected_by_fortnox": (
        "Fortnox answered: {text}",
        "We do not know this answer, so the voucher waits and is not sent over and over.",
        "Contact support.",
        "Quote {request_id}.",
    ),
    "internal_error": (
        "What happened at {occurred_at} is our mistake and nothing you can mend. Other vouchers go on.",
        "Contact support and quote {voucher_id}.",
    ),
}

LABELS: dict[Action, str] = {
    "open_settings": "Fix this",
    "create_account": "Add account",
    "show_inactive_accounts": "Show inactive accounts",
    "open_fortnox": "Go to Fortnox",
    "reauthorize": "Fix this",
    "open_cost_centers": "Show cost centres",
    "resend_till_data": "Send again from the till",
    "export_anyway": "Export anyway",
    "wait": "Wait",
    "decide": "Decide",
    "accept": "Accept",
    "reverse": "Reverse",
    "contact_support": "Contact support",
    "book_again": "Book again",
    "retry": "Try again",
}

PARTS: dict[str, Passage] = {
    "AccountUse": ("account {number}", " for {items}"),
    "FinancialYear": ("{label}",),
    "TillRegister": (("{name}", "{register_id}"),),
    "Difference": (("{name}", "{of}"), " {till_ore} in the till but {ledger_ore} received"),
    "CloseRevision": ("session {session_id}, close {revision}",),
    "BookedAs": ("{series} {number}", " ({financial_year})"),
    "RowChange": ("account {account}", " on cost centre {cost_center}", " sent {ours_ore}, now {theirs_ore}"),
    "Company": (("{name}", "company number {tenant_id}"), " ({organisation_number})"),
}

ITEMS: dict[Dimension, Passage] = {
    "payment_method": (
        ("payment method {name}", "payment method {key}"),
        " at register {narrow}",
        " ({amount_ore})",
    ),
    "vat_rate": ("VAT rate {key} %", " ({amount_ore})"),
    "article_group": (
        ("article group {name}", "article group {key}"),
        " at {narrow} % VAT",
        " ({amount_ore})",
    ),
    "event": (("event {name}", "event {key}"), " ({amount_ore})"),
}

WORDS: dict[str, str] = {
    "expired": "because the consent is no longer valid",
    "denied": "because the consent was declined",
    "administrator_needed": "because whoever consents must be a system administrator",
    "license": "the company lacks the licence for Bokföring",
    "integration_license": "the company lacks the licence for Integration",
    "permission": "the user lacks the permission",
    "absent_twice": "two tries went unanswered, and Fortnox does not have it",
    "counter_moved": "the number series in Fortnox has changed meanwhile",
    "unknown_voucher": "an unknown voucher stands where ours should",
    "already_booked_by_hand": "the day seems to be booked by hand already",
    "no_proof": "it cannot be shown whether Fortnox has it",
}

HEALED: Passage = (
    "Healed.",
    "Booked in Fortnox: {amount_ore} for {dates}, number of vouchers {vouchers}.",
    "On their way to Fortnox: number of vouchers {on_their_way}.",
)

ENGLISH = Lexicon(
    titles=TITLES,
    messages=MESSAGES,
    labels=LABELS,
    show="Show",
    parts=PARTS,
    items=ITEMS,
    words=WORDS,
    healed=HEALED,
    more="{count} more",
    separators=(",", "."),
)
