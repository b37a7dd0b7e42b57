"""Suggestions: an account for each of the till's items that has none, with the reason; never a choice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from fortnox_sync.accounting.account_map import AccountRole, Dimension
from fortnox_sync.accounting.vat import VatRate
from fortnox_sync.fortnox import Account
from fortnox_sync.mapping import bas
from fortnox_sync.mapping.pick_lists import why_not_account
from fortnox_sync.mapping.setup import CatalogItem
from fortnox_sync.mapping.swedish import words_of

# What sales accounts are called besides what is sold: "Försäljning dryck, 25 % moms" is about "dryck".
_SAID_OF_ANY = frozenset(
    {"försäljning", "intäkter", "av", "inom", "sverige", "moms", "med", "momsfri", "sek"}
)
_RATE = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")


class Reason(StrEnum):
    """Why an account is suggested, or why none is."""

    SAME_NAME = "same_name"  # the company's own account is called as the item
    CUSTOMARY = "customary"  # what BAS has for this kind of thing, and the chart has it
    CUSTOMARY_ONCE = "customary_once"  # what BAS had for it once; the chart has no newer one
    NOT_IN_CHART = "not_in_chart"  # what BAS has for it, but the company's chart has not
    ZERO_RATED = "zero_rated"  # sold without VAT: only the merchant knows why
    CANNOT_BE_CHOSEN = "cannot_be_chosen"  # what BAS has for it is in the chart, but inactive there, say
    NOTHING_CUSTOMARY = "nothing_customary"  # companies differ, or the till did not say what it is


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is suggested for a role: an account of the chart, one to add to it, or nothing."""

    role: AccountRole
    name: str | None
    reason: Reason
    account: int | None = None
    description: str | None = None

    @property
    def must_be_added(self) -> bool:
        """Tell whether the account is not in the chart yet."""
        return self.reason is Reason.NOT_IN_CHART


@dataclass(frozen=True, slots=True)
class _Chart:
    """A chart of accounts as one dimension sees it.

    `named` finds accounts by what they are about: a till may have as many groups as a chart has accounts.
    """

    known: frozenset[int]
    usable: Mapping[int, Account]
    named: Mapping[frozenset[str], tuple[Account, ...]]


def suggest(
    lacking: Iterable[tuple[CatalogItem, AccountRole]], accounts: Iterable[Account]
) -> tuple[Suggestion, ...]:
    """Suggest an account for each role, from the chart of the year that is booked next."""
    told = tuple(accounts)
    charts = {dimension: _chart(told, dimension) for dimension in Dimension}
    return tuple(_suggest(item, role, charts[role.dimension]) for item, role in lacking)


def _chart(accounts: Sequence[Account], dimension: Dimension) -> _Chart:
    usable = {one.number: one for one in accounts if why_not_account(one, dimension) is None}
    named: dict[frozenset[str], tuple[Account, ...]] = {}
    for account in usable.values():
        if about := _about(_RATE.sub("", account.description)):
            named[about] = (*named.get(about, ()), account)
    return _Chart(frozenset(one.number for one in accounts), usable, named)


def by_rate(item: CatalogItem, role: AccountRole) -> Iterator[AccountRole]:
    """Divide a group that is sold at several rates: each has a sales account of its own."""
    if role.dimension is Dimension.ARTICLE_GROUP and not role.narrow and len(item.rates) > 1:
        yield from (AccountRole(role.dimension, role.key, rate) for rate in item.rates)
    else:
        yield role


def _suggest(item: CatalogItem, role: AccountRole, chart: _Chart) -> Suggestion:
    rate = _rate(item, role)
    if role.dimension is Dimension.ARTICLE_GROUP and rate == VatRate.parse("0"):
        return Suggestion(role, item.name, Reason.ZERO_RATED)
    customary = _bas(item, role, rate)
    own = _called(item, rate, chart)
    if own is None or _only_heads(own.number, customary, chart):
        return _customary(item, role, customary, chart)
    return Suggestion(role, item.name, Reason.SAME_NAME, own.number, own.description)


def _customary(item: CatalogItem, role: AccountRole, customary: tuple[int, ...], chart: _Chart) -> Suggestion:
    """Suggest what BAS has for it; an account that is there but can't be used is no reason to add another."""
    for number, reason in zip(customary, (Reason.CUSTOMARY, Reason.CUSTOMARY_ONCE), strict=False):
        if number in chart.usable:
            return Suggestion(role, item.name, reason, number, chart.usable[number].description)
    if not customary:
        return Suggestion(role, item.name, Reason.NOTHING_CUSTOMARY)
    if any(number in chart.known for number in customary):
        return Suggestion(role, item.name, Reason.CANNOT_BE_CHOSEN)
    return Suggestion(role, item.name, Reason.NOT_IN_CHART, customary[0], bas.NAMES[customary[0]])


def _bas(item: CatalogItem, role: AccountRole, rate: VatRate | None) -> tuple[int, ...]:
    match role.dimension:
        case Dimension.VAT_RATE:
            return bas.VAT_BY_RATE.get(rate.key if rate else "", ())
        case Dimension.ARTICLE_GROUP:
            return bas.SALES_BY_RATE.get(rate.key if rate else "", ())
        case Dimension.PAYMENT_METHOD:
            return bas.PAYMENT_BY_KIND.get(item.kind or _kind(item, bas.PAYMENT_WORDS), ())
        case Dimension.EVENT:
            return bas.EVENT_BY_KIND.get(item.kind or _kind(item, bas.EVENT_WORDS), ())


def _kind(item: CatalogItem, kinds: Mapping[str, str]) -> str:
    """Guess what a thing is from its name, where the till did not say."""
    return next((kinds[word] for word in words_of(item.name or item.item_id) if word in kinds), "")


def _rate(item: CatalogItem, role: AccountRole) -> VatRate | None:
    """Return the one rate a role is about, if it is about one."""
    if role.dimension is Dimension.VAT_RATE:
        return VatRate.parse(role.key)
    if role.dimension is not Dimension.ARTICLE_GROUP:
        return None
    known = role.narrow or (item.rates[0] if len(item.rates) == 1 else "")
    return VatRate.parse(known) if known else None


def _called(item: CatalogItem, rate: VatRate | None, chart: _Chart) -> Account | None:
    """Return the account that is named after the item and after no other rate; of several, none."""
    named = chart.named.get(_about(item.name or ""), ())
    found = [one for one in named if _is_for(rate, one)]
    return found[0] if len(found) == 1 else None


def _is_for(rate: VatRate | None, account: Account) -> bool:
    told = _RATE.findall(account.description)
    return not told or (rate is not None and Decimal(told[0].replace(",", ".")) == rate.percent)


def _only_heads(number: int, customary: tuple[int, ...], chart: _Chart) -> bool:
    """Tell whether an account is but the heading of the customary one: 2640 where 2641 can be chosen.

    Where the VAT code stands on the account below, what is booked on the heading is not in the VAT return.
    """
    return any(one in chart.usable and number == one // 10 * 10 != one for one in customary)


def _about(name: str) -> frozenset[str]:
    return frozenset(words_of(name)) - _SAID_OF_ANY
