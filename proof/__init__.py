"""Proof that each safeguard of the promise is needed: without it, a part of this package must fail."""
