"""The words of pick lists and suggestions, in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping

from fortnox_sync.mapping.pick_lists import WhyNot
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
