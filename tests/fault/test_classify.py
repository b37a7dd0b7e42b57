"""From Fortnox's answers to faults: the number counts before the words, the words before the status."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fortnox_sync.fault.classify import FAULT_FOR, Context, classify
from fortnox_sync.fault.codes import MEANING_OF_CODE, MEANING_OF_GRANT_ERROR, Code, Meaning
from fortnox_sync.fault.facts import AccountsFacts
from fortnox_sync.fault.model import (
    FAULT,
    AccountInactive,
    AccountMissing,
    AnswerInDoubt,
    AuthorizationExpired,
    CostCenterInactive,
    CostCenterMissing,
    CostCenterNotAllowed,
    CostCenterRequired,
    FaultCode,
    FinancialYearMissing,
    LicenseMissing,
    PeriodLocked,
    RateLimited,
    RejectedByFortnox,
    VoucherSeriesNotManual,
    subject,
)
from fortnox_sync.fault.parts import FinancialYear, Item
from fortnox_sync.fault.texts import message, title
from fortnox_sync.fault.wording import LONGEST_TEXT, PATTERNS
from fortnox_sync.fortnox.errors import (
    FortnoxError,
    GrantRefused,
    NotFound,
    NotSent,
    Refused,
    Throttled,
    Unanswered,
    Unauthorised,
)

NOW = datetime(2026, 10, 3, 0, 12, tzinfo=UTC)
YEAR = FinancialYear(label="2026")
FOOD = Item(dimension="article_group", key="food", name="Mat")
KNOWN = Context(
    now=NOW,
    series="K",
    financial_year=YEAR,
    transaction_date=date(2026, 10, 2),
    accounts={3001: (FOOD,), 1930: ()},
    cost_centers={"UND": "Underhåll"},
)
BARE = Context(now=NOW)


def refused(code: int | None = None, text: str = "", status: int = 400) -> Refused:
    return Refused(status=status, code=code, text=text, request_id="r-1")


BY_CODE: list[tuple[int, FaultCode]] = [
    (2001304, "account_missing"),
    (2000423, "account_missing"),
    (2000550, "account_inactive"),
    (2001265, "account_inactive"),
    (2000946, "cost_center_required"),
    (2002821, "cost_center_inactive"),
    (2000947, "cost_center_inactive"),
    (2001940, "voucher_series_not_manual"),
    (2000401, "period_locked"),
    (2002141, "period_locked"),
    (2000663, "license_missing"),
    (2002455, "license_missing"),
    (2001101, "license_missing"),
    (2001103, "license_missing"),
    (2000310, "authorization_expired"),
    (2004054, "authorization_expired"),
    (2000311, "authorization_expired"),
    (2003275, "authorization_expired"),
    (2000719, "authorization_expired"),
    (1000003, "fortnox_unavailable"),
    (1000029, "fortnox_unavailable"),
    *((code, "rejected_by_fortnox") for code in (2000359, 2000106, 2000107, 2000108, 2000134, 2000321)),
    *((code, "rejected_by_fortnox") for code in (2000587, 2000588, 2000729, 2000762, 2001392, 2001399)),
    *((code, "rejected_by_fortnox") for code in (2001897, 2002115, 2002649, 1000030, 1000031)),
    *((code, "rejected_by_fortnox") for code in (2001740, 2001161, 2001403, 2000570, 2003125, 2000428)),
]

BY_TEXT: list[tuple[str, FaultCode]] = [
    ("Kunde inte hitta konto", "account_missing"),
    ("Kan inte hitta kontot.", "account_missing"),
    ("Konto saknas i kontoplanen", "account_missing"),
    ("Konto 3001 är inte aktivt", "account_inactive"),
    ("Ogiltigt konto", "account_inactive"),
    ("Kostnadsställe är obligatoriskt på konto: 1930", "cost_center_required"),
    ('Angivet kostnadsställe "UND" är inte aktivt.', "cost_center_inactive"),
    ("Kostnadsställe är ej tillåtet på konto 1930", "cost_center_not_allowed"),
    ("Kunde inte hämta kostnadsställe", "cost_center_missing"),
    ("Kunde inte hitta kostnadsställe", "cost_center_missing"),
    ("Verifikationsserien är inte manuell (F)", "voucher_series_not_manual"),
    ("Verifikationsserien är inte manuell (1).", "voucher_series_not_manual"),
    ("Ogiltig verifikationsserie angiven", "voucher_series_missing"),
    ('Verifikationsserien "F - Kassa" finns inte', "voucher_series_missing"),
    ("Anna Ek har låst perioden t.o.m. 2026-09-30. Lås upp perioden för att fortsätta.", "period_locked"),
    ("Bokföringsdatumet ligger i en automatlåst period", "period_locked"),
    (
        "Räkenskapsår finns inte upplagt. För att kunna skapa en faktura krävs det att ett finns.",
        "financial_year_missing",
    ),
    ("Räkenskapsår saknas för valt datum.", "financial_year_missing"),
    ("Har inte behörighet för scope", "license_missing"),
    ("Det finns ingen aktiv licens för önskat scope", "license_missing"),
    ("Api-licens saknas.", "license_missing"),
    ("Lacks authorization to post verifications", "license_missing"),
    ("Ogiltig inloggning", "authorization_expired"),
    ("Kan inte logga in, access-token eller client-secret saknas(2).", "authorization_expired"),
    ("Ej autentiserad", "authorization_expired"),
    ("Ogiltig auktoriseringskod.", "authorization_expired"),
    ("Projekt är obligatoriskt på konto", "rejected_by_fortnox"),
    ("Projektredovisningsperioden är inte aktiv för projekt", "rejected_by_fortnox"),
    ("Värdet innehåller ej tillåtna tecken. (Description)", "rejected_by_fortnox"),
    ("Värdet tolkas som null", "rejected_by_fortnox"),
    ("Kan inte hitta projektet.", "rejected_by_fortnox"),
]


@pytest.mark.parametrize(("code", "fault"), BY_CODE)
def test_a_number_alone_says_enough(code: int, fault: FaultCode) -> None:
    assert classify(refused(code), KNOWN).code == fault


@pytest.mark.parametrize(("text", "fault"), BY_TEXT)
def test_words_alone_say_enough(text: str, fault: FaultCode) -> None:
    assert classify(refused(text=text), KNOWN).code == fault
    assert classify(refused(text=text.upper()), KNOWN).code == fault


def test_every_number_with_a_meaning_of_its_own_is_a_documented_one() -> None:
    tested = {code for code, _ in BY_CODE}
    assert set(MEANING_OF_CODE) <= tested
    assert set(MEANING_OF_CODE) == set(Code)


def test_the_number_counts_before_the_words() -> None:
    assert classify(refused(2001940, "Konto 3001 är inte aktivt"), KNOWN).code == "voucher_series_not_manual"


def test_words_quoted_in_a_known_mistake_of_ours_are_no_evidence() -> None:
    assert (
        classify(refused(2001399, "Felaktigt fältnamn (ogiltigt konto)"), KNOWN).code == "rejected_by_fortnox"
    )


def test_the_words_count_before_the_status() -> None:
    assert classify(refused(None, "Konto 3001 är inte aktivt", 403), KNOWN).code == "account_inactive"
    assert classify(refused(2999999, "Ogiltigt konto", 401), KNOWN).code == "account_inactive"


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, "rejected_by_fortnox"),
        (404, "rejected_by_fortnox"),
        (401, "authorization_expired"),
        (403, "license_missing"),
        (429, "rate_limited"),
        (408, "fortnox_unavailable"),
        (500, "fortnox_unavailable"),
        (503, "fortnox_unavailable"),
        (302, "fortnox_unavailable"),
    ],
)
def test_a_bare_status_is_the_last_evidence(status: int, fault: FaultCode) -> None:
    assert classify(refused(status=status), KNOWN).code == fault


def test_the_inactive_account_and_what_uses_it_are_named() -> None:
    fault = classify(refused(2000550, "Konto 3001 är inte aktivt"), KNOWN)
    assert isinstance(fault, AccountInactive)
    (use,) = fault.facts.accounts
    assert (use.number, use.items) == (3001, (FOOD,))
    assert fault.facts.financial_year == YEAR


def test_several_accounts_in_one_sentence_are_all_named() -> None:
    fault = classify(refused(text="Konto 3001, 3002 och 1930 är inte aktiva"), BARE)
    assert subject(fault) == "1930,3001,3002"


def test_an_account_fortnox_does_not_name_is_taken_from_a_look_at_the_chart() -> None:
    looked = Context(now=NOW, missing_accounts=(3001,))
    assert subject(classify(NotFound(code=2000423, text="Kan inte hitta kontot."), looked)) == "3001"


def test_an_account_nobody_named_stays_unnamed() -> None:
    fault = classify(refused(2001304, "Kunde inte hitta konto"), KNOWN)
    assert isinstance(fault, AccountMissing)
    assert fault.facts == AccountsFacts(financial_year=YEAR)


def test_an_unusable_account_is_missing_where_the_chart_lacks_it() -> None:
    assert classify(refused(text="Ogiltigt konto"), Context(now=NOW, missing_accounts=(3001,))).code == (
        "account_missing"
    )


def test_the_inactive_cost_centre_is_named_as_the_till_names_it() -> None:
    fault = classify(refused(2002821, 'Angivet kostnadsställe "UND" är inte aktivt.'), KNOWN)
    assert isinstance(fault, CostCenterInactive)
    assert (fault.facts.code, fault.facts.name) == ("UND", "Underhåll")


def test_the_only_cost_centre_of_a_voucher_is_the_one_meant() -> None:
    fault = classify(refused(text="Kunde inte hitta kostnadsställe"), KNOWN)
    assert isinstance(fault, CostCenterMissing)
    assert (fault.facts.code, fault.facts.name) == ("UND", "Underhåll")


def test_among_several_cost_centres_none_is_guessed() -> None:
    several = Context(now=NOW, cost_centers={"UND": "Underhåll", "BAR": "Bar"})
    fault = classify(refused(text="Kunde inte hitta kostnadsställe"), several)
    assert isinstance(fault, CostCenterMissing)
    assert fault.facts.code == ""


def test_the_account_that_demands_a_cost_centre_is_named() -> None:
    fault = classify(refused(2000946, "Kostnadsställe är obligatoriskt på konto: 1930"), KNOWN)
    assert isinstance(fault, CostCenterRequired)
    assert (fault.facts.account, fault.facts.code) == (1930, "")


def test_the_account_that_takes_no_cost_centre_is_named() -> None:
    fault = classify(refused(text="Kostnadsställe är ej tillåtet på konto 3001"), KNOWN)
    assert isinstance(fault, CostCenterNotAllowed)
    assert (fault.facts.account, fault.facts.items) == (3001, (FOOD,))


@pytest.mark.parametrize("text", ["Verifikationsserien är inte manuell (1).", "… är inte manuell (F)"])
def test_the_series_is_the_one_we_sent(text: str) -> None:
    assert subject(classify(refused(2001940, text), KNOWN)) == "K/2026"


def test_parentheses_name_the_series_only_with_a_letter() -> None:
    lettered = classify(refused(text="Verifikationsserien är inte manuell (F)"), BARE)
    numbered = classify(refused(text="Verifikationsserien är inte manuell (1)."), BARE)
    assert isinstance(lettered, VoucherSeriesNotManual)
    assert isinstance(numbered, VoucherSeriesNotManual)
    assert (lettered.facts.series, numbered.facts.series) == ("F", "")


def test_the_lock_date_is_read_and_the_person_who_locked_is_not_kept() -> None:
    fault = classify(
        refused(2000401, "Anna Ek har låst perioden t.o.m. 2026-10-31. Lås upp perioden."), KNOWN
    )
    assert isinstance(fault, PeriodLocked)
    assert fault.facts.locked_until == date(2026, 10, 31)
    assert fault.facts.transaction_date == date(2026, 10, 2)
    assert "Anna" not in fault.model_dump_json()


def test_a_lock_date_that_is_no_date_is_left_to_the_context() -> None:
    locked = Context(now=NOW, locked_until=date(2026, 9, 30))
    fault = classify(refused(text="Anna har låst perioden t.o.m. 2026-99-99."), locked)
    assert isinstance(fault, PeriodLocked)
    assert fault.facts.locked_until == date(2026, 9, 30)


def test_a_missing_year_is_the_year_of_the_sales() -> None:
    fault = classify(refused(text="Räkenskapsår saknas för valt datum."), KNOWN)
    assert isinstance(fault, FinancialYearMissing)
    assert fault.facts.year == 2026


@pytest.mark.parametrize(
    ("code", "lacking"),
    [(2001101, "license"), (2001103, "integration_license"), (2000663, "permission")],
)
def test_a_licence_and_a_permission_are_told_apart(code: int, lacking: str) -> None:
    fault = classify(refused(code), Context(now=NOW, scope="bookkeeping"))
    assert isinstance(fault, LicenseMissing)
    assert (fault.facts.lacking, fault.facts.scope) == (lacking, "bookkeeping")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("invalid_grant", "authorization_expired"),
        ("unauthorized_client", "authorization_expired"),
        ("access_denied", "authorization_expired"),
        ("error_missing_system_admin_right", "authorization_expired"),
        ("error_missing_license", "license_missing"),
        ("error_missing_app_license", "license_missing"),
        ("invalid_client", "rejected_by_fortnox"),
        ("invalid_request", "rejected_by_fortnox"),
        ("invalid_scope", "rejected_by_fortnox"),
        ("unsupported_grant_type", "rejected_by_fortnox"),
        ("server_error", "fortnox_unavailable"),
        ("temporarily_unavailable", "fortnox_unavailable"),
    ],
)
def test_a_refused_grant_says_what_the_merchant_can_do(error: str, fault: FaultCode) -> None:
    assert error in MEANING_OF_GRANT_ERROR
    assert classify(GrantRefused(error=error, status=400), KNOWN).code == fault


def test_a_consent_without_an_administrator_asks_for_one() -> None:
    fault = classify(GrantRefused(error="error_missing_system_admin_right"), BARE)
    assert isinstance(fault, AuthorizationExpired)
    assert fault.facts.reason == "administrator_needed"


def test_a_token_endpoint_out_of_order_is_no_refusal() -> None:
    assert classify(GrantRefused(error="", status=502), KNOWN).code == "fortnox_unavailable"


def test_a_token_nobody_accepts_asks_for_consent_since_it_first_failed() -> None:
    fault = classify(Unauthorised(text="unauthorized"), Context(now=NOW, began_at=NOW - timedelta(days=1)))
    assert isinstance(fault, AuthorizationExpired)
    assert fault.facts.began_at == NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(30.0, 30.0), (-5.0, 0.0), (1e300, 3600.0), (float("inf"), None), (float("nan"), None), (None, None)],
)
def test_the_next_try_follows_what_fortnox_asks_within_reason(
    seconds: float | None, expected: float | None
) -> None:
    fault = classify(Throttled(retry_after=seconds), BARE)
    assert isinstance(fault, RateLimited)
    next_try_at = None if expected is None else NOW + timedelta(seconds=expected)
    assert fault.facts.next_try_at == next_try_at


def test_silence_on_a_voucher_is_a_doubt_with_an_end() -> None:
    sent = Context(now=NOW, voucher_id="v-1", series="K", settled_by_at=NOW + timedelta(hours=1))
    fault = classify(Unanswered("read timeout"), sent)
    assert isinstance(fault, AnswerInDoubt)
    assert (subject(fault), fault.facts.settled_by_at) == ("v-1", NOW + timedelta(hours=1))


def test_silence_on_anything_else_is_just_silence() -> None:
    assert classify(Unanswered("read timeout"), BARE).code == "fortnox_unavailable"


def test_what_was_never_sent_leaves_no_doubt() -> None:
    sent = Context(now=NOW, settled_by_at=NOW)
    assert classify(NotSent("connect timeout"), sent).code == "fortnox_unavailable"


def test_an_error_outside_the_tree_counts_as_silence() -> None:
    class StrangerError(FortnoxError):
        pass

    assert classify(StrangerError(), Context(now=NOW, settled_by_at=NOW)).code == "answer_in_doubt"


def test_an_unknown_refusal_keeps_fortnox_own_words() -> None:
    fault = classify(Refused(status=400, code=2999999, text="Något nytt.", request_id="r-9"), BARE)
    assert isinstance(fault, RejectedByFortnox)
    assert fault.facts.model_dump() == {
        "fortnox_code": 2999999,
        "text": "Något nytt.",
        "status": 400,
        "request_id": "r-9",
    }


def test_words_that_no_database_can_store_are_made_fit() -> None:
    fault = classify(refused(text="a\0b\ud800c" + "x" * 5000), BARE)
    assert isinstance(fault, RejectedByFortnox)
    assert fault.facts.text.startswith("a b?cx")
    assert len(fault.facts.text) == LONGEST_TEXT


def test_every_meaning_becomes_a_fault() -> None:
    assert set(FAULT_FOR) == set(Meaning)


ANY_TEXT = st.one_of(
    st.text(),
    st.text(st.characters(categories=["Cs", "Cc", "L", "N"])),
    st.sampled_from([text for text, _ in BY_TEXT]),
    st.lists(st.sampled_from([pattern for pattern, _ in PATTERNS])).map(" ".join),
    st.lists(
        st.sampled_from(["konto 3001", "t.o.m. 2026-13-01", '"UND"', "(F)", "(1)", "kostnadsställe"])
    ).map(" ".join),
)
ANY_CODE = st.one_of(st.none(), st.integers(), st.sampled_from(sorted(Code)).map(int))
ANY_STATUS = st.one_of(st.integers(), st.integers(100, 599))
ANY_ID = st.one_of(st.none(), ANY_TEXT)
ANY_ERROR: st.SearchStrategy[FortnoxError] = st.one_of(
    st.builds(FortnoxError),
    st.builds(NotSent, reason=ANY_TEXT),
    st.builds(Refused, status=ANY_STATUS, code=ANY_CODE, text=ANY_TEXT, request_id=ANY_ID),
    st.builds(NotFound, code=ANY_CODE, text=ANY_TEXT, request_id=ANY_ID),
    st.builds(Throttled, retry_after=st.one_of(st.none(), st.floats()), request_id=ANY_ID),
    st.builds(Unauthorised, text=ANY_TEXT, code=ANY_CODE, request_id=ANY_ID),
    st.builds(
        GrantRefused,
        error=st.one_of(ANY_TEXT, st.sampled_from(sorted(MEANING_OF_GRANT_ERROR))),
        error_description=ANY_TEXT,
        status=st.one_of(st.none(), ANY_STATUS),
    ),
    st.builds(Unanswered, reason=ANY_TEXT, status=st.one_of(st.none(), ANY_STATUS), request_id=ANY_ID),
)
ANY_MOMENT = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone
ANY_CONTEXT = st.builds(
    Context,
    now=ANY_MOMENT,
    settled_by_at=st.one_of(st.none(), ANY_MOMENT),
    series=st.sampled_from(["", "F"]),
    financial_year=st.one_of(st.none(), st.just(YEAR)),
    transaction_date=st.one_of(st.none(), st.dates()),
    accounts=st.dictionaries(st.integers(1000, 9999), st.just((FOOD,)), max_size=3),
    missing_accounts=st.lists(st.integers(1000, 9999), max_size=3).map(tuple),
    cost_centers=st.dictionaries(st.sampled_from(["UND", "BAR"]), st.just("Bar")),
)


@given(ANY_ERROR, ANY_CONTEXT)
def test_any_error_becomes_a_fault_that_can_be_stored_and_told(error: FortnoxError, context: Context) -> None:
    fault = classify(error, context)
    assert fault.code in get_args(FaultCode)
    assert FAULT.validate_json(FAULT.dump_json(fault)) == fault
    assert "\\u0000" not in fault.model_dump_json()
    assert all(title(fault, language) and message(fault, language) for language in ("sv", "en"))
