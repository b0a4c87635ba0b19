"""Addresses read quickly: what most look like, with the full reading for all others.

A full reading takes 20 µs, which a million rows cannot afford. What is accepted here is what
``addresses.parsed`` accepts: the domain is read by it, once for all its people, and the local part
is of letters that it lets pass unchanged.
"""

import re
from functools import lru_cache

from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from mailer.audience import addresses
from mailer.audience.addresses import Address, BadAddress

LOCAL = re.compile(r"[A-Za-z0-9_+'-]{1,64}(?:\.[A-Za-z0-9_+'-]{1,64})*")
LONGEST_LOCAL = 64
DUTIES = frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)
PLAIN_NAME = re.compile(r"[A-Za-z'-]{1,40}(?: [A-Za-z'-]{1,40}){0,1}")
DOMAINS = 50_000
NAMES = 10_000


class Reader:
    """Reads many addresses. ``test_environment`` lets ``.test`` domains pass."""

    def __init__(self, *, test_environment: bool) -> None:
        self.test_environment = test_environment
        self.domain = lru_cache(DOMAINS)(self.read_domain)

    def read_domain(self, text: str) -> str:
        """Return a domain as it is mailed to; empty where no plain address can have it."""
        try:
            found = addresses.parsed(f"a@{text}", test_environment=self.test_environment)
        except BadAddress:
            return ""
        return found.normalised[2:]

    def parsed(self, text: str) -> Address:
        """Return what ``addresses.parsed`` returns, mostly sooner; raises BadAddress."""
        local, _, rest = text.partition("@")
        if len(local) <= LONGEST_LOCAL and len(text) <= addresses.LONGEST_ADDRESS:
            small = local.lower()
            # The full reading spells the names of duties small.
            if LOCAL.fullmatch(local) and (small == local or small not in DUTIES):
                domain = self.domain(rest)
                if domain and len(local) + len(domain) < addresses.LONGEST_ADDRESS:
                    return Address(f"{local}@{domain}", f"{small}@{domain}")
        return addresses.parsed(text, test_environment=self.test_environment)


def clean_name(text: str) -> str:
    """Return what ``addresses.clean_name`` returns, mostly sooner; raises BadName."""
    return text if PLAIN_NAME.fullmatch(text) else remembered(text)


remembered = lru_cache(NAMES)(addresses.clean_name)
