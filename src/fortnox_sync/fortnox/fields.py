"""Reading JSON objects field by field: generous with spelling, strict about meaning.

What cannot be read is `Unanswered`: the field is named, its content is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal, Self, cast, get_args

from fortnox_sync.fortnox.errors import Unanswered

Demand = Literal["ALLOWED", "MANDATORY", "NOTALLOWED"]

NOTHING: tuple[object, ...] = (None, {}, [], "")
"""The ways an empty field is spelled."""

_MOST_DIGITS = 15  # Fortnox takes 14; more is no amount, and 1e999999999 must not become an integer


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object whose fields are asked for by name."""

    _fields: Mapping[str, object]

    @classmethod
    def of(cls, value: object, name: str) -> Self:
        """Take a decoded value that has to be an object."""
        if not isinstance(value, dict):
            raise _unreadable(name)
        return cls(value)

    def raw(self, name: str) -> object:
        """Give the field as it came, or None."""
        return self._fields.get(name)

    def inside(self, name: str) -> Self:
        """Give the object in a field."""
        return self.of(self.raw(name), name)

    def each(self, name: str) -> list[Self]:
        """Give the objects of a list."""
        items = self.raw(name)
        if not isinstance(items, list):
            raise _unreadable(name)
        return [self.of(item, name) for item in items]

    def text_if_any(self, name: str) -> str | None:
        """Give a text, None where there is none."""
        value = self.raw(name)
        if value in NOTHING:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise _unreadable(name)
        return str(value)

    def text(self, name: str) -> str:
        """Give a text, empty where there is none."""
        return self.text_if_any(name) or ""

    def key(self, name: str) -> str:
        """Give a text that must be there."""
        if (value := self.text_if_any(name)) is None:
            raise _unreadable(name)
        return value

    def number(self, name: str) -> int:
        """Give a whole number that must be there."""
        return _whole(self._decimal(name), name)

    def number_if_any(self, name: str) -> int | None:
        """Give a whole number, None where there is none."""
        return None if self.raw(name) in NOTHING else self.number(name)

    def ore(self, name: str) -> int:
        """Give an amount in öre; an empty side of a row is zero."""
        return 0 if self.raw(name) in NOTHING else _whole(self._decimal(name).scaleb(2), name)

    def day(self, name: str) -> date:
        """Give a date that must be there."""
        try:
            return date.fromisoformat(self.key(name)[:10])
        except ValueError:
            raise _unreadable(name) from None

    def flag(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        value = self.raw(name)
        return value is True or (isinstance(value, str) and value.lower() == "true")

    def demand(self, name: str) -> Demand | None:
        """Give what an account demands; a word we do not know demands nothing."""
        value = self.raw(name)
        return cast("Demand", value) if value in get_args(Demand) else None

    def _decimal(self, name: str) -> Decimal:
        try:
            value = Decimal(self.key(name))
        except InvalidOperation:
            raise _unreadable(name) from None
        if not value.is_finite() or value.adjusted() > _MOST_DIGITS:
            raise _unreadable(name)
        return value


def _whole(value: Decimal, name: str) -> int:
    if value != value.to_integral_value():
        raise _unreadable(name)
    return int(value)


def _unreadable(name: str) -> Unanswered:
    return Unanswered(f"unreadable {name}")
