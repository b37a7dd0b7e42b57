"""Swedish till sales become Fortnox vouchers, each booked exactly once."""

__version__ = "0.1.0"
