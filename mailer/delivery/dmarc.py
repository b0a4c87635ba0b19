"""DMARC (RFC 9989): which policy holds for a domain, found by walking up the tree of names."""

from collections.abc import Iterator
from dataclasses import dataclass

from mailer.delivery.resolver import Resolver

MOST_LABELS = 8  # section 4.10: from there on the walk goes on with seven
POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True)
class Policy:
    """The policy in force (none, quarantine, reject; empty if none is), and where it stands.

    ``domain`` is where the record was found; ``fault`` says what keeps a record from counting.
    """

    policy: str = ""
    domain: str = ""
    record: str = ""
    fault: str = ""
    is_strict: bool = False


def found(resolver: Resolver, domain: str) -> Policy:
    """Return the policy for an author domain: its own, else that of its organisation.

    Raises Unanswered.
    """
    own = standing(resolver, domain)
    if own.policy:
        return own
    walked = (standing(resolver, name) for name in ancestors(domain))
    above = [one for one in walked if one.policy]
    chosen = organisational(above)
    if chosen is None:
        return own
    tags = tags_of(chosen.record)
    # Section 4.7: below its own domain, sp stands before p.
    below = tags.get("sp", "").lower()
    policy = below if below in POLICIES else chosen.policy
    return Policy(policy, chosen.domain, chosen.record, own.fault, chosen.is_strict)


def organisational(above: list[Policy]) -> Policy | None:
    """Choose among the records on the way up: psd=n ends the walk, a public suffix comes last."""
    marks = [tags_of(one.record).get("psd", "").lower() for one in above]
    if "n" in marks:
        return above[marks.index("n")]
    of_registrants = [one for one, mark in zip(above, marks, strict=True) if mark != "y"]
    return next(iter([*reversed(of_registrants), *above]), None)


def ancestors(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    labels = labels[1:] if len(labels) < MOST_LABELS else labels[-MOST_LABELS + 1 :]
    while labels:
        yield ".".join(labels)
        labels = labels[1:]


def standing(resolver: Resolver, domain: str) -> Policy:
    """Read the record at one name; several, or one without a policy, count as none."""
    texts = [text for text in resolver.texts(f"_dmarc.{domain}") if is_dmarc(text)]
    if len(texts) > 1:
        fault = f"_dmarc.{domain} has {len(texts)} records, so that none counts; leave one."
        return Policy(record=texts[0], fault=fault)
    if not texts:
        return Policy()
    tags = tags_of(texts[0])
    policy = tags.get("p", "").lower()
    if policy not in POLICIES and tags.get("rua"):
        policy = "none"  # section 4.7: reports are wanted, so the record counts
    if policy not in POLICIES:
        fault = f"The record at _dmarc.{domain} names no policy (p=none, quarantine or reject)."
        return Policy(record=texts[0], fault=fault)
    is_strict = tags.get("adkim", "r").lower() == "s"
    return Policy(policy, domain, texts[0], is_strict=is_strict)


def is_dmarc(text: str) -> bool:
    name, _, value = text.partition(";")[0].partition("=")
    return name.strip() == "v" and value.strip() == "DMARC1"


def tags_of(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
