"""How a connection begins: the strongest way to sign in, no secret in sight, nothing in clear."""

import asyncio
import base64
import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import uvloop

from mailer.delivery.approval import Approved
from mailer.delivery.smtp import own_loop
from mailer.delivery.smtp.extensions import Extensions
from mailer.delivery.smtp.greeting import Greeting
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.parcel import Parcel
from mailer.delivery.smtp.relay import BadRelay, Relay
from mailer.delivery.smtp.reply import Lost, Refused, Reply
from mailer.delivery.smtp.signing_in import sign_in
from mailer.delivery.smtp.wire import Wire
from tests import tripwire
from tests.rude import Notes, Rude, Talk, apart, running

LETTER = Approved(b"Subject: x\r\n\r\nHello\r\n", "none")
USER, PASSWORD, TOKEN = "news", "pa55word/secret:", "ya29.token"


class Keeper(Notes):
    """Notes that keep the error itself."""

    def lost(self, line: Line, parcel: Parcel | None, loss: Lost | Refused) -> None:
        self.error = loss
        super().lost(line, parcel, loss)


class Doorman(Rude):
    """A relay that checks who signs in."""

    def b64(self, text: str) -> bytes:
        return base64.b64encode(text.encode())

    async def at(self, step: str, talk: Talk, usual: bytes) -> bool:
        if step != "AUTH":
            return await super().at(step, talk, usual)
        _, mechanism, *initial = self.commands[-1].encode().split(b" ")
        is_known = await getattr(self, f"by_{mechanism.decode().replace('-', '_')}")(talk, *initial)
        return await talk.say(b"235 2.7.0 Welcome\r\n" if is_known else b"535 5.7.8 No\r\n")

    async def line(self, talk: Talk) -> bytes:
        return (await talk.reader.readuntil(b"\r\n"))[:-2]

    async def by_PLAIN(self, talk: Talk, word: bytes) -> bool:  # noqa: N802 - the mechanism's name
        del talk
        return word == self.b64(f"\0{USER}\0{PASSWORD}")

    async def by_LOGIN(self, talk: Talk) -> bool:  # noqa: N802 - the mechanism's name
        await talk.say(b"334 VXNlcm5hbWU6\r\n")
        is_user = await self.line(talk) == self.b64(USER)
        await talk.say(b"334 UGFzc3dvcmQ6\r\n")
        return is_user and await self.line(talk) == self.b64(PASSWORD)

    async def by_CRAM_MD5(self, talk: Talk) -> bool:  # noqa: N802 - the mechanism's name
        await talk.say(b"334 " + self.b64("<1.2@relay.test>") + b"\r\n")
        digest = hmac.new(PASSWORD.encode(), b"<1.2@relay.test>", "md5").hexdigest()
        return await self.line(talk) == self.b64(f"{USER} {digest}")

    async def by_XOAUTH2(self, talk: Talk, word: bytes) -> bool:  # noqa: N802 - the mechanism's name
        is_known = word == self.b64(f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01")
        if not is_known:
            await talk.say(b"334 eyJzdGF0dXMiOiI0MDAifQ==\r\n")
            assert await self.line(talk) == b""
        return is_known


def begun(rude: Rude, **relay: Any) -> Keeper:  # noqa: ANN401 - the fields of Relay
    async def played() -> Keeper:
        async with running(rude):
            source = Keeper(LETTER, ["rosa"])
            at = replace(rude.relay(), **{"username": USER, "password": PASSWORD, **relay})
            line = Line(at, "news.test", source)
            line.wake()
            await source.until(lambda: len(source.told) == 1)
            line.quit()
            await line.gone()
            return source

    return own_loop.run(played())


@pytest.mark.parametrize(
    ("offered", "token", "chosen"),
    [
        ("AUTH LOGIN PLAIN CRAM-MD5 XOAUTH2", TOKEN, "AUTH XOAUTH2"),
        ("AUTH LOGIN PLAIN CRAM-MD5 XOAUTH2", None, "AUTH CRAM-MD5"),
        ("auth login plain", TOKEN, "AUTH PLAIN"),
        ("AUTH=LOGIN", None, "AUTH LOGIN"),
    ],
)
def test_the_strongest_way_to_sign_in_is_taken(
    offered: str, token: str | None, chosen: str
) -> None:
    rude = Doorman(offers=("PIPELINING", offered))
    told = begun(rude, token=(lambda: token) if token else None).told
    assert told == [("answered", "rosa", "dot", 250)]
    assert rude.commands[1].startswith(chosen)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"])
def test_a_wrong_secret_is_refused_in_its_phase_and_not_quoted(mechanism: str) -> None:
    rude = Doorman(offers=(f"AUTH {mechanism}",))
    source = begun(rude, password="another secret", token=lambda: "stale.token")
    assert source.told == [("lost", "", "auth", 535)]
    assert "secret" not in f"{source.error} {source.error!r}"


def test_a_relay_that_quotes_our_secret_is_not_quoted() -> None:
    async def quotes(talk: Talk) -> bool:
        return await talk.say(f"500 5.5.1 Unknown: {quoting.commands[-1]} {PASSWORD}\r\n".encode())

    quoting = Rude("AUTH", quotes)
    source = begun(quoting)
    assert source.told == [("lost", "", "auth", 500)]
    word = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    assert word in quoting.commands[-1]
    assert word not in str(source.error)
    assert PASSWORD not in str(source.error)
    assert "5.5.1 Unknown" in str(source.error)


@pytest.mark.parametrize("offers", [(), ("AUTH DIGEST-MD5",), ("AUTH XOAUTH2",)])
def test_a_relay_without_a_way_that_we_know_gets_no_password(offers: tuple[str, ...]) -> None:
    rude = Rude(offers=offers)
    assert begun(rude).told == [("lost", "", "auth", 504)]
    assert [one.split()[0] for one in rude.commands] == ["EHLO"]


def test_a_provider_of_tokens_that_fails_is_not_quoted() -> None:
    def fails() -> str:
        raise RuntimeError(TOKEN)

    source = begun(Rude(offers=("AUTH XOAUTH2",)), token=fails)
    assert source.told == [("lost", "", "auth", 0)]
    assert TOKEN not in str(source.error)
    assert "RuntimeError" in str(source.error)


def test_a_password_never_crosses_a_network_in_clear() -> None:
    """However such a relay came to be, reading its address already refuses it."""

    async def ask(phase: str, command: bytes) -> Reply:
        raise AssertionError(phase, command)

    at = replace(Relay.at("smtp://mail.example.com", 1), username=USER, password=PASSWORD)
    assert PASSWORD not in repr(at)
    with pytest.raises(Refused, match="clear"):
        own_loop.run(sign_in(at, frozenset({"PLAIN"}), ask))


@pytest.mark.parametrize("behind", [b"250 Injected\r\n", b"250 Inj", b"250-a\r\n250-b\r\n"])
def test_what_was_said_before_encryption_began_is_not_believed(behind: bytes) -> None:
    """CVE-2021-38371 and its kin: an answer pushed in behind the one to STARTTLS."""

    async def injects(talk: Talk) -> bool:
        return await talk.say(b"220 Go on\r\n" + behind)

    source = begun(Rude("STARTTLS", injects), scheme="smtp+starttls")
    assert source.told == [("lost", "", "starttls", 0)]


def test_extensions_are_read_whatever_their_case_and_spelling() -> None:
    lines = "relay.test hello\r\npipelining\r\nSize 1000\r\n8bitmime\r\nAUTH=LOGIN PLAIN\r\nX Y\r\n"
    found = Extensions.offered(lines)
    assert (found.is_pipelining, found.is_chunking, found.is_eight_bit) == (True, False, True)
    assert found.size == 1000
    assert found.mechanisms == {"LOGIN", "PLAIN"}
    assert Extensions.offered("x\r\nSIZE 0\r\n").size is None
    assert Extensions.offered("x\r\nSIZE many\r\n").is_sized
    assert Extensions.offered("PIPELINING\r\n") == Extensions()  # the first line is a name


def test_an_address_says_how_much_a_connection_carries_and_whom_it_trusts() -> None:
    assert Relay.at("smtps://mail.example.com", 5).messages == 100
    assert Relay.at("smtps://mail.example.com?messages=5", 5).messages == 5
    assert Relay.at("smtps://mail.example.com?messages=5", 5).is_verified
    assert not Relay.at("smtps://127.0.0.1?verify=no", 5).is_verified


@pytest.mark.parametrize(
    "query", ["messages=0", "messages=-1", "messages=many", "messages=", "verify=no", "verfy=no"]
)
def test_a_wish_that_cannot_be_granted_is_said_at_once(query: str) -> None:
    with pytest.raises(BadRelay, match=r"\?(verify|messages)="):
        Relay.at(f"smtps://mail.example.com?{query}", 5)


def test_a_port_that_is_none_is_said_at_once() -> None:
    with pytest.raises(BadRelay, match="Port"):
        Relay.at("smtps://mail.example.com:99999", 5)


@pytest.mark.parametrize("run", [apart(uvloop.run), apart(asyncio.run)])
def test_no_test_reaches_a_relay_on_another_machine(run: Callable[..., None]) -> None:
    """Lines connect by ways of their own loop, so the wire across all ways must know them."""

    async def reach() -> None:
        at = Relay.at("smtp://192.0.2.1", 0.2)
        await Greeting(Wire(), at, "news.test").connect()

    with (
        pytest.raises(AssertionError, match="reached for"),
        tripwire.stretched(),
        pytest.raises(tripwire.OutsideConnection),
    ):
        run(reach())
