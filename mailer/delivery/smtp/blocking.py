"""A line for code that waits for each message, as the sending loop does until its rewrite."""

import asyncio
from dataclasses import replace
from typing import Self

from mailer.delivery.approval import Approved
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.parcel import Parcel
from mailer.delivery.smtp.relay import Relay, Times
from mailer.delivery.smtp.reply import Lost, Refused, Reply


class Connection:
    """One session with a relay. Use ``offer``, then ``release`` or ``close``."""

    def __init__(self, relay: Relay, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.relay = replace(relay, times=Times.brief(relay.timeout))
        self.due: Parcel | None = None
        self.outcome: asyncio.Future[Reply | None] = self.loop.create_future()
        self.line = self.loop.run_until_complete(self.begun(name))

    async def begun(self, name: str) -> Line:
        return Line(self.relay, name, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def next(self, line: Line) -> Parcel | None:
        del line
        parcel, self.due = self.due, None
        return parcel

    def ready(self, line: Line, parcel: Parcel) -> None:
        del line
        self.parcel = parcel
        self.outcome.set_result(None)

    def answered(self, line: Line, parcel: Parcel, reply: Reply) -> None:
        del line, parcel
        self.outcome.set_result(reply)

    def lost(self, line: Line, parcel: Parcel | None, loss: Lost | Refused) -> None:
        del line, parcel
        if not self.outcome.done():
            self.outcome.set_exception(loss)

    def offer(self, sender: str, recipient: str, message: Approved) -> Reply | None:
        """Bring a message as far as its last line; return the refusal, or None when it is ready."""
        self.due = Parcel(sender, recipient, message)
        self.outcome = self.loop.create_future()
        self.loop.call_soon(self.line.wake)
        return self.loop.run_until_complete(self.outcome)

    def release(self) -> Reply:
        """Send the message and its dot: from here on it may be delivered. Raises Lost("dot")."""
        self.outcome = self.loop.create_future()
        self.loop.call_soon(self.line.release, self.parcel)
        reply = self.loop.run_until_complete(self.outcome)
        if reply is None:
            raise Lost("data", "there was nothing to release")
        return reply

    def close(self) -> None:
        if not self.loop.is_closed():
            self.line.close()
            self.end()

    def quit(self) -> None:
        if not self.loop.is_closed():
            self.line.quit()
            self.end()

    def end(self) -> None:
        self.loop.run_until_complete(self.line.gone())
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
