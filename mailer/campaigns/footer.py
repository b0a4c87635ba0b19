"""The legal footer: ad label, postal address and the way out, for one reader."""

from dataclasses import dataclass
from html import escape

# Ground and letters come together, so that the footer is legible on a page of any colour.
STYLE = (
    "font-family:Helvetica,Arial,sans-serif;font-size:13px;line-height:20px;"
    "color:#55605a;background-color:#ffffff;"
)


@dataclass(frozen=True)
class Footer:
    """What the law wants at the bottom; ``label`` is empty where none is asked for.

    ``address`` is the sender's name and postal address, line by line (16 CFR 316.2(p));
    ``contact`` how else to reach the sender: Canada wants one of telephone, email and web address
    (SOR/2012-36 s. 2).
    """

    label: str
    address: tuple[str, ...]
    unsubscribe_url: str
    contact: tuple[str, ...] = ()

    def variables(self) -> dict[str, object]:
        return {
            "ad_label": self.label,
            "postal_address": "\n".join(self.address),
            "unsubscribe_url": self.unsubscribe_url,
            "legal_footer": self.text(),
        }

    def text(self) -> str:
        label = [f"{self.label}."] if self.label else []
        leave = ["Unsubscribe from these e-mails:", self.unsubscribe_url]
        return "\n".join(("", "--", *label, *self.address, *self.contact, *leave))

    def html(self) -> str:
        label = f"{escape(self.label)}.<br>" if self.label else ""
        address = "<br>".join(escape(line) for line in (*self.address, *self.contact))
        url = escape(self.unsubscribe_url, quote=True)
        leave = f'<a href="{url}" style="color:#55605a;">Unsubscribe</a> from these e-mails.'
        return (
            '<hr style="border:0;border-top:1px solid #d5dad7;margin:32px 0 16px;">'
            f'<p style="margin:0 0 8px;{STYLE}">{label}{address}</p>'
            f'<p style="margin:0;{STYLE}">{leave}</p>'
        )
