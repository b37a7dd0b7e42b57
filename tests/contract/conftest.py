"""The little shop, for calls drawn from the contract."""

from tests.worlds import no_waiting_between_tries, quiet, sqlite_shop

__all__ = ["no_waiting_between_tries", "quiet", "sqlite_shop"]
