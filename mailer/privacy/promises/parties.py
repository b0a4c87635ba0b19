"""Proofs of what is promised about those who get readers' data from us."""

import sqlalchemy as sa

from mailer.accounts import cases
from mailer.accounts.cases import Case
from mailer.accounts.cases import Ground as Why
from mailer.audience.models import MailingList, Sender
from mailer.audience.words import ListStatus
from mailer.compliance import transfers
from mailer.delivery import relays
from mailer.delivery.processors import register
from mailer.privacy.promises import gated
from mailer.privacy.promises.proof import Ground, Proof, absent, broken, counted, kept


def watched(ground: Ground) -> Proof:
    """Prove that everybody who gets readers' data is known and was reviewed in time (R05)."""
    found = register.entries(ground.session, ground.settings.relays)
    if ground.site.development and not found:
        told = "The development inbox carries all mail here, and no service is registered."
        return absent(told, "In production, name a relay in MAILER_SMTP_URL and register it.")
    unknown = [one.name for one in found if not one.legal_entity]
    if unknown:
        told = f"Nothing is noted of {', '.join(unknown)}."
        return absent(told, "Register them under Relays or Processors, and review their terms.")
    return reviewed(ground, found)


def reviewed(ground: Ground, found: list[register.Entry]) -> Proof:
    today = ground.now.date()
    late = [one.name for one in found if one.is_overdue(today)]
    if late:
        return broken(
            f"A review is missing or overdue: {', '.join(late)}.",
            "Read their terms again, and note under Relays or Processors that you did.",
        )
    hosts = ground.settings.relays
    faults = [f for f in (relays.known(ground.session, one).seed_fault for one in hosts) if f]
    if faults:
        return broken(f"The last seed copy: {faults[0]}", "Set the relay right and send another.")
    told = "; ".join(f"{one.name}, reviewed {one.reviewed_on}" for one in found)
    return kept(told or "Readers' data is handed to nobody.", ground.now)


def transferred(ground: Ground) -> Proof:
    """Prove that data of Europeans goes only where a basis carries it (P7)."""
    session = ground.session
    active = session.scalars(
        sa.select(MailingList).where(MailingList.status == ListStatus.active)
    ).all()
    silent = [one.name for one in active if not one.countries]
    if silent or not active:
        told = f"Nobody has said whom these lists address: {', '.join(silent)}." if silent else ""
        return absent(told or "There is no list yet.", "Name the countries in the list's settings.")
    home = [one.country for one in session.scalars(sa.select(Sender))]
    named = (code for one in active for code in one.countries.split())
    people = transfers.in_europe((*home, *named))
    carriers = [relays.known(session, host) for host in ground.settings.relays]
    parties = [one for one in (*carriers, *register.known(session)) if not one.is_own]
    faults = [transfers.fault(one, people, ground.now.date()) for one in parties] if people else []
    found = [fault for fault in faults if fault]
    if found:
        return broken(found[0], "Note the basis under Relays or Processors, or choose others.")
    whom = f"European readers in {' '.join(sorted(people))}" if people else "No European readers"
    return kept(f"{whom}; each of {len(parties)} parties is in order for them.", ground.now)


def confidential(ground: Ground) -> Proof:
    """Prove that nobody gets readers' data but parties who are bound, and never who opted out."""
    rules = gated.judged(ground, "R32")
    if rules.remedy:
        return rules
    loose = [one.name for one in register.known(ground.session) if one.contract == ""]
    if loose:
        told = f"No contract is noted of {', '.join(loose)}."
        return broken(told, "Note the contract under Processors, or end the record.")
    parties = len(register.entries(ground.session, ground.settings.relays))
    told = f"R32 holds back who opted out from every export; others in the register: {parties}."
    return kept(told, ground.now)


def disclosed(ground: Ground) -> Proof:
    """Prove what the law was shown: such a case cannot be opened without both of its facts."""
    chosen = sa.select(sa.func.count(), sa.func.max(Case.opened_at)).where(
        Case.reason.startswith(Why.disclosure.value), cases.IS_ALLOWED
    )
    number, last = ground.session.execute(chosen).one()
    told = f"{counted(number, 'legal disclosure')} on record; each with its file and a second yes."
    return kept(told, last or ground.now)
