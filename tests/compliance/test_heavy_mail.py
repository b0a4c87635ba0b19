"""Heavy mail: each message is judged or refused within 2 s of work and 200 MB of memory."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.compliance.letters import BODY, FOOTER, TEXT, head, letter, mime

SECONDS = 2.0
MEGABYTES = 200
# Judges the file that it is given, in a process of its own. VmHWM is the most memory it ever had.
JUDGE = """
import json, re, sys, time
from dataclasses import replace
from pathlib import Path
from mailer.compliance import gate
from tests.compliance.letters import LAWFUL
start = time.process_time()
verdict = gate.judge(replace(LAWFUL, raw=Path(sys.argv[1]).read_bytes()))
seconds = time.process_time() - start
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
told = [(f.rule, f.evidence) for f in verdict.refusals]
print(json.dumps([told, seconds, int(peak.group(1)) / 1024]))
"""
KB, MB = 1024, 1024 * 1024
HTML = BODY + FOOTER


def filled(piece: str, size: int) -> str:
    return piece * (size // len(piece))


def wide(html: str, text: str = TEXT) -> bytes:
    return letter(html + HTML, text)


def nested(levels: int) -> bytes:
    start = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%05d\r\n\r\n--b%05d\r\n" % (n, n)
        for n in range(levels)
    )
    end = b"".join(b"\r\n--b%05d--\r\n" % n for n in reversed(range(levels)))
    return head() + start + mime(HTML, TEXT) + end


def attached(data: bytes, encoding: str) -> bytes:
    kind = "Content-Type: application/pdf\r\nContent-Disposition: attachment"
    file = f"--b\r\n{kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    return letter().replace(b"--b--", file + data + b"\r\n--b--")


def base64_lines(size: int) -> bytes:
    return base64.encodebytes(bytes(range(256)) * (size // 256)).replace(b"\n", b"\r\n")


def single(kind: str, body: str) -> bytes:
    return head() + f"Content-Type: {kind}\r\n\r\n{body}".encode()


LAUGHS = "<!DOCTYPE html [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
)
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "50 MB of text": ("R00", lambda: single("text/plain", filled("Tips for you.\r\n", 50 * MB))),
    "50 MB of HTML": ("R00", lambda: single("text/html", filled("<p>Tips.\r\n", 50 * MB))),
    "50 MB of blank lines": ("R00", lambda: single("text/plain", filled("\r\n", 50 * MB))),
    "a million blank lines": ("R00", lambda: letter(text="\n" * 1_000_000 + TEXT)),
    "50 MB in one line": ("R04", lambda: attached(b"x" * 50 * MB, "8bit")),
    "50 MB of boundaries": ("R00", lambda: head() + mime(filled("\r\n--b", 50 * MB), TEXT)),
    "50 MB of dashes": ("R00", lambda: head() + mime(filled("\n-", 50 * MB), TEXT)),
    "70 MB": ("R00", lambda: attached(base64_lines(52 * MB), "base64")),
    "CR alone": ("R00", lambda: letter().replace(b"\r\n", b"\r")),
    "200 levels": ("R00", lambda: nested(200)),
    "10,000 levels": ("R00", lambda: nested(10_000)),
    "10,000 letters in letters": (
        "R00",
        lambda: head() + b"Content-Type: message/rfc822\r\n\r\n" * 10_000 + b"\r\nx",
    ),
    "100,000 parts": ("R00", lambda: head() + mime(filled("\r\n--b\r\n\r\nx", 1 * MB), TEXT)),
    "10 MB of one header": ("R00", lambda: letter(extra=f"X: {filled(' y', 10 * MB)}\r\n")),
    "100,000 headers": ("R00", lambda: letter(extra="X: y\r\n" * 100_000)),
    "10,000 tags": ("R00", lambda: wide("<div>" * 10_000)),
    "50,000 tags never closed": ("R00", lambda: wide("<b>" * 50_000)),
    "30,000 attributes": ("R00", lambda: wide(f"<p {' '.join(f'a{n}' for n in range(30_000))}>")),
    "5 MB of CSS": ("R00", lambda: wide(f"<style>{filled('p{top:0}', 5 * MB)}</style>")),
    "brackets in CSS": (
        "R00",
        lambda: wide(f"<style>{':is(' * 9000}p{')' * 9000}{{top:0}}</style>"),
    ),
    "blocks in CSS": ("R00", lambda: wide(f"<style>{'@media x{' * 20_000}</style>")),
    "many From": ("R04", lambda: letter(extra=f"From:{filled(' a@b.example,', 200 * KB)}\r\n")),
    "comments in From": ("R04", lambda: letter(extra=f"From: {filled('(', 200 * KB)}\r\n")),
    "a truncated message": ("R00", lambda: letter()[:-20]),
    "lies about its charset": ("R00", lambda: letter().replace(b"=utf-8", b"=utf-16")),
    "broken base64": (
        "R00",
        lambda: letter().replace(
            b"html; charset=utf-8", b"html\r\nContent-Transfer-Encoding: base64"
        ),
    ),
}  # fmt: skip
# Lawful or not: what counts is that there is an answer, soon.
ANSWERED: dict[str, Callable[[], bytes]] = {
    "laughs": lambda: wide(f"{LAUGHS}]><p>&a11;</p>"),
    "character references": lambda: wide(filled("&amp;", 200 * KB)),
    "empty tags": lambda: wide(filled("<b></b>", 200 * KB)),
    "rows": lambda: wide(filled("<table><tr><td>x</td></tr></table>\n", 200 * KB)),
    "one long attribute": lambda: wide(f"<p title='{'x' * 200 * KB}'>"),
    "rules": lambda: wide(f"<style>{filled('p{color:red}', 100 * KB)}</style>"),
    "round brackets": lambda: wide(f"<style>{'(' * 200 * KB}</style>"),
    "braces": lambda: wide(f"<style>{'{' * 200 * KB}</style>"),
    "square brackets in a style": lambda: wide(f"<p style='{'[' * 200 * KB}'>x"),
    "declarations": lambda: wide(f"<p style='{filled('color:red;', 200 * KB)}'>x"),
    "styles": lambda: wide(filled("<style>p{top:0}</style>", 200 * KB)),
    "styled paragraphs": lambda: wide(filled("<p style='color:red'>Tip</p>\n", 200 * KB)),
    "a long page": lambda: wide(filled("<p>Water in the morning, and mulch it.</p>\n", 200 * KB)),
    "a long text": lambda: letter(text=filled("Water in the morning.\r\n", 200 * KB) + TEXT),
    "encoded words": lambda: letter(
        headers={"Subject": filled("=?utf-8?q?Tips?=\r\n ", 200 * KB) + "x"}
    ),
    "quoted-printable": lambda: single(
        "text/plain\r\nContent-Transfer-Encoding: quoted-printable", filled("=41=\r\n", 600 * KB)
    ),
    "headers of parts": lambda: head() + mime(None, TEXT).replace(
        b"--b--", (b"--b\r\n" + b"X: y\r\n" * 900 + b"Content-Type: a/b\r\n\r\n") * 450 + b"--b--"
    ),
}  # fmt: skip


def judged(raw: bytes, folder: Path) -> list[tuple[str, str]]:
    """Judge in a process of its own, within the bounds of time and memory."""
    file = folder / "message.eml"
    file.write_bytes(raw)
    command = [sys.executable, "-c", JUDGE, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    told, seconds, megabytes = json.loads(done.stdout)
    assert (seconds <= SECONDS, megabytes <= MEGABYTES) == (True, True), (seconds, megabytes)
    assert not [evidence for _, evidence in told if "could not judge" in evidence]
    return [(rule, evidence) for rule, evidence in told]


@pytest.mark.parametrize(("rule", "made"), REFUSED.values(), ids=REFUSED)
def test_what_is_beyond_measure_is_refused_soon(
    rule: str, made: Callable[[], bytes], tmp_path: Path
) -> None:
    assert rule in {rule for rule, _ in judged(made(), tmp_path)}


@pytest.mark.parametrize("made", ANSWERED.values(), ids=ANSWERED)
def test_what_is_much_is_answered_soon(made: Callable[[], bytes], tmp_path: Path) -> None:
    judged(made(), tmp_path)


def test_a_large_attachment_is_lawful_and_costs_little(tmp_path: Path) -> None:
    assert judged(attached(base64_lines(36 * MB), "base64"), tmp_path) == []
