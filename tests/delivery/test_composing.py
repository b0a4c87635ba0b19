"""Wire bytes, as a mail server and other parsers see them."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.campaigns.rendering import Rendered
from mailer.delivery import composing
from mailer.delivery.composing import Envelope, Unsendable
from mailer.tokens import Keys

KEYS = Keys(("a" * 32,), "b" * 32)
URL = "https://news.example.com/u/" + "x" * 49  # 76 characters, the longest allowed
COPY = Rendered("Tides of March", "<p>Höchststand: 4 m</p>\n", "Höchststand: 4 m\n.\n")


WORDS = st.text(st.characters(codec="utf-8"), max_size=3000)


def envelope(**changes: str | None) -> Envelope:
    given = {
        "from_name": "Harbor Letters",
        "from_address": "letters@harbor.example",
        "reply_to": "desk@harbor.example",
        "to": "rosa@example.org",
        "message_id": composing.message_id(KEYS, "harbor.example", 1, 2),
        "unsubscribe_url": URL,
        "list_id": "<letters.harbor.example>",
        **changes,
    }
    return Envelope(date=datetime(2026, 3, 2, 15, 30, tzinfo=UTC), **given)  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def test_the_list_headers_are_raw_and_on_one_line() -> None:
    lines = composing.composed(envelope(), COPY).split(b"\r\n")
    assert f"List-Unsubscribe: <{URL}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert b"List-Id: <letters.harbor.example>" in lines


def test_the_mailbox_for_letters_stands_behind_the_link_with_the_copy_s_own_name() -> None:
    given = envelope(letters="letters@in.example.com")
    name = given.message_id[1:].partition("@")[0]
    lines = composing.composed(given, COPY).decode().split("\r\n")
    mailbox = f"<mailto:letters+{name}@in.example.com?subject=unsubscribe>"
    assert f"List-Unsubscribe: <{URL}>, {mailbox}" in lines
    assert "Reply-To: desk@harbor.example" in lines


def test_answers_bear_the_copy_s_name_only_where_they_come_back_to_this_program() -> None:
    ours = {"reply_to": "Letters@In.Example.com", "letters": "letters@in.example.com"}
    given = envelope(**ours)
    name = given.message_id[1:].partition("@")[0]
    assert read(composing.composed(given, COPY))["Reply-To"] == f"letters+{name}@in.example.com"
    nowhere = read(composing.composed(envelope(reply_to=""), COPY))
    assert nowhere["Reply-To"] == ""
    personal = read(composing.composed(envelope(**ours, unsubscribe_url=None), COPY))
    assert personal["Reply-To"] == "Letters@In.Example.com"


def test_both_parts_come_back_as_they_were() -> None:
    message = read(composing.composed(envelope(), COPY))
    assert body(message, "html").strip() == COPY.html.strip()
    assert body(message, "plain").splitlines() == COPY.text.splitlines()
    assert message["Subject"] == "Tides of March"


def test_the_same_copy_is_the_same_bytes_whenever_it_is_composed() -> None:
    assert composing.composed(envelope(), COPY) == composing.composed(envelope(), COPY)


def test_a_message_id_tells_nothing_and_differs_for_each_reader() -> None:
    ids = {composing.message_id(KEYS, "harbor.example", 7, reader) for reader in range(100)}
    assert len(ids) == 100
    assert all(one.endswith("@harbor.example>") for one in ids)


@pytest.mark.parametrize("subject", ["Grüße aus dem Hafen " * 8, "港からの手紙", "Ещё новости"])
def test_a_subject_in_any_script_arrives(subject: str) -> None:
    raw = composing.composed(envelope(), Rendered(subject.strip(), "<p>x</p>", "x"))
    assert read(raw)["Subject"] == subject.strip()
    assert all(len(line) <= 78 for line in raw.split(b"\r\n") if b"=?utf-8?" in line)


def test_a_name_in_any_script_arrives() -> None:
    message = read(composing.composed(envelope(from_name="Café Łódź, GmbH"), COPY))
    assert message["From"].addresses[0].display_name == "Café Łódź, GmbH"


@pytest.mark.parametrize("field", ["from_name", "from_address", "reply_to", "to", "list_id"])
@pytest.mark.parametrize(
    "bad", ["\r\nBcc: x@example.net", "\n", "\r", "\0", "\x0b", "\x0c", "\x85", "\u2028"]
)
def test_no_header_field_can_be_smuggled_in(field: str, bad: str) -> None:
    with pytest.raises(Unsendable):
        composing.composed(envelope(**{field: f"a{bad}b"}), COPY)


@pytest.mark.parametrize("bad", ["\r\nBcc: x@example.net", "\n", "\0", "\x1f", "\u2029"])
def test_no_header_field_can_be_smuggled_in_by_the_subject(bad: str) -> None:
    with pytest.raises(Unsendable):
        composing.composed(envelope(), Rendered(f"a{bad}b", "<p>x</p>", "x"))


def test_a_header_field_that_no_server_would_take_is_refused() -> None:
    with pytest.raises(Unsendable, match="too long"):
        composing.composed(envelope(), Rendered("x" * 1000, "<p>x</p>", "x"))


def test_mail_of_no_list_says_that_it_is_automatic() -> None:
    raw = composing.composed(envelope(unsubscribe_url=None, list_id=None), COPY)
    assert b"Auto-Submitted: auto-generated" in raw
    assert b"List-" not in raw


@given(WORDS, WORDS)
def test_any_words_make_lines_that_every_server_takes(html: str, text: str) -> None:
    raw = composing.composed(envelope(), Rendered("x", html, text))
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    for kind, words in (("html", html), ("plain", text)):
        assert plain(body(read(raw), kind)) == plain(words)


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
