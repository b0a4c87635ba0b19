"""One look at the DNS of a sender: asked without a database, kept as plain facts."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from mailer.compliance.readiness import PublishedKey, Spf
from mailer.delivery import dmarc, domain_keys, spf
from mailer.delivery.resolver import Resolver


@dataclass(frozen=True)
class Key:
    """The public half of a key of ours, and where it belongs."""

    name: str
    algorithm: str
    bits: int
    public_key: str


@dataclass(frozen=True)
class Question:
    """What is to be looked up for one sender."""

    sender_id: int
    from_address: str
    reply_to: str
    keys: tuple[Key, ...] = ()

    @property
    def domain(self) -> str:
        return self.from_address.rpartition("@")[2]


@dataclass(frozen=True)
class Facts:
    """What DNS said. ``takes_mail`` pairs the domains of From and Reply-To with their answer.

    ``spf_term`` is what the record had to hold. ``daily_volume`` is counted, not looked up.
    """

    spf: spf.Judgement
    spf_term: str
    dmarc: dmarc.Policy
    keys: tuple[PublishedKey, ...]
    takes_mail: dict[str, bool]
    daily_volume: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing, so that a day may pass until the next look."""
        return (
            self.spf.spf in {Spf.allowed, Spf.unknown}
            and bool(self.dmarc.policy and self.keys)
            and all(key.matches for key in self.keys)
            and all(self.takes_mail.values())
        )

    def counted(self, daily_volume: int) -> Self:
        return replace(self, daily_volume=daily_volume)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """Read what ``as_dict`` wrote."""
        return cls(
            spf=spf.Judgement(**{**kept["spf"], "spf": Spf(kept["spf"]["spf"])}),
            spf_term=kept["spf_term"],
            dmarc=dmarc.Policy(**kept["dmarc"]),
            keys=tuple(PublishedKey(**key) for key in kept["keys"]),
            takes_mail=kept["takes_mail"],
            daily_volume=kept["daily_volume"],
        )


def looked_up(question: Question, resolver: Resolver, spf_term: str) -> Facts:
    """Ask the DNS; raises Unanswered if it cannot say. Takes a few seconds at worst, per name."""
    addresses = (question.from_address, question.reply_to or question.from_address)
    mail_domains = dict.fromkeys(address.rpartition("@")[2] for address in addresses)
    return Facts(
        spf=spf.judged(resolver, question.from_address, spf_term),
        spf_term=spf_term,
        dmarc=dmarc.found(resolver, question.domain),
        keys=tuple(
            domain_keys.published(resolver, key.name, key.algorithm, key.bits, key.public_key)
            for key in question.keys
        ),
        takes_mail={domain: resolver.takes_mail(domain) for domain in mail_domains},
    )
