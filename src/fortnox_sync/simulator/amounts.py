"""Kronor on the wire, whole öre in the books, and never a float between the two."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from json.encoder import encode_basestring

ORE_PER_KRONA = 100


@dataclass(frozen=True, slots=True)
class Kronor:
    """An amount in öre that is written in kronor."""

    ore: int

    def __str__(self) -> str:
        """Write whole kronor as an integer, others with two decimals; both were seen in recorded answers."""
        kronor, ore = divmod(abs(self.ore), ORE_PER_KRONA)
        sign = "-" if self.ore < 0 else ""
        return f"{sign}{kronor}.{ore:02d}" if ore else f"{sign}{kronor}"


class TooManyDecimalsError(ValueError):
    """An amount has parts of an öre."""


def to_ore(kronor: int | Decimal) -> int:
    """Turn kronor into öre, or refuse an amount that has parts of one."""
    ore = Decimal(kronor) * ORE_PER_KRONA
    if ore != ore.to_integral_value():
        raise TooManyDecimalsError(str(kronor))
    return int(ore)


def swedish_amount(ore: int) -> str:
    """Write an amount for Swedish eyes: 12 345,00."""
    kronor, rest = divmod(abs(ore), ORE_PER_KRONA)
    grouped = f"{kronor:,}".replace(",", "\N{NO-BREAK SPACE}")
    return f"{'-' if ore < 0 else ''}{grouped},{rest:02d}"


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def read_json(body: bytes) -> object:
    """Read JSON with exact numbers."""
    return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)


def write_json(value: object) -> bytes:
    """Write JSON with exact numbers: the standard writer would make floats of them."""
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts).encode()


def _write(value: object, put: Callable[[str], object]) -> None:
    match value:
        case str():
            put(encode_basestring(value))
        case bool() | None:
            put(json.dumps(value))
        case int() | Kronor():
            put(str(value))
        case Decimal():
            put(format(value, "f"))
        case Mapping():
            _write_object(value, put)
        case list() | tuple():
            _write_array(value, put)
        case _:
            raise TypeError(f"no way to write {type(value).__name__} as JSON")


def _write_object(value: Mapping[object, object], put: Callable[[str], object]) -> None:
    put("{")
    for index, (key, item) in enumerate(value.items()):
        put("," if index else "")
        put(encode_basestring(str(key)))
        put(":")
        _write(item, put)
    put("}")


def _write_array(value: list[object] | tuple[object, ...], put: Callable[[str], object]) -> None:
    put("[")
    for index, item in enumerate(value):
        put("," if index else "")
        _write(item, put)
    put("]")
