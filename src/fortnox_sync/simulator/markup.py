"""HTML in which every text is escaped unless it was made here."""

from html import escape


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


# Tags that have no end.
_VOID = frozenset({"input", "meta", "br"})

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f3;color:#1d2b24}
header{background:#0b5a3c;color:#fff;padding:14px 28px}header a{color:#fff;text-decoration:none}
main{max-width:1080px;margin:24px auto;padding:0 20px}
section,form{background:#fff;border:1px solid #dde3df;border-radius:8px;padding:16px 20px;margin:0 0 20px}
form.login{max-width:440px;margin:40px auto}
h1{font-size:22px}h2{font-size:17px;margin:0 0 10px}h3{font-size:15px;margin:18px 0 6px}
table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:600;color:#54645b}
th,td{padding:4px 10px 4px 0;border-bottom:1px solid #edf0ee;vertical-align:top}
.amount{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.struck td{text-decoration:line-through;color:#8a958f}.quiet{color:#6a776f}.alarm{color:#a3231f}
label{display:block;margin:12px 0 4px}
input,select{width:100%;box-sizing:border-box;padding:8px;font:inherit;border:1px solid #b9c4bd;
border-radius:5px}
button{font:inherit;padding:9px 18px;margin:18px 10px 0 0;border-radius:5px;border:1px solid #0b5a3c;
background:#fff;color:#0b5a3c;cursor:pointer}button.yes{background:#0b5a3c;color:#fff}
"""


def tag(element: str, /, *children: str, **attributes: str) -> Html:
    """Make an element; a trailing underscore keeps an attribute clear of Python's own words."""
    named = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    if element in _VOID:
        return Html(f"<{element}{named}>")
    return Html(f"<{element}{named}>{join(*children)}</{element}>")


def join(*children: str) -> Html:
    """Put pieces side by side, escaping those that are plain text."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def document(title: str, *children: str) -> str:
    """Make a whole page."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(_STYLE)),
    )
    banner = tag("header", tag("a", "Fortnox, simulerat", href="/"))
    return "<!doctype html>" + tag("html", head, tag("body", banner, tag("main", *children)), lang="sv")


def table(headings: list[str], rows: list[Html]) -> Html:
    """Make a table."""
    return tag("table", tag("tr", *(tag("th", heading) for heading in headings)), *rows)
