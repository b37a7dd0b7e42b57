"""Every fault has a cure, and the cure carries what it needs."""

from typing import get_args

import pytest
from pydantic import TypeAdapter

from fortnox_sync.fault.cure import remediations_for
from fortnox_sync.fault.examples import EXAMPLES, FOOD, SWISH, VOUCHER_ID
from fortnox_sync.fault.facts import AccountsFacts, UnmappedFacts
from fortnox_sync.fault.model import AccountInactive, AccountMissing, AccountUnmapped, FaultCode
from fortnox_sync.fault.remediation import (
    Action,
    ContactSupport,
    CreateAccount,
    OpenFortnox,
    OpenSettings,
    Remediation,
    ResendTillData,
    ShowInactiveAccounts,
    Wait,
)

CODES: tuple[FaultCode, ...] = get_args(FaultCode)
REMEDIATION: TypeAdapter[Remediation] = TypeAdapter(Remediation)

ACTIONS: dict[FaultCode, list[Action]] = {
    "account_unmapped": ["open_settings", "open_settings"],
    "account_missing": ["create_account", "open_settings"],
    "account_inactive": ["show_inactive_accounts", "open_fortnox"],
    "authorization_expired": ["reauthorize"],
    "license_missing": ["open_fortnox", "reauthorize"],
    "wrong_company": ["reauthorize"],
    "cost_center_missing": ["open_fortnox", "open_cost_centers"],
    "cost_center_inactive": ["open_fortnox", "open_cost_centers"],
    "cost_center_required": ["open_fortnox", "open_cost_centers"],
    "cost_center_not_allowed": ["open_fortnox", "open_cost_centers"],
    "voucher_series_not_manual": ["open_fortnox"],
    "voucher_series_missing": ["open_fortnox", "open_settings"],
    "financial_year_missing": ["open_fortnox"],
    "period_locked": ["open_fortnox"],
    "day_incomplete": ["resend_till_data", "export_anyway"],
    "day_overdue": ["resend_till_data", "export_anyway"],
    "z_number_gap": ["resend_till_data", "export_anyway"],
    "transaction_unbalanced": ["resend_till_data"],
    "delivery_unreadable": ["resend_till_data"],
    "delivery_conflicting": ["resend_till_data", "accept"],
    "fortnox_unavailable": ["wait"],
    "rate_limited": ["wait"],
    "answer_in_doubt": ["wait"],
    "decision_needed": ["decide"],
    "voucher_changed": ["accept", "reverse"],
    "voucher_deleted": ["accept", "book_again"],
    "voucher_duplicate": ["reverse", "accept"],
    "voucher_foreign": ["accept"],
    "voucher_numbers_missing": ["accept"],
    "rejected_by_fortnox": ["contact_support"],
    "internal_error": ["contact_support", "retry"],
}


@pytest.mark.parametrize("code", CODES)
def test_a_fault_is_cured_by(code: FaultCode) -> None:
    assert [remediation.action for remediation in remediations_for(EXAMPLES[code])] == ACTIONS[code]


def test_every_action_cures_something() -> None:
    used = {action for actions in ACTIONS.values() for action in actions}
    assert used == set(get_args(Action))


@pytest.mark.parametrize("code", CODES)
def test_remediations_survive_json(code: FaultCode) -> None:
    for remediation in remediations_for(EXAMPLES[code]):
        assert REMEDIATION.validate_json(REMEDIATION.dump_json(remediation)) == remediation


def test_settings_open_at_each_step_that_lacks_something() -> None:
    fault = AccountUnmapped(facts=UnmappedFacts(items=(FOOD, SWISH)))
    assert remediations_for(fault) == (
        OpenSettings(step="payment_methods", items=(SWISH,)),
        OpenSettings(step="article_groups", items=(FOOD,)),
    )


def test_only_a_known_missing_account_can_be_created() -> None:
    assert remediations_for(EXAMPLES["account_missing"])[0] == CreateAccount(numbers=(3002,))
    unknown = AccountMissing(facts=AccountsFacts())
    assert remediations_for(unknown) == (OpenSettings(step="payment_methods"),)


def test_inactive_accounts_are_shown_even_where_fortnox_named_none() -> None:
    assert remediations_for(AccountInactive(facts=AccountsFacts()))[0] == ShowInactiveAccounts()


def test_the_way_to_the_manual_tick_is_told() -> None:
    path = "Inställningar/Bokföring/Verifikationsserier"
    remedy = OpenFortnox(url="https://apps.fortnox.se", menu_path=path)
    assert remediations_for(EXAMPLES["voucher_series_not_manual"]) == (remedy,)


def test_the_till_is_asked_for_the_missing_receipts() -> None:
    resend = remediations_for(EXAMPLES["day_incomplete"])[0]
    assert resend == ResendTillData(register_id="K1", session_id="K1-412", receipt_numbers=(5,))


def test_waiting_has_an_end_where_it_is_known() -> None:
    (wait,) = remediations_for(EXAMPLES["answer_in_doubt"])
    assert isinstance(wait, Wait)
    assert wait.until_at is not None


def test_support_gets_a_reference() -> None:
    assert remediations_for(EXAMPLES["internal_error"])[0] == ContactSupport(reference=VOUCHER_ID)
