"""The least that anything which judges a message must do: parse it, MIME and HTML."""

from email import message_from_bytes

from lxml import html


def parse(raw: bytes) -> None:
    """Parse a message with Python's email package, and its HTML parts with lxml."""
    for part in message_from_bytes(raw).walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)  # noqa: S101 - true of a part that is no multipart
            html.document_fromstring(content)
