"""Several advertisers in one message: which of them is its sender in law."""

import re
from collections.abc import Iterator

from mailer.compliance import names
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.inputs import Party
from mailer.compliance.mailboxes import mailboxes
from mailer.compliance.packs import Pack
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule
from mailer.compliance.words import Words

_FIX = (
    "Name one sender who advertises a product of its own and stands alone in From, or leave out "
    "the readers who opted out of any of the advertisers."
)
_AND = re.compile(
    r" ?[&+\u00d7/] ?| (?:and|und|et|y|e|en|och|og|i|и|x|feat\.?|ft\.?) ", re.IGNORECASE
)
# Who belongs to a company, and what its letters are about.
_COMPANY = frozenset(
    str.split(
        """
        sons son daughters brothers co company partners friends family team associates cie sohn
        sohne tochter gebruder partner freunde familie fils freres associes amis equipe hijos
        hermanos asociados amigos equipo figli fratelli soci amici zonen zn zoon filhos
        tips tricks updates stories events offers deals ideas inspiration insights guides
        aktuelles neuigkeiten angebote termine tipps ideen actualites conseils offres noticias
        novedades consejos ofertas notizie novita consigli offerte nieuws aanbiedingen
        """
    )
)
_LONGEST_NAME = 200


def _designated(case: Case) -> Iterator[Reason]:
    parties = case.candidate.promoted_parties
    shown = [m.name for h in case.message.named("From") for m in mailboxes(h)]
    if not parties:
        yield from _unnamed(case, shown)
        return
    others = [party for party in parties if party.is_promoted and not _is_sender(party, case)]
    if all(party.is_suppression_applied for party in others):
        return
    for fault in _faults(case, shown):
        yield Reason(fault, _FIX, "From")


def _faults(case: Case, shown: list[str]) -> Iterator[str]:
    """Why no party is the one designated sender for all."""
    parties = case.candidate.promoted_parties
    chosen = [party for party in parties if party.is_designated]
    if len(chosen) != 1:
        many = ", ".join(party.name for party in chosen or parties)
        yield f"{len(chosen)} designated senders among the advertisers: {many}"
        return
    one = chosen[0]
    if not _is_sender(one, case):
        yield f"{one.name} is designated, but the message is sent as {_legal(case)}."
    if not one.is_promoted:
        yield f"{one.name} is designated, but nothing of its own is advertised."
    for party in parties:
        if party is not one and any(_bears(name, party.name) for name in shown):
            yield f"From names {party.name} beside the designated {one.name}."


def _unnamed(case: Case, shown: list[str]) -> Iterator[Reason]:
    """Warn of a second name in From when no advertisers were named."""
    sender = case.candidate.sender
    own = {word for name in names.registered(sender) for word in names.telling_words(name)}
    for name in shown:
        pieces = [
            names.telling_words(piece)
            for piece in _AND.split(" ".join(name.split())[:_LONGEST_NAME])
        ]
        is_led = any(piece and piece <= own for piece in pieces)
        strange = [" ".join(sorted(p)) for p in pieces if p - own and not p & _COMPANY]
        # "Ana and the Acme team" is a person of the company.
        if is_led and strange and "team" not in Words(name).texts:
            yield Reason(
                evidence=f"From names “{strange[0]}” beside the sender: {name}",
                fix="Say whose products this message advertises, and put one sender into From.",
                part="From",
                severity=Severity.warn,
            )


def _is_sender(party: Party, case: Case) -> bool:
    return names.bearing(party.name, case.candidate.sender).is_own


def _bears(text: str, name: str) -> bool:
    return bool(Words(text).occurrences(Words(names.short(name))))


def _legal(case: Case) -> str:
    return case.candidate.sender.legal_name


DESIGNATED_SENDER = Rule(
    id="R26",
    name="designated-sender",
    title="Several advertisers, and none is the designated sender",
    asks="Where several advertise, one of them is the sender and answers for all.",
    severity=Severity.refuse,
    citation="16 CFR 316.2(m); 15 U.S.C. 7702(16)",
    check=_designated,
    kinds=NOT_TRANSACTIONAL,
    packs=frozenset({Pack.can_spam}),
)
