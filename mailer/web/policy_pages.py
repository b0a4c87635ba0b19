"""The privacy policy and the page about cookies, as everybody may read them."""

from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

from mailer import clock, desk
from mailer.db import db
from mailer.privacy.policy import pages, versions
from mailer.privacy.policy.models import Page
from mailer.web.access import PUBLIC, access
from mailer.web.public import bp
from mailer.web.reader_pages import shown

# No headings, so that no text of staff looks like a section of facts; and nothing from elsewhere.
MARKDOWN = (
    MarkdownIt("commonmark", {"html": False})
    .enable("table")
    .disable(["image", "heading", "lheading"])
)


@bp.route("/privacy")
@access(PUBLIC)
def privacy() -> ResponseReturnValue:
    return page("public/privacy.html", Page.privacy)


@bp.route("/cookies")
@access(PUBLIC)
def cookies() -> ResponseReturnValue:
    return page("public/cookies.html", Page.cookies)


def page(template: str, which: Page) -> str:
    """Show a page as the settings are now; what just changed gets its number within minutes."""
    session = db.session()
    document = pages.document(session, which, desk.settings())
    last = versions.latest(session, which)
    is_noted = last is not None and last.digest == document.digest
    return shown(
        template,
        None,
        document=document,
        rendered=rendered,
        version=last if is_noted else None,
        edited=last.at if last is not None and is_noted else clock.now(),
    )


def rendered(text: str) -> Markup:
    """Return the Markdown of staff as HTML; tags in it are shown, not obeyed."""
    return Markup(MARKDOWN.render(text))  # noqa: S704 - the renderer escapes
