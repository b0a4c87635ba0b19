"""DKIM keys in DNS (RFC 6376 s3.6.1): whether a name holds the public half of a key."""

from mailer.compliance.readiness import PublishedKey
from mailer.delivery.dmarc import tags_of
from mailer.delivery.resolver import Resolver


def published(
    resolver: Resolver, name: str, algorithm: str, bits: int, public_key: str
) -> PublishedKey:
    """Compare what stands at ``<selector>._domainkey.<domain>`` with a key; raises Unanswered."""
    texts = resolver.texts(name)
    selector = name.partition("._domainkey.")[0]
    fault = fault_of(texts, name, algorithm, public_key)
    return PublishedKey(selector, algorithm, bits, matches=not fault, fault=fault)


def fault_of(texts: tuple[str, ...], name: str, algorithm: str, public_key: str) -> str:
    if len(texts) != 1:
        several = f"There are {len(texts)} TXT records at {name}; leave only the one of the key."
        return several if texts else f"There is no TXT record at {name}."
    tags = tags_of(texts[0])
    key = "".join(tags.get("p", "").split())
    if not key:
        return f"The record at {name} is no key, or one that was withdrawn."
    if key != public_key or tags.get("k", "rsa").lower() != algorithm:
        return f"The record at {name} holds another key."
    return flaw(tags, name)


def flaw(tags: dict[str, str], name: str) -> str:
    """Return what makes receivers pass over a key that is the right one, empty if nothing does."""
    listed = {tag: set(tags[tag].replace(" ", "").split(":")) for tag in "hst" if tag in tags}
    if tags.get("v", "DKIM1") != "DKIM1":
        return f"The record at {name} says v={tags['v']} in place of v=DKIM1."
    if "sha256" not in listed.get("h", {"sha256"}):
        return f"The record at {name} forbids SHA-256 (h=)."
    if not listed.get("s", {"*"}) & {"*", "email"}:
        return f"The record at {name} is not for mail (s=)."
    return f"The record at {name} is marked as a test (t=y)." if "y" in listed.get("t", ()) else ""
