"""Shops on real sockets."""

from tests.worlds import no_waiting_between_tries, postgres_shop, quiet, shop_begun, sqlite_shop

__all__ = ["no_waiting_between_tries", "postgres_shop", "quiet", "shop_begun", "sqlite_shop"]
