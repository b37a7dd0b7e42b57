"""Bodies of the suggestions: an account to offer for each item, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from fortnox_sync.mapping.schemas.mappings import Narrow, narrow_of
from fortnox_sync.mapping.schemas.pick_lists import Listed, YearOut
from fortnox_sync.mapping.suggest import Reason, Suggestion
from fortnox_sync.mapping.words import WHY_SUGGESTED
from fortnox_sync.web.language import Language


class SuggestionReasonOut(BaseModel):
    """Why an account is suggested, or why none is."""

    code: Reason = Field(description="Why, for programs.")
    text: str = Field(description="Why, in the reader's language.")


class SuggestionOut(BaseModel):
    """An account to offer for one of the till's items; nothing is chosen by it."""

    dimension: Literal["payment_method", "vat_rate", "article_group", "event"] = Field(
        description="What kind of thing it is to the till."
    )
    key: str = Field(description="The till's id of it, or the rate.")
    narrow: Narrow | None = Field(
        default=None, description="The rate of a group that is sold at several; else null."
    )
    name: str | None = Field(description="What the till calls it.")
    account: int | None = Field(description="Null where the merchant has to say.", examples=[1686])
    description: str | None = Field(description="What the account is called.")
    must_be_added: bool = Field(description="The chart lacks it: `POST /fortnox/accounts` adds it.")
    reason: SuggestionReasonOut = Field(description="Why this account, or why none.")


class SuggestionsOut(Listed):
    """A suggestion for each item without an account."""

    financial_year: YearOut = Field(description="The year of the chart they are taken from.")
    suggestions: list[SuggestionOut] = Field(description="One for each item without an account.")


def suggestion_out(one: Suggestion, language: Language) -> SuggestionOut:
    """Tell a suggestion."""
    return SuggestionOut(
        dimension=one.role.dimension.value,
        key=one.role.key,
        narrow=narrow_of(one.role),
        name=one.name,
        account=one.account,
        description=one.description,
        must_be_added=one.must_be_added,
        reason=SuggestionReasonOut(code=one.reason, text=WHY_SUGGESTED[one.reason][language]),
    )
