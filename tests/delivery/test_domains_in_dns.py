"""SPF, DKIM, DMARC and MX as a real DNS server tells them."""

import pytest

from mailer.compliance.readiness import Spf
from mailer.delivery import dmarc, domain_keys, spf
from mailer.delivery.resolver import Resolver, Unanswered
from tests.names import SERVFAIL, SILENT, Zone

ME = "news@acme.example"
NAME = "s1._domainkey.acme.example"
KEY = "MIIB" + "A" * 388 + "AB"


def test_nothing_is_an_answer_and_silence_is_none(zone: Zone) -> None:
    resolver = zone.resolver()
    assert resolver.texts("nowhere.example") == ()
    zone.put("acme.example", "A", "192.0.2.1")
    assert resolver.texts("acme.example") == ()
    assert resolver.texts("label" * 20 + ".example") == ()
    zone.broken = {"ill.example": SERVFAIL, "mute.example": SILENT}
    with pytest.raises(Unanswered, match=r"ill\.example TXT: the name servers failed"):
        resolver.texts("ill.example")
    with pytest.raises(Unanswered, match=r"mute\.example TXT: no answer in time"):
        resolver.texts("mute.example")


@pytest.mark.parametrize(
    ("records", "takes"),
    [
        ([], False),
        ([("acme.example", "A", "192.0.2.1")], True),
        ([("acme.example", "AAAA", "2001:db8::1")], True),
        ([("acme.example", "MX", "10 mx.acme.example."), ("mx.acme.example", "A", "::")], False),
        ([("acme.example", "MX", "10 mx.acme.example.")], False),
        ([("acme.example", "MX", "0 ."), ("acme.example", "A", "192.0.2.1")], False),
        (
            [
                ("acme.example", "MX", "10 gone.acme.example."),
                ("acme.example", "MX", "20 mx.acme.example."),
                ("mx.acme.example", "A", "192.0.2.1"),
            ],
            True,
        ),
    ],
)
def test_a_domain_takes_mail_at_its_mx_or_else_its_address(
    zone: Zone, records: list[tuple[str, str, str]], *, takes: bool
) -> None:
    for name, kind, value in records:
        if value != "::":
            zone.put(name, kind, value)
    assert zone.resolver().takes_mail("acme.example") is takes


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (None, (None, 53)),
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("192.0.2.53:5353", ("192.0.2.53", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
        ("[2001:db8::53]", ("2001:db8::53", 53)),
    ],
)
def test_a_resolver_is_named_by_address_and_port(
    where: str | None, expected: tuple[str | None, int]
) -> None:
    made = Resolver.at(where)
    assert (made.address, made.port) == expected


@pytest.mark.parametrize("where", ["dns.example", "192.0.2.53:x", "192.0.2", "::1::2"])
def test_a_resolver_by_name_is_refused(where: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Resolver.at(where)


# DKIM: what stands at the name, and what is wrong with it.


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        ([f"v=DKIM1; k=rsa; p={KEY}"], ""),
        ([f"p={KEY}"], ""),
        ([f"v=DKIM1; k=rsa; h=sha1:sha256; s=email; t=s; p={KEY}"], ""),
        ([f"v=DKIM1; k=rsa; p={KEY[:200]} {KEY[200:]}"], ""),
        ([], "There is no TXT record"),
        ([f"v=DKIM1; p={KEY}", "v=DKIM1; p="], "There are 2 TXT records"),
        (["v=DKIM1; k=rsa; p="], "is no key, or one that was withdrawn"),
        (["google-site-verification=x"], "is no key"),
        ([f"v=DKIM1; k=rsa; p={KEY[:-2]}CD"], "holds another key"),
        ([f"v=DKIM1; k=rsa; p={KEY[:250]}"], "holds another key"),
        ([f"v=DKIM1; k=ed25519; p={KEY}"], "holds another key"),
        ([f"v=DKIM2; p={KEY}"], "v=DKIM2"),
        ([f"v=DKIM1; h=sha1; p={KEY}"], "forbids SHA-256"),
        ([f"v=DKIM1; s=other; p={KEY}"], "not for mail"),
        ([f"v=DKIM1; t=y:s; p={KEY}"], "marked as a test"),
    ],
)
def test_a_published_key_is_compared_with_the_one_that_signs(
    zone: Zone, texts: list[str], fault: str
) -> None:
    zone.text(NAME, *texts)
    key = domain_keys.published(zone.resolver(), NAME, "rsa", 2048, KEY)
    assert (key.selector, key.matches) == ("s1", not fault)
    assert fault in key.fault


def test_a_key_behind_an_alias_and_in_several_strings_is_found(zone: Zone) -> None:
    zone.put(NAME, "CNAME", "s1.keys.relay.example.")
    zone.text("s1.keys.relay.example", f"v=DKIM1; k=rsa; n={'x' * 400}; p={KEY}")
    assert domain_keys.published(zone.resolver(), NAME, "rsa", 2048, KEY).matches
    zone.broken["s1.keys.relay.example"] = SERVFAIL
    zone.broken[NAME] = SERVFAIL
    with pytest.raises(Unanswered):
        domain_keys.published(zone.resolver(), NAME, "rsa", 2048, KEY)


# SPF: what the record says of the relay.


@pytest.mark.parametrize(
    ("record", "term", "expected", "fault"),
    [
        ("v=spf1 ip4:192.0.2.7 -all", "ip4:192.0.2.7", Spf.allowed, ""),
        ("v=spf1 ip4:192.0.2.0/24 -all", "ip4:192.0.2.7", Spf.allowed, ""),
        ("v=spf1 +ip6:2001:db8::/32 -all", "ip6:2001:db8::7", Spf.allowed, ""),
        ("v=spf1 ip4:198.51.100.1 ~all", "ip4:192.0.2.7", Spf.denied, "“softfail”"),
        ("v=spf1 -ip4:192.0.2.7 +all", "ip4:192.0.2.7", Spf.denied, "“fail”"),
        ("v=spf1", "ip4:192.0.2.7", Spf.denied, "“neutral”"),
        ("V=SPF1 a:relay.example -all", "a:relay.example", Spf.allowed, ""),
        ("v=spf1 a:relay.example//64 -all", "a:relay.example", Spf.allowed, ""),
        ("v=spf1 a -all", "ip4:192.0.2.1", Spf.allowed, ""),
        ("v=spf1 a/24 -all", "ip4:192.0.2.99", Spf.allowed, ""),
        ("v=spf1 mx -all", "ip4:192.0.2.2", Spf.allowed, ""),
        ("v=spf1 ptr -all", "ip4:192.0.2.2", Spf.denied, "“fail”"),
        ("v=spf1 include:_spf.relay.example ~all", "include:_spf.relay.example", Spf.allowed, ""),
        ("v=spf1 include:deep.example ~all", "include:_spf.relay.example", Spf.allowed, ""),
        ("v=spf1 include:deep.example ~all", "ip4:203.0.113.9", Spf.allowed, ""),
        ("v=spf1 redirect=_spf.relay.example", "ip4:203.0.113.9", Spf.allowed, ""),
        ("v=spf1 exists:%{ir}.%{v}.list.example -all", "ip4:192.0.2.7", Spf.allowed, ""),
        ("v=spf1 exists:%{l}.%{d2}.who.example -all", "ip4:192.0.2.7", Spf.allowed, ""),
        ("v=spf1 exists:%{i}%%.nobody.example -all", "ip6:2001:db8::7", Spf.denied, "fail"),
        ("v=spf1 include:deep.example ~all", "include:other.example", Spf.denied, "not hold"),
        ("v=spf1 a mx ~all", "", Spf.unknown, "not known from which address"),
        ("v=spf1 ip4:192.0.2.300 -all", "ip4:192.0.2.7", Spf.broken, "is no address"),
        ("v=spf1 ipv4:192.0.2.7 -all", "ip4:192.0.2.7", Spf.broken, "“ipv4:192.0.2.7”"),
        ("v=spf1 include:nowhere.example -all", "ip4:192.0.2.7", Spf.broken, "has no SPF"),
        ("v=spf1 include:loop.example -all", "ip4:192.0.2.7", Spf.broken, "more than 10"),
        ("v=spf1 include:loop.example -all", "", Spf.broken, "more than 10"),
        ("v=spf1 a:n1.example a:n2.example a:n3.example", "ip4:192.0.2.7", Spf.broken, "nowhere"),
        ("v=spf1 include:ill.example -all", "ip4:192.0.2.7", Spf.unknown, "servers failed"),
        ("v=spf10 a -all", "ip4:192.0.2.1", Spf.absent, ""),
    ],
)
def test_spf_is_judged_for_the_relay(
    zone: Zone, record: str, term: str, expected: Spf, fault: str
) -> None:
    zone.text("acme.example", record, "some-verification=1")
    zone.put("acme.example", "A", "192.0.2.1")
    zone.put("acme.example", "MX", "10 mx.acme.example.")
    zone.put("mx.acme.example", "A", "192.0.2.2")
    zone.put("relay.example", "A", "192.0.2.7")
    zone.put("relay.example", "AAAA", "2001:db8::7")
    zone.text("deep.example", "v=spf1 include:_spf.relay.example -all")
    zone.text("_spf.relay.example", "v=spf1 ip4:203.0.113.0/24 -all")
    zone.text("loop.example", "v=spf1 include:loop.example -all")
    zone.put("7.2.0.192.in-addr.list.example", "A", "127.0.0.2")
    zone.put("news.acme.example.who.example", "A", "127.0.0.2")
    zone.broken["ill.example"] = SERVFAIL
    judgement = spf.judged(zone.resolver(), ME, term)
    assert (judgement.spf, judgement.record) == (expected, record if expected != "none" else "")
    assert fault in judgement.fault


@pytest.mark.parametrize(
    ("host", "term"),
    [
        ("smtp.relay.example", "a:smtp.relay.example"),
        ("203.0.113.7", "ip4:203.0.113.7"),
        ("2001:db8::7", "ip6:2001:db8::7"),
        ("localhost", ""),
        ("127.0.0.1", ""),
        ("10.0.0.4", ""),
        ("::1", ""),
    ],
)
def test_what_spf_must_hold_follows_from_the_relay(host: str, term: str) -> None:
    assert spf.term_of(host) == term


def test_two_spf_records_are_none(zone: Zone) -> None:
    zone.text("acme.example", "v=spf1 a -all", "v=spf1 mx -all")
    judgement = spf.judged(zone.resolver(), ME, "ip4:192.0.2.7")
    assert judgement.spf is Spf.broken
    assert "2 SPF records" in judgement.fault


def test_a_relay_of_two_addresses_must_be_let_with_both(zone: Zone) -> None:
    zone.put("relay.example", "A", "192.0.2.7", "192.0.2.8")
    zone.text("acme.example", "v=spf1 ip4:192.0.2.7 -all")
    judgement = spf.judged(zone.resolver(), ME, "a:relay.example")
    assert (judgement.spf, judgement.fault) == (Spf.denied, "For 192.0.2.8 it says “fail”.")


def test_a_relay_without_an_address_is_not_known(zone: Zone) -> None:
    zone.text("acme.example", "v=spf1 +all")
    assert spf.judged(zone.resolver(), ME, "a:relay.example").spf is Spf.unknown
    zone.put("relay.example", "A", "10.1.2.3")
    assert spf.judged(zone.resolver(), ME, "a:relay.example").spf is Spf.unknown
    assert spf.judged(zone.resolver(), ME, "a:127.0.0.1").spf is Spf.unknown


# DMARC: the policy in force.


@pytest.mark.parametrize(
    ("records", "domain", "policy", "at"),
    [
        ({"acme.example": "v=DMARC1; p=none"}, "acme.example", "none", "acme.example"),
        ({"acme.example": "v=DMARC1;p=REJECT;rua=mailto:x@y.z"}, "acme.example", "reject", None),
        ({"acme.example": "v=DMARC1; p=reject; sp=none"}, "n.acme.example", "none", None),
        ({"acme.example": "v=DMARC1; p=quarantine"}, "a.b.acme.example", "quarantine", None),
        ({"acme.example": "v=DMARC1; rua=mailto:x@y.z"}, "acme.example", "none", None),
        ({"acme.example": "v=DMARC1; p=nonsense; rua=mailto:x@y.z"}, "acme.example", "none", None),
        ({"acme.example": "v=DMARC1"}, "acme.example", "", ""),
        ({"acme.example": "v=DMARC2; p=none"}, "acme.example", "", ""),
        ({"acme.example": "v=spf1 -all"}, "acme.example", "", ""),
        ({}, "acme.example", "", ""),
        (
            {"b.acme.example": "v=DMARC1; p=none; psd=n", "acme.example": "v=DMARC1; p=reject"},
            "a.b.acme.example",
            "none",
            "b.acme.example",
        ),
        (
            {"b.acme.example": "v=DMARC1; p=none", "acme.example": "v=DMARC1; p=reject"},
            "a.b.acme.example",
            "reject",
            "acme.example",
        ),
        (
            {"example": "v=DMARC1; p=reject; psd=y", "acme.example": "v=DMARC1; p=none"},
            "n.acme.example",
            "none",
            "acme.example",
        ),
        ({"example": "v=DMARC1; p=reject; psd=y"}, "n.acme.example", "reject", "example"),
    ],
)
def test_the_policy_is_found_by_walking_up(
    zone: Zone, records: dict[str, str], domain: str, policy: str, at: str | None
) -> None:
    for name, text in records.items():
        zone.text(f"_dmarc.{name}", text)
    found = dmarc.found(zone.resolver(), domain)
    assert found.policy == policy
    assert found.domain == ("acme.example" if at is None else at)


def test_a_deep_name_is_walked_in_eight_steps(zone: Zone) -> None:
    zone.text("_dmarc.example", "v=DMARC1; p=none")
    labels = [f"l{number}" for number in range(20)]
    assert dmarc.found(zone.resolver(), ".".join([*labels, "acme", "example"])).policy == "none"
    assert len(zone.asked) == 8


def test_two_records_are_none_and_it_is_said(zone: Zone) -> None:
    zone.text("_dmarc.acme.example", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    found = dmarc.found(zone.resolver(), "acme.example")
    assert found.policy == ""
    assert found.record in {"v=DMARC1; p=none", "v=DMARC1; p=reject"}  # DNS knows no order
    assert "2 records" in found.fault


def test_strict_alignment_is_seen(zone: Zone) -> None:
    zone.text("_dmarc.acme.example", "v=DMARC1; p=none; adkim=s")
    assert dmarc.found(zone.resolver(), "acme.example").is_strict
    assert dmarc.found(zone.resolver(), "news.acme.example").is_strict


def test_no_answer_about_dmarc_is_not_no_policy(zone: Zone) -> None:
    zone.broken["_dmarc.acme.example"] = SERVFAIL
    with pytest.raises(Unanswered):
        dmarc.found(zone.resolver(), "news.acme.example")
