"""A single letter handed over: one message, one connection, and whoever sends it waits."""

import asyncio
from dataclasses import replace

from mailer.delivery.approval import Approved
from mailer.delivery.smtp import own_loop
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.parcel import Parcel
from mailer.delivery.smtp.relay import Relay, Times
from mailer.delivery.smtp.reply import Lost, Refused, Reply


class Letter:
    """A source of one parcel, released as soon as the relay is ready."""

    def __init__(self, parcel: Parcel) -> None:
        self.parcel: Parcel | None = parcel
        self.outcome: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def next(self, line: Line) -> Parcel | None:
        del line
        parcel, self.parcel = self.parcel, None
        return parcel

    def ready(self, line: Line, parcel: Parcel) -> None:
        line.release(parcel)

    def answered(self, line: Line, parcel: Parcel, reply: Reply) -> None:
        del line, parcel
        self.outcome.set_result(reply)

    def lost(self, line: Line, parcel: Parcel | None, loss: Lost | Refused) -> None:
        del line, parcel
        if not self.outcome.done():
            self.outcome.set_exception(loss)


def send(relay: Relay, name: str, sender: str, recipient: str, message: Approved) -> Reply:
    """Hand over one approved message and say goodbye; return the relay's last word on it.

    ``name`` is what we call ourselves to the relay. Raises Lost, and Refused where the relay
    would not even begin. No phase lasts longer than ``relay.timeout``, the final dot included.
    """
    hurried = replace(relay, times=Times.brief(relay.timeout))
    return own_loop.run(handed_over(hurried, name, Parcel(sender, recipient, message)))


async def handed_over(relay: Relay, name: str, parcel: Parcel) -> Reply:
    letter = Letter(parcel)
    line = Line(relay, name, letter)
    line.wake()
    try:
        return await letter.outcome
    finally:
        line.quit()
        await line.gone()
