"""Unbooked sales become vouchers, each booked exactly once."""
