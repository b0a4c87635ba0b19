"""A campaign's messages, byte for byte what a slow and obvious builder makes of them."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import assume, given
from hypothesis import strategies as st

from mailer.campaigns import rendering
from mailer.campaigns.footer import Footer
from mailer.campaigns.forms import Form
from mailer.campaigns.models import Campaign, ContentType
from mailer.campaigns.rendering import Copy, Reader, Stencil
from mailer.campaigns.templating import BadTemplate
from mailer.delivery import composing, signing
from mailer.delivery.composing import Envelope, Unsendable
from mailer.delivery.signing import Signer
from mailer.delivery.wire import Wire
from tests.campaigns.templates import READERS, TEMPLATES

URL = "https://news.example.com/u/1-2-3.UX0MHH6ijfSJnHD0fqMKhbIY"
FOOTER = Footer("Advertisement", ("Harbor & Press LLC", "120 W Main St"), "", ("a@b.example",))
SIGNER = Signer("harbor.example", "e1", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
SUBJECTS = st.sampled_from(
    ["Tides", "Hi {{ subscriber.name }}!", "100 % {{ subscriber.first_name }}", "Grüße " * 20]
)
# No mailbox of this program's, one of its own, and the one that readers answer to.
MAILBOXES = st.sampled_from(["", "letters@in.harbor.example", "desk@harbor.example"])
ROSA = Reader("rosa@example.org", "Rosa Luz")


def envelope(to: str, message_id: str, letters: str = "") -> Envelope:
    return Envelope(
        from_name="Café 100 %, Harbor",
        from_address="letters@harbor.example",
        reply_to="desk@harbor.example",
        to=to,
        message_id=message_id,
        date=datetime(2026, 3, 2, 15, 30, tzinfo=UTC),
        unsubscribe_url=URL,
        list_id="<letters.harbor.example>",
        letters=letters,
    )


def wire(*signers: Signer, letters: str = "") -> Wire:
    return Wire(envelope("nobody@harbor.example", "", letters), "campaign", signers)


def stencil(subject: str, html: str, text: str) -> Stencil:
    campaign = Campaign(subject=subject, body=html, text=text, content_type=ContentType.html)
    return rendering.compiled(campaign).stencil(FOOTER)


def slow(one: Stencil, copy: Copy, reader: Reader, letters: str) -> bytes:
    """Render by the template language, encode every piece anew, and put all in a row."""
    boundary = composing.boundary_of("campaign")
    own = envelope(reader.email, "<m1@x>", letters)
    fields = composing.fields(own, copy.subject, boundary)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields).encode()
    before, between, after = composing.borders(boundary)
    return head + before + encoded(one.text, reader) + between + encoded(one.html, reader) + after


def encoded(form: Form, reader: Reader) -> bytes:
    return b"".join(map(spelled, form.rendered(reader, URL).pieces()))


def spelled(piece: str) -> bytes:
    """Encode a piece sign by sign."""
    done, line = "", ""
    for place, sign in enumerate(piece):
        is_last = place + 1 == len(piece) or piece[place + 1] == "\n"
        if sign == "\n":
            done, line = f"{done}{line}\r\n", ""
            continue
        is_plain = ("!" <= sign <= "~" and sign != "=") or (sign in " \t" and not is_last)
        for byte in [sign] if is_plain else [f"={byte:02X}" for byte in sign.encode()]:
            if len(line) + len(byte) > 75:
                done, line = f"{done}{line}=\r\n", ""
            line += "=2E" if byte == "." and not line else byte
    return (f"{done}{line}=\r\n" if line else done).encode()


def copied(one: Stencil, reader: Reader) -> Copy:
    try:
        return one.copy(reader, URL)
    except BadTemplate:
        assume(False)  # noqa: FBT003 - hypothesis has it so
        raise


@given(SUBJECTS, TEMPLATES, TEMPLATES, READERS, READERS, MAILBOXES)
def test_the_fast_way_makes_the_same_bytes_as_the_slow_one(
    subject: str, html: str, text: str, first: Reader, second: Reader, letters: str
) -> None:
    """The second reader meets what the first one left behind."""
    one = stencil(subject, html, text.strip() or "x")
    fast, signed = wire(letters=letters), wire(SIGNER, letters=letters)
    for reader in (first, second):
        copy = copied(one, reader)
        try:
            raw = fast.message(copy, reader.email, URL, "letters", "<m1@x>")
        except Unsendable:
            return
        assert raw == slow(one, copy, reader, letters)
        whole = signed.message(copy, reader.email, URL, "letters", "<m1@x>")
        assert whole == signing.signed(raw, (SIGNER,))


@given(SUBJECTS, TEMPLATES, TEMPLATES, READERS)
def test_any_parser_reads_what_was_rendered(
    subject: str, html: str, text: str, reader: Reader
) -> None:
    copy = copied(stencil(subject, html, text.strip() or "x"), reader)
    try:
        raw = wire().message(copy, reader.email, URL, "letters", "<m1@x>")
    except Unsendable:
        return
    message = message_from_bytes(raw, policy=policy.default)
    words = copy.rendered()
    assert not message.defects
    assert (body(message, "html"), body(message, "plain")) == (words.html, words.text)
    assert message["Subject"] == words.subject
    assert message["To"] == reader.email
    assert message["List-Unsubscribe"] == f"<{URL}>"
    lines = raw.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert not any(line.startswith(b".") for line in lines)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("to", ["a\r\nBcc: x@b.example", "é@b.example", "a" * 999])
def test_an_address_that_could_break_the_header_is_refused(to: str) -> None:
    copy = stencil("x", "x", "x").copy(ROSA, URL)
    with pytest.raises(Unsendable):
        wire().message(copy, to, URL, "letters", "<m1@x>")


@pytest.mark.parametrize("public_id", ["a\r\nBcc: x", "é", "a" * 999])
def test_a_list_that_could_break_the_header_is_refused(public_id: str) -> None:
    copy = stencil("x", "x", "x").copy(ROSA, URL)
    with pytest.raises(Unsendable):
        wire().message(copy, "rosa@example.org", URL, public_id, "<m1@x>")


@pytest.mark.parametrize(("letters", "longest"), [("", 978), ("letters@in.harbor.example", 919)])
def test_a_link_that_no_server_would_take_is_refused(letters: str, longest: int) -> None:
    copy, one = stencil("x", "x", "x").copy(ROSA, URL), wire(letters=letters)
    raw = one.message(copy, ROSA.email, URL.ljust(longest, "x"), "letters", "<m1@x>")
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) == 998
    with pytest.raises(Unsendable):
        one.message(copy, ROSA.email, URL.ljust(longest + 1, "x"), "letters", "<m1@x>")


def test_what_is_kept_does_not_grow_with_the_audience() -> None:
    one, fast = stencil("{{ subscriber.name }}", "{{ subscriber.name }}", "x"), wire()
    for number in range(30_000):
        copy = one.copy(Reader("a@b.example", f"Rosa {number}"), URL)
        fast.message(copy, "a@b.example", URL, "letters", "<m1@x>")
    assert len(fast.subjects) <= 10_000
    assert len(fast.sheets.values) <= 10_000
