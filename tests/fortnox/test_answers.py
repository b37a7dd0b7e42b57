"""Every answer of Fortnox becomes a value or one member of the error tree."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from fortnox_sync.fortnox import NotFound, Refused, Throttled, Unanswered, Unauthorised
from fortnox_sync.fortnox.answers import answered_at, judged, request_id_of
from fortnox_sync.fortnox.errors import FortnoxError

DOCUMENTED = [
    # (status, code, text) as collected from Fortnox's errors page and from integrators' help pages
    (400, 2001304, "Kunde inte hitta konto"),
    (404, 2000423, "Kan inte hitta kontot."),
    (400, 2000550, "Konto 3001 är inte aktivt"),
    (400, 2001265, "The account is missing, nonexistent or inactive"),
    (400, 2000946, "Kostnadsställe är obligatoriskt på konto: 1930"),
    (400, 2002821, 'Angivet kostnadsställe "UND" är inte aktivt.'),
    (400, 2000947, ""),
    (400, 2000401, "Kassören har låst perioden t.o.m. 2026-02-28. Lås upp perioden för att fortsätta."),
    (400, 2002141, ""),
    (400, 2001897, ""),
    (403, 2002455, ""),
    (400, 2000663, "Har inte behörighet för scope"),
    (403, 2000663, "Har inte behörighet för scope"),
    (403, 2001101, "Det finns ingen aktiv licens för önskat scope"),
    (403, 2001103, "Api-licens saknas."),
    (401, 2000310, "Ogiltig inloggning"),
    (401, 2004054, ""),
    (401, 2000311, "Kan inte logga in, access-token eller client-secret saknas(2)."),
    (401, 2003275, "Ej autentiserad"),
    (400, 2000719, "Ogiltig auktoriseringskod."),
    (400, 2000359, "Värdet innehåller ej tillåtna tecken. (description)"),
    (400, 2000106, "Värdet måste vara alfanumeriskt"),
    (400, 2000107, ""),
    (400, 2000108, "Värdet måste vara numeriskt"),
    (400, 2000134, "Värdet måste vara en boolean"),
    (400, 2000321, ""),
    (400, 2000587, "Ett ogiltigt filter har använts."),
    (400, 2000588, "Ogiltig parameter i anropet."),
    (400, 2000729, "A valid identifier was not provided."),
    (404, 2000762, "No such route"),
    (400, 2001392, "Ingen eller felaktig typ av data."),
    (400, 2001399, "Felaktigt fältnamn (Foo)"),
    (400, 2001940, "Verifikationsserien är inte manuell (1)."),
    (400, 2002115, "Error deserializing JSON: JSON_ERROR_SYNTAX"),
    (400, 2002649, "Felaktig datastruktur."),
    (400, 1000030, "Invalid response type"),
    (400, 1000031, "Invalid content type"),
    (400, 2001740, "Inläsning av dokument misslyckades"),
    (500, 1000003, "System exception"),
    (500, 1000029, "Internal error"),
    (404, 2001161, "Kan inte hitta projektet."),
    (400, 2001403, ""),
    (400, 2000570, ""),
    (404, 2000428, "Kan inte hitta artikeln."),
]

SPELLINGS = {
    "lower case": lambda code, text: {"error": 1, "message": text, "code": code},
    "capitals": lambda code, text: {"Error": 1, "Message": text, "Code": code},
    "code as text": lambda code, text: {"error": "1", "message": text, "code": str(code)},
}


def meaning(answer: httpx.Response) -> FortnoxError:
    with pytest.raises(FortnoxError) as caught:
        judged(answer)
    return caught.value


def expected_kind(status: int, code: int) -> type[FortnoxError]:
    if code == 2000762:
        return Refused
    return {404: NotFound, 401: Unauthorised, 500: Unanswered}.get(status, Refused)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("status", "code", "text"), DOCUMENTED)
def test_documented_errors_are_understood_in_every_spelling(
    status: int, code: int, text: str, spelling: str
) -> None:
    body = {"ErrorInformation": SPELLINGS[spelling](code, text)}
    fault = meaning(httpx.Response(status, json=body, headers={"X-Uid": "uid-1"}))
    assert type(fault) is expected_kind(status, code)
    assert vars(fault)["request_id"] == "uid-1"
    if isinstance(fault, Refused | Unauthorised):
        assert (fault.code, fault.text) == (code, text)


@pytest.mark.parametrize("content_type", ["text/html; charset=UTF-8", "text/plain", "application/json", ""])
def test_an_error_body_is_read_whatever_its_content_type(content_type: str) -> None:
    content = json.dumps({"ErrorInformation": {"error": 1, "message": "x", "code": 2001304}}).encode()
    fault = meaning(httpx.Response(400, content=content, headers={"Content-Type": content_type}))
    assert isinstance(fault, Refused)
    assert fault.code == 2001304


def test_the_gateways_refusal_of_a_bearer_is_unauthorised() -> None:
    fault = meaning(httpx.Response(401, json={"message": "unauthorized"}))
    assert isinstance(fault, Unauthorised)
    assert fault.text == "unauthorized"


def test_a_bare_401_is_unauthorised() -> None:
    assert isinstance(meaning(httpx.Response(401)), Unauthorised)


def test_a_wrong_address_is_not_taken_for_an_absent_thing() -> None:
    body = {"ErrorInformation": {"error": 1, "message": "No such route", "code": 2000762}}
    assert not isinstance(meaning(httpx.Response(404, json=body)), NotFound)


@pytest.mark.parametrize("status", [300, 301, 302, 304, 307, 308, 408, 500, 502, 503, 504, 599])
@pytest.mark.parametrize("content", [b"", b"<html>", b'{"ErrorInformation":{"code":2001304}}'])
def test_faults_and_redirects_leave_us_not_knowing(status: int, content: bytes) -> None:
    fault = meaning(httpx.Response(status, content=content))
    assert isinstance(fault, Unanswered)
    assert fault.status == status


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
@pytest.mark.parametrize(
    "content",
    [
        b"<html><h1>Denied</h1></html>",
        b"[]",
        b'{"ErrorInformation":{}}',
        b'{"ErrorInformation":"x"}',
        b'{"a":1}',
    ],
)
def test_a_refusal_that_names_no_error_leaves_us_not_knowing(status: int, content: bytes) -> None:
    assert isinstance(meaning(httpx.Response(status, content=content)), Unanswered)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "999999999"}, 3600.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "Sat, 14 Mar 2026 22:00:09 GMT", "Date": "Sat, 14 Mar 2026 22:00:00 GMT"}, 9.0),
        ({"Retry-After": "Sat, 14 Mar 2026 21:00:09 GMT", "Date": "Sat, 14 Mar 2026 22:00:00 GMT"}, 0.0),
        ({"Retry-After": "Sat, 14 Mar 2026 22:00:09 GMT"}, None),
    ],
)
def test_a_429_tells_how_long_to_wait_if_it_does(headers: dict[str, str], seconds: float | None) -> None:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    fault = meaning(httpx.Response(429, content=b"<html>", headers=sent))
    assert isinstance(fault, Throttled)
    assert fault.retry_after == seconds


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Sat, 99 Mar 2026 22:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"]
)
def test_an_unreadable_clock_is_no_clock(date: str) -> None:
    assert answered_at(httpx.Response(200, headers={"Date": date})) is None


def test_the_clock_is_read_in_utc() -> None:
    answer = httpx.Response(200, headers={"Date": "Sat, 14 Mar 2026 22:00:00 GMT"})
    assert answered_at(answer) == datetime(2026, 3, 14, 22, tzinfo=UTC)


def test_a_missing_request_id_is_none() -> None:
    assert request_id_of(httpx.Response(200)) is None
