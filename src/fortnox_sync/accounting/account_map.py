"""Which account plays which role: the merchant's own choices, narrower ones first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fortnox_sync.accounting.vat import VatRate


class Dimension(StrEnum):
    """What an account is chosen for."""

    PAYMENT_METHOD = "payment_method"
    VAT_RATE = "vat_rate"
    ARTICLE_GROUP = "article_group"
    EVENT = "event"


@dataclass(frozen=True, slots=True, order=True)
class AccountRole:
    """One thing that needs an account, as a person would point at it.

    `narrow` is the register for a payment method and the rate for an article group, else empty: the
    same food is sold at two rates, so the group alone can't say which sales account to credit.
    """

    dimension: Dimension
    key: str
    narrow: str = ""


@dataclass(frozen=True, slots=True)
class AccountMap:
    """Role to account number; a role without an account is a fact to show, never a default."""

    accounts: dict[AccountRole, int]

    @classmethod
    def of(cls, choices: Iterable[tuple[AccountRole, int]]) -> AccountMap:
        """Build the map from the merchant's choices."""
        return cls(dict(choices))

    def account_for(self, role: AccountRole) -> int | None:
        """Return the account of the role itself, else of the role without its narrower key."""
        exact = self.accounts.get(role)
        return exact if exact is not None else self.accounts.get(AccountRole(role.dimension, role.key))

    def as_chosen(self, role: AccountRole) -> AccountRole:
        """Return the role as its merchant would choose an account for it.

        A payment method is chosen whole, unless it was chosen register by register; a group by its rate.
        """
        by_register = any(
            one.dimension is role.dimension and one.key == role.key and one.narrow for one in self.accounts
        )
        if role.dimension is not Dimension.PAYMENT_METHOD or by_register:
            return role
        return AccountRole(role.dimension, role.key)

    def __getitem__(self, role: AccountRole) -> int:
        """Return the account of a role known to have one; KeyError otherwise."""
        account = self.account_for(role)
        if account is None:
            raise KeyError(role)
        return account


def payment_role(method_id: str, register_id: str) -> AccountRole:
    """Point at a payment method, at one register if the merchant keeps its cash apart."""
    return AccountRole(Dimension.PAYMENT_METHOD, method_id, register_id)


def sales_role(group_id: str, rate: VatRate) -> AccountRole:
    """Point at the sales account of a group at a rate."""
    return AccountRole(Dimension.ARTICLE_GROUP, group_id, rate.key)


def vat_role(rate: VatRate) -> AccountRole:
    """Point at the output VAT account of a rate."""
    return AccountRole(Dimension.VAT_RATE, rate.key)


def event_role(event_id: str) -> AccountRole:
    """Point at the account of another event: a tip, a gift card sold, a bank drop."""
    return AccountRole(Dimension.EVENT, event_id)
