"""What a marketer states about a campaign: its kind and why, its offer, who advertises in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from mailer.campaigns import zones
from mailer.campaigns.models import Campaign
from mailer.campaigns.stated import claim, lines, pair
from mailer.compliance import amounts
from mailer.compliance.inputs import Relation

FIELD_NAME = re.compile(r"[A-Za-z_][\w-]*")
LONGEST = {
    "kind_reason": 500,
    "dealing_field": 50,
    "advertisers": 1000,
    "offer_terms": 2000,
    "offer_claims": 1000,
    "synonyms": 1000,
}


@dataclass(frozen=True)
class Facts:
    """The facts as typed; the times are on the clocks of ``offer_zone``, empty when not stated."""

    kind_reason: str = ""
    dealing_relation: str = ""
    dealing_field: str = ""
    is_adult: bool = False
    advertisers: str = ""
    is_own_promoted: bool = True
    are_opt_outs_shared: bool = False
    offer_starts: str = ""
    offer_ends: str = ""
    offer_zone: str = "UTC"
    offer_terms: str = ""
    offer_claims: str = ""
    synonyms: str = ""
    is_asking: bool = False


def typed(campaign: Campaign) -> Facts:
    """Return a campaign's facts as a form shows them."""
    kept = {
        field.name: getattr(campaign, field.name)
        for field in fields(Facts)
        if field.name not in {"offer_starts", "offer_ends", "dealing_relation"}
    }
    return Facts(
        **kept,
        dealing_relation=campaign.dealing_relation or "",
        offer_starts=zones.spelled(campaign.offer_starts_at, campaign.offer_zone),
        offer_ends=zones.spelled(campaign.offer_ends_at, campaign.offer_zone),
    )


def columns(given: Facts) -> dict[str, object]:
    """Return the facts as columns; a time that cannot be read counts as not stated."""
    starts, ends = (
        moment(text, given.offer_zone) for text in (given.offer_starts, given.offer_ends)
    )
    return {
        "kind_reason": given.kind_reason.strip(),
        "dealing_relation": relation(given.dealing_relation),
        "dealing_field": given.dealing_field.strip(),
        "is_asking": given.is_asking,
        "is_adult": given.is_adult,
        "advertisers": given.advertisers.strip(),
        "is_own_promoted": given.is_own_promoted,
        "are_opt_outs_shared": given.are_opt_outs_shared,
        "offer_starts_at": starts,
        "offer_ends_at": ends,
        "offer_zone": given.offer_zone if given.offer_zone in zones.names() else "UTC",
        "offer_terms": given.offer_terms.strip(),
        "offer_claims": given.offer_claims.strip(),
        "synonyms": given.synonyms.strip(),
    }


def moment(text: str, zone: str) -> datetime | None:
    try:
        return zones.parsed(text, zone)
    except zones.BadTime:
        return None


def relation(text: str) -> Relation | None:
    return Relation(text) if text in list(Relation) else None


def problems(given: Facts) -> dict[str, str]:
    """Return what is wrong with each field, as sentences that stand beside it."""
    found = dict(wrong_lines(given)) | dict(wrong_times(given))
    if given.dealing_field.strip() and not FIELD_NAME.fullmatch(given.dealing_field.strip()):
        found["dealing_field"] = "A name of letters, digits, - and _, such as order_number."
    for name, longest in LONGEST.items():
        size = len(getattr(given, name))
        if size > longest:
            found[name] = f"This is {size:,} characters long; {longest:,} fit."
    return found


def wrong_times(given: Facts) -> Iterator[tuple[str, str]]:
    for name in ("offer_starts", "offer_ends"):
        text = getattr(given, name)
        try:
            if text.strip():
                zones.parsed(text, given.offer_zone)
        except zones.BadTime as error:
            yield name, str(error)
    starts, ends = (
        moment(text, given.offer_zone) for text in (given.offer_starts, given.offer_ends)
    )
    if starts and ends and ends <= starts:
        yield "offer_ends", "The offer would end before it begins."


def wrong_lines(given: Facts) -> Iterator[tuple[str, str]]:
    for line in lines(given.offer_claims):
        if not any(amounts.percentages(claim(line))) and not any(amounts.money(claim(line))):
            yield (
                "offer_claims",
                (
                    f"“{line[:60]}” names no percentage and no price. Write it like “50 % off: all "
                    "garden tools”."
                ),
            )
    for line in lines(given.synonyms):
        if not all(pair(line)):
            yield (
                "synonyms",
                f"“{line[:60]}” is no pair. Write it like “moonflower = Ipomoea alba”.",
            )
