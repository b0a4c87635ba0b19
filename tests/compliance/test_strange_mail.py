"""Strange mail: what could be read in two ways is refused, and told in words people know."""

import base64
from dataclasses import replace

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from mailer.compliance.finding import Finding
from tests.compliance.letters import BODY, FOOTER, LAWFUL, TEXT, head, letter, with_html

HTML = BODY + FOOTER
PROMO = "<p>Buy now: everything half price, and no footer at all.</p>"


def of(body: bytes, **changes: str | None) -> Candidate:
    return replace(LAWFUL, raw=head(dict(changes)) + body)


def part(kind: str, content: str | bytes, fields: str = "") -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return f"Content-Type: {kind}\r\n{fields}\r\n".encode() + content


def multi(*parts: bytes, kind: str = "mixed", boundary: str = "b", end: str = "--") -> bytes:
    """A multipart body with its own Content-Type line; parts hold their own headers."""
    start = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    line = f"--{boundary}".encode()
    inner = b"".join(line + b"\r\n" + one + b"\r\n" for one in parts)
    return start + inner + line + end.encode() + b"\r\n"


def pair(*more: bytes, html: bytes | None = None) -> bytes:
    """The lawful letter's two parts, and others beside them."""
    shown = part("text/html; charset=utf-8", HTML) if html is None else html
    return multi(part("text/plain; charset=utf-8", TEXT), shown, *more)


def unjudged(candidate: Candidate) -> list[Finding]:
    verdict = gate.judge(candidate)
    assert not [f for f in verdict.refusals if "could not judge" in f.evidence]
    return [f for f in verdict.refusals if f.rule == "R00"]


def rules(candidate: Candidate) -> set[str]:
    return {f.rule for f in gate.judge(candidate).refusals}


WRAPPED = base64.encodebytes(HTML.encode()).replace(b"\n", b"\r\n")
LATIN = BODY.replace("Three", "Très").encode("latin-1") + FOOTER.encode()
SOUND = {
    "single": part("text/plain", TEXT),
    "no Content-Type": b"\r\n" + TEXT.encode(),
    "LF only": pair().replace(b"\r\n", b"\n"),
    "odd case": pair().replace(b"multipart/mixed", b"MULTIPART/Mixed"),
    "comments": pair().replace(b"text/html;", b"text/html (the \\) page) ;"),
    "blanks after the boundary": pair().replace(b"--b\r\n", b"--b \t\r\n"),
    "preamble and epilogue": pair().replace(b"\r\n\r\n--b", b"\r\n\r\nx\r\n--b", 1) + b"bye",
    "empty part": pair(part("text/plain", "\r\n \r\n")),
    "part without anything": pair(b""),
    "base64": pair(
        html=part("text/html", WRAPPED, "Content-Transfer-Encoding: BASE64\r\n"),
    ),
    "quoted": pair(
        html=part(
            "text/html",
            HTML.replace("=", "=3d").replace("Acme", "Ac=\r\nme"),
            "Content-Transfer-Encoding: quoted-printable\r\n",
        ),
    ),
    "byte order mark": pair(html=part("text/html; charset=UTF-8", "\ufeff" + HTML)),
    "latin-1": pair(html=part("text/html; charset=ISO-8859-1", LATIN)),
    "xhtml": pair(html=part("application/xhtml+xml", HTML)),
    "attached page": pair(part("text/html", PROMO, "Content-Disposition: Attachment; x=y\r\n")),
    "attached letter": pair(
        part("message/rfc822", "Subject: x\r\n\r\ny", "Content-Disposition: attachment\r\n")
    ),
    "attached calendar": pair(
        part("text/calendar", "BEGIN:VCALENDAR", "Content-Disposition: attachment\r\n")
    ),
    "picture": pair(part("image/png", b"\x89PNG", "Content-Transfer-Encoding: base64\r\n")),
    "unlabelled bytes": pair(part("application/octet-stream", PROMO)),
    "inner multipart": multi(pair(), kind="related", boundary="outer"),
    "nested deeply": multi(multi(multi(pair(), boundary="c"), boundary="d"), boundary="e"),
}


@pytest.mark.parametrize("body", SOUND.values(), ids=SOUND)
def test_what_every_mail_program_reads_alike_is_judged(body: bytes) -> None:
    assert gate.judge(of(body)).refusals == ()


SEEN = {
    "inline page": pair(
        part("text/html", PROMO, "Content-Disposition: inline; filename=a.html\r\n")
    ),
    "unknown disposition": pair(part("text/html", PROMO, "Content-Disposition: attachmentx\r\n")),
    "second text": pair(part("text/plain", "Buy now.")),
    "no Content-Type": pair(b"\r\nBuy now."),
    "comment after the type": pair(part("text/html (x)", PROMO)),
    "xhtml": pair(part("application/xhtml+xml", PROMO)),
    "for watches": pair(part("text/watch-html", PROMO)),
    "letter inside": pair(part("message/rfc822", "Subject: x\r\n\r\nBuy now.")),
    "digest": pair(multi(b"\r\nSubject: x\r\n\r\nBuy now.", kind="digest", boundary="c")),
    "related": multi(pair(), part("text/html", PROMO), kind="related", boundary="outer"),
    "attached container": pair(
        multi(part("text/html", PROMO), boundary="c").replace(
            b"\r\n\r\n", b"\r\nContent-Disposition: attachment\r\n\r\n", 1
        )
    ),
    "quoted soft break": pair(
        part("text/plain", "Buy=\r\n now", "Content-Transfer-Encoding: quoted-printable\r\n")
    ),
}


@pytest.mark.parametrize("body", SEEN.values(), ids=SEEN)
def test_whatever_a_reader_sees_is_judged(body: bytes) -> None:
    assert rules(of(body)) >= {"R13", "R14", "R16"}


def test_a_letter_that_is_an_attachment_itself_shows_nothing() -> None:
    raw = part("text/plain", TEXT, "Content-Disposition: attachment\r\n")
    assert rules(of(raw)) >= {"R13", "R14", "R16"}


BROKEN = {
    "no boundary": (part("multipart/mixed", HTML), "does not name the boundary"),
    "no such line": (part("multipart/mixed; boundary=x", HTML), "cut off"),
    "cut off": (pair()[:-7], "cut off"),
    "cut off inside": (multi(pair()[:-7], boundary="c"), "cut off"),
    "boundary twice": (part("multipart/mixed; boundary=b; boundary=c", b"--b--"), "twice"),
    "boundary in pieces": (part("multipart/mixed; boundary*0=b", b"--b--"), "in pieces"),
    "open quote": (part('multipart/mixed; boundary="b', b"--b--"), "an open quote"),
    "long boundary": (part("multipart/mixed; boundary=" + "b" * 300, b"x"), "does not name"),
    "boundaries alike": (multi(multi(pair(), boundary="x"), boundary="xy"), "begin alike"),
    "same boundary": (multi(pair()), "begins like the boundary"),
    "almost a boundary": (
        pair().replace(b"\r\n--b--", b"\r\n--bad\r\n--b--"),
        "begins like the boundary",
    ),
    "long delimiter": (pair().replace(b"--b--", b"--b--" + b" " * 2000), "begins like"),
    "goes on after its end": (pair() + b"--b\r\n\r\nBuy now.\r\n--b--\r\n", "begins like"),
    "type twice": (pair(b"Content-Type: text/plain\r\n" + part("text/html", PROMO)), "twice"),
    "no type": (pair(part("text", "x")), "which is no type"),
    "two words": (pair(part("text/html charset=utf-8", "x")), "which is no type"),
    "open quote in the type": (pair(part('"text/html', "x")), "which is no type"),
    "empty main type": (pair(part("/html", "x")), "which is no type"),
    "calendar": (pair(part("text/calendar", "BEGIN:VCALENDAR")), "text/calendar"),
    "markdown": (pair(part("text/markdown", "x")), "text/markdown"),
    "enriched": (pair(part("text/enriched", "x")), "text/enriched"),
    "encrypted": (multi(part("application/pgp-encrypted", "x"), kind="encrypted"), "encrypted"),
    "sealed": (part("application/pkcs7-mime; smime-type=signed-data", "x"), "S/MIME"),
    "winmail.dat": (pair(part("application/ms-tnef", "x")), "winmail.dat"),
    "a piece": (part("message/partial; id=x", "x"), "piece"),
    "stray line in a part": (pair(b"Hello\r\nContent-Type: text/html\r\n\r\nx"), "'Hello'"),
    "bare carriage return": (pair(part("text/plain", "x\ry")), "CR alone"),
    "base64 garbage": (
        part("text/html", b"!" + WRAPPED, "Content-Transfer-Encoding: base64\r\n"),
        "base64",
    ),
    "base64 goes on": (
        part("text/html", b"eA==" + WRAPPED, "Content-Transfer-Encoding: base64\r\n"),
        "base64",
    ),
    "base64 cut off": (
        part("text/html", WRAPPED.strip()[:-3], "Content-Transfer-Encoding: base64\r\n"),
        "base64",
    ),
    "quoted garbage": (
        part("text/html", b"x =ZZ", "Content-Transfer-Encoding: quoted-printable\r\n"),
        "quoted-printable",
    ),
    "uuencode": (
        part("text/plain", TEXT, "Content-Transfer-Encoding: x-uuencode\r\n"),
        "x-uuencode",
    ),
    "encoded container": (
        pair().replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1),
        "encoded as base64",
    ),
    "utf-7": (part("text/plain; charset=utf-7", TEXT), "'utf-7'"),
    "utf-16": (part("text/plain; charset=utf-16", TEXT.encode("utf-16")), "'utf-16'"),
    "unknown charset": (part("text/plain; charset=x-mine", TEXT), "'x-mine', which not every"),
    "Python's own charset": (part("text/plain; charset=unicode_escape", TEXT), "escape'"),
    "charset open quote": (part('text/plain; charset="utf-8', TEXT), "charset twice"),
    "two charsets": (part("text/plain; charset=utf-8; charset=cp1252", TEXT), "charset twice"),
    "lying charset": (part("text/html; charset=utf-8", LATIN), "'utf-8', but holds bytes"),
    "no charset": (part("text/html", LATIN), "does not say in which charset"),
    "NUL": (
        part("text/html", HTML + "=00", "Content-Transfer-Encoding: quoted-printable\r\n").replace(
            b'="', b'=3D"'
        ),
        "NUL",
    ),
    "many parts": (multi(*[part("image/png", "x")] * 600), "more than 500 parts"),
    "many headers of a part": (pair(b"X: y\r\n" * 4000 + b"\r\nx"), "too many headers"),
    "long text": (pair(part("text/plain", "x\r\n" * 300_000)), "256 KB"),
    "long text, spelt short": (
        part(
            "text/plain",
            base64.encodebytes(b"x" * 300_000),
            "Content-Transfer-Encoding: base64\r\n",
        ),
        "256 KB",
    ),
    "tags within tags": (pair(html=part("text/html", "<div>" * 501 + HTML)), "500 deep"),
    "many attributes": (
        pair(html=part("text/html", f"<p {''.join(f'a{n} ' for n in range(1001))}>{HTML}")),
        "1000 attributes",
    ),
    "brackets in styles": (
        pair(html=part("text/html", f"<style>{':is(' * 5000}p{')' * 5000}{{top:0}}</style>{HTML}")),
        "brackets",
    ),
}


@pytest.mark.parametrize(("body", "expected"), BROKEN.values(), ids=BROKEN)
def test_what_can_be_read_in_two_ways_is_refused_once_with_its_cause(
    body: bytes, expected: str
) -> None:
    (finding,) = unjudged(of(body))
    assert "cannot be judged: " in finding.evidence
    assert expected in finding.evidence
    assert finding.fix


def test_the_headers_are_judged_even_if_the_body_cannot_be() -> None:
    assert rules(of(part("multipart/mixed", HTML), Subject="Re: tips")) == {"R00", "R06"}


def test_a_message_larger_than_any_server_takes_is_refused() -> None:
    (finding,) = unjudged(replace(LAWFUL, raw=letter() + b"\r\nbye" * (16 * 1024 * 1024)))
    assert "larger than 64 MB" in finding.evidence


@pytest.mark.parametrize("extra", ["X: y\r\n" * 2000, f"X: {'y' * 300_000}\r\n"])
def test_headers_beyond_measure_are_refused(extra: str) -> None:
    (finding,) = unjudged(replace(LAWFUL, raw=letter(extra=extra)))
    assert "its headers are more than 1000 fields or 256 KB" in finding.evidence


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-7?q?+AFI-e:_tips?=",
        "=?no-such-charset?q?caf=C3=A9?=",
        "=?utf-8?b?a?=",
        "=?utf-8?b?UmU6?UmU6?=",
        "=?utf-8?q?=ZZ?=",
        "=?utf-8?q?é?=",
        "=?utf-8?q?Tips",
        "=?utf-8?q?caf=C3?= tips",
        f"=?utf-8?q?{'x' * 1200}?=",
    ],
)
def test_a_subject_that_programs_decode_differently_is_refused(subject: str) -> None:
    (finding,) = unjudged(of(pair(), Subject=subject))
    assert "encoded word" in finding.evidence


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?caf=C3=A9_tips?=",
        "=?utf-8*en?Q?caf=C3?= =?UTF-8?b?qQ==?= tips",
        "Three =?iso-8859-1?q?caf=E9?=\r\n =?utf-8?q?_tips?= for =?utf-8?q?you=3F?=",
        "Really =? tips ?=",
        "=?utf-8?q?Tips??= today",
    ],
)
def test_encoded_words_in_order_are_read(subject: str) -> None:
    assert rules(of(pair(), Subject=subject)) == set()


@pytest.mark.parametrize("fold", ["\r\n \r\n", "\n\t\n"])
def test_a_header_folded_into_an_empty_line_is_no_header(fold: str) -> None:
    assert "R04" in rules(of(pair(), **{"X-Odd": f"a{fold} b"}))


def test_parts_nested_beyond_all_mail_are_refused() -> None:
    body = pair()
    for level in range(30):
        body = multi(body, boundary=f"level{level:02}")
    (finding,) = unjudged(of(body))
    assert "more than 20 levels deep" in finding.evidence


@pytest.mark.parametrize("html", ["\n \n", "</body>", "<!-- only -->"])
def test_html_that_shows_nothing_is_no_obstacle(html: str) -> None:
    assert unjudged(with_html(html)) == []
