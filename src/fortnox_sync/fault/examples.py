"""One example of every fault, from a restaurant on an evening in October 2026."""

from datetime import UTC, date, datetime, timedelta

from fortnox_sync.fault import facts as told
from fortnox_sync.fault import model
from fortnox_sync.fault.model import Fault, FaultCode
from fortnox_sync.fault.parts import (
    AccountUse,
    BookedAs,
    CloseRevision,
    Company,
    Difference,
    FinancialYear,
    Item,
    RowChange,
    TillRegister,
)

DAY = date(2026, 10, 2)
NIGHT = datetime(2026, 10, 3, 0, 12, 40, tzinfo=UTC)
LATER = NIGHT + timedelta(minutes=75)
YEAR = FinancialYear(label="2026", from_date=date(2026, 1, 1), to_date=date(2026, 12, 31))
RESTAURANT = TillRegister(register_id="K1", name="Restaurang")
SWISH = Item(dimension="payment_method", key="swish", name="Swish", amount_ore=214500)
FOOD = Item(dimension="article_group", key="food", narrow="12", name="Mat", amount_ore=768862)
VOUCHER_ID = "0199a6c2-7e1d-7c53-9f0e-4b7d2a61c0de"
VOUCHER = BookedAs(series="F", number=118, financial_year=YEAR)
COPY = BookedAs(series="F", number=119, financial_year=YEAR)
FOOD_SALES = AccountUse(number=3002, items=(FOOD,))
ACCOUNTS = told.AccountsFacts(accounts=(FOOD_SALES,), financial_year=YEAR)
BAR = told.CostCenterFacts(name="Bar", code="BAR")
BAR_ON_SALES = told.CostCenterFacts(name="Bar", code="BAR", account=3002, items=(FOOD,))
SERIES = told.SeriesFacts(series="F", financial_year=YEAR)
WAITING = told.WaitFacts(began_at=NIGHT, next_try_at=NIGHT + timedelta(minutes=5))

_ALL: tuple[Fault, ...] = (
    model.AccountUnmapped(facts=told.UnmappedFacts(items=(SWISH, FOOD))),
    model.AccountMissing(facts=ACCOUNTS),
    model.AccountInactive(facts=ACCOUNTS),
    model.AuthorizationExpired(facts=told.AuthorizationFacts(began_at=NIGHT)),
    model.LicenseMissing(facts=told.LicenseFacts(lacking="integration_license", scope="bookkeeping")),
    model.WrongCompany(
        facts=told.WrongCompanyFacts(
            expected=Company(name="Krogen & Disken AB", organisation_number="556677-8899", tenant_id=1001),
            found=Company(name="Disken Fastigheter AB", organisation_number="556688-7799", tenant_id=1002),
        )
    ),
    model.CostCenterMissing(facts=BAR),
    model.CostCenterInactive(facts=BAR),
    model.CostCenterRequired(facts=told.CostCenterFacts(account=3002, items=(FOOD,))),
    model.CostCenterNotAllowed(facts=BAR_ON_SALES),
    model.VoucherSeriesNotManual(facts=SERIES),
    model.VoucherSeriesMissing(facts=SERIES),
    model.FinancialYearMissing(facts=told.YearFacts(year=2026, transaction_date=DAY)),
    model.PeriodLocked(facts=told.LockFacts(transaction_date=DAY, locked_until=date(2026, 10, 31))),
    model.DayIncomplete(
        facts=told.DayIncompleteFacts(
            session_id="K1-412",
            till_register=RESTAURANT,
            z_number=412,
            business_date=DAY,
            differences=(Difference(of="payment:card", name="Kort", till_ore=610000, ledger_ore=580000),),
            missing_receipts=(5,),
            transactions_reported=8,
            transactions_received=7,
        )
    ),
    model.DayOverdue(
        facts=told.DayOverdueFacts(
            session_id="K1-412", till_register=RESTAURANT, business_date=DAY, transactions_received=7
        )
    ),
    model.ZNumberGap(facts=told.NumberGapFacts(till_register=RESTAURANT, missing_z_numbers=(411,))),
    model.TransactionUnbalanced(
        facts=told.UnbalancedFacts(
            transaction_id="K1-412-5",
            session_id="K1-412",
            till_register=RESTAURANT,
            business_date=DAY,
            paid_ore=400000,
            sold_ore=390000,
        )
    ),
    model.DeliveryUnreadable(
        facts=told.DeliveryFacts(
            delivery_id="msg_2b7Qf0", received_at=NIGHT, problem="data.z_number is missing"
        )
    ),
    model.DeliveryConflicting(
        facts=told.ConflictFacts(
            delivery_id="0199a6c2-8a40-7d11-8c3e-91f2b6a7e004",
            received_at=NIGHT,
            told_at=NIGHT,
            transaction_ids=("K1-412-5",),
            closes=(CloseRevision(session_id="K1-412", revision=1),),
            till_register=RESTAURANT,
            session_id="K1-412",
        )
    ),
    model.FortnoxUnavailable(facts=WAITING),
    model.RateLimited(facts=WAITING),
    model.AnswerInDoubt(
        facts=told.DoubtFacts(
            voucher_id=VOUCHER_ID,
            series="F",
            financial_year=YEAR,
            transaction_date=DAY,
            asked_at=NIGHT,
            settled_by_at=LATER,
        )
    ),
    model.DecisionNeeded(
        facts=told.DecisionFacts(
            voucher_id=VOUCHER_ID,
            series="F",
            financial_year=YEAR,
            transaction_date=DAY,
            amount_ore=1390770,
            reason="unknown_voucher",
            candidates=(VOUCHER,),
        )
    ),
    model.VoucherChanged(
        facts=told.ChangedFacts(
            voucher=VOUCHER, rows=(RowChange(account=3002, ours_ore=-768862, theirs_ore=-700000),)
        )
    ),
    model.VoucherDeleted(facts=told.DeletedFacts(voucher=VOUCHER, transaction_date=DAY, amount_ore=1390770)),
    model.VoucherDuplicate(
        facts=told.DuplicateFacts(voucher=VOUCHER, copies=(COPY,), transaction_date=DAY, amount_ore=1390770)
    ),
    model.VoucherForeign(
        facts=told.ForeignFacts(voucher=COPY, transaction_date=DAY, description="Hyra oktober")
    ),
    model.VoucherNumbersMissing(
        facts=told.MissingNumbersFacts(
            series="F", financial_year=YEAR, missing_numbers=(40, 41), missing_count=2
        )
    ),
    model.RejectedByFortnox(
        facts=told.RejectedFacts(
            fortnox_code=2001161, text="Kan inte hitta projektet.", status=404, request_id="a1b2c3"
        )
    ),
    model.InternalError(
        facts=told.InternalErrorFacts(voucher_id=VOUCHER_ID, error="KeyError", occurred_at=NIGHT)
    ),
)

EXAMPLES: dict[FaultCode, Fault] = {fault.code: fault for fault in _ALL}
