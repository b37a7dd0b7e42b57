"""Whoever connects to the door without being a till: slow, endless, or with no ear for the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SOON = 20.0
LET_GO = b""
HERE = "127.0.0.1"


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Be somebody at the door, with patience enough to see what becomes of it."""
    reader, writer = await asyncio.open_connection(HERE, port)
    try:
        async with asyncio.timeout(SOON):
            yield reader, writer
    finally:
        writer.transport.abort()


async def let_go(reader: asyncio.StreamReader) -> bytes:
    """Wait until nothing more comes, and return what did."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return LET_GO


def hear_nothing(reader: asyncio.StreamReader) -> None:
    """Take no byte of any answer."""
    reader._transport.pause_reading()  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way


async def pour(writer: asyncio.StreamWriter, poured: bytes) -> None:
    """Send the same a hundred times, whoever listens."""
    for _ in range(100):
        writer.write(poured)
        await writer.drain()


async def go_on_until_cut_off(writer: asyncio.StreamWriter, said: bytes) -> None:
    """Say the same again and again until nobody takes it any more."""
    try:
        while True:
            writer.write(said)
            await writer.drain()
    except ConnectionError:
        return
