"""The client that hands mail over: encryption, passwords, and bytes that stay one message."""

import asyncio
import datetime as dt
import ssl
from collections.abc import Callable, Coroutine, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mailer.delivery.approval import Approved
from mailer.delivery.smtp import door
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.relay import BadRelay, Relay
from mailer.delivery.smtp.reply import Lost, Refused
from tests.relays import Sink
from tests.rude import Notes, apart
from tests.servers import free_port

# The server does not know that encryption stands around it from the first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
MESSAGE = b"Subject: x\r\n\r\n.\r\n..\r\n.\r\n\r\nMAIL FROM:<evil@example.net>\r\n.x\r\n"
LETTER = Approved(MESSAGE, "none")  # the door's own tests need no gate
DAY = dt.timedelta(days=1)


class Kept:
    """A handler that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert server
        assert session.authenticated
        self.messages.append(envelope.original_content or b"")
        return "250 Kept"


def is_known(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    assert server
    assert session
    assert envelope
    assert mechanism == "PLAIN"
    success = data.login == b"mailer" and data.password == b"s3cret:/@"
    return AuthResult(success=success, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for 127.0.0.1, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay.test")])
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + 3650 * DAY)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "relay.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file


@pytest.fixture(params=["smtp+starttls", "smtps"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def kept(scheme: str, certificate: Path) -> Iterator[tuple[Kept, int]]:
    """A relay that demands encryption and a password; what it kept, and its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    handler, port = Kept(), free_port()
    wrapped: dict[str, Any] = (
        {"ssl_context": context} if scheme == "smtps" else {"tls_context": context}
    )
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=port,
        authenticator=is_known,
        auth_required=True,
        auth_require_tls=scheme != "smtps",
        **wrapped,
    )
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the relay's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.usefixtures("trusted")
def test_mail_is_handed_over_encrypted_and_with_the_password(
    scheme: str, kept: tuple[Kept, int]
) -> None:
    handler, port = kept
    relay = Relay.at(f"{scheme}://mailer:s3cret%3A%2F%40@127.0.0.1:{port}", 5)
    reply = door.send(relay, "news.example.com", "a@example.com", "b@example.org", LETTER)
    assert reply.code == 250
    assert handler.messages == [MESSAGE]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("run", [apart(uvloop.run), apart(asyncio.run)])
def test_lines_are_encrypted_on_either_loop(
    scheme: str, kept: tuple[Kept, int], run: Callable[[Coroutine[Any, Any, None]], None]
) -> None:
    handler, port = kept
    large = Approved(MESSAGE * 20_000, "none")

    async def played() -> None:
        source = Notes(large, ["rosa", "carl"])
        relay = Relay.at(f"{scheme}://mailer:s3cret%3A%2F%40@127.0.0.1:{port}", 5)
        line = Line(relay, "news.example.com", source)
        line.wake()
        await source.until(lambda: len(source.told) == 2, 20)
        line.quit()
        await line.gone()
        assert [code for *_, code in source.told] == [250, 250]

    run(played())
    assert handler.messages == [large.raw] * 2


def test_a_certificate_of_our_own_can_be_taken_on_the_loopback(
    scheme: str, kept: tuple[Kept, int]
) -> None:
    relay = Relay.at(f"{scheme}://mailer:s3cret%3A%2F%40@127.0.0.1:{kept[1]}?verify=no", 5)
    door.send(relay, "news.example.com", "a@example.com", "b@example.org", LETTER)
    assert kept[0].messages == [MESSAGE]


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_a_refusal_and_nothing_is_handed_over(
    scheme: str, kept: tuple[Kept, int]
) -> None:
    handler, port = kept
    relay = Relay.at(f"{scheme}://mailer:wrong@127.0.0.1:{port}", 5)
    with pytest.raises(Refused) as refusal:
        door.send(relay, "news.example.com", "a@example.com", "b@example.org", LETTER)
    assert refusal.value.reply.phase == "auth"
    assert "wrong" not in str(refusal.value)
    assert handler.messages == []


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    scheme: str, kept: tuple[Kept, int]
) -> None:
    relay = Relay.at(f"{scheme}://mailer:s3cret%3A%2F%40@127.0.0.1:{kept[1]}", 5)
    with pytest.raises(Lost) as loss:
        door.send(relay, "news.example.com", "a@example.com", "b@example.org", LETTER)
    assert loss.value.phase in {"connect", "starttls"}


@pytest.mark.parametrize(
    "url",
    ["", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://u:p@mail.example.com"],
)
def test_a_relay_that_cannot_be_used_says_how_one_looks(url: str) -> None:
    with pytest.raises(BadRelay, match=r"smtp\+starttls://"):
        Relay.at(url, 5)


def test_dots_and_commands_in_the_body_stay_one_message(smtp_sink: Sink) -> None:
    relay = Relay.at(smtp_sink.url, 5)
    assert door.send(
        relay, "news.example.com", "a@example.com", "b@example.org", LETTER
    ).is_positive
    assert [mail.content for mail in smtp_sink.caught] == [MESSAGE]
