"""A real IMAP server (pymap) behind TLS, with a folder for letters."""

import asyncio
import imaplib
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from tests import imap, servers
from tests.postfix import await_port

USER, PASSWORD = "letters", "correct-horse"
FOLDER = "Letters in"
MOST_SECONDS = 30


@dataclass(frozen=True)
class MailHost:
    """``port`` speaks TLS; ``inner`` is the server's own, without."""

    port: int
    inner: int
    certificate: Path

    def url(self, password: str = PASSWORD, folder: str = FOLDER) -> str:
        spelled = folder.replace(" ", "%20")
        return f"imaps://{USER}:{password}@127.0.0.1:{self.port}/{spelled}"

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.inner) as client:
            client.login(USER, PASSWORD)
            yield client

    def deliver(self, *messages: bytes) -> None:
        with self.client() as client:
            for one in messages:
                assert client.append(f'"{FOLDER}"', "", "", one)[0] == "OK"

    def number(self, folder: str = FOLDER) -> int:
        """Return how many messages lie in a folder; -1 when there is none."""
        with self.client() as client:
            status, found = client.select(f'"{folder}"', readonly=True)
            return int(found[0] or 0) if status == "OK" else -1


@contextmanager
def running(directory: Path) -> Iterator[MailHost]:
    """Run the server for as long as the block lasts; ``certificate`` is what to trust."""
    inner = servers.free_port()
    options = ("--host", "127.0.0.1", "--port", str(inner), "--no-tls", "dict", "--demo-data")
    command = [sys.executable, "-c", "from pymap.main import main; main()", *options]
    with subprocess.Popen(  # noqa: S603 - our own test server
        [*command, "--demo-user", USER, "--demo-password", PASSWORD],
        preexec_fn=servers.dying_with_parent(signal.SIGTERM),  # noqa: PLW1509
    ) as server:
        try:
            await_port(inner)
            certificate, key = imap.written(directory)
            with tls(inner, certificate, key) as port:
                host = MailHost(port, inner, certificate)
                with host.client() as client:
                    client.create(f'"{FOLDER}"')
                yield host
        finally:
            server.kill()


@contextmanager
def tls(inner: int, certificate: Path, key: Path) -> Iterator[int]:
    """Take TLS off what comes in, and pass it on; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    port, loop = servers.free_port(), asyncio.new_event_loop()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
        writer.close()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", inner)
        ways = pump(reader, back), pump(there, writer)
        await asyncio.gather(*ways, return_exceptions=True)

    async def serve() -> asyncio.Server:
        return await asyncio.start_server(take, "127.0.0.1", port, ssl=context)

    # All in its own thread: in the test's there may be the loop of a browser.
    thread = Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(serve(), loop).result(MOST_SECONDS)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
