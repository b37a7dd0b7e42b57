"""JSON whose decimals stay decimal: money never passes through a float."""

import json
from decimal import Decimal


def decoded(content: bytes) -> object:
    """Read a JSON body, or raise ValueError; whatever content type it came with."""
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def encoded(value: object) -> bytes:
    """Write a JSON body, each decimal with exactly the digits it has."""
    return _written(value).encode()


def _written(value: object) -> str:
    match value:
        case Decimal():
            return format(value, "f")
        case dict():
            return "{" + ",".join(f"{json.dumps(key)}:{_written(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_written, value)) + "]"
        case float():
            raise TypeError("a float is never exact")
        case _:
            return json.dumps(value)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
