"""How we prove to a relay who we are (RFC 4954): the strongest way that it offers."""

import asyncio
import base64
import hmac
import re
from collections.abc import Awaitable, Callable

from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused, Reply

GO_ON = 334
UNKNOWN = 504  # RFC 4954 section 4: unrecognized authentication type

LONG_WORD = re.compile(r"[A-Za-z0-9+/=]{16,}")
HIDDEN = "[hidden]"

Ask = Callable[[str, bytes], Awaitable[Reply]]


async def sign_in(relay: Relay, offered: frozenset[str], ask: Ask) -> None:
    """Sign in by the strongest way offered; raises Refused or Lost, never with a secret in it."""
    if not relay.is_private:
        raise Refused(Reply("auth", UNKNOWN, "No password crosses a network in clear"))
    for name, way in WAYS.items():
        if name in offered and (name != "XOAUTH2" or relay.token is not None):
            reply = await way(relay, ask)
            if reply.code == GO_ON:
                raise Lost("auth", "the relay asked for more than there is to say")
            if not reply.is_positive:
                raise Refused(reply._replace(text=without_secrets(relay, reply.text)))
            return
    known = ", ".join(WAYS)
    raise Refused(Reply("auth", UNKNOWN, f"The relay offers no way to sign in of {known}"))


async def by_token(relay: Relay, ask: Ask) -> Reply:
    """Google's and Microsoft's way; a challenge only carries an error that ours must close."""
    token = await fresh_token(relay)
    word = encoded(f"user={relay.username}\x01auth=Bearer {token}\x01\x01".encode())
    reply = await ask("auth", b"AUTH XOAUTH2 " + word)
    return await ask("auth", b"") if reply.code == GO_ON else reply


async def fresh_token(relay: Relay) -> str:
    if relay.token is None:
        raise Lost("auth", "there is no access token")
    try:
        return await asyncio.get_running_loop().run_in_executor(None, relay.token)
    except Exception as error:  # noqa: BLE001 - the provider is not ours
        # Whatever the provider says may quote the secret; its kind must do.
        raise Lost("auth", f"no access token was to be had: {type(error).__name__}") from None


async def by_digest(relay: Relay, ask: Ask) -> Reply:
    """CRAM-MD5 (RFC 2195)."""
    reply = await ask("auth", b"AUTH CRAM-MD5")
    if reply.code != GO_ON:
        return reply
    try:
        challenge = base64.b64decode(reply.text, validate=True)
    except ValueError:
        raise Lost("auth", "the relay's challenge cannot be read") from None
    digest = hmac.new(relay.password.encode(), challenge, "md5").hexdigest()
    return await ask("auth", encoded(f"{relay.username} {digest}".encode()))


async def plainly(relay: Relay, ask: Ask) -> Reply:
    """PLAIN (RFC 4616)."""
    secret = encoded(f"\0{relay.username}\0{relay.password}".encode())
    return await ask("auth", b"AUTH PLAIN " + secret)


async def by_login(relay: Relay, ask: Ask) -> Reply:
    """LOGIN: never a standard, and all that some relays have."""
    reply = await ask("auth", b"AUTH LOGIN")
    for secret in (relay.username, relay.password):
        if reply.code != GO_ON:
            return reply
        reply = await ask("auth", encoded(secret.encode()))
    return reply


def without_secrets(relay: Relay, text: str) -> str:
    """Return a refusal without what we sent: some relays quote the command they refuse."""
    for secret in (relay.password, encoded(relay.password.encode()).decode()):
        text = text.replace(secret, HIDDEN) if secret else text
    return LONG_WORD.sub(HIDDEN, text)


def encoded(secret: bytes) -> bytes:
    return base64.b64encode(secret)


WAYS = {"XOAUTH2": by_token, "CRAM-MD5": by_digest, "PLAIN": plainly, "LOGIN": by_login}
