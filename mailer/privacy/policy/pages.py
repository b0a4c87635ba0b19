"""The two pages put together: the facts in force and what staff wrote between them."""

from dataclasses import replace

from sqlalchemy.orm import Session

from mailer.privacy.policy import cookie_page, privacy_page, texts
from mailer.privacy.policy.document import Document
from mailer.privacy.policy.models import Page
from mailer.privacy.policy.settings import Settings

TITLES = {Page.privacy: "Privacy policy", Page.cookies: "Cookies"}


def document(session: Session, page: Page, settings: Settings) -> Document:
    """Return a page as it stands now."""
    facts = {Page.privacy: privacy_page.sections, Page.cookies: cookie_page.sections}[page]
    written = texts.of(session, page)
    found = facts(session, settings)
    return Document(
        TITLES[page], tuple(replace(one, text=written.get(one.key, "")) for one in found)
    )
