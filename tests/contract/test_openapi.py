"""`openapi.yaml` is the app's own word: a change of the API shows in it, or these tests fail."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import pytest
import yaml

from fortnox_sync import cli
from fortnox_sync.fault.model import FaultCode

Json = dict[str, Any]
Fits = Callable[[Json, object], list[str]]
WRITTEN = Path(__file__).parents[2] / "openapi.yaml"


@pytest.fixture(scope="module")
def contract() -> Json:
    read: Json = yaml.safe_load(WRITTEN.read_text("utf-8"))
    return read


# Names under which amounts are told; whatever ends in _ore says it itself.
MONEY = re.compile(r"^(amount|debit|credit|net|difference|.*_gross|.*_net|.*_vat|gross|vat)$")


def operations(contract: Json) -> Iterator[tuple[str, Json]]:
    for path, calls in contract["paths"].items():
        for method, operation in calls.items():
            yield f"{method.upper()} {path}", operation


def contents(contract: Json) -> Iterator[tuple[str, Json]]:
    """Yield every body and every answer that has one, by where it stands."""
    for call, operation in operations(contract):
        for kind, media in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{call} takes {kind}", media
        for status, answer in operation["responses"].items():
            for kind, media in answer.get("content", {}).items():
                yield f"{call} answers {status} {kind}", media


def examples(contract: Json, media: Json) -> list[Any]:
    shared = contract["components"]["examples"]
    named = [
        (shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one)["value"]
        for one in media.get("examples", {}).values()
    ]
    return named + ([media["example"]] if "example" in media else [])


def properties(contract: Json) -> Iterator[tuple[str, Json]]:
    for name, schema in contract["components"]["schemas"].items():
        for key, one in schema.get("properties", {}).items():
            yield f"{name}.{key}", one


@pytest.fixture(scope="module")
def fits(contract: Json) -> Fits:
    """Lend what tells why an example does not fit a schema; each schema is read once."""
    components = {"components": {"schemas": contract["components"]["schemas"]}}
    validators: dict[str, jsonschema_rs.Validator] = {}

    def why_not(schema: Json, example: object) -> list[str]:
        key = json.dumps(schema)
        if key not in validators:
            whole = schema | components
            validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [
            f"{error.message} at {'/'.join(map(str, error.instance_path))}"
            for error in validators[key].iter_errors(example)
        ]

    return why_not


def is_described(contract: Json, one: Json) -> bool:
    """Tell whether a property has words or an example, or is of a schema that has them."""
    if "$ref" in one:
        schema = contract["components"]["schemas"][one["$ref"].rpartition("/")[2]]
        return bool(one.get("description") or schema.get("description"))
    return bool(one.get("description") or one.get("examples") or "const" in one)


def has_format(one: Json, wanted: str) -> bool:
    return one.get("format") == wanted or any(part.get("format") == wanted for part in one.get("anyOf", ()))


def is_integer(one: Json) -> bool:
    return one.get("type") == "integer" or any(part.get("type") == "integer" for part in one.get("anyOf", ()))


def test_it_is_what_the_app_says(capsys: pytest.CaptureFixture[str]) -> None:
    cli.openapi()
    assert capsys.readouterr().out == WRITTEN.read_text("utf-8"), "write it anew: make openapi"


def test_every_call_says_in_words_what_it_does(contract: Json) -> None:
    assert [call for call, operation in operations(contract) if not operation.get("description")] == []


def test_every_parameter_says_in_words_what_it_is(contract: Json) -> None:
    mute = [
        f"{call}: {parameter['name']}"
        for call, operation in operations(contract)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert mute == []


def test_every_answer_says_in_words_what_it_is(contract: Json) -> None:
    said = {
        f"{call} {status}": answer["description"]
        for call, operation in operations(contract)
        for status, answer in operation["responses"].items()
    }
    assert {call for call, words in said.items() if words in {"", "Successful Response"}} == set()


def test_every_body_and_every_answer_has_an_example(contract: Json) -> None:
    found = list(contents(contract))
    assert found
    assert [where for where, media in found if not examples(contract, media)] == []


def test_every_example_fits_its_schema(contract: Json, fits: Fits) -> None:
    wrong = [
        f"{where}: {why}"
        for where, media in contents(contract)
        if "schema" in media
        for one in examples(contract, media)
        for why in fits(media["schema"], one)
    ]
    assert wrong == []


def test_every_example_of_a_problem_has_the_status_it_stands_under(contract: Json) -> None:
    told = {
        where: {one["status"] for one in examples(contract, media)}
        for where, media in contents(contract)
        if where.endswith("application/problem+json")
    }
    assert told
    assert {where for where, statuses in told.items() if statuses != {int(where.split()[-2])}} == set()


def test_every_fault_has_an_example_in_its_schema_and_in_the_list_of_faults(contract: Json) -> None:
    schemas = contract["components"]["schemas"]
    codes = set(get_args(FaultCode))
    in_schemas = {one["code"] for schema in schemas.values() for one in schema.get("examples", ())}
    answer = contract["paths"]["/v1/companies/{company_id}/faults"]["get"]["responses"]["200"]
    in_list = answer["content"]["application/json"]["examples"]
    assert in_schemas == set(in_list) == codes
    assert {one["value"]["faults"][0]["fault"]["code"] for one in in_list.values()} == codes


def test_every_example_of_a_schema_fits_it(contract: Json, fits: Fits) -> None:
    schemas = contract["components"]["schemas"]
    wrong = [
        f"{name}: {why}"
        for name, schema in schemas.items()
        for one in schema.get("examples", ())
        for why in fits({"$ref": f"#/components/schemas/{name}"}, one)
    ]
    assert wrong == []


def test_every_property_says_what_it_is(contract: Json) -> None:
    assert [where for where, one in properties(contract) if not is_described(contract, one)] == []


def test_every_amount_says_that_it_is_in_ore(contract: Json) -> None:
    amounts = {
        where: one
        for where, one in properties(contract)
        if is_integer(one) and MONEY.match(where.partition(".")[2])
    }
    assert amounts
    assert [w for w, one in amounts.items() if "öre" not in one.get("description", "").lower()] == []


def test_every_moment_says_that_it_is_utc(contract: Json) -> None:
    moments = {where: one for where, one in properties(contract) if has_format(one, "date-time")}
    assert moments
    assert [w for w, one in moments.items() if "UTC" not in one.get("description", "")] == []


def test_a_generated_client_gets_short_names(contract: Json) -> None:
    names = [operation["operationId"] for _, operation in operations(contract)]
    assert len(names) == len(set(names))
    assert [name for name in names if "__" in name or name.startswith("v1")] == []


def test_every_call_of_a_company_needs_a_bearer_token(contract: Json) -> None:
    guarded = [path for path in contract["paths"] if path.startswith("/v1/companies/")]
    assert guarded
    assert all(call["security"] for path in guarded for call in contract["paths"][path].values())


def test_every_refusal_of_the_api_is_a_problem_document(contract: Json) -> None:
    refusals = {
        (path, status): set(answer["content"])
        for path, calls in contract["paths"].items()
        if path.startswith("/v1/")
        for call in calls.values()
        for status, answer in call["responses"].items()
        if status.startswith(("4", "5"))
    }
    assert refusals
    assert {found for found, media in refusals.items() if media != {"application/problem+json"}} == set()


def test_every_call_of_a_company_names_what_the_door_answers(contract: Json) -> None:
    guarded = {call: op["responses"].keys() for call, op in operations(contract) if "/v1/companies/" in call}
    door = {"401", "403", "404", "422", "429", "503"}
    assert guarded
    assert [call for call, statuses in guarded.items() if not door <= statuses] == []


def test_every_call_with_a_body_names_the_answer_to_one_too_large(contract: Json) -> None:
    with_body = {call: op["responses"].keys() for call, op in operations(contract) if "requestBody" in op}
    assert with_body
    assert [call for call, statuses in with_body.items() if "413" not in statuses] == []


def test_settings_name_the_answers_of_a_fortnox_that_cannot_be_asked(contract: Json) -> None:
    answers = contract["paths"]["/v1/companies/{company_id}/integration/settings"]["patch"]["responses"]
    assert set(answers["409"]["content"]["application/problem+json"]["examples"]) == {
        "not_connected",
        "authorization_expired",
    }
    assert "fortnox_unavailable" in answers["503"]["content"]["application/problem+json"]["examples"]
