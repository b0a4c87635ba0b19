"""The page about cookies, made from the cookies that the program can set."""

from sqlalchemy.orm import Session

from mailer.privacy.policy.cookies import COOKIES, SAME_SITE
from mailer.privacy.policy.document import Paragraph, Section, Table
from mailer.privacy.policy.settings import Settings

COLUMNS = ("Name", "Set by", "Purpose", "When it is set", "Kept")
READERS = (
    "If you read our mails, sign up or leave, we set no cookie in your browser. There are no "
    "cookies of other firms, none for statistics and none for advertising."
)
GUARDED = (
    "Each is sent to this server alone and is signed, so that a changed one is refused. Scripts "
    f"cannot read it, and other sites cannot use it (SameSite={SAME_SITE})."
)
ENCRYPTED = "It travels over encrypted connections only."


def sections(session: Session, settings: Settings) -> tuple[Section, ...]:
    """Return the facts about cookies."""
    del session
    host = settings.public_url.partition("://")[2]
    rows = tuple((one.name, host, one.purpose, one.when, one.duration) for one in COOKIES)
    guarded = f"{GUARDED} {ENCRYPTED}" if settings.public_url.startswith("https://") else GUARDED
    staff = (Paragraph("Only staff who sign in get these:"), Table("Cookies", COLUMNS, rows))
    return (
        Section("readers", "Readers get no cookies", (Paragraph(READERS),)),
        Section("staff", "Cookies for those who sign in", (*staff, Paragraph(guarded))),
    )
