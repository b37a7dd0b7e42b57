"""Reading the bodies of calls: which fields there are, which are read-only, and what each may hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from fortnox_sync.simulator import amounts, refusals, text_rules

Reader = Callable[[str, object], object]
Values = dict[str, object]

# Fortnox docs, parameters: this value empties a text field.
_BLANK = "API_BLANK"
# Legacy documentation, vouchers: at most 14 digits with decimals.
_MOST_ORE = 10**14


@dataclass(frozen=True, slots=True)
class Writable:
    """A field that may be sent: its name in the books and how its value is read."""

    name: str
    read: Reader
    required: bool = False


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """A field that Fortnox fills in."""


READ_ONLY = ReadOnly()
Form = Mapping[str, Writable | ReadOnly]


def open_envelope(body: bytes, name: str) -> Mapping[str, object]:
    """Take the object out of its singular envelope (Fortnox docs, parameters)."""
    if not body.strip():
        raise refusals.NO_BODY.error()
    try:
        envelope = amounts.read_json(body)
    except (ValueError, RecursionError) as error:
        raise refusals.BROKEN_JSON.error() from error
    content = envelope.get(name) if isinstance(envelope, dict) else None
    if not isinstance(content, dict):
        raise refusals.WRONG_ENVELOPE.error()
    return content


def read(form: Form, raw: Mapping[str, object], *, partial: bool = False) -> Values:
    """Read the fields that were sent; a partial form, a PUT, may leave out required ones."""
    values: Values = {}
    for field, value in raw.items():
        match form.get(field):
            case None:
                raise refusals.UNKNOWN_FIELD.error(field=field)
            case ReadOnly() if value is not None:
                raise refusals.READ_ONLY_FIELD.error(field=field)
            case Writable(name, reader) if value is not None:
                values[name] = reader(field, value)
    if not partial:
        _demand(form, values)
    return values


def _demand(form: Form, values: Values) -> None:
    for field, rule in form.items():
        if isinstance(rule, Writable) and rule.required and values.get(rule.name) in (None, ""):
            raise refusals.VALUE_MISSING.error(field=field)


def ignored(_: str, value: object) -> object:
    """Read a field that is taken and not heeded."""
    return value


def text(longest: int) -> Reader:
    """Read a text of a limited length."""

    def read_text(field: str, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise refusals.NOT_ALPHANUMERIC.error(field=field)
        words = "" if value == _BLANK else str(value)
        if len(words) > longest:
            raise refusals.TOO_LONG.error(field=field)
        if not text_rules.is_allowed(words):
            raise refusals.FORBIDDEN_CHARACTER.error(field=field)
        return words

    return read_text


def flag(field: str, value: object) -> object:
    """Read a boolean."""
    if not isinstance(value, bool):
        raise refusals.NOT_A_BOOLEAN.error(field=field)
    return value


def whole_number(field: str, value: object) -> object:
    """Read an integer; a string of digits passes, as numbers come as strings on some resources."""
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise refusals.NOT_A_NUMBER.error(field=field)
    return value


def number(field: str, value: object) -> object:
    """Read a number that is not money."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refusals.NOT_A_NUMBER.error(field=field)
    return Decimal(value)


def amount(field: str, value: object) -> object:
    """Read a non-negative amount in kronor as öre."""
    ore = _ore(field, value)
    if ore < 0:
        raise refusals.NEGATIVE_AMOUNT.error(field=field)
    return ore


def signed_amount(field: str, value: object) -> object:
    """Read an amount in kronor as öre."""
    return _ore(field, value)


def _ore(field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refusals.NOT_A_NUMBER.error(field=field)
    if abs(Decimal(value)) * amounts.ORE_PER_KRONA >= _MOST_ORE:
        raise refusals.TOO_LONG.error(field=field)
    try:
        return amounts.to_ore(value)
    except amounts.TooManyDecimalsError as error:
        raise refusals.TOO_MANY_DECIMALS.error(field=field) from error


def day(field: str, value: object) -> object:
    """Read a date, YYYY-MM-DD and nothing else."""
    found = parse_day(value) if isinstance(value, str) else None
    if found is None:
        raise refusals.INVALID_DATE.error(field=field)
    return found


def parse_day(words: str) -> date | None:
    """Turn YYYY-MM-DD into a date, if it is one."""
    try:
        found = date.fromisoformat(words)
    except ValueError:
        return None
    return found if found.isoformat() == words else None


def choice(of: type[StrEnum]) -> Reader:
    """Read one of several words."""

    def read_choice(field: str, value: object) -> object:
        if value not in list(of):
            raise refusals.INVALID_CHOICE.error(field=field)
        return of(str(value))

    return read_choice
