"""A small IMAP server over TLS for the tests: one folder, and what is done to it."""

import datetime as dt
import ipaddress
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "seed", "correct-horse"
FETCH = re.compile(rb"UID FETCH (\d+) \((\S+)\)")


@dataclass
class Folder:
    """One folder named Seeds; ``commands`` are what clients said after signing in."""

    port: int
    certificate: Path
    messages: list[bytes] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)

    def url(self, password: str = PASSWORD, folder: str = "Seeds") -> str:
        return f"imaps://{USER}:{password}@127.0.0.1:{self.port}/{folder}"

    def answer(self, command: bytes) -> tuple[bytes, bytes]:
        """Return the untagged lines and the tagged status of the answer to a command."""
        verb = b" ".join(command.upper().split()[:2])
        if command.upper().startswith(b"LOGIN"):
            given = f'LOGIN {USER} "{PASSWORD}"'.encode()
            return (b"", b"OK in" if command == given else b"NO [AUTHENTICATIONFAILED] no")
        self.commands.append(command)
        numbers = b" ".join(b"%d" % (n + 1) for n in range(len(self.messages)))
        lines = {
            b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
            b'EXAMINE "SEEDS"': b"* %d EXISTS\r\n* OK [UIDVALIDITY 1]\r\n" % len(self.messages),
            b'SELECT "SEEDS"': b"* %d EXISTS\r\n" % len(self.messages),
            b"UID SEARCH": b"* SEARCH " + numbers + b"\r\n",
            b"UID FETCH": self.fetched(command),
            b"UNSELECT": b"",
            b"LOGOUT": b"* BYE\r\n",
        }
        return (lines[verb], b"OK done") if verb in lines else (b"", b"NO nothing of the sort")

    def fetched(self, command: bytes) -> bytes:
        match = FETCH.fullmatch(command)
        if match is None:
            return b""
        number, what = int(match[1]), match[2]
        raw = self.messages[number - 1]
        if what == b"RFC822.SIZE":
            return b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (number, number, len(raw))
        head = b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (number, number, len(raw))
        return head + raw + b")\r\n"


@contextmanager
def running(directory: Path) -> Iterator[Folder]:
    """Run the server for as long as the block lasts; ``certificate`` is what to trust."""
    certificate, key = written(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                with context.wrap_socket(self.request, server_side=True) as wire:
                    converse(wire, folder)
            except OSError:
                return  # the client would not trust us, or hung up

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Listener(("127.0.0.1", 0), Handler) as server:
        folder = Folder(server.server_address[1], certificate)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield folder
        finally:
            server.shutdown()
            thread.join()


def converse(wire: ssl.SSLSocket, folder: Folder) -> None:
    with wire.makefile("rwb", buffering=0) as file:
        file.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        while line := file.readline():
            tag, _, command = line.rstrip(b"\r\n").partition(b" ")
            lines, status = folder.answer(command)
            file.write(lines + tag + b" " + status + b"\r\n")


def written(directory: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1, and its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "imap.test")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=20_000))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate, key = directory / "imap.pem", directory / "imap.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, key
