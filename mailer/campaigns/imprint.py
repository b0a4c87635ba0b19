"""What all copies of a campaign print alike: the sender's label and address, and the footer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from markupsafe import Markup
from markupsafe import escape as printed

from mailer.campaigns.footer import Footer

# No footer holds it: a line of an address has no control characters.
STAND_IN = "\0"

# From a reader's unsubscribe link to the one by which she renews her consent.
Renewal = Callable[[str], str]


@dataclass(frozen=True)
class Imprint:
    """The variables that are ``fixed`` for a campaign, and its legal footer.

    ``before`` and ``after`` stand around the reader's own link in the footer. ``renewal`` makes of
    it her link to renew her consent, where the campaign asks for that.
    """

    fixed: dict[str, str]
    before: str
    after: str
    is_html: bool
    renewal: Renewal | None = None

    @classmethod
    def of(cls, footer: Footer, renewal: Renewal | None = None, *, is_html: bool) -> "Imprint":
        """Return what a footer holds for all; whose link stands in it does not matter."""
        blank = replace(footer, unsubscribe_url=STAND_IN)
        before, _, after = (blank.html() if is_html else blank.text()).partition(STAND_IN)
        address = Markup("<br>").join(footer.address) if is_html else "\n".join(footer.address)
        fixed = {"ad_label": footer.label, "postal_address": address}
        return cls(fixed, before, after, is_html, renewal)

    def footer(self, url: str) -> str:
        """Return the legal footer with a reader's own link."""
        return f"{self.before}{escape(url) if self.is_html else url}{self.after}"

    def variables(self, url: str) -> dict[str, object]:
        """Return what a template may print besides what is the reader's."""
        text = self.footer(url)
        footer = Markup(text) if self.is_html else text  # noqa: S704 - built of escaped values
        own = {"renewal_url": self.renewal(url)} if self.renewal else {}
        return {**self.fixed, **own, "unsubscribe_url": url, "legal_footer": footer}

    def printed(self, name: str) -> str:
        """Return a fixed variable as the template language prints it."""
        value = self.fixed[name]
        return str(printed(value)) if self.is_html else value
