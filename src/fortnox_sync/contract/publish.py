"""Completes what FastAPI says of the app: examples, and what the door in front of all calls answers."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import yaml

from fortnox_sync.contract import faults
from fortnox_sync.web.problems import MEDIA_TYPE, responses

Json = dict[str, Any]
_BOUNDS = HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
_FAULTS = "GET /v1/companies/{company_id}/faults"
# Problems stand below faults and know nothing of their cures, which some carry.
_CURES = {
    "type": "array",
    "items": {"$ref": "#/components/schemas/RemediationOut"},
    "description": "What cures it, where Fortnox stands in the way.",
}
_SAYS_NOTHING = "Successful Response"  # FastAPI's word where a route has none
_EVERY_CALL = "every_call"


def complete(contract: Json) -> None:
    """Give a contract its examples, and name the answer to a body that is too large."""
    told = _examples()
    shared = {name: one for every in told[_EVERY_CALL].values() for name, one in every.items()}
    contract["components"]["examples"] = {name: {"value": deepcopy(one)} for name, one in shared.items()}
    for call, operation in _calls(contract):
        own = told.get(call, {})
        if "requestBody" in operation:
            _add_bounds(operation)
            for media in operation["requestBody"]["content"].values():
                _add_body(media, own.get("body"))
        for status, answer in operation["responses"].items():
            _describe(contract, answer)
            for media_type, media in answer.get("content", {}).items():
                _add(media, own.get("answers", {}).get(int(status), {}))
                if media_type == MEDIA_TYPE:
                    _share(media, told[_EVERY_CALL].get(int(status), {}))
    contract["components"]["schemas"]["ProblemDocument"]["properties"]["remediations"] = _CURES
    for name, example in faults.components().items():
        contract["components"]["schemas"][name]["examples"] = [example]


@cache
def _examples() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((files(__package__) / "examples.yaml").read_text("utf-8"))
    return read | {_FAULTS: {"answers": {int(HTTPStatus.OK): faults.lists()}}}


def _calls(contract: Json) -> Iterator[tuple[str, Json]]:
    for path, calls in contract["paths"].items():
        for method, operation in calls.items():
            yield f"{method.upper()} {path}", operation


def _describe(contract: Json, answer: Json) -> None:
    """Say what an answer is by its schema's words, and that a problem is told as nothing but a problem."""
    content = answer.get("content", {})
    if MEDIA_TYPE in content:
        answer["content"] = {MEDIA_TYPE: content[MEDIA_TYPE]}
    if answer["description"] == _SAYS_NOTHING:
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        schema = contract["components"]["schemas"].get(name, {})
        answer["description"] = schema.get("description", "Done; there is nothing more to tell.")


def _add_bounds(operation: Json) -> None:
    """Name 408 and 413: bodies are bounded in front of all calls, so no route declares it."""
    for status, refusal in responses(*_BOUNDS).items():
        said = {"description": refusal["description"], "content": deepcopy(refusal["content"])}
        operation["responses"].setdefault(str(status), said)


def _share(media: Json, shared: Json) -> None:
    """Point at the examples of what every call may be answered."""
    named = media.setdefault("examples", {})
    for name in shared:
        named.setdefault(name, {"$ref": f"#/components/examples/{name}"})


def _add_body(media: Json, body: Json | None) -> None:
    """Add the body, or several by name where it may be one of several shapes."""
    if body is None:
        return
    is_named = all(isinstance(one, dict) for one in body.values()) and len(body) > 1
    _add(media, body if is_named else {"": body})


def _add(media: Json, named: Json) -> None:
    if not named or "example" in media or "examples" in media:
        return
    if set(named) == {""}:
        media["example"] = deepcopy(named[""])
    else:
        media["examples"] = {name: {"value": deepcopy(one)} for name, one in named.items()}
