"""What people read: the help page's headings to the letter, and the facts of every fault in two languages."""

import re
from datetime import date
from typing import get_args

import pytest
from pydantic import BaseModel

from fortnox_sync.fault.cure import remediations_for
from fortnox_sync.fault.examples import EXAMPLES, RESTAURANT
from fortnox_sync.fault.facts import (
    AccountsFacts,
    CostCenterFacts,
    NumberGapFacts,
    SeriesFacts,
    UnmappedFacts,
)
from fortnox_sync.fault.lexicon import Language, Lexicon, Sentence, gaps_of
from fortnox_sync.fault.model import (
    AccountInactive,
    AccountUnmapped,
    CostCenterMissing,
    Fault,
    FaultCode,
    VoucherSeriesNotManual,
    ZNumberGap,
)
from fortnox_sync.fault.parts import Dimension, Item
from fortnox_sync.fault.remediation import (
    Action,
    OpenFortnox,
    OpenSettings,
    Reauthorize,
    ShowInactiveAccounts,
)
from fortnox_sync.fault.texts import LEXICONS, label, message, show_label, title

CODES: tuple[FaultCode, ...] = get_args(FaultCode)
LANGUAGES: tuple[Language, ...] = get_args(Language)
NBSP = "\N{NO-BREAK SPACE}"

HEADINGS: dict[FaultCode, str] = {
    "account_unmapped": (
        "Bokföringen kunde inte exporteras till Fortnox eftersom ett konto saknades. Uppdatera "
        "inställningarna för din Fortnox-integration för att åtgärda detta."
    ),
    "account_inactive": (
        "Bokföringen kunde inte exporteras eftersom ett eller flera konton är inaktiva i Fortnox."
    ),
    "authorization_expired": (
        "Din Fortnox-autentisering har upphört att gälla. Logga in på fortnox för att uppdatera "
        "autentiseringen."
    ),
    "cost_center_missing": (
        'Du behöver logga in i Fortnox och lägga till kostnadsstället "Bar" med koden "BAR" för att '
        "bokföringen ska exporteras korrekt."
    ),
    "voucher_series_not_manual": "Fortnox error 2001940: Verifikationsserien är inte manuell (1)..",
}


@pytest.mark.parametrize("code", HEADINGS)
def test_a_heading_is_the_help_pages_to_the_letter(code: FaultCode) -> None:
    assert title(EXAMPLES[code], "sv") == HEADINGS[code]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_a_fault_is_told_with_all_gaps_filled(code: FaultCode, language: Language) -> None:
    told = f"{title(EXAMPLES[code], language)} {message(EXAMPLES[code], language)}"
    assert not re.search(r"[{}]|None|  ", told)
    assert title(EXAMPLES[code], language)
    assert len(message(EXAMPLES[code], language)) > len(title(EXAMPLES[code], language)) // 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_code_action_and_dimension(language: Language) -> None:
    lexicon = LEXICONS[language]
    assert set(lexicon.titles) == set(lexicon.messages) == set(CODES)
    assert set(lexicon.labels) == set(get_args(Action))
    assert set(lexicon.items) == set(get_args(Dimension))


def options_of(sentence: Sentence) -> tuple[str, ...]:
    return (sentence,) if isinstance(sentence, str) else sentence


def needed(lexicon: Lexicon, code: FaultCode) -> set[str]:
    sentences = (lexicon.titles[code], *lexicon.messages[code])
    return {gap for sentence in sentences for option in options_of(sentence) for gap in gaps_of(option)}


@pytest.mark.parametrize("code", CODES)
def test_both_languages_tell_the_same_facts_and_only_facts_there_are(code: FaultCode) -> None:
    facts = set(type(EXAMPLES[code].facts).model_fields)
    assert needed(LEXICONS["sv"], code) == needed(LEXICONS["en"], code) <= facts


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_a_fault_with_only_its_required_facts_still_has_a_heading_and_a_message(
    code: FaultCode, language: Language
) -> None:
    bare = with_required_facts_only(EXAMPLES[code])
    assert title(bare, language)
    assert message(bare, language)


def with_required_facts_only(fault: Fault) -> Fault:
    facts: BaseModel = fault.facts
    required = [name for name, field in type(facts).model_fields.items() if field.is_required()]
    bare = type(facts).model_validate({name: getattr(facts, name) for name in required})
    return fault.model_copy(update={"facts": bare})


def test_every_choice_of_ours_has_words_in_both_languages() -> None:
    assert set(LEXICONS["sv"].words) == set(LEXICONS["en"].words)


def test_items_are_told_with_names_and_kronor() -> None:
    told = message(EXAMPLES["account_unmapped"], "sv")
    assert f"betalsättet Swish (2{NBSP}145,00{NBSP}kr)" in told
    assert f"varugruppen Mat med 12 % moms (7{NBSP}688,62{NBSP}kr)" in told


def test_english_spells_amounts_its_own_way() -> None:
    assert f"payment method Swish (2,145.00{NBSP}kr)" in message(EXAMPLES["account_unmapped"], "en")


def test_a_refund_keeps_its_sign() -> None:
    item = Item(dimension="event", key="tip", amount_ore=-50)
    told = message(AccountUnmapped(facts=UnmappedFacts(items=(item,))), "sv")
    assert f"händelsen tip (-0,50{NBSP}kr)" in told


def test_inactive_accounts_are_listed_with_what_they_are_used_for() -> None:
    assert "konto 3002 för varugruppen Mat" in message(EXAMPLES["account_inactive"], "sv")


def test_an_account_nobody_named_is_not_invented() -> None:
    told = message(AccountInactive(facts=AccountsFacts()), "sv")
    assert "Fortnox säger inte vilket" in told


def test_the_series_and_its_year_and_the_way_in_the_menus_are_told() -> None:
    told = message(EXAMPLES["voucher_series_not_manual"], "sv")
    assert "Verifikationsserien F" in told
    assert "2026" in told
    assert "Inställningar/Bokföring/Verifikationsserier" in told
    assert "Manuell kontering" in told


def test_a_year_nobody_knows_is_left_out() -> None:
    assert "räkenskapsår" not in message(VoucherSeriesNotManual(facts=SeriesFacts(series="F")), "sv")


def test_a_cost_centre_without_a_name_is_told_by_its_code() -> None:
    told = title(CostCenterMissing(facts=CostCenterFacts(code="UND")), "sv")
    assert 'med koden "UND"' in told
    assert '""' not in told


def test_times_are_those_of_the_shop() -> None:
    assert "2026-10-03 02:12" in message(EXAMPLES["fortnox_unavailable"], "sv")


def test_a_long_list_is_cut_and_says_so() -> None:
    gap = NumberGapFacts(till_register=RESTAURANT, missing_z_numbers=tuple(range(400, 412)))
    told = message(ZNumberGap(facts=gap), "sv")
    assert "408, 409, 2 till" in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_a_menu_path_offered_is_a_menu_path_told(code: FaultCode, language: Language) -> None:
    ways = [one for one in remediations_for(EXAMPLES[code]) if isinstance(one, OpenFortnox)]
    assert all(way.menu_path.split("/Beställ")[0] in message(EXAMPLES[code], language) for way in ways)


def test_buttons_read_as_on_the_help_page() -> None:
    assert label(OpenSettings(step="vat_rates"), "sv") == "Åtgärda detta"
    assert label(Reauthorize(), "sv") == "Åtgärda detta"
    assert label(ShowInactiveAccounts(), "sv") == "Visa inaktiva konton"
    assert label(OpenFortnox(menu_path="Register/Kontoplan"), "sv") == "Gå till Fortnox"
    assert show_label("sv") == "Visa"


def test_braces_in_a_name_are_just_a_name() -> None:
    item = Item(dimension="event", key="x", name="{items} {0}", amount_ore=100)
    assert "händelsen {items} {0}" in message(AccountUnmapped(facts=UnmappedFacts(items=(item,))), "sv")


def test_dates_are_told_as_the_books_write_them() -> None:
    assert date(2026, 10, 2).isoformat() in message(EXAMPLES["day_incomplete"], "sv")
