"""Which account plays a role: the narrower choice first, and never a default."""

import pytest

from fortnox_sync.accounting.account_map import (
    AccountMap,
    AccountRole,
    Dimension,
    event_role,
    payment_role,
    sales_role,
    vat_role,
)
from fortnox_sync.accounting.vat import VatRate

SIX, TWELVE = VatRate.parse("6"), VatRate.parse("12")
FOOD = AccountRole(Dimension.ARTICLE_GROUP, "food")
CASH = AccountRole(Dimension.PAYMENT_METHOD, "cash")


def test_a_narrower_choice_goes_before_a_wider_one() -> None:
    accounts = AccountMap.of([(FOOD, 3002), (sales_role("food", SIX), 3003)])
    assert accounts.account_for(sales_role("food", SIX)) == 3003
    assert accounts.account_for(sales_role("food", TWELVE)) == 3002


def test_the_order_of_choices_does_not_matter() -> None:
    accounts = AccountMap.of([(sales_role("food", SIX), 3003), (FOOD, 3002)])
    assert accounts.account_for(sales_role("food", SIX)) == 3003


def test_a_narrower_choice_alone_says_nothing_of_the_rest() -> None:
    accounts = AccountMap.of([(payment_role("cash", "K1"), 1911)])
    assert accounts.account_for(payment_role("cash", "K1")) == 1911
    assert accounts.account_for(payment_role("cash", "K2")) is None
    assert accounts.account_for(CASH) is None


def test_cash_can_be_kept_apart_for_each_register() -> None:
    accounts = AccountMap.of(
        [(payment_role("cash", "K1"), 1911), (payment_role("cash", "K2"), 1912), (CASH, 1910)]
    )
    found = [accounts[payment_role("cash", register)] for register in ("K1", "K2", "K3")]
    assert found == [1911, 1912, 1910]


def test_the_same_key_in_another_dimension_is_another_role() -> None:
    accounts = AccountMap.of([(event_role("gift_card"), 2421)])
    assert accounts.account_for(payment_role("gift_card", "K1")) is None


def test_a_rate_is_found_however_it_is_spelled() -> None:
    accounts = AccountMap.of([(vat_role(VatRate.parse("12.50")), 2629), (sales_role("food", SIX), 3003)])
    assert accounts[vat_role(VatRate.parse("12.5"))] == 2629
    assert accounts[sales_role("food", VatRate.parse("6.0"))] == 3003


def test_the_last_choice_for_a_role_stands() -> None:
    assert AccountMap.of([(FOOD, 3001), (FOOD, 3002)])[FOOD] == 3002


def test_a_role_without_account_is_a_fact_not_a_default() -> None:
    assert AccountMap.of([]).account_for(FOOD) is None
    with pytest.raises(KeyError):
        AccountMap.of([])[FOOD]
