"""The chart of accounts and the voucher series a new company starts with."""

from fortnox_sync.simulator.registers import Account, Series

# Everyday accounts of the Swedish BAS chart. 1580 is from older charts and still met; the names of 1912 to
# 1914, 1689 and 3790 are a company's own: BAS has none for a second till, money in transit or a
# cash difference.
_ACCOUNTS = """
1010 Utvecklingsutgifter
1110 Byggnader
1119 Ackumulerade avskrivningar på byggnader
1210 Maskiner och andra tekniska anläggningar
1220 Inventarier och verktyg
1229 Ackumulerade avskrivningar på inventarier och verktyg
1250 Datorer
1259 Ackumulerade avskrivningar på datorer
1380 Andra långfristiga fordringar
1410 Lager av råvaror
1460 Lager av handelsvaror
1510 Kundfordringar
1515 Osäkra kundfordringar
1519 Nedskrivning av kundfordringar
1580 Fordringar för kontokort och kuponger
1610 Kortfristiga fordringar hos anställda
1630 Avräkning för skatter och avgifter (skattekonto)
1650 Momsfordran
1680 Andra kortfristiga fordringar
1684 Kortfristiga fordringar hos leverantörer
1686 Fordringar för kontokort och kuponger
1689 Pengar under väg till bank
1710 Förutbetalda hyreskostnader
1730 Förutbetalda försäkringspremier
1790 Övriga förutbetalda kostnader och upplupna intäkter
1910 Kassa
1911 Huvudkassa
1912 Kassa 2
1913 Kassa 3
1914 Kassaskåp
1920 PlusGiro
1930 Företagskonto/checkkonto/affärskonto
1940 Övriga bankkonton
1990 Redovisningsmedel
2010 Eget kapital
2013 Övriga egna uttag
2018 Övriga egna insättningar
2019 Årets resultat
2081 Aktiekapital
2091 Balanserad vinst eller förlust
2099 Årets resultat
2350 Andra långfristiga skulder till kreditinstitut
2393 Lån från närstående personer
2410 Andra kortfristiga låneskulder till kreditinstitut
2420 Förskott från kunder
2421 Ej inlösta presentkort
2440 Leverantörsskulder
2510 Skatteskulder
2611 Utgående moms på försäljning inom Sverige, 25 %
2612 Utgående moms på egna uttag, 25 %
2614 Utgående moms omvänd skattskyldighet, 25 %
2621 Utgående moms på försäljning inom Sverige, 12 %
2622 Utgående moms på egna uttag, 12 %
2631 Utgående moms på försäljning inom Sverige, 6 %
2632 Utgående moms på egna uttag, 6 %
2640 Ingående moms
2641 Debiterad ingående moms
2645 Beräknad ingående moms på förvärv från utlandet
2650 Redovisningskonto för moms
2710 Personalskatt
2731 Avräkning lagstadgade sociala avgifter
2820 Kortfristiga skulder till anställda
2829 Övriga kortfristiga skulder till anställda
2890 Övriga kortfristiga skulder
2893 Skulder till närstående personer, kortfristig del
2910 Upplupna löner
2920 Upplupna semesterlöner
2940 Upplupna lagstadgade sociala och andra avgifter
2990 Övriga upplupna kostnader och förutbetalda intäkter
3001 Försäljning inom Sverige, 25 % moms
3002 Försäljning inom Sverige, 12 % moms
3003 Försäljning inom Sverige, 6 % moms
3004 Försäljning inom Sverige, momsfri
3010 Försäljning varugrupp 1
3011 Försäljning dryck, 25 % moms
3012 Försäljning mat, 12 % moms
3013 Försäljning avhämtning, 6 % moms
3020 Försäljning varugrupp 2
3030 Försäljning varugrupp 3
3040 Försäljning varugrupp 4
3105 Försäljning varor till land utanför EU
3305 Försäljning tjänster till land utanför EU
3401 Egna uttag, 25 % moms
3402 Egna uttag, 12 % moms
3520 Fakturerade frakter
3540 Faktureringsavgifter
3590 Övriga fakturerade kostnader
3730 Lämnade rabatter
3740 Öres- och kronutjämning
3790 Kassadifferenser
3910 Hyres- och arrendeintäkter
3960 Valutakursvinster på fordringar och skulder
3990 Övriga ersättningar och intäkter
3999 Övriga rörelseintäkter
4010 Inköp material och varor
4011 Inköp dryck
4012 Inköp livsmedel
4400 Inköpta tjänster i Sverige, omvänd skattskyldighet
4535 Inköp av tjänster från annat EU-land, 25 %
4600 Legoarbeten och underentreprenader
4730 Erhållna rabatter
4960 Förändring av lager av handelsvaror
5010 Lokalhyra
5020 El för belysning
5060 Städning och renhållning
5070 Reparation och underhåll av lokaler
5220 Hyra av inventarier och verktyg
5410 Förbrukningsinventarier
5420 Programvaror
5460 Förbrukningsmaterial
5480 Arbetskläder och skyddsmaterial
5500 Reparation och underhåll
5611 Drivmedel för personbilar
5710 Frakter, transporter och försäkringar vid varudistribution
5800 Resekostnader
5910 Annonsering
6040 Kontokortsavgifter
6050 Försäljningsprovisioner
6071 Representation, avdragsgill
6072 Representation, ej avdragsgill
6110 Kontorsmateriel
6150 Trycksaker
6211 Fast telefoni
6212 Mobiltelefon
6230 Datakommunikation
6250 Postbefordran
6310 Företagsförsäkringar
6351 Konstaterade förluster på kundfordringar
6420 Ersättningar till revisor
6530 Redovisningstjänster
6540 IT-tjänster
6570 Bankkostnader
6980 Föreningsavgifter
6990 Övriga externa kostnader
6991 Övriga externa kostnader, avdragsgilla
7010 Löner till kollektivanställda
7210 Löner till tjänstemän
7290 Förändring av semesterlöneskuld
7510 Arbetsgivaravgifter
7570 Premier för arbetsmarknadsförsäkringar
7690 Övriga personalkostnader
7832 Avskrivningar på inventarier och verktyg
8310 Ränteintäkter från omsättningstillgångar
8410 Räntekostnader för långfristiga skulder
8423 Räntekostnader för skatter och avgifter
8910 Skatt som belastar årets resultat
8999 Årets resultat
"""

_VAT_CODES = {
    2611: "U1",
    2621: "U2",
    2631: "U3",
    2641: "I",
    2650: "R2",
    3001: "MP1",
    3002: "MP2",
    3003: "MP3",
    3004: "MF",
}


def _account(line: str) -> Account:
    number, name = line.split(" ", maxsplit=1)
    return Account(int(number), name, vat_code=_VAT_CODES.get(int(number), ""))


STANDARD_CHART = tuple(_account(line) for line in _ACCOUNTS.strip().splitlines())

# A and F take vouchers from outside, the others belong to Fortnox's own routines. POS vendors' guides name F
# "Kassa" and A the first manual one; which of the rest a real new company has was not found, these are usual.
STANDARD_SERIES = (
    Series("A", "Redovisning", manual=True),
    Series("B", "Kundfakturor"),
    Series("C", "Kundinbetalningar"),
    Series("D", "Leverantörsfakturor"),
    Series("E", "Leverantörsbetalningar"),
    Series("F", "Kassa", manual=True),
    Series("G", "Kontantfakturor"),
    Series("H", "Periodiseringar"),
    Series("I", "Bokslut"),
    Series("L", "Lön"),
    Series("M", "Momsredovisning"),
)
