"""What the documents say can be looked up: links lead somewhere, lists are whole, the example is right."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from standardwebhooks import Webhook

from fortnox_sync.export.checkup import FROZEN
from fortnox_sync.export.day_state import DayState
from fortnox_sync.export.invariants import INVARIANTS
from fortnox_sync.export.state import State
from fortnox_sync.export.statement_swedish import SWEDISH
from fortnox_sync.fault.model import FaultCode
from fortnox_sync.intake.signature import Verifier

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
OPERATORS = (ROOT / "docs/operators.md").read_text("utf-8")
INTEGRATORS = (ROOT / "docs/integrators.md").read_text("utf-8")
LOGGED = re.compile(r'\blog\.(?:debug|info|warning|error|exception)\(\s*"([a-z_.]+)"')


def _example(name: str) -> str:
    found = re.search(rf"^\| `?{name}`? \| `(.+)` \|$", INTEGRATORS, re.MULTILINE)
    assert found, f"the example has no {name}"
    return found[1]


def _chapter(title: str) -> str:
    found = re.search(rf"^#+ {title}$(.*?)(?=^#)", OPERATORS, re.MULTILINE | re.DOTALL)
    assert found, f"there is no chapter {title}"
    return found[1]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_signature_of_the_example_is_the_one_the_door_takes() -> None:
    body, stamp = _example("body").encode(), _example("webhook-timestamp")
    headers = {n: _example(n) for n in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    sent_at = datetime.fromtimestamp(int(stamp), UTC)

    verified = Verifier.of([_example("secret")]).verify(headers, body, sent_at)

    assert verified.webhook_id == _example("webhook-id")
    assert verified.sent_at == sent_at


def test_the_signature_of_the_example_is_the_one_others_make() -> None:
    sent_at = datetime.fromtimestamp(int(_example("webhook-timestamp")), UTC)
    signature = Webhook(_example("secret")).sign(_example("webhook-id"), sent_at, _example("body"))
    assert signature == _example("webhook-signature")


def test_operators_are_told_of_every_event_that_is_logged_and_of_no_other() -> None:
    sources = (path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    logged = {event for source in sources for event in LOGGED.findall(source)}
    told = re.findall(r"`([a-z_]+\.[a-z_]+)`", _chapter("Logs"))
    assert sorted(told) == sorted(logged)


def test_operators_are_told_of_every_state_a_voucher_can_be_in() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", _chapter("States"), re.MULTILINE)) == {
        state.value for state in State
    }


def test_accountants_are_told_of_every_state_of_a_day_in_its_order_and_by_its_name() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]+) \|", (ROOT / "docs/accountants.md").read_text("utf-8"), re.MULTILINE
    )
    assert rows == [(state.value, SWEDISH.states[state]) for state in DayState]


def test_operators_are_told_of_every_fault_there_is() -> None:
    rows = re.findall(r"^\| (`.+?`) \|", _chapter("Faults"), re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(get_args(FaultCode))


def test_operators_are_told_what_to_do_with_every_rule_of_the_audit() -> None:
    rows = re.findall(r"^\| (`.+?`) \|", _chapter("Auditing the books"), re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted([*(i.name for i in INVARIANTS), FROZEN])


async def test_the_questions_of_operators_have_answers(postgres_url: str) -> None:
    blocks = re.findall(r"^```sql\n(.+?)^```$", OPERATORS, re.MULTILINE | re.DOTALL)
    questions = [question for block in blocks for question in block.split(";") if question.strip()]
    engine = create_async_engine(postgres_url, poolclass=NullPool)
    async with engine.connect() as connection:
        answers = [(await connection.execute(sa.text(question))).all() for question in questions]
    await engine.dispose()
    assert answers == [[] for _ in questions]
    assert questions
