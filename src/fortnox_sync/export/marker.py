"""The marker: a voucher's own mark in the customer's books, by which it is found again."""

from __future__ import annotations

import re
import secrets

from fortnox_sync.fortnox import BookedVoucher

# Crockford's base 32: no I, L, O, U, so that nobody misreads one over the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SIGN = "#KX"
_LENGTH = 10
_MARKER = re.compile(f"{_SIGN}[{_ALPHABET}]{{{_LENGTH}}}")


def new_marker() -> str:
    """Return a fresh marker, such as `#KX7Q2M0ZB4TD`; fifty random bits."""
    return _SIGN + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def unmarked(text: str) -> str:
    """Return what a person wrote so that it can't carry a marker: a copied one would count as a copy."""
    return text.replace(_SIGN[0], "")


def is_marked(marker: str, *texts: str | None) -> bool:
    """Tell whether one of the texts carries the marker."""
    return any(marker in text for text in texts if text)


def marker_in(*texts: str | None) -> str | None:
    """Return the marker that stands in one of the texts, whosever it is."""
    found = (_MARKER.search(text) for text in texts if text)
    return next((one.group() for one in found if one), None)


def carries(booked: BookedVoucher, marker: str) -> bool:
    """Tell whether a booked voucher carries the marker in any of its three places."""
    return is_marked(marker, booked.comments, booked.description, *(row.text for row in booked.rows))


def carries_any(booked: BookedVoucher) -> bool:
    """Tell whether a booked voucher carries a marker of this service, whichever it is."""
    return carries(booked, _SIGN)
