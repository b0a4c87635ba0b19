"""A newsletter put on the wire as this product would send it: our header, her words, our footer."""

import html
import re
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ed25519

from mailer.campaigns import rendering, templating
from mailer.campaigns.footer import Footer
from mailer.campaigns.models import Campaign, ContentType
from mailer.campaigns.rendering import Reader
from mailer.compliance.candidate import Candidate
from mailer.delivery import composing, signing
from mailer.delivery.composing import Envelope
from mailer.delivery.signing import Signer
from tests.compliance.letters import SENDER, TODAY, URL
from tests.corpus.newsletters import Newsletter

ROSA = Reader("rosa@reader.example", "Rosa Lindqvist")
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
SIGNER = Signer("acme.example", "s1", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
FOOTER = "{{ legal_footer }}"
# The end of the page: some newsletters hold several pages in one part.
END = re.compile(r"(?=</body\b)(?!.+</body\b)|\Z", re.IGNORECASE | re.DOTALL)


def candidate(mail: Newsletter) -> Candidate:
    """Return a newsletter as Acme's commercial campaign, the copy for one reader, signed."""
    footer = Footer(SENDER.labels()[0], SENDER.block(), URL, (SENDER.reply_to,))
    copy = rendering.compiled(campaign(mail)).rendered(ROSA, footer)
    envelope = Envelope(
        from_name="Acme",
        from_address=SENDER.from_address,
        reply_to=SENDER.reply_to,
        to=ROSA.email,
        message_id=f"<{mail.number}.sample@acme.example>",
        date=NOON,
        unsubscribe_url=URL,
        list_id="<tips.acme.example>",
    )
    raw = signing.signed(composing.composed(envelope, copy), (SIGNER,))
    return Candidate(raw=raw, sender=SENDER, unsubscribe_url=URL, today=TODAY)


def campaign(mail: Newsletter) -> Campaign:
    """Return the draft that her author would have written, the footer where her words end."""
    rich = literal(mail.html) if mail.html else in_our_shell(mail)
    text = f"{literal(mail.text)}\n\n{FOOTER}" if mail.text.strip() else ""
    return Campaign(
        subject=literal(mail.subject),
        content_type=ContentType.html,
        body=END.sub(f"\n{FOOTER}\n", rich, count=1),
        text=text,
    )


def in_our_shell(mail: Newsletter) -> str:
    """Give a mail that was text alone the HTML part of our own plain page."""
    paragraphs = re.split(r"\n\s*\n", mail.text.strip())
    lines = (html.escape(one).replace("\n", "<br>\n") for one in paragraphs)
    return rendering.in_shell(mail.subject, literal("\n".join(f"<p>{one}</p>" for one in lines)))


def literal(source: str) -> str:
    """Write what our template language would read as a tag, so that it stands as it is."""
    return templating.OPENING.sub(lambda found: f'{{{{ "{found[0]}" }}}}', source)
