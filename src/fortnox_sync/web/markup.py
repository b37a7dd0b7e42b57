"""HTML in which every text is escaped unless it was made here."""

from __future__ import annotations

from html import escape


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


# Tags that have no end.
_VOID = frozenset({"meta", "br"})


def tag(element: str, /, *children: str, **attributes: str) -> Html:
    """Make an element; `class_` becomes `class`, `http_equiv` becomes `http-equiv`."""
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items()
    )
    if element in _VOID:
        return Html(f"<{element}{named}>")
    return Html(f"<{element}{named}>{join(*children)}</{element}>")


def join(*children: str) -> Html:
    """Put pieces side by side, escaping those that are plain text."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))
