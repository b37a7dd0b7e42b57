"""The words of pick lists and suggestions, in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping

from fortnox_sync.mapping.pick_lists import WhyNot
from fortnox_sync.mapping.suggest import Reason
from fortnox_sync.web.language import Language

WHY_NOT: Mapping[WhyNot, Mapping[Language, str]] = {
    WhyNot.NOT_IN_YEAR: {
        "sv": "Finns i ett annat räkenskapsår men inte i det här.",
        "en": "It is in another financial year, but not in this one.",
    },
    WhyNot.INACTIVE: {
        "sv": "Inaktivt i Fortnox. Aktivera det där för att kunna välja det.",
        "en": "Inactive in Fortnox. Activate it there to choose it.",
    },
    WhyNot.NOT_MANUAL: {
        "sv": (
            "Serien tillåter inte manuell kontering. Kryssa för det i Fortnox: "
            "Inställningar/Bokföring/Verifikationsserier."
        ),
        "en": (
            "The series takes no vouchers from outside. Tick Manuell kontering in Fortnox: "
            "Inställningar/Bokföring/Verifikationsserier."
        ),
    },
    WhyNot.RESERVED: {
        "sv": "Kontot är reserverat för bokslutet.",
        "en": "The account is reserved for closing the year.",
    },
    WhyNot.WRONG_KIND: {
        "sv": "Fel slags konto för det här valet.",
        "en": "The wrong kind of account for this choice.",
    },
    WhyNot.DEMANDS_PROJECT: {
        "sv": "Kontot kräver ett projekt i Fortnox, och kassans verifikationer har inga.",
        "en": "The account demands a project in Fortnox, and the till's vouchers have none.",
    },
    WhyNot.LOCKED: {
        "sv": "Hela räkenskapsåret är låst i Fortnox.",
        "en": "The whole financial year is locked in Fortnox.",
    },
}

WHY_SUGGESTED: dict[Reason, dict[Language, str]] = {
    Reason.SAME_NAME: {
        "sv": "Ett av företagets egna konton heter likadant.",
        "en": "One of the company's own accounts has the same name.",
    },
    Reason.CUSTOMARY: {
        "sv": "Kontot som BAS-kontoplanen har för detta.",
        "en": "The account that the BAS chart has for this.",
    },
    Reason.CUSTOMARY_ONCE: {
        "sv": "Kontot som äldre BAS-kontoplaner har för detta; det nyare saknas eller är inaktivt i Fortnox.",
        "en": "The account that older BAS charts have for this; the newer one is missing or inactive.",
    },
    Reason.NOT_IN_CHART: {
        "sv": "BAS-kontoplanen har det här kontot för detta, men det saknas i Fortnox. Det kan läggas till.",
        "en": "The BAS chart has this account for it, but Fortnox lacks it. It can be added.",
    },
    Reason.ZERO_RATED: {
        "sv": "Säljs utan moms. Varför det är så avgör kontot; fråga revisorn.",
        "en": "Sold without VAT. The account depends on why; ask the accountant.",
    },
    Reason.CANNOT_BE_CHOSEN: {
        "sv": "Kontot som BAS-kontoplanen har för detta finns i Fortnox men går inte att välja.",
        "en": "The account that the BAS chart has for this is in Fortnox, but can't be chosen.",
    },
    Reason.NOTHING_CUSTOMARY: {
        "sv": "Företag gör olika här; fråga revisorn.",
        "en": "Companies differ here; ask the accountant.",
    },
}
