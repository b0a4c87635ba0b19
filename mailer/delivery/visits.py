"""Visits to our own public address, as a stranger's program makes them.

No cookies, no redirects followed, no proxy of the environment, no other host, and not for long.
"""

import http.client
import secrets
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from urllib.parse import urlencode, urlsplit

from mailer.compliance.readiness import Fetched

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
LARGEST = 256 * 1024  # bytes of an answer that are read; our own page has about 5,000
AGENT = "Mailer opt-out trial"

REASONS: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLError, "no encrypted connection (TLS) could be made"),
    (socket.gaierror, "the name is not known in DNS"),
    (ConnectionRefusedError, "connection refused"),
    (TimeoutError, "it took too long"),
    (http.client.HTTPException, "what came back was no answer of a web server"),
)

Fields = Sequence[tuple[str, str]]


class Elsewhere(Exception):  # noqa: N818 - errors are named for the situation
    """An address that does not begin with the public one; it is not visited."""


class Way:
    """The way to the public address, and what was met on it.

    ``fault`` says in plain words why the last visit got no answer, empty if it did. ``peer`` is
    the network address that the name led to.
    """

    def __init__(self, public_url: str) -> None:
        self.public_url = public_url
        self.fault = ""
        self.peer = ""
        self.certificate_from: date | None = None
        self.certificate_until: date | None = None

    def get(self, url: str) -> Fetched | None:
        return self.visit(url, "GET", b"", "")

    def post(self, url: str, fields: Fields, *, is_multipart: bool = False) -> Fetched | None:
        if is_multipart:
            boundary = secrets.token_hex(16)
            kind = f"multipart/form-data; boundary={boundary}"
            return self.visit(url, "POST", parts(fields, boundary), kind)
        kind = "application/x-www-form-urlencoded"
        return self.visit(url, "POST", urlencode(fields).encode(), kind)

    def visit(self, url: str, method: str, body: bytes, kind: str) -> Fetched | None:
        """Ask once; return the answer, or None and say why in ``fault``. Raises Elsewhere."""
        if not url.startswith(f"{self.public_url}/"):
            raise Elsewhere(url)
        self.fault = ""
        try:
            return self.asked(url, method, body, kind)
        except (OSError, http.client.HTTPException) as error:
            self.fault = f"Nobody answered at {self.public_url}/u/…: {why(error)}."
            return None

    def asked(self, url: str, method: str, body: bytes, kind: str) -> Fetched:
        parts = urlsplit(url)
        headers = {"User-Agent": AGENT, "Accept": "text/html, */*", "Connection": "close"}
        if kind:
            headers |= {"Content-Type": kind, "Content-Length": str(len(body))}
        with self.connected(parts.hostname or "", parts.port, parts.scheme) as connection:
            connection.request(method, parts.path, body or None, headers)
            with connection.getresponse() as response:
                text = response.read(LARGEST).decode(charset(response), "replace")
            pairs = tuple((name.lower(), value) for name, value in response.getheaders())
            return Fetched(url, response.status, pairs, text)

    @contextmanager
    def connected(
        self, host: str, port: int | None, scheme: str
    ) -> Iterator[http.client.HTTPConnection]:
        """Connect, and cut the line when the time is over, however slowly bytes trickle in."""
        is_safe = scheme == "https"
        port = port or (443 if is_safe else 80)
        line = socket.create_connection((host, port), CONNECT_SECONDS)
        if is_safe:
            context = ssl.create_default_context()
            line = context.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
        is_late = threading.Event()
        alarm = threading.Timer(TOTAL_SECONDS, cut, (line, is_late))
        alarm.daemon = True
        alarm.start()
        try:
            self.peer = str(line.getpeername()[0])
            if isinstance(line, ssl.SSLSocket):
                line.do_handshake()
                self.read_certificate(line.getpeercert() or {})
            connection = http.client.HTTPConnection(host, port)
            connection.default_port = 443 if is_safe else 80  # what Host leaves out
            connection.sock = line
            yield connection
            if is_late.is_set():
                raise TimeoutError
        except (OSError, http.client.HTTPException) as error:
            raise TimeoutError if is_late.is_set() else error from error
        finally:
            alarm.cancel()
            line.close()

    def read_certificate(self, certificate: Mapping[str, object]) -> None:
        ends = (certificate.get("notBefore"), certificate.get("notAfter"))
        days = [
            datetime.fromtimestamp(ssl.cert_time_to_seconds(str(end)), UTC).date() for end in ends
        ]
        self.certificate_from, self.certificate_until = days


def cut(line: socket.socket, is_late: threading.Event) -> None:
    is_late.set()
    try:
        socket.socket.shutdown(line, socket.SHUT_RDWR)
    except OSError:
        return  # it was over already


def parts(fields: Fields, boundary: str) -> bytes:
    """Return the fields as multipart/form-data (RFC 7578)."""
    head = 'Content-Disposition: form-data; name="{}"'
    each = [f"--{boundary}\r\n{head.format(name)}\r\n\r\n{value}\r\n" for name, value in fields]
    return ("".join(each) + f"--{boundary}--\r\n").encode()


def charset(response: http.client.HTTPResponse) -> str:
    named = response.headers.get_content_charset() or "utf-8"
    try:
        "".encode(named)
    except LookupError:
        return "utf-8"
    return named


def why(error: Exception) -> str:
    """Return what went wrong on the way, in words that need no programmer."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message.rstrip('.')})"
    for kind, words in REASONS:
        if isinstance(error, kind):
            return words
    reason = error.strerror if isinstance(error, OSError) else None
    return (reason or "the connection broke").lower()
