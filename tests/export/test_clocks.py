"""Two clocks five minutes apart are as far apart as any fence allows for."""

from datetime import timedelta

import pytest
from tests.world import START

from fortnox_sync.export.clocks import agree


@pytest.mark.parametrize(
    ("seconds", "they_agree"),
    [(0, True), (300, True), (-300, True), (301, False), (-301, False), (86_400, False)],
)
def test_clocks_agree_up_to_five_minutes_either_way(seconds: int, *, they_agree: bool) -> None:
    assert agree(START, START + timedelta(seconds=seconds)) is they_agree
