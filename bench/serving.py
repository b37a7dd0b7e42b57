"""Endpoints in processes of their own: the service, and what it is compared with, under the same server."""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import uvicorn
from fastapi import FastAPI
from tests import throwaway
from tests.factories import SECRET

from bench import raw, raw_postgres, raw_sqlite
from fortnox_sync import bootstrap
from fortnox_sync.app import create_app
from fortnox_sync.intake.signature import Verifier
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.specimen import specimen_settings

_START_SECONDS = 30
MakeApp = Callable[[str], FastAPI]


def service(url: str) -> FastAPI:
    """Make the service as `fortnox-sync serve` does."""
    settings = specimen_settings(database_url=url, till_webhook_secrets=SECRET)
    return create_app(bootstrap.build(settings, LocalBell(), process=bootstrap.Process.API))


def by_hand(url: str) -> FastAPI:
    """Make the endpoint over SQL written by hand."""
    driver = raw_sqlite if url.startswith("sqlite") else raw_postgres
    return raw.create_app(partial(driver.opened, url), Verifier.of([SECRET]))


@contextmanager
def serving(make_app: MakeApp, url: str) -> Iterator[int]:
    """Serve an app in a process of its own and tell its port."""
    port = throwaway.free_port()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(make_app, url, port), daemon=True
    )
    process.start()
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.join()


def _serve(make_app: MakeApp, url: str, port: int) -> None:
    uvicorn.run(
        make_app(url), host="127.0.0.1", port=port, log_config=None, server_header=False, access_log=False
    )


def _wait(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise TimeoutError("the endpoint did not start")
