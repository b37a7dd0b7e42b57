"""What a statement has words for; the words are in `statement_swedish` and `statement_english`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fortnox_sync.export.day_state import DayState
from fortnox_sync.export.statement import VoucherKind


@dataclass(frozen=True, slots=True)
class Words:
    """What a statement says; texts in braces take figures."""

    language: Literal["sv", "en"]
    title: str
    period: str
    books: str
    made: str
    organisation_number: str
    till: str
    booked: str
    difference: str
    all_booked: str
    not_all_booked: str
    all_verified: str
    some_verified: str
    no_vouchers: str
    changed: str
    unbooked: str
    state: str
    sessions: str
    dates: str
    per_account: str
    account: str
    name: str
    debit: str
    credit: str
    net: str
    total: str
    vat: str
    rate: str
    till_gross: str
    till_net: str
    till_vat: str
    booked_net: str
    booked_vat: str
    vat_note: str
    z_numbers: str
    register: str
    first_to_last: str
    before: str
    reports: str
    missing: str
    repeated: str
    still_open: str
    unbroken: str
    days: str
    vouchers: str
    number: str
    date: str
    text: str
    kind: str
    amount: str
    verified: str
    yes: str
    no: str
    place_and_date: str
    signature: str
    clarified: str
    about_sums: str
    about_gross: str
    states: Mapping[DayState, str]
    kinds: Mapping[VoucherKind, str]
