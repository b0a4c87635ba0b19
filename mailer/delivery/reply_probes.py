"""Letters to a sender's own reply mailbox: whoever reads it presses the link that is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.campaigns import rendering
from mailer.campaigns.rendering import Rendered
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.inputs import Dealing, Relation
from mailer.compliance.readiness import Replies, ReplyMailbox
from mailer.delivery import approval, authentication, composing, signing
from mailer.delivery.approval import Approved, Unlawful
from mailer.delivery.composing import Envelope
from mailer.delivery.models import ReplyProbe
from mailer.delivery.smtp import door
from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused
from mailer.links import Site

FOLDER = Path(__file__).parents[2] / "templates/email/reply_probe"
LINK_LIFE = timedelta(days=14)
RETRY = timedelta(minutes=1)
MOST_TRIES = 8  # each waits twice as long as the one before: about 4 hours in all
PAUSE = timedelta(minutes=2)
# R03 warns from here on, and refuses when PROOF is over; letters that leave of their own accord,
# once a fortnight, spare people the thought.
PROOF = timedelta(days=90)
RENEW_AFTER = timedelta(days=76)
RENEW_PAUSE = timedelta(days=14)
PERMANENT = 500


class JustSent(Exception):  # noqa: N818 - errors are named for the situation
    """A letter is on its way already; the message says so."""


@dataclass(frozen=True)
class Letter:
    """One letter, ready to be handed over; ``approved`` is None where the gate refuses it."""

    probe_id: int
    from_address: str
    to: str
    approved: Approved | None
    refusal: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a letter; ``fault`` is the relay's word, final if ``is_final``."""

    is_sent: bool
    fault: str = ""
    is_final: bool = False


def mailbox(sender: Sender) -> str:
    """Return where readers' answers go."""
    return sender.reply_to or sender.from_address


def request(session: Session, sender: Sender, now: datetime) -> ReplyProbe:
    """Owe the reply mailbox a letter; raises JustSent."""
    last = newest(session, sender)
    if last is not None and last.answered_at is None and last.created_at > now - PAUSE:
        raise JustSent("A letter was sent a moment ago. Give it two minutes.")
    probe = ReplyProbe(sender_id=sender.id, address=mailbox(sender), created_at=now, due_at=now)
    session.add(probe)
    session.flush()
    return probe


def renew(session: Session, sender: Sender, now: datetime) -> ReplyProbe | None:
    """Owe a mailbox that was proven once a new letter, before R03 begins to warn."""
    proven, last = answered(session, sender), newest(session, sender)
    if proven is None or proven.answered_at is None or last is None:
        return None
    is_time = proven.answered_at <= now - RENEW_AFTER and last.created_at <= now - RENEW_PAUSE
    return request(session, sender, now) if is_time else None


def due(session: Session, now: datetime) -> Sequence[int]:
    """Return the letters that should leave now, oldest first."""
    chosen = sa.select(ReplyProbe.id).where(ReplyProbe.due_at <= now)
    return session.scalars(chosen.order_by(ReplyProbe.due_at)).all()


def take(session: Session, site: Site, probe_id: int, now: datetime) -> Letter | None:
    """Take a letter that is owed, or None. It comes due again by itself unless it leaves.

    The caller commits before handing it over.
    """
    probe = session.get(ReplyProbe, probe_id, with_for_update=True, populate_existing=True)
    if probe is None or probe.due_at is None or probe.due_at > now:
        return None
    sender = session.get_one(Sender, probe.sender_id)
    probe.due_at = now + RETRY * 2**probe.tries if probe.tries < MOST_TRIES else None
    probe.tries += 1
    session.flush()
    return letter(session, site, sender, probe, now)


def hand_over(letter: Letter, relay: Relay, name: str) -> Outcome:
    """Give a letter to the relay; no transaction may be open."""
    if letter.approved is None:
        return Outcome(is_sent=False, fault=letter.refusal, is_final=True)
    try:
        reply = door.send(relay, name, letter.from_address, letter.to, letter.approved)
    except (Lost, Refused) as error:
        return Outcome(is_sent=False, fault=f"The relay could not be reached: {error}")
    if reply.is_positive:
        return Outcome(is_sent=True)
    fault = f"The relay refused the letter: {reply.code} {reply.text}"
    return Outcome(is_sent=False, fault=fault, is_final=reply.code >= PERMANENT)


def note(session: Session, letter: Letter, outcome: Outcome, now: datetime) -> None:
    """Keep what became of a letter."""
    changes: dict[str, object] = {"fault": outcome.fault[:200]}
    if outcome.is_sent:
        changes |= {"sent_at": now, "due_at": None}
    elif outcome.is_final:
        changes["due_at"] = None
    session.execute(
        sa.update(ReplyProbe)
        .where(ReplyProbe.id == letter.probe_id)
        .values(**changes)
        .execution_options(synchronize_session=False)
    )


def answer(session: Session, probe_id: int, now: datetime) -> bool:
    """Note that somebody who reads the mailbox has pressed the link; False for a second press."""
    probe = session.get(ReplyProbe, probe_id, with_for_update=True, populate_existing=True)
    if probe is None or probe.answered_at is not None:
        return False
    probe.answered_at, probe.due_at, probe.fault = now, None, ""
    return True


def newest(session: Session, sender: Sender) -> ReplyProbe | None:
    """Return the last letter to the mailbox that the sender names now."""
    mine = ReplyProbe.sender_id == sender.id, ReplyProbe.address == mailbox(sender)
    return session.scalar(sa.select(ReplyProbe).where(*mine).order_by(ReplyProbe.id.desc()))


def answered(session: Session, sender: Sender) -> ReplyProbe | None:
    """Return the letter whose link was pressed last."""
    mine = ReplyProbe.sender_id == sender.id, ReplyProbe.address == mailbox(sender)
    pressed = sa.select(ReplyProbe).where(*mine, ReplyProbe.answered_at.is_not(None))
    return session.scalar(pressed.order_by(ReplyProbe.answered_at.desc()).limit(1))


def proven_until(session: Session, sender: Sender) -> datetime | None:
    """Return when the last answer will be too old, or None if there is none."""
    proven = answered(session, sender)
    return proven.answered_at + PROOF if proven and proven.answered_at else None


def known(session: Session, sender: Sender, now: datetime) -> Replies:
    """Return what is known of the mailboxes in From and Reply-To, for R03."""
    del now  # the rule itself judges how old the answer is
    facts = authentication.facts(session, sender)
    takes_mail = facts.takes_mail if facts else {}
    last, proven = newest(session, sender), answered(session, sender)
    has_bounced = last is not None and last.due_at is None and last.sent_at is None
    answers = ReplyMailbox(
        address=mailbox(sender),
        accepts_mail=takes_mail.get(mailbox(sender).rpartition("@")[2]),
        answered_on=proven.answered_at.date() if proven and proven.answered_at else None,
        fault=last.fault if last and has_bounced else "",
    )
    domain = sender.from_address.rpartition("@")[2]
    from_ = ReplyMailbox(sender.from_address, accepts_mail=takes_mail.get(domain))
    is_one = from_.address.lower() == answers.address.lower()
    return Replies((answers,) if is_one else (answers, from_))


def letter(
    session: Session, site: Site, sender: Sender, probe: ReplyProbe, now: datetime
) -> Letter:
    """Write the letter, sign it, and put it before the gate."""
    domain = sender.from_address.rpartition("@")[2]
    envelope = Envelope(
        from_name=sender.from_name,
        from_address=sender.from_address,
        reply_to=mailbox(sender),
        to=probe.address,
        message_id=composing.message_id(site.keys, domain, 0, probe.id, 1),
        date=now,
    )
    signers = signing.signers(session, site.keys, sender)
    copy = rendered(site, sender, probe, now + LINK_LIFE)
    raw = signing.signed(composing.composed(envelope, copy), signers)
    candidate = Candidate(
        raw=raw,
        sender=senders.record(sender),
        unsubscribe_url=None,
        today=now.date(),
        kind=Kind.transactional,
        dealing=Dealing(Relation.account, probe.address),
        development=site.development,
        # The mailbox may be proven before there are keys: nobody but ourselves is written to.
        relay_signs=not signers,
    )
    try:
        approved = approval.approved(candidate)
    except Unlawful as error:
        return Letter(probe.id, sender.from_address, probe.address, None, str(error))
    return Letter(probe.id, sender.from_address, probe.address, approved)


def rendered(site: Site, sender: Sender, probe: ReplyProbe, expires: datetime) -> Rendered:
    address = senders.record(sender).block()
    variables: dict[str, object] = {
        "sender": {"legal_name": sender.legal_name},
        "mailbox": probe.address,
        "answer_url": site.reply_probe(probe.id, expires),
        "expires": f"{expires:%d %B %Y}",
    }
    return rendering.of_our_own(FOLDER, variables, address)
