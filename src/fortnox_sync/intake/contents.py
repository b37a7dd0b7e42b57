"""What a delivery tells: everything that can be understood, and what can't, never one without the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, assert_never

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from fortnox_sync.accounting.errors import TransactionUnbalancedError
from fortnox_sync.accounting.till import check_balance
from fortnox_sync.intake.payload import (
    KNOWN_TYPES,
    MOST_TRANSACTIONS,
    Catalog,
    CatalogChanged,
    Closed,
    DayClosed,
    Recorded,
    Transaction,
    TransactionsRecorded,
    envelope,
)

_transaction: TypeAdapter[Transaction] = TypeAdapter(Transaction)
_MOST_PROBLEMS = 50
_MOST_OF_A_TRANSACTION = 5
# Where pydantic's words repeat what was sent, ours stand instead.
_OUR_WORDS = {"union_tag_invalid": "It is none of the types there are."}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a delivery and where; `code` is the fault it becomes."""

    code: Literal["delivery_unreadable", "transaction_unbalanced"]
    at: str
    message: str
    transaction_id: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything a delivery told that can be understood, and what can't."""

    type: str | None
    company_id: str | None
    told_at: datetime | None = None
    transactions: tuple[Transaction, ...] = ()
    day_close: DayClosed | None = None
    catalog: CatalogChanged | None = None
    problems: tuple[Problem, ...] = ()
    unbalanced: tuple[Transaction, ...] = ()

    @property
    def is_known(self) -> bool:
        """Tell whether the delivery is of a type this service reads."""
        return self.type in KNOWN_TYPES


class NotJsonError(Exception):
    """The body is no JSON text."""


class TooManyTransactionsError(Exception):
    """The delivery holds more transactions than one may."""


def read(body: bytes) -> Contents:
    """Understand a delivery; NotJsonError and TooManyTransactionsError are the sender's to mend."""
    try:
        told = envelope.validate_json(body)
    except ValidationError as error:
        return _read_what_can_be_read(_decoded(body), error)
    return _understood(told)


def _understood(told: Recorded | Closed | Catalog, problems: tuple[Problem, ...] = ()) -> Contents:
    data = told.data
    match data:
        case TransactionsRecorded():
            transactions, close, catalog = data.transactions, None, None
        case DayClosed():
            transactions, close, catalog = data.transactions, data, None
        case CatalogChanged():
            transactions, close, catalog = (), None, data
        case _:
            assert_never(data)
    unbalanced = {one: problem for one in transactions if (problem := _imbalance(one)) is not None}
    return Contents(
        type=told.type,
        company_id=data.company_id,
        told_at=told.timestamp,
        transactions=tuple(one for one in transactions if one not in unbalanced)
        if unbalanced
        else transactions,
        day_close=close,
        catalog=catalog,
        problems=(*problems, *unbalanced.values()),
        unbalanced=tuple(unbalanced),
    )


def _imbalance(transaction: Transaction) -> Problem | None:
    """Say how a transaction fails to balance, if it does."""
    try:
        check_balance(transaction.transaction_id, transaction.entries)
    except TransactionUnbalancedError as error:
        message = f"Payments are {error.paid_ore} öre, sales and events {error.sold_ore} öre."
        return Problem("transaction_unbalanced", "data.transactions", message, error.transaction_id)
    return None


def _decoded(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        raise NotJsonError from None


def _read_what_can_be_read(decoded: Any, error: ValidationError) -> Contents:  # noqa: ANN401 - any JSON
    """Keep the good transactions of a delivery that has bad ones: one must not hold up the others."""
    frame = decoded if isinstance(decoded, dict) else {}
    data = frame["data"] if isinstance(frame.get("data"), dict) else {}
    kind, company_id = _word(frame.get("type")), _word(data.get("company_id"))
    if kind is not None and kind not in KNOWN_TYPES:
        return Contents(kind, company_id)
    listed = data.get("transactions")
    if not isinstance(listed, list):
        return Contents(kind, company_id, problems=_problems(error))
    if len(listed) > MOST_TRANSACTIONS:
        raise TooManyTransactionsError
    return _transactions_alone(frame, data, listed)


def _transactions_alone(frame: dict[str, Any], data: dict[str, Any], listed: list[Any]) -> Contents:
    """Check the frame without its transactions, then each of them by itself."""
    try:
        told = envelope.validate_json(to_json({**frame, "data": {**data, "transactions": []}}))
    except ValidationError as error:
        return Contents(_word(frame.get("type")), _word(data.get("company_id")), problems=_problems(error))
    if isinstance(told, Catalog):
        return _understood(told)
    good, problems = _each_alone(listed)
    whole = told.model_copy(update={"data": told.data.model_copy(update={"transactions": good})})
    return _understood(whole, problems)


def _each_alone(listed: list[Any]) -> tuple[tuple[Transaction, ...], tuple[Problem, ...]]:
    good: list[Transaction] = []
    problems: list[Problem] = []
    for position, raw in enumerate(listed):
        try:
            good.append(_transaction.validate_json(to_json(raw)))
        except ValidationError as error:
            told_id = _word(raw.get("transaction_id")) if isinstance(raw, dict) else None
            found = _problems(error, f"data.transactions.{position}.", told_id)
            problems.extend(found[:_MOST_OF_A_TRANSACTION])
    return tuple(good), tuple(problems)


def _problems(
    error: ValidationError, prefix: str = "", transaction_id: str | None = None
) -> tuple[Problem, ...]:
    """Say where and what, never the value: it may be somebody's data."""
    return tuple(
        Problem("delivery_unreadable", prefix + _path(detail["loc"]), _words(detail), transaction_id)
        for detail in error.errors(include_url=False, include_input=False)[:_MOST_PROBLEMS]
    )


def _words(detail: ErrorDetails) -> str:
    return _OUR_WORDS.get(detail["type"], detail["msg"])


def _path(location: tuple[int | str, ...]) -> str:
    """Spell a place in the body as its fields, without pydantic's name for the matched union member."""
    return ".".join(str(step) for step in location if step not in KNOWN_TYPES)


def _word(told: object) -> str | None:
    """Return a short printable text, else nothing: it becomes part of a row."""
    fits = isinstance(told, str) and told.isprintable() and 0 < len(told) <= 64  # noqa: PLR2004 - as ids
    return told if fits and isinstance(told, str) else None
