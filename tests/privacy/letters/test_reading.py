"""What a letter is: the table of shapes, and that nothing breaks the reading."""

import base64
import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.privacy.letters import reading
from mailer.privacy.letters.models import Kind
from mailer.privacy.letters.reading import Read
from tests.privacy.letters.specimens import (
    HTML_REPLY,
    OUTLOOK,
    QUOTED,
    bounce,
    complaint,
    html,
    letter,
    report,
)

TO = "desk@harbor.example.com"
TAGGED = f"letters+{'0' * 32}@harbor.example.com"
OURS = f"<{'a' * 32}@harbor.example.com>"


def read(raw: bytes, to: str = TO, mail_from: str = "rosa@example.org") -> Read:
    return reading.read(raw, mail_from, to)


# Opt-outs.


@pytest.mark.parametrize(
    "words",
    [
        "Please take me off.",
        "please unsubscribe\nme, thank you",
        "Hi,\n\nI'd like to be removed from your list.\n\nRosa",
        "Stop sending me these mails!",
        "I don\u2019t want to receive your newsletter any more",
        "remove me",
        "STOP",
        "Unsubscribe\n\nSent from my iPhone",
        "I wish to opt out of all correspondence.",
        "Bitte melden Sie mich vom Newsletter ab.",
        "Hallo, ich möchte keine E-Mails mehr von Ihnen erhalten. Gruß, Rosa",
        "Bitte aus dem Verteiler löschen",
        "Abmelden",
        "Ich widerspreche der Verwendung meiner Daten zu Werbezwecken.",
        "Veuillez me désabonner, merci.",
        "Je ne souhaite plus recevoir vos messages",
        "Désinscription",
        "Por favor, denme de baja de la lista.",
        "No quiero recibir más correos",
        "Baja",
        "Vi prego di cancellarmi dalla lista.",
        "Non desidero più ricevere la newsletter",
        "Por favor, removam-me da lista.",
        "Não quero mais receber e-mails",
        "Schrijf mij alstublieft uit.",
        "Ik wil graag geen nieuwsbrief meer ontvangen.\nGeen mails meer aub",
        "Uitschrijven",
    ],
)
@pytest.mark.parametrize("ending", ["", QUOTED, OUTLOOK], ids=["bare", "quoted", "outlook"])
def test_who_asks_to_be_left_alone_is_understood(words: str, ending: str) -> None:
    found = read(letter(words + "\n" + ending))
    assert (found.kind, found.acts, found.doubt) == (Kind.opt_out, True, "")


@pytest.mark.parametrize("subject", ["unsubscribe", "UNSUBSCRIBE", "Abmeldung", "Désabonnement"])
@pytest.mark.parametrize("words", ["", "\n\n", "This message was made by a mail program."])
def test_the_subject_alone_is_enough(subject: str, words: str) -> None:
    assert read(letter(words, subject=subject)).acts


def test_an_empty_subject_is_no_hindrance() -> None:
    found = read(letter("please take me off", subject=""))
    assert (found.kind, found.doubt) == (Kind.opt_out, "")


def test_a_letter_in_html_is_read_without_what_it_quotes() -> None:
    assert read(html(HTML_REPLY.format(words="Please <b>take me</b> off"))).acts
    assert read(html(HTML_REPLY.format(words="Thank you, lovely!"))).kind is Kind.other


@pytest.mark.parametrize(
    "rest",
    [
        '<p>Harbor Press</p><a href="https://news.example.com/u/1-2-3.abc">Unsubscribe</a>',
        '<div id="appendonsend"></div><div><b>From:</b> us</div><p>Please unsubscribe me</p>',
        '<div id="divRplyFwdMsg">From: us</div><p>Please unsubscribe me</p>',
        "<title>unsubscribe me</title><style>unsubscribe</style><!-- unsubscribe -->",
    ],
)
def test_a_footer_that_html_quotes_without_marks_is_not_her_word(rest: str) -> None:
    assert read(html(f"<div><p>See you on Sunday.</p>{rest}</div>")).kind is Kind.other
    assert read(html(f"<div><p>Please unsubscribe me.</p>{rest}</div>")).acts


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("iso-8859-1", "8bit"), ("utf-8", "base64"), ("utf-8", "quoted-printable"), ("x-odd", "8bit")],
)
def test_charsets_and_encodings_hide_nothing(charset: str, encoding: str) -> None:
    known = "utf-8" if charset == "x-odd" else charset
    words = "Ich möchte keine Mails mehr erhalten".encode(known)
    if encoding == "base64":
        words = base64.encodebytes(words)
    kind = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}"
    raw = f"From: rosa@example.org\r\nSubject: =?utf-8?B?TmE/?=\r\n{kind}\r\n\r\n".encode() + words
    assert read(raw).acts


def test_a_mail_program_that_unsubscribes_for_its_user_is_heard() -> None:
    raw = letter("Made by a program.", subject="unsubscribe", auto_submitted="auto-generated")
    assert read(raw, TAGGED).acts
    assert not read(raw).acts


def test_an_empty_letter_to_the_address_of_a_copy_ends_the_mail_and_asks_a_person() -> None:
    found = read(letter("", subject=""), TAGGED)
    assert (found.acts, found.doubt) == (True, reading.SILENT)
    assert not read(letter("", subject="")).acts


# Where there is a doubt.


@pytest.mark.parametrize(
    "words",
    [
        "How do I unsubscribe?",
        "The unsubscribe link in your mail does not work here.",
        "I enjoyed your letters for many years. " * 20 + "But please take me off your list now.",
    ],
)
def test_what_is_probable_holds_and_a_person_looks(words: str) -> None:
    found = read(letter(words))
    assert (found.kind, found.acts, found.doubt) == (Kind.opt_out, True, reading.PROBABLE)


@pytest.mark.parametrize(
    "words",
    [
        "Please do not unsubscribe me, I love it.",
        "I unsubscribed by mistake. Can you put me back on?",
        "Bitte nicht abmelden!",
        "Ne me désabonnez pas.",
    ],
)
def test_her_word_that_she_stays_is_not_turned_around(words: str) -> None:
    found = read(letter(words))
    assert (found.kind, found.acts, found.doubt) == (Kind.other, False, reading.UNCLEAR)


# What is no opt-out.


@pytest.mark.parametrize(
    "words",
    [
        "Thank you, see you on Sunday!",
        "",
        "Where do I park?\n-- \nRosa\nTo stop getting my mails, unsubscribe me here",
        "Nice.\n\nTo unsubscribe from our own newsletter click here.",
        "Nice.\n\nIf you no longer wish to receive mails from Acme, tell us.",
        "See below.\n\n---------- Forwarded message ---------\nplease unsubscribe me",
        "More here:\nUnsubscribe\nhttps://news.example.com/u/1-2-3.abc",
    ],
)
@pytest.mark.parametrize("ending", ["", QUOTED, OUTLOOK], ids=["bare", "quoted", "outlook"])
def test_what_is_quoted_signed_or_passed_on_is_not_her_word(words: str, ending: str) -> None:
    found = read(letter(words + "\n" + ending), TAGGED)
    assert (found.kind, found.acts, found.doubt) == (Kind.other, False, reading.ELSE)


def test_a_message_that_is_attached_is_not_opened() -> None:
    inner = EmailMessage()
    inner["Subject"] = "unsubscribe"
    inner.set_content("please unsubscribe me")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "rosa@example.org", "Look at this"
    outer.set_content("What do you think?")
    outer.add_attachment(inner)
    assert read(outer.as_bytes()).kind is Kind.other


@pytest.mark.parametrize(
    "fields",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "auto-generated; owner=x"},
        {"precedence": "bulk"},
        {"precedence": "auto_reply"},
        {"x_autoreply": "yes"},
        {"x_auto_response_suppress": "All"},
        {"list_id": "<people.example.org>"},
        {"subject": "Automatic reply: Low water on Sunday"},
        {"subject": "Abwesenheitsnotiz: Low water"},
        {"subject": "Réponse automatique : Low water"},
        {"subject": "Out of Office Re: unsubscribe"},
    ],
)
@pytest.mark.parametrize("words", ["Back on Monday.", "No one is here; please unsubscribe me."])
def test_an_answering_machine_is_never_obeyed(fields: dict[str, str], words: str) -> None:
    found = read(letter(words + QUOTED, **fields), TAGGED)
    assert (found.kind, found.acts) == (Kind.automatic, False)
    assert found.doubt == (reading.ASKS if "unsubscribe" in words else "")


def test_nor_one_that_says_so_only_in_its_words_or_by_its_return_path() -> None:
    quoting = "Low water is at nine.\nPlease unsubscribe me"
    assert not read(letter(f"I am out of the office until Monday.\n{quoting}"), TAGGED).acts
    assert read(letter("please unsubscribe me"), mail_from="").kind is Kind.automatic


# Reports.


def test_a_bounce_tells_of_its_copy_and_asks_for_nothing() -> None:
    found = read(bounce(OURS), mail_from="")
    assert (found.kind, found.acts, found.names) == (Kind.bounce, False, (OURS,))
    assert found.report
    assert (found.report.status, found.report.code) == ("5.1.1", 550)


def test_a_bounce_in_words_of_its_own_is_a_bounce() -> None:
    raw = letter("No such user. Unsubscribe", author="MAILER-DAEMON@mx.example.org")
    found = read(raw, mail_from="")
    assert (found.kind, found.report, found.acts) == (Kind.bounce, None, False)


@pytest.mark.parametrize("kind", ["abuse", "fraud", "opt-out", "opt-out-list"])
def test_a_complaint_is_heard(kind: str) -> None:
    found = read(complaint(OURS, kind))
    assert (found.kind, found.acts, found.names) == (Kind.complaint, True, (OURS,))
    assert found.author == "rosa@example.org"


@pytest.mark.parametrize("kind", ["not-spam", "virus", "auth-failure", "other", ""])
def test_feedback_of_other_kinds_is_kept_only(kind: str) -> None:
    found = read(complaint(OURS, kind))
    assert (found.acts, found.doubt) == (False, reading.NOT_OURS)


def test_a_read_receipt_is_a_machine_s() -> None:
    raw = report("disposition-notification", "Disposition: x; displayed", OURS)
    assert read(raw, mail_from="rosa@example.org").kind is Kind.automatic


# What it is made of.

PIECES = st.sampled_from(
    [
        b"From: rosa@example.org\r\n",
        b"Subject: =?utf-8?B?broken=?=\r\n",
        b"Subject: =?x-none?Q?=FF?=\r\n",
        b'Content-Type: multipart/mixed; boundary="b"\r\n',
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
        b"Subject: =?utf-7?q?+2AA-?=\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/html; charset=\r\n",
        b"Content-Type: text/plain; charset=utf-7\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Disposition: attachment; filename*=x''%FF\r\n",
        b"Message-ID: <x\xff@y>\r\n",
        b"References: " + b"<a@b> " * 20 + b"\r\n",
        b"\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n",
        b"<div><blockquote>unsubscribe me",
        b"please unsubscribe me",
        b"\x00\xff\xfe",
    ]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(PIECES | st.binary(max_size=30), max_size=25), st.sampled_from(["", "a@b.example"]))
def test_whatever_comes_is_read(pieces: list[bytes], mail_from: str) -> None:
    raw = b"".join(pieces)
    assert all(isinstance(one, str) for one in reading.envelope(raw))
    found = read(raw, mail_from=mail_from)
    assert found.kind in Kind
    assert len(f"{found.subject}{found.words}{found.message_id}".encode()) >= len(found.words)
    assert not (found.acts and b"unsubscribe" not in raw)
    assert read(raw, mail_from=mail_from) == found


@pytest.mark.parametrize(
    "raw",
    [
        b"".join(
            b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n)
            for n in range(3000)
        ),
        b'Content-Type: text/plain; x="' + b';"' * 400_000,
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 150_000 + b"hi",
        b"Content-Type: text/plain\r\n\r\n" + b"On a " * 180_000,
        b"Content-Type: text/plain\r\n\r\n" + b"On Monday\n" * 90_000,
        b"Content-Type: text/plain\r\n\r\n" + b"please " * 130_000,
        b"From: " + b"(" * 900_000,
        b"Content-Type: text/plain\r\n\r\n" + b"-" * 99_000,
        b"Content-Type: text/plain\r\n\r\n" + b"On 1 March she wrote:\n> a\n" * 40_000,
        b"Subject: " + b"=?utf-8?q?a?= " * 60_000,
        b"References: " + b"<" * 900_000,
    ],
    ids=[
        "nested",
        "parameters",
        "deep",
        "attribution",
        "lines",
        "please",
        "from",
        "dashes",
        "answers",
        "subject",
        "ids",
    ],
)
def test_no_letter_holds_up_the_others(raw: bytes) -> None:
    began = time.process_time()
    assert read(b"X: y\r\n" + raw).kind in Kind
    assert time.process_time() - began < 5
