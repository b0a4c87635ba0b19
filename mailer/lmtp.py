"""The door for letters: LMTP (RFC 2033), by which the mail server of this machine hands them in."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP

LOG = logging.getLogger(__name__)
LARGEST = 50_000_000
# Mail programs write lines that are longer than the 998 characters of RFC 5322.
LONGEST_LINE = 1_000_000

# Keeps a letter durably: who sent it (empty for the null return path), to whom, and its bytes.
Keep = Callable[[str, str, bytes], None]


class Door(LMTP):
    """LMTP as letters need it."""

    line_length_limit = LONGEST_LINE


class Porter:
    """Answers the mail server. A letter is kept before it is told so, or it keeps the letter."""

    def __init__(self, keep: Keep) -> None:
        self.keep = keep

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own
        self,
        server: Any,  # noqa: ANN401
        session: Any,  # noqa: ANN401
        envelope: Any,  # noqa: ANN401
        address: str,
        options: list[str],
    ) -> str:
        """Take one recipient at a time: LMTP wants an answer for each, aiosmtpd gives but one."""
        del server, session, options
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time, please"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ANN401, N802
        del server, session
        sender = (envelope.mail_from or "").removeprefix("<>")  # aiosmtpd keeps the null path so
        given = sender, envelope.rcpt_tos[0], envelope.content
        try:
            await asyncio.to_thread(self.keep, *given)
        except Exception:  # whatever it is, the mail server keeps the letter and tries again
            LOG.exception("A letter could not be kept.")
            return "451 4.3.0 It could not be kept; try again later"
        return "250 2.0.0 Kept"


class Listener(Controller):
    """aiosmtpd's thread, with LMTP in it."""

    def factory(self) -> Door:
        return Door(self.handler, **self.SMTP_kwargs)


@contextmanager
def receiving(keep: Keep, host: str, port: int) -> Iterator[None]:
    """Take letters for as long as the block lasts; OSError when the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family):
        pass  # aiosmtpd would need seconds to find out that the port is taken
    listener = Listener(
        Porter(keep),
        hostname=host,
        port=port,
        data_size_limit=LARGEST,
        enable_SMTPUTF8=True,
        ident="Mailer",
    )
    listener.start()
    try:
        yield
    finally:
        listener.stop()
