"""A real DNS server in the test's own process: UDP and TCP on a port of the loopback."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from mailer.delivery.resolver import Resolver

SERVFAIL = "SERVFAIL"
SILENT = "no answer"
UDP_BYTES = 512


@dataclass
class Zone:
    """What the server knows: ``zone.put("acme.example", "TXT", '"v=spf1 -all"')``.

    ``broken`` names are answered with SERVFAIL or not at all. ``asked`` keeps the questions.
    """

    port: int
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def put(self, name: str, kind: str, *values: str) -> None:
        self.records.setdefault((name.lower(), kind), []).extend(values)

    def text(self, name: str, *texts: str) -> None:
        """Add TXT records, each cut into strings of 255 characters."""
        for text in texts:
            parts = [text[at : at + 255] for at in range(0, len(text), 255)]
            self.put(name, "TXT", " ".join(f'"{part}"' for part in parts))

    def clear(self, name: str) -> None:
        self.records = {key: found for key, found in self.records.items() if key[0] != name}

    def resolver(self) -> Resolver:
        """Return a resolver that asks this server, and is soon out of patience."""
        return Resolver("127.0.0.1", self.port, timeout=0.5, patience=1.5)

    def answer(self, wire: bytes, limit: int) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype
        self.asked.append((name, kind.name))
        if self.broken.get(name) == SILENT:
            return None
        response = dns.message.make_response(query)
        if self.broken.get(name) == SERVFAIL:
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            self.fill(response, name, kind.name)
        whole = response.to_wire(max_size=65535)
        if len(whole) > limit:
            response.answer.clear()
            response.flags |= dns.flags.TC
            whole = response.to_wire()
        return whole

    def fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        while (name, kind) not in self.records and (name, "CNAME") in self.records:
            (target,) = self.records[name, "CNAME"]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", target))
            name = target.rstrip(".").lower()
        if (name, kind) in self.records:
            values = self.records[name, kind]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *values))
        elif not any(known == name or known.endswith(f".{name}") for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)


@contextmanager
def running_zone() -> Iterator[Zone]:
    """Serve an empty zone for as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        zone = Zone(probe.getsockname()[1])

    class Datagrams(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, back = self.request
            answer = zone.answer(data, UDP_BYTES)
            if answer is not None:
                back.sendto(answer, self.client_address)

    class Streams(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (size,) = struct.unpack("!H", self.rfile.read(2))
            answer = zone.answer(self.rfile.read(size), 65535)
            if answer is not None:
                self.wfile.write(struct.pack("!H", len(answer)) + answer)

    where = ("127.0.0.1", zone.port)
    servers = [
        socketserver.ThreadingUDPServer(where, Datagrams),
        socketserver.ThreadingTCPServer(where, Streams),
    ]
    threads = [threading.Thread(target=one.serve_forever, args=(0.01,)) for one in servers]
    for thread in threads:
        thread.start()
    try:
        yield zone
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()
