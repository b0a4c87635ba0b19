"""What breaks a promise is told with its remedy, and what keeps it with its evidence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from mailer.accounts import audit, cases
from mailer.accounts.factor import demand, enrolment, totp
from mailer.accounts.models import User
from mailer.audience.models import MailingList, Sender, Subscriber
from mailer.audience.segments.models import Field, FieldKind
from mailer.audience.words import Optin, SubscriptionStatus
from mailer.campaigns.models import Campaign
from mailer.compliance.readiness import OptOutTrial, Transfer
from mailer.delivery import intake, relays, reply_probes, trial_facts
from mailer.delivery.intake import Way
from mailer.delivery.models import Delivery, DeliveryStatus, OptOutTrialRow
from mailer.delivery.processors import register
from mailer.delivery.relay_models import RegisteredRelay
from mailer.privacy.clocks import Regime
from mailer.privacy.incidents import register as incidents
from mailer.privacy.incidents.register import Facts
from mailer.privacy.keeping.models import Run
from mailer.privacy.policy import versions
from mailer.privacy.promises import catalogue, guarding
from mailer.privacy.promises.proof import Ground, Proof, State
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.words import Channel, Kind
from mailer.privacy.requests.words import State as Step
from tests import world
from tests.conftest import MakeReader
from tests.delivery.test_processors import CELLAR

DAY = timedelta(days=1)
Break = Callable[[Ground, MailingList], Ground]


def proof(ground: Ground, name: str) -> Proof:
    [found] = [one for one in catalogue.PROMISES if one.id == name]
    ground.session.flush()
    return found.prove(ground)


def began_unjudged(ground: Ground, letters: MailingList) -> Ground:
    draft = world.campaign(letters)
    draft.started_at = ground.now
    ground.session.add(draft)
    return ground


def moved_away(ground: Ground, letters: MailingList) -> Ground:
    letters.sender.address_lines = ""
    return ground


def overdue(ground: Ground, letters: MailingList) -> Ground:
    assert letters
    made = register.enter(ground.session, ground.now, CELLAR)
    register.review(made, "alice@example.com", ground.now - 181 * DAY)
    return ground


def unbound(ground: Ground, letters: MailingList) -> Ground:
    assert letters
    register.enter(ground.session, ground.now, replace(CELLAR, contract=""))
    return ground


def without_basis(ground: Ground, letters: MailingList) -> Ground:
    letters.countries = "DE"
    given = replace(CELLAR, transfer=Transfer.none)
    register.enter(ground.session, ground.now, given)
    return ground


def anybody(ground: Ground, letters: MailingList) -> Ground:
    letters.optin = Optin.single
    return ground


def idle_nights(ground: Ground, letters: MailingList) -> Ground:
    assert letters
    at = ground.now - 3 * DAY
    ground.session.add(Run(actor="clock", edges={}, started_at=at, finished_at=at))
    return ground


def late_to_tell(ground: Ground, letters: MailingList) -> Ground:
    assert letters
    at = ground.now - 15 * DAY
    facts = Facts("Stolen notebook", noticed_at=at, aware_at=at)
    incidents.enter(ground.session, ground.now, "alice@example.com", facts)
    return ground


def changed_setting(ground: Ground, letters: MailingList) -> Ground:
    versions.follow(ground.session, ground.settings, ground.now)
    letters.name = "Rain Letters"
    return replace(ground, settings=replace(ground.settings, public_url="https://b.example"))


def late(*kinds: Kind) -> Break:
    def breaking(ground: Ground, letters: MailingList) -> Ground:
        assert letters
        ground.session.add_all(
            Request(
                kind=kind,
                regime=Regime.gdpr,
                channel=Channel.mail,
                state=Step.received,
                received_at=ground.now - 40 * DAY,
                due_at=ground.now - DAY,
                citation="Art. 12(3) GDPR",
            )
            for kind in kinds
        )
        return ground

    return breaking


def curious(ground: Ground, letters: MailingList) -> Ground:
    assert letters
    audit.record(ground.session, ground.now, "bob", cases.LOOKED, "subscriber 1")
    return ground


def in_clear(ground: Ground, letters: MailingList) -> Ground:
    assert letters
    return replace(ground, in_clear=("relay.example",))


def sickly(ground: Ground, letters: MailingList) -> Ground:
    assert letters
    field = Field(key="x", label="Diagnosis", kind=FieldKind.text, created_at=ground.now)
    ground.session.add(field)
    return ground


def childish(ground: Ground, letters: MailingList) -> Ground:
    letters.least_age = 10
    return ground


@pytest.mark.parametrize(
    ("names", "breaking", "evidence"),
    [
        ("C1 C2 C8 P2", began_unjudged, "1 campaign began without a certificate"),
        ("C3", moved_away, "Harbor Press LLC"),
        ("C4", overdue, "overdue: Cellar"),
        ("D1", unbound, "No contract is noted of Cellar"),
        ("D3", without_basis, "Cellar is in US, and no basis"),
        ("N1", anybody, "Anybody can enter anybody's address on Harbor Letters"),
        *((one, idle_nights, "The last run was on") for one in ("N2", "N3", "N4", "N5")),
        ("B1", late_to_tell, "did not hear in time of Stolen notebook"),
        ("K1 P1", changed_setting, "A setting changed since version 1"),
        ("R1 R8", late(Kind.access), "1 request should have been answered: number 1"),
        ("R2", late(Kind.correction), "1 request should"),
        ("R3", late(Kind.erasure), "1 request should"),
        ("R4", late(Kind.restriction), "1 request should"),
        ("R5", late(Kind.portability), "1 request should"),
        ("R6", late(Kind.objection, Kind.opt_out), "2 requests should"),
        ("R7 B2", late(Kind.complaint), "1 request should"),
        ("S2", curious, "without a reason"),
        ("S3", in_clear, "unencrypted to relay.example"),
        ("S4", sickly, "Diagnosis"),
        ("S5", childish, "let in who is younger than 13"),
    ],
)
def test_what_breaks_a_promise_is_told_with_its_remedy(
    ground: Ground, letters: MailingList, names: str, breaking: Break, evidence: str
) -> None:
    now_broken = breaking(ground, letters)
    for name in names.split():
        found = proof(now_broken, name)
        assert (found.state, found.at) == (State.broken, None), name
        assert evidence in found.evidence
        assert found.remedy


def test_a_changed_entry_of_the_audit_log_breaks_a_promise(
    ground: Ground, letters: MailingList
) -> None:
    assert letters
    audit.record(ground.session, ground.now, "bob", "lists.edit", "list 1")
    assert "The seals of 1 act hold." in proof(ground, "S3").evidence
    for trigger in ("no_update", "no_delete"):
        ground.session.execute(sa.text(f"DROP TRIGGER audit_entries_{trigger}"))
    ground.session.execute(sa.text("UPDATE audit_entries SET actor = 'eve'"))
    assert proof(ground, "S3").state is State.broken


def test_of_a_long_audit_log_the_table_says_how_much_it_has_read(
    ground: Ground, letters: MailingList, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert letters
    monkeypatch.setattr(guarding, "NEWEST", 2)
    for _ in range(3):
        audit.record(ground.session, ground.now, "bob", "lists.edit", "list 1")
    assert "the newest 2 of 3 acts hold" in proof(ground, "S3").evidence


@pytest.mark.usefixtures("database")
def test_a_mail_after_the_opt_out_breaks_a_promise(
    ground: Ground, letters: MailingList, make_reader: MakeReader
) -> None:
    sam: Subscriber = make_reader("sam", status=SubscriptionStatus.unsubscribed)
    draft = world.campaign(letters)
    ground.session.add(draft)
    ground.session.flush()
    copy: Delivery = world.delivered(draft, sam, letters)
    ground.session.add(copy)
    [place] = sam.subscriptions
    copy.status, copy.sending_at = DeliveryStatus.accepted, ground.now - DAY
    place.unsubscribed_at = ground.now - DAY
    assert proof(ground, "C5").state is State.kept
    place.unsubscribed_at = ground.now - DAY - timedelta(seconds=2)
    for ended in (None, ground.now - DAY, ground.now):
        draft.finished_at = ended
        assert proof(ground, "C5").evidence == "1 mail went out after the reader had left."


def test_in_production_each_link_has_been_tried(live: Ground, letters: MailingList) -> None:
    assert proof(live, "C6").state is State.absent
    failed = OptOutTrial(live.site.unsubscribe(1, 1, 1), live.site.public_url, live.now, page=None)
    row = OptOutTrialRow(
        sender_id=letters.sender_id,
        list_id=letters.id,
        public_url=live.site.public_url,
        key_name="k",
        tried_at=live.now - DAY,
        facts=trial_facts.written(failed),
    )
    live.session.add(row)
    assert proof(live, "C6").state is State.broken


def test_a_mailbox_is_read_until_its_proof_is_too_old(
    live: Ground, letters: MailingList, sender: Sender
) -> None:
    assert letters
    assert "is read" in proof(live, "C7").evidence
    probe = reply_probes.request(live.session, sender, live.now)
    reply_probes.answer(live.session, probe.id, live.now)
    assert proof(live, "C7").at == live.now
    assert proof(later(live, 91), "C7").state is State.broken


def test_a_mailbox_that_mail_names_lets_letters_in(
    live: Ground, letters: MailingList, sender: Sender
) -> None:
    assert letters
    reply_probes.answer(
        live.session, reply_probes.request(live.session, sender, live.now).id, live.now
    )
    ours = replace(live, site=replace(live.site, letters="letters@in.harbor.example.com"))
    assert proof(ours, "C7").state is State.absent
    intake.well(live.session, Way.lmtp, live.now)
    assert proof(ours, "C7").state is State.kept
    assert proof(later(ours, 2), "C7").evidence == "Letters have not come in for 48 hours."


def later(ground: Ground, days: int) -> Ground:
    return replace(ground, now=ground.now + days * DAY)


def test_a_relay_is_known_then_reviewed_then_watched(live: Ground, letters: MailingList) -> None:
    assert "Nothing is noted of 127.0.0.1" in proof(live, "C4").evidence
    relay: RegisteredRelay = world.relay(letters)
    live.session.add(relay)
    assert proof(live, "C4").state is State.broken
    relays.review(relay, "alice@example.com", live.now)
    assert proof(live, "C4").evidence == "Postbote, reviewed 2026-03-02"
    assert proof(later(live, 91), "C4").state is State.broken
    letters.countries = "AT"
    assert "European readers in AT" in proof(live, "D3").evidence
    letters.countries = "US"
    assert "No European readers" in proof(live, "D3").evidence


def test_a_second_factor_of_everybody_keeps_a_promise(
    ground: Ground, alice: User, bob: User
) -> None:
    assert "0 of them with a second factor" in proof(ground, "S1").evidence
    assert "under People" in proof(ground, "S1").remedy
    secret, now = totp.new_secret(), ground.now
    for user, state in ((alice, State.absent), (bob, State.kept)):
        code = totp.code(secret, totp.step_of(now))
        enrolment.set_up(ground.session, ground.site.keys, user, secret, code, now)
        assert proof(ground, "S1").state is state
    enrolment.remove(ground.session, bob)
    demand.turn(ground.session, now, alice, on=True)
    found = proof(ground, "S1")
    assert (found.state, found.at) == (State.kept, now)
    assert "2 persons may sign in, each by a role; 1 of them with" in found.evidence
    assert "reaches nothing until she has it" in found.evidence


def test_a_version_on_record_proves_the_policy(ground: Ground, now: datetime) -> None:
    assert proof(ground, "P1").state is State.absent
    versions.follow(ground.session, ground.settings, now)
    assert proof(ground, "P1").at == now
    assert "session, remember_token" in proof(ground, "K1").evidence


def test_a_campaign_with_its_certificate_proves_the_gate(ground: Ground) -> None:
    assert ground.session.query(Campaign).count() == 0
    assert "no campaign has begun yet" in proof(ground, "C1").evidence
