"""Exact Swedish money: whole öre, never a float."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in öre; negative when it goes the other way."""

    ore: int

    def __post_init__(self) -> None:
        """Refuse anything but a whole number of öre; `True` is no amount."""
        if type(self.ore) is not int:
            raise TypeError(f"money is a whole number of öre, not {type(self.ore).__name__}")

    def __add__(self, other: Money) -> Money:
        return Money(self.ore + other.ore)

    def __sub__(self, other: Money) -> Money:
        return Money(self.ore - other.ore)

    def __neg__(self) -> Money:
        return Money(-self.ore)

    def __abs__(self) -> Money:
        return Money(abs(self.ore))

    def __bool__(self) -> bool:
        return self.ore != 0

    def __str__(self) -> str:
        """Spell the amount as a Swede reads it: `13 402,70`."""
        kronor, ore = divmod(abs(self.ore), 100)
        sign = "-" if self.ore < 0 else ""
        return f"{sign}{kronor:,}".replace(",", "\N{NO-BREAK SPACE}") + f",{ore:02d}"


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """Sum amounts; nothing sums to zero."""
    return Money(sum(amount.ore for amount in amounts))
