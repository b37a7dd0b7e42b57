"""Many tills at once: each sends its next delivery as soon as the last one was answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence

import uvloop

_ACCEPTED = b"HTTP/1.1 202"


class NotAcceptedError(Exception):
    """An endpoint refused a delivery: it is no use to measure that."""


def request(body: bytes, headers: dict[str, str]) -> bytes:
    """Spell a delivery as it goes over the wire."""
    told = {"host": "127.0.0.1", "content-length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST /v1/webhooks/till HTTP/1.1\r\n{head}\r\n".encode() + body


def seconds(port: int, requests: Sequence[bytes], tills: int) -> float:
    """Send everything and tell how long it took until the last answer."""
    return uvloop.run(_seconds(port, requests, tills))


async def _seconds(port: int, requests: Sequence[bytes], tills: int) -> float:
    waiting = iter(requests)
    ways = [await asyncio.open_connection("127.0.0.1", port) for _ in range(tills)]
    began = time.perf_counter()
    await asyncio.gather(*(_send(way, waiting) for way in ways))
    took = time.perf_counter() - began
    for _, writer in ways:
        writer.close()
    return took


async def _send(way: tuple[asyncio.StreamReader, asyncio.StreamWriter], waiting: Iterator[bytes]) -> None:
    reader, writer = way
    for one in waiting:
        writer.write(one)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(_ACCEPTED):
            raise NotAcceptedError(head.decode())
        await reader.readexactly(_length(head))


def _length(head: bytes) -> int:
    name = b"content-length: "
    start = head.lower().index(name) + len(name)
    return int(head[start : head.index(b"\r\n", start)])
