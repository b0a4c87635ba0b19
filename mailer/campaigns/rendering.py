"""From a campaign to what one reader gets: subject, HTML part and text part."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from inscriptis import get_text
from inscriptis.model.config import ParserConfig
from liquid import BoundTemplate
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from mailer.campaigns import templating
from mailer.campaigns.footer import Footer
from mailer.campaigns.forms import Form
from mailer.campaigns.imprint import Imprint, Renewal
from mailer.campaigns.models import Campaign, ContentType
from mailer.campaigns.readings import Readings
from mailer.campaigns.shapes import LINE_END, Filled
from mailer.campaigns.templating import BadTemplate

SHELL = Path(__file__).parents[2] / "templates/email/campaign/body.html"
STAND_IN = re.compile(r"xqliquid(\d+)qx")
FOOTER_ALONE = re.compile(r"<p>\s*(\{\{-?\s*legal_footer\s*-?\}\})\s*</p>")
LONGEST_SUBJECT = 255
DOCUMENT_END = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
SCRIPT = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
# Columns of a layout table, not of figures.
PADDING = re.compile(r" {3,}")
TEXT_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)")
MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
TO_TEXT = ParserConfig(display_links=True)
# A newsletter of some pages a day for two years, or a hundred pieces of 60 kB.
READ = Readings(most=12_000_000)


class Reader(NamedTuple):
    """What a template may know of the person it is rendered for."""

    email: str
    name: str = ""
    attributes: Mapping[str, object] = MappingProxyType({})

    def variables(self) -> dict[str, object]:
        first, _, rest = self.name.strip().partition(" ")
        return {
            "email": self.email,
            "name": self.name,
            "first_name": first,
            "last_name": rest.strip(),
            "attributes": self.attributes,
        }

    def printed(self) -> frozenset[str]:
        """Return what a template may print of her as it is, in either part."""
        first, _, rest = self.name.strip().partition(" ")
        words = {self.email, self.name, first, rest.strip()}
        words |= {
            changed(one) for one in words for changed in (str.capitalize, str.upper, str.lower)
        }
        for value in self.attributes.values():
            words |= {str(one) for one in (value if isinstance(value, list) else [value])}
        return frozenset({*words, *(str(escape(one)) for one in words)})


@dataclass(frozen=True)
class Rendered:
    """One reader's copy, before it is put on the wire."""

    subject: str
    html: str
    text: str


class Copy(NamedTuple):
    """One reader's copy in pieces; ``words`` are what ``subject`` was made of."""

    subject: str
    words: Filled
    html: Filled
    text: Filled

    def rendered(self) -> Rendered:
        return Rendered(self.subject, self.html.joined(), self.text.joined())


@dataclass(frozen=True)
class Stencil:
    """A campaign's templates with all that its copies share filled in."""

    subject: Form
    html: Form
    text: Form

    @property
    def is_flat(self) -> bool:
        """Whether it was compiled; else each copy is rendered by the template language."""
        return self.subject.is_flat and self.html.is_flat and self.text.is_flat

    @property
    def spoken(self) -> frozenset[str]:
        """What the author says in place of a value that a reader lacks, where that is compiled."""
        return self.subject.spoken | self.html.spoken | self.text.spoken

    def copy(self, reader: Reader, url: str) -> Copy:
        """Return one reader's copy; raises BadTemplate when a variable is missing."""
        words, subject = self.plain or self.titled(reader, url)
        return Copy(subject, words, self.html.filled(reader, url), self.text.filled(reader, url))

    @cached_property
    def plain(self) -> tuple[Filled, str] | None:
        """The subject of a campaign that has the same for all."""
        is_plain = self.subject.is_flat and not self.subject.slots
        return self.titled(Reader(""), "") if is_plain else None

    def titled(self, reader: Reader, url: str) -> tuple[Filled, str]:
        words = self.subject.filled(reader, url)
        subject = " ".join(words.joined().split())
        if len(subject) > LONGEST_SUBJECT:
            raise BadTemplate(f"The subject would be {len(subject)} characters long.")
        return words, subject


@dataclass(frozen=True)
class Compiled:
    """A campaign whose templates were read once."""

    subject: BoundTemplate
    html: BoundTemplate
    text: BoundTemplate

    @property
    def is_flat(self) -> bool:
        """Whether copies are filled in, not rendered by the template language one by one."""
        anything = Footer("", (), "")
        return self.stencil(anything, renewal=str).is_flat

    def stencil(self, footer: Footer, renewal: Renewal | None = None) -> Stencil:
        """Fill in what all copies share; the links are left for the readers."""
        plain, rich = (Imprint.of(footer, renewal, is_html=is_html) for is_html in (False, True))
        return Stencil(
            subject=Form(self.subject, plain),
            html=Form(self.html, rich),
            text=Form(self.text, plain, is_tidy=True),
        )

    def rendered(self, reader: Reader, footer: Footer) -> Rendered:
        """Return one reader's copy; raises BadTemplate when a variable is missing."""
        return self.stencil(footer).copy(reader, footer.unsubscribe_url).rendered()


def compiled(campaign: Campaign) -> Compiled:
    """Read a campaign's templates; raises BadTemplate."""
    words = (campaign.content_type, campaign.subject, campaign.body, campaign.text)
    body, text = READ.of(words, lambda: parts(campaign))
    return Compiled(
        subject=templating.parsed(templating.TEXT, campaign.subject),
        html=templating.parsed(templating.HTML, body),
        text=templating.parsed(templating.TEXT, text),
    )


def parts(campaign: Campaign) -> tuple[str, str]:
    """Return the templates of the HTML part and of the text part; raises BadTemplate."""
    body = document(campaign)
    text = LINE_END.sub("\n", campaign.text) or text_of(body)
    return body, f"{text.strip()}\n"


def document(campaign: Campaign) -> str:
    """Return the campaign's HTML with its template tags still in it."""
    body = LINE_END.sub("\n", campaign.body)
    if campaign.content_type is ContentType.html:
        return body
    hidden, tags = without_tags(body)
    content = FOOTER_ALONE.sub(r"\1", with_tags(MARKDOWN.render(hidden), tags))
    words, _ = without_tags(campaign.subject)
    return in_shell(STAND_IN.sub("", words), content)


def of_our_own(folder: Path, variables: dict[str, object], address: tuple[str, ...]) -> Rendered:
    """Return a mail of the program's own from its three files; ``address`` stands at its foot."""
    plain = variables | {"postal_address": "\n".join(address)}
    rich = variables | {"postal_address": Markup("<br>").join(address)}
    subject = (folder / "subject.txt").read_text().strip()
    body = in_shell(subject, (folder / "body.html").read_text())
    text = templating.parsed(templating.TEXT, (folder / "body.txt").read_text())
    return Rendered(
        subject=subject,
        html=templating.filled(templating.parsed(templating.HTML, body), rich),
        text=templating.filled(text, plain),
    )


def in_shell(subject: str, content: str) -> str:
    """Put an HTML fragment into the plain page that our own mails come in."""
    shell = SHELL.read_text().replace("[subject]", html.escape(subject))
    return shell.replace("[content]", content)


def text_of(body: str) -> str:
    """Return the text part for an HTML template: the same words, links written out.

    What follows </body> is read too, as mail programs do; scripts are no words.
    """
    hidden, tags = without_tags(body)
    html = DOCUMENT_END.sub("", SCRIPT.sub("", hidden))
    text = get_text(html, TO_TEXT) if html.strip() else ""
    spelled = TEXT_LINK.sub(spelled_link, text)
    lines = (PADDING.sub("  ", line.rstrip()) for line in spelled.splitlines())
    return with_tags("\n".join(lines).strip(), tags)


def spelled_link(match: re.Match[str]) -> str:
    label, url = match[1].strip(), match[2].strip()
    return url if label in {"", url} else f"{label}: {url}"


def without_tags(source: str) -> tuple[str, list[str]]:
    """Put a plain word in place of each tag, so that Markdown and HTML readers leave it alone."""
    tags: list[str] = []
    words: list[str] = []
    done = 0
    for start, end in templating.spans(source):
        words += [source[done:start], f"xqliquid{len(tags)}qx"]
        tags.append(source[start:end])
        done = end
    return "".join([*words, source[done:]]), tags


def with_tags(source: str, tags: list[str]) -> str:
    """Undo without_tags; a stand-in that the author typed stays what it is."""
    known = {f"xqliquid{number}qx": tag for number, tag in enumerate(tags)}
    return STAND_IN.sub(lambda match: known.get(match[0], match[0]), source)
