"""The ways out that our mail names, taken by mail: from the bytes on the wire to the refusal."""

import re
from dataclasses import replace
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience import suppressions
from mailer.audience.models import Subscriber
from mailer.audience.words import Scope
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.delivery.inspection import Inspector
from mailer.delivery.office import Office
from mailer.links import Site
from mailer.privacy.letters.models import Kind
from tests.conftest import MakeReader
from tests.privacy.letters.conftest import DESK, Post, copy_of
from tests.privacy.letters.specimens import letter

OURS = "letters@in.harbor.example.com"
BODY = "Low water is at nine on Sunday.\n\n{{ legal_footer }}\n"


def refused(session: Session, reader: Subscriber) -> list[Scope]:
    session.expire_all()
    return [one.scope for one in suppressions.in_force(session, reader.address_key)]


def sent(session: Session, site: Site, tides: Campaign, reader: Subscriber) -> bytes:
    """Return the reader's copy as it leaves, by the gate's leave."""
    tides.body = BODY
    copy = copy_of(session, tides, reader)
    office = Office.of(session, site, tides, clock.now())
    url = site.unsubscribe(copy.list_id, reader.id, copy.id)
    her = Reader(reader.email, reader.name)
    words = office.copy(her, url)
    raw = office.message(words, reader.email, url, "letters", reader.id)
    Inspector(office, clock.now).approved(raw, words, her, url)
    return raw


def field(raw: bytes, name: str) -> str:
    return str(message_from_bytes(raw, policy=policy.default)[name])


def test_the_mailbox_in_her_copy_takes_her_off_whoever_writes(
    post: Post, session: Session, site: Site, tides: Campaign, rosa: Subscriber
) -> None:
    raw = sent(session, replace(site, letters=OURS), tides, rosa)
    web, mail = re.findall("<([^>]*)>", field(raw, "List-Unsubscribe"))
    assert web.startswith("http")
    found = urlsplit(mail)
    (subject,) = parse_qs(found.query)["subject"]
    stranger = "someone@elsewhere.example"
    kept = post.take(letter(subject=subject, author=stranger, to=found.path), found.path, stranger)
    assert (kept.kind, kept.doubt, found.scheme) == (Kind.opt_out, "", "mailto")
    assert refused(session, rosa) == [Scope.sender]


def test_an_answer_is_hers_where_the_sender_s_mailbox_is_this_one(
    post: Post, session: Session, site: Site, tides: Campaign, rosa: Subscriber
) -> None:
    """Even where her mail program tells nothing of what it answers, and writes as another."""
    raw = sent(session, replace(site, letters=DESK), tides, rosa)
    to, stranger = field(raw, "Reply-To"), "someone@elsewhere.example"
    assert to != DESK
    kept = post.take(letter("Please take me off", author=stranger, to=to), to, stranger)
    assert (kept.kind, kept.doubt, refused(session, rosa)) == (Kind.opt_out, "", [Scope.sender])


def test_a_friendly_answer_reaches_a_person_and_changes_nothing(
    post: Post, session: Session, site: Site, tides: Campaign, rosa: Subscriber
) -> None:
    to = field(sent(session, replace(site, letters=DESK), tides, rosa), "Reply-To")
    kept = post.take(letter("What a lovely letter!", to=to), to)
    assert (kept.kind, kept.doubt != "", refused(session, rosa)) == (Kind.other, True, [])


def test_without_a_mailbox_of_ours_mail_names_the_link_alone(
    session: Session, site: Site, tides: Campaign, rosa: Subscriber
) -> None:
    raw = sent(session, site, tides, rosa)
    assert re.fullmatch("<http[^>]*>", field(raw, "List-Unsubscribe"))
    assert field(raw, "Reply-To") == DESK


WISHES = {
    "english": ("Re: Low water on Sunday", "Please take me off your list."),
    "german": ("AW: Ebbe am Sonntag", "Bitte streichen Sie mich von Ihrem Verteiler."),
    "french": ("RE: Basse mer", "Merci de me désinscrire."),
    "spanish": ("RE: Bajamar", "Por favor, darme de baja."),
    "italian": ("R: Bassa marea", "Vorrei cancellarmi dalla lista."),
    "portuguese": ("RES: Maré baixa", "Por favor, remova meu e-mail da lista."),
    "dutch": ("Antw: Eb op zondag", "Graag uitschrijven."),
    "silent": ("", "unsubscribe"),
}


def test_in_seven_languages_and_without_a_subject_the_door_understands(
    post: Post, session: Session, make_reader: MakeReader
) -> None:
    readers = {name: make_reader(name) for name in WISHES}
    bystander = make_reader("bystander")
    for name, (subject, words) in WISHES.items():
        post.hand_in(letter(words, subject=subject, author=readers[name].email))
    assert {one.kind for one in post.read()} == {Kind.opt_out}
    assert [refused(session, one) for one in readers.values()] == [[Scope.sender]] * len(WISHES)
    assert refused(session, bystander) == []


@pytest.mark.parametrize("subject", ["", "Automatische Antwort: Ebbe am Sonntag"])
def test_a_machine_that_answers_to_the_copy_s_own_mailbox_changes_nothing(
    post: Post, session: Session, site: Site, tides: Campaign, rosa: Subscriber, subject: str
) -> None:
    to = field(sent(session, replace(site, letters=DESK), tides, rosa), "Reply-To")
    raw = letter("Ich bin bis Montag nicht da.", subject=subject, auto_submitted="auto-replied")
    assert post.take(raw, to, "").kind is Kind.automatic
    assert refused(session, rosa) == []
