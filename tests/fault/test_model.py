"""The union of faults: whole, strict, and named so that the same trouble is one fault."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from fortnox_sync.fault.examples import EXAMPLES
from fortnox_sync.fault.facts import AccountsFacts, UnmappedFacts, WaitFacts
from fortnox_sync.fault.model import (
    FAULT,
    LONGEST_SUBJECT,
    AccountInactive,
    AccountUnmapped,
    Fault,
    FaultCode,
    FortnoxUnavailable,
    RateLimited,
    rank,
    revive,
    severity,
    subject,
)
from fortnox_sync.fault.parts import AccountUse, Item

CODES: tuple[FaultCode, ...] = get_args(FaultCode)
KINDS: tuple[type[BaseModel], ...] = get_args(get_args(Fault)[0])
NOW = datetime(2026, 10, 3, tzinfo=UTC)


def test_the_union_and_its_codes_are_the_same_set() -> None:
    in_union = [get_args(kind.model_fields["code"].annotation)[0] for kind in KINDS]
    assert sorted(in_union) == sorted(CODES)


def test_every_code_has_an_example_of_its_own() -> None:
    assert set(EXAMPLES) == set(CODES)
    assert all(fault.code == code for code, fault in EXAMPLES.items())


@pytest.mark.parametrize("code", CODES)
def test_an_example_survives_json(code: FaultCode) -> None:
    example = EXAMPLES[code]
    assert FAULT.validate_json(FAULT.dump_json(example)) == example


@pytest.mark.parametrize("code", CODES)
def test_a_fault_is_revived_from_its_stored_facts(code: FaultCode) -> None:
    example = EXAMPLES[code]
    assert revive(code, example.facts.model_dump(mode="json")) == example


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_named_by_facts_it_has(kind: type[BaseModel]) -> None:
    facts = kind.model_fields["facts"].annotation
    assert isinstance(facts, type)
    assert issubclass(facts, BaseModel)
    assert set(getattr(facts, "named_by", ())) <= set(facts.model_fields)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("account_unmapped", ""),
        ("account_inactive", "3002"),
        ("authorization_expired", ""),
        ("cost_center_missing", "BAR"),
        ("cost_center_not_allowed", "BAR/3002"),
        ("voucher_series_not_manual", "F/2026"),
        ("financial_year_missing", "2026"),
        ("period_locked", "2026-10-31"),
        ("day_incomplete", "K1-412"),
        ("z_number_gap", "K1/411"),
        ("delivery_conflicting", "K1-412-5/K1-412/1"),
        ("voucher_changed", "F/118/2026"),
        ("fortnox_unavailable", ""),
    ],
)
def test_a_subject_says_what_a_fault_is_about(code: FaultCode, name: str) -> None:
    assert subject(EXAMPLES[code]) == name


def test_the_order_of_accounts_does_not_make_another_subject() -> None:
    uses = (AccountUse(number=3002), AccountUse(number=1930))
    one, other = AccountsFacts(accounts=uses), AccountsFacts(accounts=uses[::-1])
    assert subject(AccountInactive(facts=one)) == subject(AccountInactive(facts=other)) == "1930,3002"


def test_a_long_subject_is_abridged_and_stays_its_own() -> None:
    many = tuple(AccountUse(number=number) for number in range(3000, 3100))
    names = {subject(AccountInactive(facts=AccountsFacts(accounts=many[:count]))) for count in (99, 100)}
    assert len(names) == 2
    assert all(len(name) == LONGEST_SUBJECT for name in names)


def test_what_stops_sales_outranks_what_passes_by_itself() -> None:
    wait = WaitFacts(began_at=NOW)
    faults: list[Fault] = [
        RateLimited(facts=wait),
        FortnoxUnavailable(facts=wait),
        AccountUnmapped(facts=UnmappedFacts(items=())),
    ]
    ordered = sorted(faults, key=lambda fault: rank(severity(fault)))
    assert [fault.code for fault in ordered] == ["account_unmapped", "fortnox_unavailable", "rate_limited"]


def test_an_amount_that_is_no_whole_number_is_refused() -> None:
    with pytest.raises(ValidationError):
        Item.model_validate({"dimension": "event", "key": "tip", "amount_ore": 1.5})


def test_a_fact_nobody_declared_is_refused() -> None:
    with pytest.raises(ValidationError):
        revive("account_unmapped", {"items": [], "colour": "red"})


def test_free_text_of_fortnox_stays_out_of_logs() -> None:
    assert "projektet" not in repr(EXAMPLES["rejected_by_fortnox"])
