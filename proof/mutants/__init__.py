"""The code with one safeguard taken away at a time: tests of two kinds at least must fail on it."""
