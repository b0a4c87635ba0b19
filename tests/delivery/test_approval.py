"""Every path to the SMTP door is found in the code, and none of them lets unlawful mail through."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
import sqlalchemy as sa

from config import ROOT
from mailer.audience import addresses, consent, subscriptions
from mailer.audience.enrolment import Person
from mailer.audience.joining import limits
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.moving import changes
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.delivery import (
    address_letters,
    checks,
    confirmations,
    preference_links,
    reply_probes,
    seeding,
    seeds,
    trials,
)
from mailer.delivery.approval import Approved
from mailer.delivery.relay_models import SeedState
from mailer.delivery.seed_mailbox import Maildir, Seed
from mailer.delivery.smtp.parcel import Parcel
from tests.delivery.conftest import Yard
from tests.relays import Sink

MODULES = sorted((ROOT / "mailer").rglob("*.py"))
# What makes approved bytes: the gate's own verdict on them, and the inspector's by kind.
MAKERS = {"mailer/delivery/approval.py", "mailer/delivery/inspection.py"}
DOOR = "mailer/delivery/smtp/"
# What else speaks to a network or listens there, and why that is no way out for mail.
NO_WAY_OUT = {
    "mailer/inbox.py": "the development inbox listens",
    "mailer/lmtp.py": "the door for letters listens",
    "mailer/mailroom.py": "it reads a mailbox",
    "mailer/delivery/seed_mailbox.py": "it reads a mailbox",
    "mailer/delivery/visits.py": "it visits our own public address",
    "mailer/delivery/resolver.py": "it asks the DNS",
    "mailer/delivery/outbox.py": "it waits on the loop whose lines are the door's",
    "mailer/delivery/turn.py": "it waits on the loop whose lines are the door's",
    "mailer/cli/demo.py": "it looks for a free port",
}


def called(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2]


def calling(what: str) -> set[str]:
    return {p.relative_to(ROOT).as_posix() for p in MODULES if what in called(p)}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield f"{node.module}"
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def importing(package: str, *modules: str) -> set[str]:
    wanted = {f"{package}.{one}" for one in modules}
    return {p.relative_to(ROOT).as_posix() for p in MODULES if wanted & {*imported(p)}}


def by_a_running_campaign(yard: Yard, letters: MailingList, draft: Campaign) -> None:
    """It was lawful when it started, and its template was changed behind the gate's back."""
    assert letters
    yard.start(draft)
    draft.body = draft.body.replace("{{ legal_footer }}", "")
    yard.session.commit()
    yard.run(draft)


def by_a_test_send(yard: Yard, letters: MailingList, draft: Campaign) -> None:
    assert letters
    draft.body = "Buy now."
    yard.session.commit()
    with pytest.raises(checks.Refused):
        trials.send(
            yard.session, yard.site, yard.relay, draft, Reader("alice@example.com"), yard.clock()
        )


def by_a_confirmation(yard: Yard, letters: MailingList, draft: Campaign) -> None:
    """The name of the list is an advertisement, which a mail about a sign-up must not be."""
    assert draft
    letters.name = "Only today 50 % off everything, buy now and save $100"
    hugo = Person(addresses.parsed("hugo@example.org"), "")
    evidence = consent.Evidence(shown="Yes, mail me.", page="/subscribe/letters")
    owed = subscriptions.sign_up(
        yard.session, yard.clock(), yard.site.keys, letters, hugo, evidence
    )
    yard.session.commit()
    assert owed is not None
    assert not confirmations.send(yard.session, yard.site, yard.relay, owed, yard.clock)


def by_a_link_to_her_page(yard: Yard, letters: MailingList, draft: Campaign) -> None:
    rosa = yard.session.scalars(sa.select(Subscriber)).one()
    asked = limits.note(yard.session, yard.clock(), b"k" * 32, None)
    asked.subscriber_id, asked.due_at = rosa.id, yard.clock()
    letters.sender.from_name = "news@other.example"
    yard.session.commit()
    assert draft.sender is letters.sender
    assert preference_links.due(yard.session, yard.site, yard.clock()) == [asked.id]
    assert not preference_links.send(yard.session, yard.site, yard.relay, asked.id, yard.clock)


def by_letters_about_her_address(yard: Yard, letters: MailingList, draft: Campaign) -> None:
    rosa = yard.session.scalars(sa.select(Subscriber)).one()
    kim = changes.addressed("kim@example.org")
    wish = changes.ask(yard.session, yard.clock(), yard.site.keys, rosa.id, kim)
    letters.sender.from_name = "news@other.example"
    yard.session.commit()
    assert draft.sender is letters.sender
    assert address_letters.due(yard.session, yard.site, yard.clock()) == [wish]
    assert not address_letters.send(yard.session, yard.site, yard.relay, wish, yard.clock)


def by_a_seed_copy(yard: Yard, letters: MailingList, draft: Campaign) -> None:
    assert letters
    draft.body = "Buy now."
    one = seeds.queue(yard.session, yard.site.relay_host, draft, yard.clock())
    yard.session.commit()
    seed = Seed("seed@example.org", Maildir(Path("/nowhere")))
    seeding.step(yard.session, yard.site, yard.relay, seed, one.id, yard.clock)
    assert one.state is SeedState.unsent


def by_a_letter_to_the_reply_mailbox(yard: Yard, letters: MailingList, draft: Campaign) -> None:
    assert letters
    sender = draft.sender
    sender.from_name = "news@other.example"
    probe = reply_probes.request(yard.session, sender, yard.clock())
    letter = reply_probes.take(yard.session, yard.site, probe.id, yard.clock())
    yard.session.commit()
    assert letter is not None
    assert not reply_probes.hand_over(letter, yard.relay, yard.site.host).is_sent


WAYS: dict[str, Callable[[Yard, MailingList, Campaign], None]] = {
    "mailer/delivery/outbox.py": by_a_running_campaign,
    "mailer/delivery/carriers.py": by_a_running_campaign,
    "mailer/delivery/pacer.py": by_a_running_campaign,
    "mailer/delivery/trials.py": by_a_test_send,
    "mailer/delivery/confirmations.py": by_a_confirmation,
    "mailer/delivery/preference_links.py": by_a_link_to_her_page,
    "mailer/delivery/address_letters.py": by_letters_about_her_address,
    "mailer/delivery/seeding.py": by_a_seed_copy,
    "mailer/delivery/reply_probes.py": by_a_letter_to_the_reply_mailbox,
}


def inside(folder: str) -> set[str]:
    return {p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*.py")}


def test_every_way_to_the_door_is_tried_below() -> None:
    ways = importing("mailer.delivery.smtp", "door", "line")
    assert ways - inside(DOOR) == WAYS.keys()


def test_what_is_released_are_approved_bytes() -> None:
    assert get_type_hints(Parcel)["message"] is Approved
    reading = {p for p in inside(DOOR) if ".raw" in (ROOT / p).read_text()}
    assert reading == {"mailer/delivery/smtp/parcel.py"}


def test_only_the_gate_makes_approved_bytes() -> None:
    assert calling("Approved") == MAKERS


def test_only_the_door_speaks_to_a_network() -> None:
    speaking = {
        "asyncio",
        "socket",
        "smtplib",
        "ssl",
        "aiosmtplib",
        "socketserver",
        "dns",
        "imaplib",
    }
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if speaking & {name.partition(".")[0] for name in names}:
                found.add(path.relative_to(ROOT).as_posix())
    assert found - inside(DOOR) == NO_WAY_OUT.keys()


@pytest.mark.usefixtures("alice", "database")
@pytest.mark.parametrize("way", WAYS)
def test_no_way_lets_unlawful_mail_through(
    yard: Yard,
    letters: MailingList,
    tides: Campaign,
    rosa: Subscriber,
    smtp_sink: Sink,
    way: str,
) -> None:
    assert rosa
    WAYS[way](yard, letters, tides)
    assert smtp_sink.caught == []
