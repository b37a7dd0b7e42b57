"""The words of a statement, in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fortnox_sync.export.day_state import DayState
from fortnox_sync.export.statement import VoucherKind


@dataclass(frozen=True, slots=True)
class Words:
    """What a statement says; texts in braces take figures."""

    language: Literal["sv", "en"]
    title: str
    period: str
    books: str
    made: str
    organisation_number: str
    till: str
    booked: str
    difference: str
    all_booked: str
    not_all_booked: str
    all_verified: str
    some_verified: str
    no_vouchers: str
    changed: str
    unbooked: str
    state: str
    sessions: str
    dates: str
    per_account: str
    account: str
    name: str
    debit: str
    credit: str
    net: str
    total: str
    vat: str
    rate: str
    till_gross: str
    till_net: str
    till_vat: str
    booked_net: str
    booked_vat: str
    vat_note: str
    z_numbers: str
    register: str
    first_to_last: str
    before: str
    reports: str
    missing: str
    repeated: str
    still_open: str
    unbroken: str
    days: str
    vouchers: str
    number: str
    date: str
    text: str
    kind: str
    amount: str
    verified: str
    yes: str
    no: str
    place_and_date: str
    signature: str
    clarified: str
    about_sums: str
    about_gross: str
    states: Mapping[DayState, str]
    kinds: Mapping[VoucherKind, str]


SWEDISH = Words(
    language="sv",
    title="Kassaavstämning",
    period="Period",
    books="Bokfört i Fortnox",
    made="Framställd",
    organisation_number="Org.nr",
    till="Kassan, brutto",
    booked="Bokfört, brutto",
    difference="Differens",
    all_booked="Allt som kassan har tagit betalt för i perioden är bokfört.",
    not_all_booked="Kassan och bokföringen stämmer inte överens, eller något väntar: se Inte bokfört.",
    all_verified="{vouchers} verifikationer. Alla är verifierade: återlästa ur Fortnox, rad för rad "
    "lika med det som skickades.",
    some_verified="{vouchers} verifikationer, varav {verified} är verifierade: återlästa ur Fortnox, rad "
    "för rad lika med det som skickades. Övriga är märkta i listan.",
    no_vouchers="Inga verifikationer har bokförts i perioden.",
    changed="{count} av verifikationerna ser annorlunda ut i Fortnox än när de bokfördes. Summorna nedan är "
    "de som skickades.",
    unbooked="Inte bokfört",
    state="Läge",
    sessions="Kassapass",
    dates="Affärsdagar",
    per_account="Summor per konto",
    account="Konto",
    name="Benämning",
    debit="Debet",
    credit="Kredit",
    net="Netto",
    total="Summa",
    vat="Försäljning och utgående moms",
    rate="Momssats",
    till_gross="Kassan, brutto",
    till_net="Kassan, netto",
    till_vat="Kassan, moms",
    booked_net="Bokfört, netto",
    booked_vat="Bokförd moms",
    vat_note="Momsen är kassans egen, kvitto för kvitto, och räknas aldrig om.",
    z_numbers="Z-nummer",
    register="Kassa",
    first_to_last="Z-nummer",
    before="Närmast före",
    reports="Antal",
    missing="Saknas",
    repeated="Förekommer flera gånger",
    still_open="Utan Z-rapport",
    unbroken="inga",
    days="Dag för dag",
    vouchers="Verifikationer",
    number="Ver.nr",
    date="Datum",
    text="Text",
    kind="Slag",
    amount="Belopp",
    verified="Verifierad",
    yes="ja",
    no="nej",
    place_and_date="Ort och datum",
    signature="Underskrift",
    clarified="Namnförtydligande",
    about_sums="Beloppen är i kronor. Summor per konto och bokförd moms är summan av raderna i periodens "
    "bokförda verifikationer, rättelser inräknade, så som de skickades till Fortnox.",
    about_gross="Brutto är vad kunderna betalade: försäljning med moms, sålda presentkort, dricks och "
    "öresavrundning, efter returer. Kassadifferenser, kassarörelser och inköp ingår inte.",
    states={
        DayState.BEFORE_START: "Före startdatum",
        DayState.NEEDS_DECISION: "Kräver beslut",
        DayState.DIFFERS: "Ändrad i Fortnox",
        DayState.IN_DOUBT: "Osäkert om bokförd",
        DayState.HELD: "Stoppad",
        DayState.INCOMPLETE: "Ofullständig",
        DayState.UNMAPPED: "Konto saknas",
        DayState.OVERDUE: "Inte stängd i tid",
        DayState.WAITING: "Väntar på aktivering",
        DayState.ON_ITS_WAY: "På väg",
        DayState.OPEN: "Öppen",
        DayState.PARTLY_BOOKED: "Delvis bokförd",
        DayState.DISMISSED: "Bortvald",
        DayState.BOOKED: "Bokförd",
        DayState.EMPTY: "Tom",
    },
    kinds={
        VoucherKind.TAKINGS: "Dagskassa",
        VoucherKind.DRAWER: "Kassarörelse",
        VoucherKind.PURCHASE: "Inköp",
        VoucherKind.REVERSAL: "Rättelse",
    },
)

ENGLISH = Words(
    language="en",
    title="Till reconciliation",
    period="Period",
    books="Booked in Fortnox",
    made="Made",
    organisation_number="Org. no.",
    till="Till, gross",
    booked="Booked, gross",
    difference="Difference",
    all_booked="All that the till was paid for in the period is booked.",
    not_all_booked="The till and the books differ, or something waits: see Not booked.",
    all_verified="{vouchers} vouchers. All are verified: read back from Fortnox, row by row equal to what was "
    "sent.",
    some_verified="{vouchers} vouchers, of which {verified} are verified: read back from Fortnox, row by row "
    "equal to what was sent. The others are marked in the list.",
    no_vouchers="No vouchers were booked in the period.",
    changed="{count} of the vouchers look different in Fortnox than when they were booked. The sums below are "
    "those that were sent.",
    unbooked="Not booked",
    state="State",
    sessions="Sessions",
    dates="Business dates",
    per_account="Sums per account",
    account="Account",
    name="Name",
    debit="Debit",
    credit="Credit",
    net="Net",
    total="Sum",
    vat="Sales and output VAT",
    rate="VAT rate",
    till_gross="Till, gross",
    till_net="Till, net",
    till_vat="Till, VAT",
    booked_net="Booked, net",
    booked_vat="Booked VAT",
    vat_note="The VAT is the till's own, receipt by receipt, and never computed again.",
    z_numbers="Z numbers",
    register="Register",
    first_to_last="Z numbers",
    before="Last before",
    reports="Reports",
    missing="Missing",
    repeated="Occurring more than once",
    still_open="Without a Z report",
    unbroken="none",
    days="Day by day",
    vouchers="Vouchers",
    number="No.",
    date="Date",
    text="Text",
    kind="Kind",
    amount="Amount",
    verified="Verified",
    yes="yes",
    no="no",
    place_and_date="Place and date",
    signature="Signature",
    clarified="Name in print",
    about_sums="Amounts are in kronor. Sums per account and booked VAT are those of the rows of the vouchers "
    "booked in the period, reversals included, as they were sent to Fortnox.",
    about_gross="Gross is what customers paid: sales with VAT, gift cards sold, tips and rounding, less "
    "refunds. Cash differences, drawer movements and purchases are not in it.",
    states={
        DayState.BEFORE_START: "Before the start date",
        DayState.NEEDS_DECISION: "Needs a decision",
        DayState.DIFFERS: "Changed in Fortnox",
        DayState.IN_DOUBT: "In doubt",
        DayState.HELD: "Held",
        DayState.INCOMPLETE: "Incomplete",
        DayState.UNMAPPED: "Account missing",
        DayState.OVERDUE: "Not closed in time",
        DayState.WAITING: "Waits for activation",
        DayState.ON_ITS_WAY: "On its way",
        DayState.OPEN: "Open",
        DayState.PARTLY_BOOKED: "Partly booked",
        DayState.DISMISSED: "Dismissed",
        DayState.BOOKED: "Booked",
        DayState.EMPTY: "Empty",
    },
    kinds={
        VoucherKind.TAKINGS: "Takings",
        VoucherKind.DRAWER: "Drawer",
        VoucherKind.PURCHASE: "Purchase",
        VoucherKind.REVERSAL: "Reversal",
    },
)

WORDS: Mapping[Literal["sv", "en"], Words] = {"sv": SWEDISH, "en": ENGLISH}
