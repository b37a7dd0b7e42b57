"""Counts what is asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from tests.world import World


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """Gather the statements that are asked as long as the block lasts."""
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            asked.append(statement)

    engine = world.service.database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(engine, "before_cursor_execute", note)
