"""Every documented error body, met by the client through httpx's own transport."""

from datetime import date

import httpx
import pytest
import respx
from tests.fortnox.test_answers import DOCUMENTED, SPELLINGS, expected_kind

from fortnox_sync.fortnox import FortnoxClient, Refused, Throttle, VoucherDraft, VoucherRowDraft, http_clients
from fortnox_sync.fortnox.errors import FortnoxError

DRAFT = VoucherDraft(
    "F",
    date(2026, 10, 2),
    "Dagskassa",
    "#KX1",
    (VoucherRowDraft(1910, 100, 0), VoucherRowDraft(3001, 0, 100)),
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("status", "code", "text"), DOCUMENTED)
async def test_a_documented_refusal_of_a_voucher_is_told_apart_and_asked_once(
    status: int, code: int, text: str, spelling: str
) -> None:
    body = {"ErrorInformation": SPELLINGS[spelling](code, text)}
    with respx.mock(base_url="https://api.test") as fortnox:
        route = fortnox.post("/3/vouchers", params={"financialyear": "7"})
        route.mock(return_value=httpx.Response(status, json=body, headers={"X-Uid": "u1"}))
        async with http_clients() as http:
            client = FortnoxClient("https://api.test/3", "token", http, Throttle())
            with pytest.raises(FortnoxError) as refused:
                await client.create_voucher(DRAFT, 7)

    assert type(refused.value) is expected_kind(status, code)
    assert route.call_count == 1
    if isinstance(refused.value, Refused):
        assert (refused.value.code, refused.value.text, refused.value.request_id) == (code, text, "u1")
