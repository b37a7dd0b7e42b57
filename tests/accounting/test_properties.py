"""What holds for any valid day, however odd: drawn days, posted and worked out a second time."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.accounting.booking import Booking, in_order, parts_of, sums_of
from tests.independent import expected_vouchers
from tests.strategies import cases, cuts

from fortnox_sync.accounting.account_map import AccountMap, AccountRole, Dimension
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.posting import NotPosted, Posted
from fortnox_sync.accounting.till import EntryType, Tally
from fortnox_sync.accounting.voucher import Voucher, VoucherRow
from fortnox_sync.intake.completeness import compare

Case = dict[str, Any]
unhurried = settings(deadline=None, max_examples=25)
thorough = settings(deadline=None, max_examples=100)


@unhurried
@given(cases())
def test_any_valid_day_balances(case: Case) -> None:
    booking = Booking(case)
    for close in booking.closes:
        for part, _ in parts_of(booking.tallies(close.session_id)):
            rows = booking.rows(close.session_id, part)
            assert not rows or Voucher(close.business_date, rows)


@unhurried
@given(cases())
def test_payment_rows_add_up_to_what_the_till_was_paid(case: Case) -> None:
    booking = Booking(case)
    for close in booking.closes:
        booked = Counter[str]()
        for part, _ in parts_of(booking.tallies(close.session_id)):
            for row in booking.rows(close.session_id, part):
                kind, _, method = row.of.partition("@")[0].partition(":")
                booked[method] += row.debit.ore - row.credit.ore if kind == "payment" else 0
        reported = {p.payment_method_id: p.amount for p in close.totals.payments}
        assert {m: ore for m, ore in booked.items() if ore} == {m: ore for m, ore in reported.items() if ore}


@unhurried
@given(cases())
def test_vat_rows_add_up_to_the_tills_own_vat(case: Case) -> None:
    booking = Booking(case)
    for close in booking.closes:
        rows = booking.rows(close.session_id, "takings")
        booked = sum(row.credit.ore - row.debit.ore for row in rows if row.of.startswith("vat:"))
        assert booked == sum(total.vat for total in close.totals.sales)


@unhurried
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_transactions_changes_no_row(case: Case, random: Random) -> None:
    booking = Booking(case)
    shuffled = random.sample(booking.transactions, k=len(booking.transactions))
    assert _posted(booking, sums_of(shuffled)) == _posted(booking, sums_of(booking.transactions))


@unhurried
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_sums_changes_no_row(case: Case, random: Random) -> None:
    booking = Booking(case)
    tallies = sums_of(booking.transactions)
    assert _posted(booking, random.sample(tallies, k=len(tallies))) == _posted(booking, tallies)


@thorough
@given(cases())
def test_the_code_and_the_independent_calculation_agree(case: Case) -> None:
    assert in_order(Booking(case).vouchers()) == in_order(expected_vouchers(case))


@unhurried
@given(cases().flatmap(lambda case: st.tuples(st.just(case), cuts(case))))
def test_the_way_a_day_is_delivered_changes_no_voucher(pair: tuple[Case, Case]) -> None:
    whole, cut = pair
    assert in_order(Booking(cut).vouchers()) == in_order(Booking(whole).vouchers())
    assert in_order(expected_vouchers(cut)) == in_order(whole["expected_vouchers"])


@unhurried
@given(cases(days=1), st.randoms(use_true_random=False))
def test_a_day_exported_in_two_goes_adds_up_to_the_whole(case: Case, random: Random) -> None:
    booking = Booking(case)
    before = [t for t in booking.transactions if random.random() < 0.5]
    after = [t for t in booking.transactions if t not in before]
    parts = [_posted(booking, sums_of(some)) for some in (before, after)]
    assert _net(*parts) == _net(_posted(booking, sums_of(booking.transactions)))


@unhurried
@given(cases())
def test_no_two_rows_of_a_voucher_are_the_sum_of_the_same_thing(case: Case) -> None:
    for voucher in Booking(case).vouchers():
        keys = [(row["account"], row["cost_center"], row["of"]) for row in voucher["rows"]]
        assert len(keys) == len(set(keys))


@unhurried
@given(cases())
def test_cost_centers_stand_only_on_result_accounts_and_demanding_ones(case: Case) -> None:
    rows = [row for voucher in Booking(case).vouchers() for row in voucher["rows"]]
    centered = {row["account"] for row in rows if row["cost_center"]}
    assert all(3000 <= account <= 8999 or account in case["demanding_accounts"] for account in centered)


@unhurried
@given(cases(), st.data())
def test_without_one_account_nothing_is_posted_and_its_money_is_named(
    case: Case, data: st.DataObject
) -> None:
    assume(case["mapping"])
    forgotten = data.draw(st.sampled_from(case["mapping"]))
    booking = Booking(case | {"mapping": [choice for choice in case["mapping"] if choice != forgotten]})
    tallies = sums_of(booking.transactions)
    match booking.post(tallies):
        case Posted():
            assert _missing(tallies, booking.accounts) == set()
        case NotPosted(unmapped):
            assert {one.role for one in unmapped} == _missing(tallies, booking.accounts)
            assert all(one.amount > Money(0) for one in unmapped)


@unhurried
@given(cases())
def test_a_z_report_agrees_with_the_transactions_it_covers(case: Case) -> None:
    booking = Booking(case)
    for close in booking.closes:
        assert compare(close.totals, booking.tallies(close.session_id)) == ()


@unhurried
@given(cases(days=1), st.data())
def test_a_lost_transaction_shows_in_the_z_report(case: Case, data: st.DataObject) -> None:
    booking = Booking(case)
    paid = [t for t in booking.transactions if sum(p.amount for p in t.payments)]
    assume(paid)
    lost = data.draw(st.sampled_from(paid))
    close = next(close for close in booking.closes if close.session_id == lost.session_id)
    kept = [t for t in booking.transactions if t.session_id == lost.session_id and t is not lost]
    assert any(difference.of.startswith("payment:") for difference in compare(close.totals, sums_of(kept)))


def _posted(booking: Booking, tallies: Sequence[Tally]) -> list[tuple[VoucherRow, ...]]:
    """Post the takings, each purchase and the drawer movements."""
    return [_rows(booking, part) for _, part in parts_of(tallies)]


def _rows(booking: Booking, tallies: tuple[Tally, ...]) -> tuple[VoucherRow, ...]:
    posted = booking.post(tallies)
    assert isinstance(posted, Posted)
    return posted.rows


def _net(*exports: list[tuple[VoucherRow, ...]]) -> dict[tuple[int, str | None, str], int]:
    sums = Counter[tuple[int, str | None, str]]()
    for row in (row for export in exports for rows in export for row in rows):
        sums[row.account, row.cost_center, row.of] += row.debit.ore - row.credit.ore
    return {key: ore for key, ore in sums.items() if ore}


def _payments(accounts: AccountMap) -> list[AccountRole]:
    return [role for role in accounts.accounts if role.dimension is Dimension.PAYMENT_METHOD]


def _missing(tallies: Sequence[Tally], accounts: AccountMap) -> set[AccountRole]:
    """Work out the roles that money waits for, from the sums alone."""
    needed: set[AccountRole] = set()
    for tally in tallies:
        match tally.type:
            case EntryType.PAYMENT:
                by_register = any(r.key == tally.item_id and r.narrow for r in _payments(accounts))
                narrow = tally.register_id if by_register else ""
                role = AccountRole(Dimension.PAYMENT_METHOD, tally.item_id, narrow)
                needed |= {role} if tally.amount else set()
            case EntryType.EVENT:
                needed |= {AccountRole(Dimension.EVENT, tally.item_id)} if tally.amount else set()
            case EntryType.SALE:
                rate = tally.vat_rate.key if tally.vat_rate else ""
                group = AccountRole(Dimension.ARTICLE_GROUP, tally.item_id, rate)
                needed |= {group} if tally.amount != tally.vat else set()
                needed |= {AccountRole(Dimension.VAT_RATE, rate)} if tally.vat else set()
    return {role for role in needed if accounts.account_for(role) is None}
