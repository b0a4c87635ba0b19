"""Mail addresses and names as people type them: what is accepted, and how it is kept."""

import re
import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets
LONGEST_NAME = 100
# Controls, invisible formatting, lone surrogates and line separators have no place in either.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
JOINERS = "\u200c\u200d"  # Persian and Indic names are spelled with them
MARKS = frozenset("{}<>[]|%")  # a name with template marks would be refused in every mail
WEB_ADDRESS = re.compile(r"//|\bwww\.|\w\w\.[^\W\d_]{2,}", re.IGNORECASE)
DOTLESS_MAILBOXES = frozenset({"gmail.com", "googlemail.com"})


class BadAddress(ValueError):  # noqa: N818 - errors are named for the situation
    """The text is no address that can be mailed; the message tells the person why."""


class BadName(ValueError):  # noqa: N818 - errors are named for the situation
    """The text is no name; the message tells the person why."""


@dataclass(frozen=True)
class Address:
    """``spelled`` is for mailing, ``normalised`` for telling people apart."""

    spelled: str
    normalised: str


def parsed(text: str, *, test_environment: bool = False) -> Address:
    """Read one address; raises BadAddress. ``test_environment`` lets ``.test`` domains pass."""
    demand_mailable(text)
    try:
        found = validate_email(
            text.strip(" "),
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=test_environment,
        )
    except EmailNotValidError as error:
        raise BadAddress(str(error)) from error
    domain = str(found.ascii_domain).lower()
    return Address(
        spelled=f"{found.local_part}@{domain}",
        normalised=f"{found.local_part.casefold()}@{domain}",
    )


def demand_mailable(text: str) -> None:
    if not text.strip(" "):
        raise BadAddress("Enter an email address.")
    if len(text) > LONGEST_ADDRESS:
        raise BadAddress(f"An address has at most {LONGEST_ADDRESS} characters.")
    if has_invisible(text):
        raise BadAddress("The address holds a line break or an invisible character. Type it anew.")
    if not text.partition("@")[0].isascii():
        raise BadAddress("Before the @ only plain letters, digits and signs can be mailed.")


def normalised(text: str) -> str:
    """Return the form by which an address is told apart; raises BadAddress.

    The domain becomes a lower-case A-label and the local part is case-folded. Tags after a plus
    and dots stay: those are different recipients to everybody but one provider.
    """
    return parsed(text).normalised


def folded(email: str) -> str:
    """Return the normalised form of an address that is kept here."""
    local, _, domain = email.rpartition("@")
    return f"{local.casefold()}@{domain}"


def mailbox(address: Address) -> str:
    """Return the mailbox that an address most likely ends in: for rate limits, never as a key."""
    local, _, domain = address.normalised.rpartition("@")
    local = local.partition("+")[0]
    if domain in DOTLESS_MAILBOXES:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def clean_name(text: str) -> str:
    """Return a person's name with its spaces tidied; raises BadName."""
    if len(text) > LONGEST_NAME:
        raise BadName(f"A name may have at most {LONGEST_NAME} characters.")
    if has_invisible(text):
        raise BadName("The name holds a line break or an invisible character. Type it anew.")
    plain = unicodedata.normalize("NFKC", text)
    if WEB_ADDRESS.search(plain):
        raise BadName("A name cannot hold a web address. After a dot, leave a space.")
    if MARKS.intersection(plain):
        raise BadName("A name cannot hold any of these signs: { } < > [ ] | %")
    return " ".join(text.split())


def has_invisible(text: str) -> bool:
    if text.isprintable():
        return False
    return any(unicodedata.category(sign) in INVISIBLE and sign not in JOINERS for sign in text)
