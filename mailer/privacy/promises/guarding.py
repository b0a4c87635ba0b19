"""Proofs of what is promised about who sees the data, and about how it is protected."""

from datetime import datetime

import sqlalchemy as sa

from mailer import ledger
from mailer.accounts import cases
from mailer.accounts.factor import demand
from mailer.accounts.models import AuditEntry, User
from mailer.audience import lists
from mailer.audience.models import MailingList
from mailer.audience.segments import fields
from mailer.audience.words import ListStatus
from mailer.compliance import columns
from mailer.compliance.rules.intake import LEAST_AGE
from mailer.privacy.incidents import register as incidents
from mailer.privacy.incidents.models import Incident
from mailer.privacy.promises import gated
from mailer.privacy.promises.proof import Ground, Proof, absent, broken, counted, kept

# So many entries of the audit log are read for the table; the page of the chains reads all.
NEWEST = 5_000


def few(ground: Ground) -> Proof:
    """Prove that a password alone opens nothing: by demand, or because everybody chose so."""
    active = sa.select(sa.func.count()).select_from(User).where(User.active)
    number = ground.session.scalar(active) or 0
    bare = demand.without(ground.session)
    told = f"{counted(number, 'person')} may sign in, each by a role; "
    told += f"{number - len(bare):,} of them with a second factor."
    if demand.is_on(ground.session):
        return kept(f"{told} Whoever lacks one reaches nothing until she has it.", ground.now)
    if number and not bare:
        return kept(told, ground.now)
    return absent(told, "Demand a second factor of everybody, under People.")


def looked(ground: Ground) -> Proof:
    """Prove that whoever looked at a reader's record said why."""
    act = AuditEntry.action == cases.LOOKED
    chosen = sa.select(sa.func.count(), sa.func.max(AuditEntry.at)).where(act)
    number, last = ground.session.execute(chosen).one()
    silent = sa.select(sa.func.count()).select_from(AuditEntry).where(act, AuditEntry.reason == "")
    if ground.session.scalar(silent):
        return broken("A record was looked at without a reason.", "Look under Audit who did.")
    told = f"{counted(number, 'look')} at readers' records on the log, each with its reason."
    return kept(told, last or ground.now)


def protected(ground: Ground) -> Proof:
    """Prove that mail leaves encrypted, and that nobody changed the log of acts."""
    if ground.in_clear:
        told = f"Mail goes unencrypted to {', '.join(ground.in_clear)}."
        return broken(told, "Write smtp+starttls:// or smtps:// in MAILER_SMTP_URL.")
    wrong = ledger.first_broken(ground.session, AuditEntry, newest=NEWEST)
    if wrong is not None:
        return broken(f"Entry {wrong} of the audit log was changed.", "Compare it with a backup.")
    number, _ = ledger.head(ground.session, AuditEntry)
    seals = f"The seals of {counted(number, 'act')} hold."
    if number > NEWEST:
        seals = (
            f"The seals of the newest {NEWEST:,} of {number:,} acts hold; mailer verify: of all."
        )
    told = f"{seals} No relay elsewhere gets mail in clear."
    return kept(f"{told} Backups are made and encrypted outside of this program.", ground.now)


def harmless(ground: Ground) -> Proof:
    """Prove that no field is about health, cards or identity numbers."""
    found = [
        one.label
        for one in fields.index(ground.session)
        if columns.sensitive(one.key) or columns.sensitive(one.label)
    ]
    if found:
        return broken(f"These fields look sensitive: {', '.join(found)}.", "Remove their contents.")
    told = "Imports and fields refuse health, card and identity data; no field looks like it."
    return kept(told, ground.now)


def grown_up(ground: Ground) -> Proof:
    """Prove that no list invites children (R36)."""
    rules = gated.judged(ground, "R36")
    young = sa.select(MailingList.name).where(
        MailingList.status == ListStatus.active,
        lists.is_for_children(),
    )
    names = ground.session.scalars(young.order_by(MailingList.name)).all()
    if names:
        told = f"{', '.join(names)} let in who is younger than {LEAST_AGE}."
        return broken(told, f"Ask for {LEAST_AGE} years or more in the settings of these lists.")
    if rules.remedy:
        return rules
    return kept("Imports leave out who is under 13 (R36), and no list invites them.", ground.now)


def breaches(ground: Ground) -> Proof:
    """Prove that users heard of every breach in time, or still can."""
    found = incidents.everything(ground.session)
    told = incidents.told(ground.session, found)
    late = [one.title for one in found if is_late(ground, one, told[one.id])]
    if late:
        said = f"Users did not hear in time of {', '.join(late)}."
        return broken(said, "Open it under Incidents: put up the banner, mail the affected.")
    return kept(
        f"{counted(len(found), 'incident')} in the register, none told too late.", ground.now
    )


def is_late(ground: Ground, incident: Incident, told: datetime | None) -> bool:
    _, until = incidents.deadlines(ground.settings.desk, incident)
    return (told or ground.now) > until.at
