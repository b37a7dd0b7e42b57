"""The first screen: a company with years of sales and trouble, to one that was activated a moment ago."""

from __future__ import annotations

import asyncio
import http.client
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from functools import partial
from http import HTTPStatus

from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from bench import years
from bench.databases import Shelf
from bench.figures import Aim, Figure
from bench.serving import serving
from fortnox_sync import bootstrap
from fortnox_sync.app import create_app
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.specimen import new_signing_key, specimen_settings

ROUNDS = 3
CALLS = 100
_P99 = CALLS * 99 // 100 - 1
_FLAT = Aim(2.0, at_most=True)
_ISSUER, _AUDIENCE = "https://backoffice.example", "fortnox-sync"


class NotShownError(Exception):
    """The screen was not shown, or not all of it: it is no use to measure that."""


def measure(shelf: Shelf) -> Iterator[Figure]:
    """Look at both companies by turns, over HTTP at one process with one database."""
    url, key = shelf.new(), new_signing_key()
    asyncio.run(years.pass_by(url))
    shelf.settle(url)
    keys = json.dumps(KeySet([key]).as_dict(private=False))
    with serving(partial(_service, keys), url) as port:
        rounds = _rounds(http.client.HTTPConnection("127.0.0.1", port), _token(key))
    p99 = tuple((_p99(full), _p99(empty)) for full, empty in rounds)
    medians = tuple((statistics.median(full), statistics.median(empty)) for full, empty in rounds)
    sizes = f"{years.SESSIONS} sessions, {years.MAPPINGS} mappings, {years.FAULTS} faults"
    what = f"p99 of GET /integration, {sizes}"
    for name, figures, aim in ((what, p99, _FLAT), ("the median of the same calls", medians, None)):
        yield Figure(
            "integration",
            shelf.kind,
            name,
            _against(figures),
            tuple(full / empty for full, empty in figures),
            aim,
        )


def _against(figures: Sequence[tuple[float, float]]) -> str:
    full, empty = (statistics.median(one) * 1000 for one in zip(*figures, strict=True))
    return f"an empty company ({full:.1f} to {empty:.1f} ms)"


def _service(keys: str, url: str) -> FastAPI:
    settings = specimen_settings(
        database_url=url, jwt_jwks=keys, jwt_issuer=_ISSUER, jwt_audience=_AUDIENCE, jwt_algorithms="ES256"
    )
    return create_app(bootstrap.build(settings, LocalBell(), process=bootstrap.Process.API))


def _token(key: ECKey) -> str:
    claims = {"iss": _ISSUER, "aud": _AUDIENCE, "sub": "owner", "company_ids": [years.FULL, years.EMPTY]}
    until = {"iat": int(time.time()), "exp": int(time.time()) + 3600, "scope": "integration:read"}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims | until, key)


def _rounds(way: http.client.HTTPConnection, token: str) -> list[tuple[list[float], list[float]]]:
    """Time rounds of calls by turns; the round before the first warms up."""
    found = []
    for _ in range(ROUNDS + 1):
        both = [(_seconds(way, token, years.FULL), _seconds(way, token, years.EMPTY)) for _ in range(CALLS)]
        found.append(([full for full, _ in both], [empty for _, empty in both]))
    return found[1:]


def _seconds(way: http.client.HTTPConnection, token: str, company: str) -> float:
    began = time.perf_counter()
    way.request("GET", f"/v1/companies/{company}/integration", headers={"Authorization": f"Bearer {token}"})
    answer = way.getresponse()
    body = answer.read()
    took = time.perf_counter() - began
    _check(answer.status, json.loads(body), company)
    return took


def _check(status: int, shown: years.Json, company: str) -> None:
    faults = len(shown.get("faults", ()))
    if status != HTTPStatus.OK or faults != (years.FAULTS if company == years.FULL else 0):
        raise NotShownError(f"{status} with {faults} faults")


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[_P99]
