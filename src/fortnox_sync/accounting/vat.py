"""VAT rates as data: percent as decimals, any rate the till knows, now or after the next law."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from fortnox_sync.accounting.money import Money

_HUNDRED = Decimal(100)
_FINEST = Decimal("0.01")


@dataclass(frozen=True, slots=True, order=True)
class VatRate:
    """A rate in percent, 0 up to but not including 100, with at most two decimals."""

    percent: Decimal

    def __post_init__(self) -> None:
        """Refuse what no VAT law could mean."""
        if not self.percent.is_finite() or not 0 <= self.percent < _HUNDRED:
            raise ValueError(f"a VAT rate lies from 0 up to 100 percent, not {self.percent}")
        if self.percent != self.percent.quantize(_FINEST):
            raise ValueError(f"a VAT rate has at most two decimals, not {self.percent}")

    @classmethod
    def parse(cls, text: str) -> VatRate:
        """Read `25`, `25.0` or `12.50`: the same rate however it is spelled."""
        if not text.isascii() or "_" in text or text != text.strip():
            raise ValueError(f"not a VAT rate: {text!r}")
        try:
            return cls(Decimal(text))
        except InvalidOperation:
            raise ValueError(f"not a VAT rate: {text!r}") from None

    @property
    def key(self) -> str:
        """Spell the rate one way only, so that it can key a mapping: `25`, `12.5`, `0`."""
        plain = format(self.percent.normalize(), "f")
        return "0" if plain == "-0" else plain

    def __str__(self) -> str:
        """Spell the rate as a Swede reads it: `12,5 %`."""
        return f"{self.key.replace('.', ',')} %"

    def vat_in(self, gross: Money) -> Money:
        """Return the VAT contained in a gross amount, rounded half up to the öre."""
        share = Decimal(gross.ore) * self.percent / (_HUNDRED + self.percent)
        return Money(int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def is_within_rounding(rate: VatRate, gross: Money, vat: Money, lines: int = 1) -> bool:
    """Tell whether the till's VAT differs from its rate by no more than half an öre a line.

    The till's figure is posted as it stands; a larger distance means that the rate label is wrong.
    """
    exact = Decimal(gross.ore) * rate.percent / (_HUNDRED + rate.percent)
    return abs(exact - vat.ore) <= Decimal("0.5") * lines
