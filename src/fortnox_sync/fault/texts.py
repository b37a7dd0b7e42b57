"""A fault told to a person: a heading, what happened and what to do, and what its buttons say."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from fortnox_sync.fault.english import ENGLISH
from fortnox_sync.fault.lexicon import Language, Lexicon, Passage, filled
from fortnox_sync.fault.model import Fault
from fortnox_sync.fault.parts import Item, Sent, Shape
from fortnox_sync.fault.remediation import Remediation
from fortnox_sync.fault.swedish import SWEDISH

LEXICONS: Mapping[Language, Lexicon] = {"sv": SWEDISH, "en": ENGLISH}

SHOP_TIME = ZoneInfo("Europe/Stockholm")
# An open fault is told at every look at the first screen, and says the same until its facts change.
_TOLD_LATELY = 2048
LONGEST_LIST = 10  # a banner is read at a glance; the facts have them all
CHOSEN_WORDS = frozenset({"reason", "lacking"})  # facts that are a choice of ours rather than a text


@lru_cache(_TOLD_LATELY)
def title(fault: Fault, language: Language) -> str:
    """Return the short heading of a fault."""
    lexicon = LEXICONS[language]
    return filled(lexicon.titles[fault.code], _spelled(fault.facts, lexicon))


@lru_cache(_TOLD_LATELY)
def message(fault: Fault, language: Language) -> str:
    """Tell what happened, why, and what to do about it."""
    lexicon = LEXICONS[language]
    return _told(lexicon.messages[fault.code], fault.facts, lexicon, " ")


def healed(sent: Sent, language: Language) -> str:
    """Tell that a fault is healed, what was booked in Fortnox for it, and what will be next."""
    lexicon = LEXICONS[language]
    known = _spelled(sent, lexicon)
    facts = {name: known[name] if value else "" for name, value in sent}
    return " ".join(filter(None, (filled(sentence, facts) for sentence in lexicon.healed)))


def label(remediation: Remediation, language: Language) -> str:
    """Return what the button of a remediation says."""
    return LEXICONS[language].labels[remediation.action]


def show_label(language: Language) -> str:
    """Return what the banner's own button says, which opens the notification."""
    return LEXICONS[language].show


def _told(passage: Passage, shape: Shape, lexicon: Lexicon, between: str) -> str:
    facts = _spelled(shape, lexicon)
    return between.join(filter(None, (filled(sentence, facts) for sentence in passage)))


def _spelled(shape: Shape, lexicon: Lexicon) -> dict[str, str]:
    return {name: _spell(name, value, lexicon) for name, value in shape}


def _spell(name: str, value: object, lexicon: Lexicon) -> str:
    """Spell one fact; what is not known is spelled with nothing."""
    match value:
        case None:
            spelled = ""
        case tuple():
            spelled = _list(name, value, lexicon)
        case Shape():
            spelled = _told(_passage_for(value, lexicon), value, lexicon, "")
        case datetime():
            spelled = f"{value.astimezone(SHOP_TIME):%Y-%m-%d %H:%M}"
        case date():
            spelled = value.isoformat()
        case int() if name.endswith("_ore"):
            spelled = _kronor(value, lexicon)
        case str() if name in CHOSEN_WORDS:
            spelled = lexicon.words[value]
        case _:
            spelled = str(value)
    return spelled


def _passage_for(part: Shape, lexicon: Lexicon) -> Passage:
    return lexicon.items[part.dimension] if isinstance(part, Item) else lexicon.parts[type(part).__name__]


def _list(name: str, values: tuple[object, ...], lexicon: Lexicon) -> str:
    """Part parts by semicolons, since they hold commas, and say how many are left out."""
    spelled: Iterable[str] = [_spell(name, value, lexicon) for value in values[:LONGEST_LIST]]
    left_out = len(values) - LONGEST_LIST
    more = [lexicon.more.format(count=left_out)] if left_out > 0 else []
    return ("; " if any(isinstance(value, Shape) for value in values) else ", ").join([*spelled, *more])


def _kronor(ore: int, lexicon: Lexicon) -> str:
    kronor, rest = divmod(abs(ore), 100)
    thousands, decimal = lexicon.separators
    sign = "-" if ore < 0 else ""
    return f"{sign}{f'{kronor:,}'.replace(',', thousands)}{decimal}{rest:02d}\N{NO-BREAK SPACE}kr"
