"""One connection: bytes out, replies in."""

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

from mailer.delivery.smtp.reading import Garbled, Reading


def unheard(code: int, text: bytes) -> None:
    """Take no notice: the connection was cut."""
    del code, text


def unnoticed(why: str) -> None:
    """Take no notice: the connection was cut."""
    del why


class Wire(asyncio.Protocol):
    """One TCP connection, encrypted or not.

    ``hear`` gets the code and text of each reply, ``lose`` the reason when there will be no more.
    ``is_full`` says that what was written has not all left this process; ``drained`` is called
    when it has.
    """

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.reading = Reading()
        self.hear: Callable[[int, bytes], None] = unheard
        self.lose: Callable[[str], None] = unnoticed
        self.drained: Callable[[], None] | None = None
        self.is_full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        # Without a buffer of our own we know whether the last byte has left.
        self.transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        try:
            for code, text in self.reading.replies(data):
                self.hear(code, text)
        except Garbled as error:
            self.lose(str(error))

    def eof_received(self) -> None:
        self.lose("the relay closed the connection")

    def connection_lost(self, exc: Exception | None) -> None:
        self.lose(str(exc) if exc else "the relay closed the connection")

    def pause_writing(self) -> None:
        self.is_full = True

    def resume_writing(self) -> None:
        self.is_full = False
        if self.drained is not None:
            self.drained()

    def write(self, data: bytes | memoryview) -> None:
        if self.transport is not None:
            self.transport.write(data)

    async def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Begin TLS (RFC 3207); raises OSError, and Garbled for what came in clear before it."""
        if not self.reading.is_empty:
            raise Garbled("the relay spoke before encryption began")
        if self.transport is None:
            raise ConnectionError("the relay closed the connection")
        loop = asyncio.get_running_loop()
        secure = await loop.start_tls(self.transport, self, context, server_hostname=host)
        if secure is None:
            raise ConnectionError("the relay closed the connection")
        self.connection_made(secure)

    def cut(self) -> None:
        """Drop the connection at once. Without a final dot, a message offered is no message."""
        self.hear, self.lose, self.drained = unheard, unnoticed, None
        if self.transport is not None:
            self.transport.abort()
