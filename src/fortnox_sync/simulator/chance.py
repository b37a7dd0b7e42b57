"""Seeded chance: the same seed gives the same ids, codes and tokens."""

import random
import string
import uuid


class Chance:
    """A stream of ids that a test can repeat."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, it guards nothing real

    def identity(self) -> str:
        """Make a UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def word(self, length: int) -> str:
        """Make an opaque string of letters and digits."""
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=length))

    def database_number(self) -> int:
        """Make a number for a new company."""
        return self._random.randrange(100_000, 2_000_000)
