"""The posting rules, one sentence each."""

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
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.posting import CostCenters, Names, NotPosted, Posted, Unmapped, post
from fortnox_sync.accounting.till import EntryType, Tally, TransactionKind
from fortnox_sync.accounting.vat import VatRate
from fortnox_sync.accounting.voucher import VoucherRow

SALE, DRAWER, PURCHASE = TransactionKind.SALE, TransactionKind.DRAWER, TransactionKind.PURCHASE
SIX, TWELVE, TWENTY_FIVE = VatRate.parse("6"), VatRate.parse("12"), VatRate.parse("25")

ACCOUNTS = AccountMap.of(
    [
        (AccountRole(Dimension.PAYMENT_METHOD, "card"), 1686),
        (AccountRole(Dimension.PAYMENT_METHOD, "swish"), 1686),
        (AccountRole(Dimension.PAYMENT_METHOD, "cash"), 1910),
        (payment_role("cash", "K2"), 1912),
        (AccountRole(Dimension.ARTICLE_GROUP, "food"), 3002),
        (sales_role("food", SIX), 3003),
        (AccountRole(Dimension.ARTICLE_GROUP, "drinks"), 3001),
        (AccountRole(Dimension.ARTICLE_GROUP, "shop"), 3001),
        (AccountRole(Dimension.ARTICLE_GROUP, "books"), 3004),
        (vat_role(SIX), 2631),
        (vat_role(TWELVE), 2621),
        (vat_role(TWENTY_FIVE), 2611),
        (event_role("tip"), 2820),
        (event_role("rounding"), 3740),
        (event_role("float"), 1930),
        (event_role("first_result"), 3000),
        (event_role("last_result"), 8999),
        (event_role("last_balance"), 2999),
        (event_role("beyond_result"), 9000),
    ]
)
CENTERS = CostCenters(
    of_register={"K1": "restaurant", "K2": "shop"}, codes={"restaurant": "100", "shop": "200", "bar": "110"}
)
NAMES = Names(
    payment_methods={"card": "Kort", "cash": "Kontant"},
    events={"tip": "Dricks", "float": "Växelkassa"},
    texts={"T7": "Växel från bank"},
)

Short = tuple[int, str | None, int, int]


def paid(
    method: str, amount: int, *, register: str = "K1", kind: TransactionKind = SALE, at: str | None = None
) -> Tally:
    return Tally(kind, EntryType.PAYMENT, method, register, Money(amount), transaction_id=at)


def sold(
    group: str, rate: VatRate, gross: int, vat: int, *, register: str = "K1", center: str | None = None
) -> Tally:
    return Tally(SALE, EntryType.SALE, group, register, Money(gross), Money(vat), rate, center)


def happened(
    event: str,
    amount: int,
    *,
    center: str | None = None,
    kind: TransactionKind = SALE,
    at: str | None = None,
) -> Tally:
    return Tally(kind, EntryType.EVENT, event, "K1", Money(amount), cost_center_id=center, transaction_id=at)


def rows(
    *tallies: Tally, accounts: AccountMap = ACCOUNTS, centers: CostCenters = CENTERS
) -> list[VoucherRow]:
    posted = post(tallies, accounts, centers, NAMES)
    assert isinstance(posted, Posted), posted
    return list(posted.rows)


def short(*tallies: Tally, centers: CostCenters = CENTERS) -> list[Short]:
    return [(r.account, r.cost_center, r.debit.ore, r.credit.ore) for r in rows(*tallies, centers=centers)]


# Sides


def test_a_card_payment_debits_its_account() -> None:
    assert short(paid("card", 11200)) == [(1686, None, 11200, 0)]


def test_a_sale_credits_its_group_with_the_net_and_its_rate_with_the_vat() -> None:
    assert short(sold("food", TWELVE, 11200, 1200)) == [(2621, None, 0, 1200), (3002, "100", 0, 10000)]


def test_an_event_credits_its_account() -> None:
    assert short(happened("tip", 1000)) == [(2820, None, 0, 1000)]


def test_a_refund_changes_side() -> None:
    assert short(paid("card", -11200), sold("food", TWELVE, -11200, -1200)) == [
        (1686, None, 0, 11200),
        (2621, None, 1200, 0),
        (3002, "100", 10000, 0),
    ]


def test_a_negative_event_changes_side() -> None:
    assert short(happened("rounding", -20)) == [(3740, "100", 20, 0)]


def test_the_tills_vat_is_posted_as_it_stands() -> None:
    vat, sales = rows(sold("food", SIX, 100710, 5700))  # anew it would be 57,01
    assert (vat.credit, sales.credit) == (Money(5700), Money(95010))


# One row each


def test_there_is_a_row_for_each_payment_method_even_on_one_account() -> None:
    assert [(r.account, r.debit.ore, r.of) for r in rows(paid("card", 300), paid("swish", 200))] == [
        (1686, 300, "payment:card"),
        (1686, 200, "payment:swish"),
    ]


def test_payments_by_one_method_are_one_row() -> None:
    assert short(paid("card", 300), paid("card", -100), paid("card", 50)) == [(1686, None, 250, 0)]


def test_groups_on_one_account_at_one_rate_are_one_row() -> None:
    both = (sold("drinks", TWENTY_FIVE, 12500, 2500), sold("shop", TWENTY_FIVE, 25000, 5000))
    assert short(*both) == [(2611, None, 0, 7500), (3001, "100", 0, 30000)]


def test_rates_on_one_account_are_a_row_each() -> None:
    both = rows(sold("drinks", TWENTY_FIVE, 12500, 2500), sold("drinks", TWELVE, 11200, 1200))
    assert [(r.account, r.credit.ore, r.of) for r in both if r.account == 3001] == [
        (3001, 10000, "sales:12"),
        (3001, 10000, "sales:25"),
    ]


def test_there_is_one_row_for_each_vat_rate_however_many_cost_centers_sell() -> None:
    both = (sold("drinks", TWENTY_FIVE, 12500, 2500), sold("shop", TWENTY_FIVE, 25000, 5000, center="bar"))
    assert [row for row in short(*both) if row[0] == 2611] == [(2611, None, 0, 7500)]


def test_vat_rates_that_share_an_account_are_a_row_each() -> None:
    accounts = AccountMap.of({**ACCOUNTS.accounts, vat_role(SIX): 2611}.items())
    both = rows(sold("drinks", TWENTY_FIVE, 12500, 2500), sold("food", SIX, 10600, 600), accounts=accounts)
    assert [(r.credit.ore, r.of) for r in both if r.account == 2611] == [(2500, "vat:25"), (600, "vat:6")]


def test_there_is_a_sales_row_for_each_cost_center() -> None:
    both = (sold("drinks", TWENTY_FIVE, 12500, 2500), sold("drinks", TWENTY_FIVE, 2500, 500, center="bar"))
    assert [row for row in short(*both) if row[0] == 3001] == [
        (3001, "100", 0, 10000),
        (3001, "110", 0, 2000),
    ]


def test_there_is_a_row_for_each_event_and_cost_center() -> None:
    both = (happened("rounding", 30), happened("rounding", -20, center="bar"), happened("tip", 500))
    assert short(*both) == [(2820, None, 0, 500), (3740, "100", 0, 30), (3740, "110", 20, 0)]


def test_an_event_on_a_balance_account_is_one_row_for_all_cost_centers() -> None:
    assert short(happened("tip", 500), happened("tip", 300, center="bar")) == [(2820, None, 0, 800)]


def test_an_event_and_a_payment_on_one_account_are_a_row_each() -> None:
    accounts = AccountMap.of({**ACCOUNTS.accounts, event_role("tip"): 1686}.items())
    both = rows(paid("card", 500), happened("tip", 500), accounts=accounts)
    assert [(r.debit.ore, r.credit.ore) for r in both] == [(0, 500), (500, 0)]


def test_one_register_may_keep_its_cash_apart() -> None:
    assert short(paid("cash", 100), paid("cash", 200, register="K2")) == [
        (1910, None, 100, 0),
        (1912, None, 200, 0),
    ]


def test_a_rate_may_have_its_own_sales_account() -> None:
    accounts = [row.account for row in rows(sold("food", SIX, 10600, 600), sold("food", TWELVE, 11200, 1200))]
    assert accounts == [2621, 2631, 3002, 3003]


def test_rows_stand_in_the_order_of_their_accounts() -> None:
    told = [happened("rounding", 30), sold("food", TWELVE, 11200, 1200), paid("cash", 100), paid("card", 7)]
    assert [row.account for row in rows(*told)] == [1686, 1910, 2621, 3002, 3740]
    assert rows(*told) == rows(*reversed(told))


# Nothing


@pytest.mark.parametrize(
    "tallies",
    [
        (),
        (paid("card", 0),),
        (paid("card", 500), paid("card", -500)),
        (sold("food", TWELVE, 11200, 1200), sold("food", TWELVE, -11200, -1200)),
        (sold("drinks", TWENTY_FIVE, 12500, 2500), sold("shop", TWENTY_FIVE, -12500, -2500)),
    ],
    ids=["nothing told", "zero paid", "payments cancel", "sales cancel", "groups cancel on one account"],
)
def test_sums_of_zero_make_no_row(tallies: tuple[Tally, ...]) -> None:
    assert post(tallies, ACCOUNTS, CENTERS, NAMES) == Posted(())


def test_an_unmapped_item_of_no_money_holds_nothing() -> None:
    assert rows(paid("invoice", 0), happened("deposit", 0), paid("card", 5))[0].debit == Money(5)


def test_zero_rate_sales_need_no_vat_account() -> None:
    assert short(sold("books", VatRate.parse("0"), 8000, 0)) == [(3004, "100", 0, 8000)]


# Drawer movements


def test_drawer_movements_are_not_netted_against_each_other() -> None:
    told = (
        paid("cash", 50000, kind=DRAWER, at="T7"),
        happened("float", 50000, kind=DRAWER, at="T7"),
        paid("cash", -50000, kind=DRAWER, at="T8"),
        happened("float", -50000, kind=DRAWER, at="T8"),
    )
    assert [(r.account, r.debit.ore, r.credit.ore, r.of) for r in rows(*told)] == [
        (1910, 50000, 0, "payment:cash@T7"),
        (1910, 0, 50000, "payment:cash@T8"),
        (1930, 0, 50000, "event:float@T7"),
        (1930, 50000, 0, "event:float@T8"),
    ]


def test_a_purchase_is_alone_in_its_voucher_so_its_rows_do_not_name_it() -> None:
    told = (paid("cash", -12000, kind=PURCHASE, at="T7"), happened("tip", -12000, kind=PURCHASE, at="T7"))
    assert [row.of for row in rows(*told)] == ["payment:cash", "event:tip"]


# Cost centres


@pytest.mark.parametrize(
    ("event", "code"),
    [("last_balance", None), ("first_result", "100"), ("last_result", "100"), ("beyond_result", None)],
)
def test_cost_centers_stand_on_accounts_3000_to_8999(event: str, code: str | None) -> None:
    assert [row.cost_center for row in rows(happened(event, 1))] == [code]


def test_an_account_that_demands_a_cost_center_gets_one() -> None:
    demanding = CostCenters(CENTERS.of_register, CENTERS.codes, frozenset({1686, 2621}))
    told = (paid("card", 11200), sold("food", TWELVE, 11200, 1200, center="bar"))
    assert short(*told, centers=demanding) == [
        (1686, "100", 11200, 0),
        (2621, "110", 0, 1200),
        (3002, "110", 0, 10000),
    ]


def test_a_payment_has_the_cost_center_of_its_register() -> None:
    demanding = CostCenters(CENTERS.of_register, CENTERS.codes, frozenset({1912}))
    assert short(paid("cash", 5, register="K2"), centers=demanding) == [(1912, "200", 5, 0)]


def test_the_cost_center_of_a_line_goes_before_the_registers() -> None:
    assert short(happened("rounding", 30, center="shop")) == [(3740, "200", 0, 30)]


def test_a_register_gives_its_cost_center_to_lines_without_one() -> None:
    assert [row.cost_center for row in rows(sold("books", SIX, 100, 0, register="K2"))] == ["200"]


def test_a_register_without_cost_center_gives_none() -> None:
    assert [row.cost_center for row in rows(sold("books", SIX, 100, 0, register="K9"))] == [None]


def test_a_cost_center_without_code_is_none_and_not_the_registers() -> None:
    assert short(happened("rounding", 30, center="terrace")) == [(3740, None, 0, 30)]


def test_lines_with_and_without_code_are_a_row_each() -> None:
    assert short(happened("rounding", 30), happened("rounding", 40, center="terrace")) == [
        (3740, None, 0, 40),
        (3740, "100", 0, 30),
    ]


# What has no account


def test_nothing_is_posted_when_one_item_has_no_account() -> None:
    result = post([paid("invoice", 11200), sold("food", TWELVE, 11200, 1200)], ACCOUNTS, CENTERS, NAMES)
    assert result == NotPosted((Unmapped(AccountRole(Dimension.PAYMENT_METHOD, "invoice"), Money(11200)),))


def test_every_item_without_account_is_named_once_with_its_money() -> None:
    told = [
        paid("invoice", 500),
        paid("invoice", 250),
        sold("wine", TWENTY_FIVE, 12500, 2500),
        sold("food", VatRate.parse("17"), 11700, 1700),
        happened("deposit", 100),
        paid("card", 999),
    ]
    result = post(told, ACCOUNTS, CENTERS, NAMES)
    assert isinstance(result, NotPosted)
    assert {(one.role, one.amount.ore) for one in result.unmapped} == {
        (AccountRole(Dimension.PAYMENT_METHOD, "invoice"), 750),
        (sales_role("wine", TWENTY_FIVE), 10000),
        (vat_role(VatRate.parse("17")), 1700),
        (event_role("deposit"), 100),
    }
    assert len(result.unmapped) == 4


def test_a_method_chosen_register_by_register_lacks_the_one_left_out() -> None:
    chosen = AccountMap.of([(payment_role("cash", "K2"), 1912)])
    result = post([paid("cash", 100)], chosen, CENTERS, NAMES)
    assert result == NotPosted((Unmapped(payment_role("cash", "K1"), Money(100)),))


def test_drawer_movements_with_odd_ids_are_never_netted() -> None:
    odd = AccountMap.of([(AccountRole(Dimension.PAYMENT_METHOD, key), 1910) for key in ("a", "a@b")])
    told = [paid("a", 500, kind=DRAWER, at="b@c"), paid("a@b", -200, kind=DRAWER, at="c")]
    result = post(told, odd, CENTERS, NAMES)
    assert isinstance(result, Posted)
    assert sorted((row.debit.ore, row.credit.ore) for row in result.rows) == [(0, 200), (500, 0)]


def test_money_out_and_money_in_both_wait() -> None:
    told = [
        happened("deposit", 300, kind=DRAWER, at="T1"),
        happened("deposit", -300, kind=DRAWER, at="T2"),
    ]
    assert post(told, ACCOUNTS, CENTERS, NAMES) == NotPosted((Unmapped(event_role("deposit"), Money(600)),))


def test_vat_at_a_zero_rate_is_never_dropped() -> None:
    result = post([sold("books", VatRate.parse("0"), 8000, 1)], ACCOUNTS, CENTERS, NAMES)
    assert result == NotPosted((Unmapped(vat_role(VatRate.parse("0")), Money(1)),))


# Texts


@pytest.mark.parametrize(
    ("tally", "texts"),
    [
        (paid("card", 5), ["Kort"]),
        (happened("tip", 5), ["Dricks"]),
        (sold("food", TWELVE, 11200, 1200), ["Utgående moms 12 %", "Försäljning 12 %"]),
        (paid("swish", 5), ["swish"]),
        (happened("rounding", 5), ["rounding"]),
        (happened("float", 5, kind=DRAWER, at="T7"), ["Växelkassa: Växel från bank"]),
        (paid("cash", 5, kind=PURCHASE, at="T7"), ["Kontant: Växel från bank"]),
        (paid("cash", 5, kind=PURCHASE, at="T8"), ["Kontant"]),
    ],
    ids=[
        "method",
        "event",
        "sale",
        "unnamed method",
        "unnamed event",
        "drawer note",
        "purchase note",
        "no note",
    ],
)
def test_a_row_says_what_it_is_the_sum_of(tally: Tally, texts: list[str]) -> None:
    assert [row.text for row in rows(tally)] == texts


def test_a_rate_of_halves_reads_as_a_swede_writes_it() -> None:
    rate = VatRate.parse("12.50")
    accounts = AccountMap.of({**ACCOUNTS.accounts, vat_role(rate): 2629}.items())
    texts = [row.text for row in rows(sold("food", rate, 11250, 1250), accounts=accounts)]
    assert texts == ["Utgående moms 12,5 %", "Försäljning 12,5 %"]


# What people call things


def test_a_sum_is_called_what_people_call_it() -> None:
    names = Names(payment_methods={"card": "Kort"}, events={"tip": "Dricks"})
    told = ["payment:card", "event:tip", "sales:12", "vat:12.5", "payment:unknown"]
    assert [names.of_sum(of) for of in told] == [
        "Kort",
        "Dricks",
        "Försäljning 12 %",
        "Utgående moms 12,5 %",
        "unknown",
    ]
