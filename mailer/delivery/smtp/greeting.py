"""How a connection begins: connect, greet, encrypt, sign in; each step within its time."""

import asyncio

from mailer.delivery.smtp.extensions import Extensions
from mailer.delivery.smtp.reading import Garbled
from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused, Reply, said
from mailer.delivery.smtp.signing_in import GO_ON, sign_in
from mailer.delivery.smtp.wire import Wire

READY_FOR_TLS = 220
NEGATIVE = 400
UNASKED = "the relay spoke unasked"


class Greeting:
    """The first words on a connection, one command and one answer at a time."""

    def __init__(self, wire: Wire, relay: Relay, name: str) -> None:
        self.wire = wire
        self.relay = relay
        self.name = name
        self.answer: asyncio.Future[tuple[int, bytes] | None] | None = None
        self.fault = ""
        self.phase = "connect"
        wire.hear, wire.lose = self.hear, self.lose

    async def extensions(self) -> Extensions:
        """Bring the connection to where mail can be offered; raises Lost or Refused."""
        self.expect()
        await self.connect()
        await self.demand("banner", None)
        offered = await self.greet()
        if self.relay.scheme == "smtp+starttls":
            await self.encrypt()
            offered = await self.greet()  # what was offered in clear counts for nothing
        if self.relay.username:
            await sign_in(self.relay, offered.mechanisms, self.ask)
        if self.fault:
            raise Lost(self.phase, self.fault)
        return offered

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        is_wrapped = self.relay.scheme == "smtps"
        try:
            async with asyncio.timeout(self.relay.times.reach):
                await loop.create_connection(
                    lambda: self.wire,
                    self.relay.host,
                    self.relay.port,
                    ssl=self.relay.context if is_wrapped else None,
                    server_hostname=self.relay.host if is_wrapped else None,
                )
        except TimeoutError:
            raise self.late("connect") from None
        except OSError as error:
            raise Lost("connect", error.strerror or str(error)) from error

    async def greet(self) -> Extensions:
        code, text = await self.exchange("ehlo", f"EHLO {self.name}".encode())
        self.demand_positive(said("ehlo", code, text))
        return Extensions.offered(text.decode("ascii", "replace"))

    async def encrypt(self) -> None:
        reply = await self.demand("starttls", b"STARTTLS")
        if reply.code != READY_FOR_TLS:
            raise Lost("starttls", f"the relay answered {reply.code}")
        if self.fault:  # whole replies in clear, pushed in behind that answer
            raise Lost("starttls", self.fault)
        try:
            async with asyncio.timeout(self.relay.times.reach):
                await self.wire.encrypt(self.relay.context, self.relay.host)
        except TimeoutError:
            raise self.late("starttls") from None
        except (OSError, Garbled) as error:
            raise Lost("starttls", str(error)) from error

    async def demand(self, phase: str, command: bytes | None) -> Reply:
        reply = said(phase, *await self.exchange(phase, command))
        self.demand_positive(reply)
        return reply

    def demand_positive(self, reply: Reply) -> None:
        if reply.code >= NEGATIVE:
            raise Refused(reply)
        if not reply.is_positive:
            raise Lost(reply.phase, f"the relay answered {reply.code}")

    async def ask(self, phase: str, command: bytes) -> Reply:
        """Send one line and return the reply, whatever it says; raises Lost."""
        reply = said(phase, *await self.exchange(phase, command))
        if reply.code != GO_ON and not reply.is_positive and reply.code < NEGATIVE:
            raise Lost(phase, f"the relay answered {reply.code}")
        return reply

    async def exchange(self, phase: str, command: bytes | None) -> tuple[int, bytes]:
        self.phase = phase
        if command is not None:
            self.expect()
            self.wire.write(command + b"\r\n")
        if self.fault or self.answer is None:
            raise Lost(phase, self.fault)
        try:
            async with asyncio.timeout(self.relay.times.reach):
                answer = await self.answer
        except TimeoutError:
            raise self.late(phase) from None
        if answer is None:
            raise Lost(phase, self.fault)
        return answer

    def expect(self) -> None:
        self.answer = asyncio.get_running_loop().create_future()

    def hear(self, code: int, text: bytes) -> None:
        if self.answer is None or self.answer.done():
            self.lose(UNASKED)
        else:
            self.answer.set_result((code, text))

    def lose(self, why: str) -> None:
        self.fault = self.fault or why
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(None)

    def late(self, phase: str) -> Lost:
        return Lost(phase, f"no answer within {self.relay.times.reach:g} seconds")
