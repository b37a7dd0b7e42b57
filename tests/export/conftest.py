"""Worlds for the room of exports."""

from tests.worlds import (
    active,
    krogen,
    no_waiting_between_tries,
    paper_shop,
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
    "paper_shop",
    "postgres_shop",
    "quiet",
    "shop",
    "shop_begun",
    "sqlite_shop",
    "world",
]
