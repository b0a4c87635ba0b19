"""Letters of the shapes that mail programs, servers and answering machines really make."""

from email.message import EmailMessage
from email.utils import make_msgid

QUOTED = """
On Mon, 2 Mar 2026 at 16:30, Harbor Letters <letters@harbor.example.com> wrote:
> Low water is at nine on Sunday.
> Unsubscribe: https://news.example.com/u/1-2-3.abcdefghijklmnopqrstuvwx
> Harbor Press LLC, 120 W Main St, Springfield, IL 62701"""
OUTLOOK = """
From: Harbor Letters <letters@harbor.example.com>
Sent: Monday, March 2, 2026 4:30 PM
To: rosa@example.org
Subject: Low water on Sunday

Low water is at nine on Sunday.
Please unsubscribe me
Unsubscribe"""
HTML_REPLY = (
    '<html><head><title>unsubscribe me</title></head><body><div dir="ltr">{words}</div><br>'
    '<div class="gmail_quote"><div class="gmail_attr">On Mon, Harbor Letters wrote:<br></div>'
    '<blockquote class="gmail_quote"><p>Low water is at nine.</p>'
    '<a href="https://news.example.com/u/1-2-3.abc">Unsubscribe</a>, or write: '
    "please unsubscribe me.</blockquote></div></body></html>"
)


def letter(
    words: str = "",
    *,
    subject: str = "Re: Low water on Sunday",
    author: str = "Rosa <rosa@example.org>",
    **fields: str,
) -> bytes:
    """Return a letter in plain text; ``in_reply_to="<…>"`` becomes a field of the header."""
    return with_fields(plain(words), subject, author, fields)


def html(words: str, *, subject: str = "Re: Low water on Sunday", **fields: str) -> bytes:
    made = EmailMessage()
    made.set_content(words, subtype="html")
    return with_fields(made, subject, "Rosa <rosa@example.org>", fields)


def plain(words: str) -> EmailMessage:
    made = EmailMessage()
    made.set_content(words)
    return made


def with_fields(made: EmailMessage, subject: str, author: str, fields: dict[str, str]) -> bytes:
    given = {"message_id": make_msgid(domain="example.org"), "to": "desk@harbor.example.com"}
    for name, value in {"from": author, "subject": subject, **given, **fields}.items():
        made[name.replace("_", "-").title()] = value
    return made.as_bytes().replace(b"\n", b"\r\n")


def report(kind: str, machine: str, about: str) -> bytes:
    """Return a multipart/report (RFC 6522) about the message of this Message-ID."""
    part = "feedback-report" if kind == "feedback-report" else "delivery-status"
    lines = (
        "From: Mail Delivery System <mailer-daemon@mx.example.org>",
        "To: letters@harbor.example.com",
        "Subject: Undelivered mail: please unsubscribe me",
        f"Message-ID: {make_msgid(domain='mx.example.org')}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="=b"',
        "",
        "--=b",
        "Content-Type: text/plain",
        "",
        "Please remove me from your list.",
        "--=b",
        f"Content-Type: message/{part}",
        "",
        machine,
        "",
        "--=b",
        "Content-Type: message/rfc822",
        "",
        f"Message-ID: {about}",
        "Subject: Low water on Sunday",
        "",
        "Unsubscribe",
        "--=b--",
        "",
    )
    return "\r\n".join("\n".join(lines).split("\n")).encode()


def bounce(about: str, action: str = "failed", code: str = "550 5.1.1") -> bytes:
    status = code.split()[1]
    machine = (
        "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; rosa@example.org\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {code} No such user"
    )
    return report("delivery-status", machine, about)


def complaint(about: str, kind: str = "abuse", rcpt: str = "rosa@example.org") -> bytes:
    machine = (
        f"Feedback-Type: {kind}\nUser-Agent: SomeLoop/1.0\nVersion: 1\nOriginal-Rcpt-To: <{rcpt}>"
    )
    return report("feedback-report", machine, about)
