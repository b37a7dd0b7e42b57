"""Worlds for journeys."""

from tests.worlds import (
    active,
    krogen,
    no_waiting_between_tries,
    postgres_shop,
    quiet,
    shop,
    shop_begun,
    sqlite_shop,
    world,
)

__all__ = [
    "active",
    "krogen",
    "no_waiting_between_tries",
    "postgres_shop",
    "quiet",
    "shop",
    "shop_begun",
    "sqlite_shop",
    "world",
]
