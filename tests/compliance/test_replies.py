"""R03: is somebody who answers heard?"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.readiness import Intake, Readiness, Replies, ReplyMailbox
from tests.compliance.letters import LAWFUL, SENDER, TODAY, letter

REFUSE, WARN, NOTE = Severity.refuse, Severity.warn, Severity.note
FROM = ReplyMailbox("news@acme.example", accepts_mail=True)
DESK = ReplyMailbox("hello@acme.example", accepts_mail=True, answered_on=date(2026, 11, 1))


def judged(candidate: Candidate) -> tuple[Finding, ...]:
    return tuple(f for f in gate.judge(candidate).findings if f.rule == "R03")


def answered(
    *mailboxes: ReplyMailbox,
    reply_to: str | None = "hello@acme.example",
    intake: Intake | None = None,
    grace: date | None = None,
) -> Candidate:
    """The lawful letter with a Reply-To, and what is known of the mailboxes."""
    readiness = Readiness(replies=Replies(mailboxes, intake), grace_until=grace)
    raw = letter(headers={"Reply-To": reply_to})
    return replace(LAWFUL, raw=raw, readiness=readiness)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    "candidate",
    [
        answered(FROM, DESK),
        answered(FROM, replace(DESK, address="Hello@ACME.example")),
        answered(replace(DESK, address="news@acme.example"), reply_to=None),
        answered(FROM, replace(DESK, answered_on=TODAY)),
        answered(FROM, replace(DESK, answered_on=ago(76))),
        answered(FROM, replace(DESK, is_automatic=True, answered_on=ago(7))),
        answered(FROM, DESK, intake=Intake(24.0, "mail.example.com: refused")),
        answered(
            FROM,
            replace(DESK, address="support@help.acme.example"),
            reply_to="Support <support@help.acme.example>",
        ),
    ],
)
def test_a_mailbox_that_answered_passes(candidate: Candidate) -> None:
    assert judged(candidate) == ()


@pytest.mark.parametrize(
    ("address", "is_known"),
    [
        ("hello+a1b2@acme.example", True),
        ("hello+other@acme.example", False),
        ("+a1b2@acme.example", False),
    ],
)
def test_the_message_s_own_name_behind_a_plus_makes_no_other_mailbox(
    address: str, *, is_known: bool
) -> None:
    assert (judged(answered(FROM, DESK, reply_to=address)) == ()) is is_known


def test_a_reply_address_at_another_domain_passes_if_it_is_registered() -> None:
    elsewhere = replace(DESK, address="acme@desk.example")
    candidate = answered(FROM, elsewhere, reply_to="acme@desk.example")
    assert [f.evidence for f in judged(candidate)] == [
        "Answers go to acme@desk.example, which is not registered."
    ]
    registered = replace(SENDER, reply_to="ACME@desk.example")
    assert judged(replace(candidate, sender=registered)) == ()
    owned = replace(SENDER, domains=("desk.example",))
    assert judged(replace(candidate, sender=owned)) == ()


@pytest.mark.parametrize(
    ("candidate", "severity", "evidence"),
    [
        (answered(FROM, replace(DESK, accepts_mail=False)), REFUSE, "acme.example takes no mail"),
        (answered(replace(FROM, accepts_mail=False), DESK), REFUSE, "neither MX nor address"),
        (answered(FROM, replace(DESK, fault="552 Mailbox full.")), REFUSE, "552 Mailbox full."),
        (answered(FROM, replace(DESK, answered_on=ago(91))), REFUSE, "last answered a letter on"),
        (answered(FROM, replace(DESK, answered_on=ago(90))), WARN, "after 2026-11-22 this"),
        (answered(FROM, replace(DESK, answered_on=ago(77))), WARN, "this refuses"),
        (answered(FROM, replace(DESK, answered_on=ago(-1))), REFUSE, "a later day"),
        (
            answered(FROM, replace(DESK, is_automatic=True, answered_on=ago(8))),
            REFUSE,
            "last answered",
        ),
        (answered(FROM, DESK, intake=Intake(24.5)), REFUSE, "come in for 24 hours."),
        (
            answered(FROM, DESK, intake=Intake(200, "it refused to sign in.")),
            REFUSE,
            "200 hours: it refused to sign in.",
        ),
    ],
)
def test_a_mailbox_that_cannot_hear_is_refused(
    candidate: Candidate, severity: Severity, evidence: str
) -> None:
    findings = judged(candidate)
    assert [f.severity for f in findings] == [severity]
    assert evidence in findings[0].evidence


@pytest.mark.parametrize(("grace", "severity"), [(None, REFUSE), (TODAY, NOTE)])
def test_a_mailbox_that_mail_names_before_letters_could_come_in_is_set_up_first(
    grace: date | None, severity: Severity
) -> None:
    (found,) = judged(answered(FROM, DESK, intake=Intake(None), grace=grace))
    assert (found.severity, found.part) == (severity, "List-Unsubscribe")
    assert "could come in yet" in found.evidence


@pytest.mark.parametrize(
    ("grace", "severity"), [(None, REFUSE), (ago(1), REFUSE), (TODAY, NOTE), (ago(-30), NOTE)]
)
@pytest.mark.parametrize(
    "mailboxes",
    [
        (FROM, replace(DESK, answered_on=None)),
        (FROM, replace(DESK, accepts_mail=None)),
        (replace(FROM, accepts_mail=None), DESK),
        (FROM,),
    ],
    ids=["never answered", "not looked up", "From not looked up", "not known"],
)
def test_what_was_never_tried_refuses_once_the_grace_is_over(
    mailboxes: tuple[ReplyMailbox, ...], grace: date | None, severity: Severity
) -> None:
    findings = judged(answered(*mailboxes, grace=grace))
    assert [f.severity for f in findings] == [severity]


def test_where_nothing_is_known_it_is_noted() -> None:
    assert [f.severity for f in judged(replace(LAWFUL, readiness=None))] == [NOTE]
    assert [f.severity for f in judged(replace(LAWFUL, readiness=Readiness()))] == [REFUSE]


def test_in_development_it_is_a_note() -> None:
    candidate = answered(replace(FROM, accepts_mail=False), replace(DESK, accepts_mail=False))
    assert [f.severity for f in judged(replace(candidate, development=True))] == [NOTE]


@pytest.mark.parametrize(
    "local",
    [
        *("noreply", "no-reply", "No.Reply", "donotreply", "do-not-reply", "bounce+noreply"),
        *("ne-pas-repondre", "keine-antwort", "nicht_antworten", "no-responder", "noreplies"),
    ],
)
def test_no_reply_is_worth_a_warning(local: str) -> None:
    address = f"{local}@acme.example"
    candidate = answered(FROM, replace(DESK, address=address), reply_to=address)
    findings = judged(candidate)
    assert [f.severity for f in findings] == [WARN]
    assert f"{address} tells readers not to answer." in findings[0].evidence


def test_no_reply_is_refused_where_there_is_no_other_way_out() -> None:
    address = "noreply@acme.example"
    raw = letter(headers={"Reply-To": address, "List-Unsubscribe": None})
    known = Readiness(replies=Replies((FROM, replace(DESK, address=address))))
    findings = judged(replace(LAWFUL, raw=raw, unsubscribe_url=None, readiness=known))
    assert [f.severity for f in findings] == [REFUSE]


@pytest.mark.parametrize("local", ["norbert", "replies", "antwort", "nora.reply", "reply"])
def test_a_mailbox_that_answers_is_not_taken_for_no_reply(local: str) -> None:
    address = f"{local}@acme.example"
    assert judged(answered(FROM, replace(DESK, address=address), reply_to=address)) == ()


def test_where_answers_go_to_from_it_is_from_that_must_answer() -> None:
    findings = judged(answered(FROM, DESK, reply_to=None))
    assert [f.part for f in findings] == ["Reply-To"]
    assert "news@acme.example" in findings[0].evidence


@pytest.mark.parametrize("kind", [Kind.transactional, Kind.service])
def test_the_letter_that_proves_the_mailbox_is_not_held_back(kind: Kind) -> None:
    assert judged(replace(LAWFUL, readiness=Readiness(), kind=kind)) == ()


def test_strange_mail_does_not_pass() -> None:
    known = Readiness(replies=Replies((FROM, DESK)))
    raw = b"From: nobody\r\nReply-To: <\xff@>\r\n\r\nx"
    assert REFUSE in [f.severity for f in judged(replace(LAWFUL, raw=raw, readiness=known))]
