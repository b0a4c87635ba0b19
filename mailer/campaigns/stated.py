"""A campaign's facts as the gate takes them: reasons, offer, advertisers, dealings."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailer.campaigns import zones
from mailer.campaigns.models import Campaign
from mailer.compliance import amounts
from mailer.compliance.inputs import Dealing, Party, Relation
from mailer.compliance.offer import Offer


@dataclass(frozen=True)
class Stated:
    """The facts of one campaign as the gate takes them."""

    kind_reason: str
    adult: bool
    offer: Offer | None
    synonyms: tuple[tuple[str, str], ...]
    parties: tuple[Party, ...]
    relation: Relation | None
    dealing_field: str
    is_asking: bool = False

    def dealing(self, attributes: Mapping[str, object]) -> Dealing | None:
        """Return a reader's own dealing, named by what is kept about her; None if there is none."""
        if self.relation is None:
            return None
        reference = str(attributes.get(self.dealing_field) or "").strip()
        return Dealing(self.relation, reference) if reference else None


def of(campaign: Campaign) -> Stated:
    """Return a campaign's facts as the gate takes them."""
    return Stated(
        kind_reason=campaign.kind_reason,
        adult=campaign.is_adult,
        offer=offer(campaign),
        synonyms=tuple(pair(line) for line in lines(campaign.synonyms)),
        parties=parties(campaign),
        relation=campaign.dealing_relation,
        dealing_field=campaign.dealing_field,
        is_asking=campaign.is_asking,
    )


def offer(campaign: Campaign) -> Offer | None:
    """Return the offer on the clocks of its own place; None when nothing of it is stated."""
    claims = lines(campaign.offer_claims)
    terms = "\n".join(filter(None, (campaign.offer_terms, *claims)))
    starts, ends = (
        zones.there(at, campaign.offer_zone) if at else None
        for at in (campaign.offer_starts_at, campaign.offer_ends_at)
    )
    if not terms and starts is None and ends is None:
        return None
    heads = [claim(line) for line in claims]
    shares = [f"{number:f}" for head in heads for number in amounts.percentages(head)]
    prices = [head for head in heads if any(amounts.money(head))]
    return Offer(starts, ends, terms, tuple(shares), tuple(prices))


def parties(campaign: Campaign) -> tuple[Party, ...]:
    """Return the advertisers, the sender as the designated one first; none when she is alone."""
    others = tuple(
        Party(name, is_suppression_applied=campaign.are_opt_outs_shared)
        for name in lines(campaign.advertisers)
    )
    if not others:
        return ()
    own = Party(
        campaign.sender.legal_name, is_designated=True, is_promoted=campaign.is_own_promoted
    )
    return (own, *others)


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def claim(line: str) -> str:
    """Return what a line of the offer claims: what stands before its colon."""
    return line.partition(":")[0]


def pair(line: str) -> tuple[str, str]:
    word, _, meaning = line.partition("=")
    return word.strip(), meaning.strip()
