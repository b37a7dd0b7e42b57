"""The faults in Swedish, for shop owners and their accountants.

The titles marked as the guide's are a contract with the till's help page: people search for them as they are.
"""

from fortnox_sync.fault.lexicon import Lexicon, Passage, Sentence
from fortnox_sync.fault.model import FaultCode
from fortnox_sync.fault.parts import Dimension
from fortnox_sync.fault.remediation import Action

GOES_ON = "När det är gjort bokförs allt som väntar av sig självt, äldst först."

TITLES: dict[FaultCode, Sentence] = {
    # the guide's
    "account_unmapped": (
        "Bokföringen kunde inte exporteras till Fortnox eftersom ett konto saknades. "
        "Uppdatera inställningarna för din Fortnox-integration för att åtgärda detta."
    ),
    "account_missing": "Ett eller flera konton finns inte i kontoplanen i Fortnox.",
    # the guide's
    "account_inactive": (
        "Bokföringen kunde inte exporteras eftersom ett eller flera konton är inaktiva i Fortnox."
    ),
    # the guide's
    "authorization_expired": (
        "Din Fortnox-autentisering har upphört att gälla. "
        "Logga in på fortnox för att uppdatera autentiseringen."
    ),
    "license_missing": "Det saknas en licens eller behörighet i Fortnox.",
    "wrong_company": "Godkännandet gäller ett annat företag i Fortnox.",
    # the guide's; the others are for a name or a code that Fortnox does not tell
    "cost_center_missing": (
        (
            'Du behöver logga in i Fortnox och lägga till kostnadsstället "{name}" med koden "{code}" '
            "för att bokföringen ska exporteras korrekt."
        ),
        (
            'Du behöver logga in i Fortnox och lägga till ett kostnadsställe med koden "{code}" '
            "för att bokföringen ska exporteras korrekt."
        ),
        (
            "Du behöver logga in i Fortnox och lägga till det kostnadsställe som saknas "
            "för att bokföringen ska exporteras korrekt."
        ),
    ),
    "cost_center_inactive": (
        'Kostnadsstället "{code}" är inaktivt i Fortnox.',
        "Ett kostnadsställe är inaktivt i Fortnox.",
    ),
    "cost_center_required": (
        "Konto {account} kräver ett kostnadsställe.",
        "Ett konto i Fortnox kräver ett kostnadsställe.",
    ),
    "cost_center_not_allowed": (
        "Konto {account} tillåter inget kostnadsställe.",
        "Ett konto i Fortnox tillåter inget kostnadsställe.",
    ),
    # the guide's; its (1) is Fortnox's own and not the series
    "voucher_series_not_manual": "Fortnox error 2001940: Verifikationsserien är inte manuell (1)..",
    "voucher_series_missing": (
        "Verifikationsserien {series} finns inte i Fortnox.",
        "Verifikationsserien finns inte i Fortnox.",
    ),
    "financial_year_missing": (
        "Räkenskapsåret för {year} är inte upplagt i Fortnox.",
        "Räkenskapsåret är inte upplagt i Fortnox.",
    ),
    "period_locked": (
        "Bokföringen är låst till och med {locked_until}.",
        "Perioden är låst i Fortnox.",
    ),
    "day_incomplete": "Dagsavslut Z {z_number} stämmer inte med det som kassan har skickat.",
    "day_overdue": "Kassan {till_register} har inget dagsavslut för {business_date}.",
    "z_number_gap": "Det saknas dagsavslut från kassan {till_register}.",
    "transaction_unbalanced": "En transaktion från kassan {till_register} går inte jämnt upp.",
    "delivery_unreadable": "Data från kassan går inte att läsa.",
    "delivery_conflicting": (
        "Kassan {till_register} har skickat samma sak med olika innehåll.",
        "Kassan har skickat samma sak med olika innehåll.",
    ),
    "fortnox_unavailable": "Fortnox går inte att nå just nu.",
    "rate_limited": "Fortnox tar emot färre anrop än vanligt.",
    "answer_in_doubt": "Ett svar från Fortnox dröjer.",
    "decision_needed": "Du behöver avgöra om en verifikation är bokförd.",
    "voucher_changed": "Verifikation {voucher} har ändrats i Fortnox.",
    "voucher_deleted": "Verifikation {voucher} finns inte längre i Fortnox.",
    "voucher_duplicate": "Samma försäljning är bokförd mer än en gång.",
    "voucher_foreign": "Verifikation {voucher} kommer inte från kassan.",
    "voucher_numbers_missing": "Nummer saknas i verifikationsserie {series}.",
    "rejected_by_fortnox": (
        "Fortnox nekade bokföringen med felkod {fortnox_code}.",
        "Fortnox nekade bokföringen.",
    ),
    "internal_error": "Ett fel hos oss stoppar en verifikation.",
}

MESSAGES: dict[FaultCode, Passage] = {
    "account_unmapped": (
        "Det här har inget bokföringskonto ännu: {items}.",
        "Så blir det när något nytt börjar användas i kassan och ingen har sagt var det ska bokföras.",
        "Välj ett konto för varje rad i inställningarna.",
        GOES_ON,
    ),
    "account_missing": (
        (
            "Verifikationen ska bokföras på {accounts}, som inte finns i kontoplanen för {financial_year}.",
            "Verifikationen ska bokföras på {accounts}, som inte finns i kontoplanen.",
            (
                "Verifikationen ska bokföras på ett konto som inte finns i kontoplanen. "
                "Fortnox säger inte vilket."
            ),
        ),
        "Varje räkenskapsår har sin egen kontoplan, så ett konto kan finnas ett år men inte ett annat.",
        "Lägg upp kontot eller välj ett annat i inställningarna.",
        GOES_ON,
    ),
    "account_inactive": (
        (
            "I Fortnox är det här inaktivt: {accounts}.",
            "Något av kontona i integrationen är inaktivt. Fortnox säger inte vilket.",
        ),
        "Fortnox tar inte emot verifikationer på inaktiva konton.",
        "Aktivera dem i Fortnox under Register/Kontoplan, eller välj andra konton i inställningarna.",
        GOES_ON,
    ),
    "authorization_expired": (
        "Sedan {began_at} släpper Fortnox inte in integrationen, {reason}.",
        "Logga in i Fortnox och godkänn integrationen igen.",
        GOES_ON,
    ),
    "license_missing": (
        "Fortnox nekar integrationen: {lacking}.",
        "Det som nekas är {scope}.",
        (
            "Låt en systemadministratör ordna det i Fortnox under Administrera användare, "
            "och godkänn sedan integrationen igen."
        ),
        GOES_ON,
    ),
    "wrong_company": (
        "Integrationen bokför åt {expected}, men godkännandet gavs för {found}.",
        "Inget skickas, så att ingens försäljning hamnar i någon annans bokföring.",
        "Godkänn igen och välj {expected} i Fortnox.",
    ),
    "cost_center_missing": (
        (
            'Kassan bokför på kostnadsstället "{name}" med koden "{code}", som inte finns i Fortnox.',
            'Kassan bokför på koden "{code}", som inte finns bland kostnadsställena i Fortnox.',
            "Kassan bokför på ett kostnadsställe som inte finns i Fortnox. Fortnox säger inte vilket.",
        ),
        "Koderna måste vara desamma på båda ställena; namnen får skilja sig.",
        "Lägg till kostnadsstället under Inställningar/Bokföring/Kostnadsställen eller rätta koden i kassan.",
        GOES_ON,
    ),
    "cost_center_inactive": (
        (
            'Kostnadsstället "{name}" med koden "{code}" är inaktivt i Fortnox och kan inte bokföras på.',
            'Kostnadsstället med koden "{code}" är inaktivt i Fortnox och kan inte bokföras på.',
            "Ett kostnadsställe är inaktivt i Fortnox. Fortnox säger inte vilket.",
        ),
        "Aktivera det under Inställningar/Bokföring/Kostnadsställen eller ange en annan kod i kassan.",
        GOES_ON,
    ),
    "cost_center_required": (
        "Konto {account} är inställt så att varje rad måste ha ett kostnadsställe, och kassan anger inget.",
        "På kontot bokförs {items}.",
        "Ange kostnadsställe för kassan, eller ändra kontot i Fortnox under Register/Kontoplan.",
        GOES_ON,
    ),
    "cost_center_not_allowed": (
        "Konto {account} är inställt så att det inte får ha något kostnadsställe.",
        'Kassan anger kostnadsstället "{code}".',
        "På kontot bokförs {items}.",
        "Tillåt kostnadsställe på kontot i Fortnox under Register/Kontoplan, eller ta bort koden i kassan.",
        GOES_ON,
    ),
    "voucher_series_not_manual": (
        (
            (
                "Verifikationsserien {series} tillåter inte manuell kontering under räkenskapsåret "
                "{financial_year}, och då tar den inte emot något från kassan."
            ),
            (
                "Verifikationsserien {series} tillåter inte manuell kontering, "
                "och då tar den inte emot något från kassan."
            ),
            "Verifikationsserien tillåter inte manuell kontering och tar inte emot något från kassan.",
        ),
        (
            "Inställningen finns i Fortnox under Inställningar/Bokföring/Verifikationsserier: "
            "kryssa i Manuell kontering för serien."
        ),
        GOES_ON,
    ),
    "voucher_series_missing": (
        (
            "Serien {series} finns inte under räkenskapsåret {financial_year}.",
            "Serien {series} finns inte under räkenskapsåret.",
        ),
        "Serier läggs upp för varje räkenskapsår för sig, så ett nytt år kan sakna dem.",
        (
            "Lägg upp serien under Inställningar/Bokföring/Verifikationsserier eller välj en annan "
            "i inställningarna."
        ),
        GOES_ON,
    ),
    "financial_year_missing": (
        "Försäljningen den {transaction_date} ligger inte i något räkenskapsår.",
        "Lägg upp året i Fortnox under Inställningar/Bokföring/Räkenskapsår.",
        GOES_ON,
    ),
    "period_locked": (
        (
            (
                "Försäljningen den {transaction_date} kan inte bokföras: perioden är låst till och med "
                "{locked_until}."
            ),
            "Försäljningen den {transaction_date} kan inte bokföras: perioden är låst.",
            "Försäljningen kan inte bokföras: perioden är låst.",
        ),
        (
            "Lås upp den under Inställningar/Bokföring/Låsning av period. "
            "Fråga först den som sköter bokföringen: momsen för perioden kan redan vara redovisad."
        ),
        GOES_ON,
    ),
    "day_incomplete": (
        "Dagsavslutet från kassan {till_register} den {business_date} säger ett, transaktionerna ett annat.",
        "Transaktioner enligt kassan: {transactions_reported}, mottagna: {transactions_received}.",
        "Kvitton som saknas: {missing_receipts}.",
        "Skillnader: {differences}.",
        "En rättad rapport flyttar dagen till {reported_on}; den dag som kom först gäller.",
        "Dagen bokförs först när allt stämmer på öret. Skicka det som saknas från kassan.",
    ),
    "day_overdue": (
        "Sessionen {session_id} har försäljning men är inte avslutad.",
        "Mottagna transaktioner: {transactions_received}.",
        "Gör dagsavslut i kassan, eller skicka det igen om det redan är gjort.",
    ),
    "z_number_gap": (
        "Z-nummer ska följa på varandra, men dessa har inte kommit: {missing_z_numbers}.",
        "Fler saknas, till och med {up_to}.",
        "Skicka dem igen från kassan, så att ingen försäljning blir utan bokföring.",
    ),
    "transaction_unbalanced": (
        "I transaktion {transaction_id} den {business_date} är {paid_ore} betalt för {sold_ore}.",
        "Därför kan den inte bokföras. Rätta den i kassan och skicka den igen.",
    ),
    "delivery_unreadable": (
        "En leverans från kassan kom {received_at} men kunde inte läsas ({problem}).",
        "Den är sparad. Skicka den igen från kassan, eller kontakta supporten med numret {delivery_id}.",
    ),
    "delivery_conflicting": (
        "En leverans som kom {received_at} säger något annat än det som skickades först.",
        "Transaktioner med annat innehåll: {transaction_ids}.",
        "Dagsavslut med annat innehåll: {closes}.",
        "Det som skickades först gäller och bokförs. Det andra är sparat bredvid som {delivery_id}.",
        (
            "Är det första rätt, godkänn det eller låt kassan skicka det igen som det står. Är det fel, "
            "rätta i kassan med en retur och ett nytt köp."
        ),
    ),
    "fortnox_unavailable": (
        "Fortnox har inte svarat sedan {began_at}.",
        "Nästa försök görs {next_try_at}.",
        "Inget går förlorat och du behöver inte göra något: exporten fortsätter av sig själv.",
    ),
    "rate_limited": (
        "Sedan {began_at} skickas verifikationerna i lugnare takt, för att Fortnox ber om det.",
        "Nästa försök görs {next_try_at}.",
        "Du behöver inte göra något.",
    ),
    "answer_in_doubt": (
        (
            (
                "Verifikationen för {transaction_date} i serie {series} skickades {asked_at}, "
                "men inget svar kom tillbaka."
            ),
            "En verifikation skickades {asked_at}, men inget svar kom tillbaka.",
        ),
        "För att inget ska bokföras dubbelt skickas den inte igen förrän det är säkert att den inte finns.",
        "Senast {settled_by_at} är det avgjort. Du behöver inte göra något.",
    ),
    "decision_needed": (
        (
            "Verifikationen för {transaction_date} i serie {series} väntar på dig: {reason}.",
            "En verifikation väntar på dig: {reason}.",
        ),
        "Beloppet är {amount_ore}.",
        "I Fortnox finns {candidates}.",
        "Jämför med Fortnox och säg om den redan är bokförd, ska skickas igen eller ska läggas åt sidan.",
    ),
    "voucher_changed": (
        "Verifikation {voucher} är inte längre som kassan skickade den.",
        "Datum: skickat {our_date}, nu {their_date}.",
        "Rader: {rows}.",
        "Godkänn ändringen om den är avsiktlig, eller återför verifikationen.",
    ),
    "voucher_deleted": (
        "Verifikation {voucher} för {transaction_date} på {amount_ore} är borttagen i Fortnox.",
        "Dess försäljning är därmed inte bokförd.",
        "Godkänn om det är avsiktligt, eller bokför den igen.",
    ),
    "voucher_duplicate": (
        "Försäljningen {transaction_date} på {amount_ore} står i {voucher} men också i {copies}.",
        "Återför det som är för mycket, så att varje försäljning är bokförd en gång.",
    ),
    "voucher_foreign": (
        (
            "Någon annan har bokfört {voucher} den {transaction_date} i den serie som kassan använder.",
            "Någon annan har bokfört {voucher} i den serie som kassan använder.",
        ),
        "Texten är: {description}.",
        "Godkänn om den ska stå där. En serie för kassan ensam gör avstämningen säkrare.",
    ),
    "voucher_numbers_missing": (
        "{missing_count} nummer i serie {series} saknar verifikation i Fortnox och har aldrig varit kassans.",
        "Saknas: {missing_numbers}.",
        "En serie ska vara obruten, eller luckan förklarad. Ingen försäljning från kassan saknas för det.",
        "Fråga Fortnox eller din redovisningskonsult vad som stod där. Godkänn när förklaringen är sparad.",
    ),
    "rejected_by_fortnox": (
        "Fortnox svarade: {text}",
        "Vi känner inte igen svaret, så verifikationen väntar och skickas inte om och om igen.",
        "Kontakta supporten.",
        "Ange då {request_id}.",
    ),
    "internal_error": (
        "Det som hände {occurred_at} är vårt fel och inget du kan rätta. Andra verifikationer går vidare.",
        "Kontakta supporten och ange {voucher_id}.",
    ),
}

LABELS: dict[Action, str] = {
    "open_settings": "Åtgärda detta",
    "create_account": "Lägg till konto",
    "show_inactive_accounts": "Visa inaktiva konton",
    "open_fortnox": "Gå till Fortnox",
    "reauthorize": "Åtgärda detta",
    "open_cost_centers": "Visa kostnadsställen",
    "resend_till_data": "Skicka igen från kassan",
    "export_anyway": "Exportera ändå",
    "wait": "Vänta",
    "decide": "Avgör",
    "accept": "Godkänn",
    "reverse": "Återför",
    "contact_support": "Kontakta supporten",
    "book_again": "Bokför igen",
    "retry": "Försök igen",
}

PARTS: dict[str, Passage] = {
    "AccountUse": ("konto {number}", " för {items}"),
    "FinancialYear": ("{label}",),
    "TillRegister": (("{name}", "{register_id}"),),
    "Difference": (("{name}", "{of}"), " {till_ore} i kassan men {ledger_ore} mottaget"),
    "CloseRevision": ("kassapass {session_id}, dagsavslut {revision}",),
    "BookedAs": ("{series} {number}", " ({financial_year})"),
    "RowChange": (
        "konto {account}",
        " på kostnadsställe {cost_center}",
        " skickat {ours_ore}, nu {theirs_ore}",
    ),
    "Company": (("{name}", "företag nummer {tenant_id}"), " ({organisation_number})"),
}

ITEMS: dict[Dimension, Passage] = {
    "payment_method": (("betalsättet {name}", "betalsättet {key}"), " i kassan {narrow}", " ({amount_ore})"),
    "vat_rate": ("momssatsen {key} %", " ({amount_ore})"),
    "article_group": (
        ("varugruppen {name}", "varugruppen {key}"),
        " med {narrow} % moms",
        " ({amount_ore})",
    ),
    "event": (("händelsen {name}", "händelsen {key}"), " ({amount_ore})"),
}

WORDS: dict[str, str] = {
    "expired": "eftersom godkännandet inte gäller längre",
    "denied": "eftersom godkännandet avböjdes",
    "administrator_needed": "eftersom den som godkänner måste vara systemadministratör",
    "license": "företaget saknar licensen för Bokföring",
    "integration_license": "företaget saknar licensen för Integration",
    "permission": "användaren saknar behörighet",
    "absent_twice": "två försök blev utan svar, och den finns inte i Fortnox",
    "counter_moved": "nummerserien i Fortnox har ändrats under tiden",
    "unknown_voucher": "det finns en okänd verifikation där vår skulle stå",
    "already_booked_by_hand": "dagen verkar redan vara bokförd för hand",
    "no_proof": "det går inte att visa om den finns i Fortnox",
}

HEALED: Passage = (
    "Åtgärdat.",
    "Bokfört i Fortnox: {amount_ore} för {dates}, antal verifikationer {vouchers}.",
    "På väg till Fortnox: antal verifikationer {on_their_way}.",
)

SWEDISH = Lexicon(
    titles=TITLES,
    messages=MESSAGES,
    labels=LABELS,
    show="Visa",
    parts=PARTS,
    items=ITEMS,
    words=WORDS,
    healed=HEALED,
    more="{count} till",
    separators=("\N{NO-BREAK SPACE}", ","),
)
