"""What makes copies of one kind, and what makes a copy a kind of its own."""

from dataclasses import replace

import pytest

from mailer.campaigns import rendering
from mailer.campaigns.footer import Footer
from mailer.campaigns.models import Campaign, ContentType
from mailer.campaigns.rendering import Reader
from mailer.delivery import places
from mailer.delivery.approval import Unlawful
from mailer.delivery.inspection import OF_THE_READER, Inspector
from mailer.delivery.masks import MASK, Masks
from mailer.delivery.office import Office
from mailer.delivery.places import Place
from tests.compliance.letters import SENDER
from tests.delivery.conftest import MakeCampaign, Yard

URL = "https://news.example.com/u/1-2-3.UX0MHH6ijfSJnHD0fqMKhbIY"
MASKS = Masks(replace(SENDER, ad_labels=("Advertisement",)))


def place(html: str) -> Place:
    """Return where the one value of a page stands."""
    campaign = Campaign(subject="x", body=html, text="x", content_type=ContentType.html)
    stencil = rendering.compiled(campaign).stencil(Footer("", (), ""))
    (found,) = places.places(stencil.copy(Reader("a@b.example", "Rosa"), URL).html.shape)
    return found


V = "{{ subscriber.name }}"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<p>Hi {V},</p>", Place.words),
        (f"<p>Hi <b>{V}</b></p></body></html>", Place.words),
        (f"{V}", Place.words),
        (f'<a href="{V}">x</a>', Place.link),
        (f'<a href="https://shop.example/?for={V}&amp;x=1">x</a>', Place.tail),
        (f'<a href="mailto:{V}">x</a>', Place.mailbox),
        (f'<a href="mailto:{V}?subject=x">x</a>', Place.anything),
        (f'<a href="https://{V}/">x</a>', Place.anything),
        (f'<a href="https://{V}@shop.example/">x</a>', Place.anything),
        (f'<a href="{V}/x">x</a>', Place.anything),
        (f"<a href={V}>x</a>", Place.link),
        (f'<img src="{V}">', Place.anything),
        (f'<p style="color:{V}">x</p>', Place.anything),
        (f"<p {V}>x</p>", Place.anything),
        (f"<{V}>x</p>", Place.anything),
        (f"<style>.f{{color:{V}}}</style>", Place.anything),
        (f"<script>{V}</script>", Place.anything),
        (f"<title>{V}</title>", Place.anything),
        (f"<textarea>{V}</textarea>", Place.anything),
        (f"<noscript><p>{V}</p></noscript>", Place.anything),
        (f"<svg><style>{V}</style></svg>", Place.anything),
        (f"<!-- {V} -->", Place.anything),
        (f"<!--[if mso]>{V}<![endif]-->", Place.anything),
        (f"<!--><style>/*-->{V}", Place.anything),
        (f"<p>x</p><style>{V}", Place.anything),
        (f'<p title="{V}', Place.anything),
        (f"<p>&#{V};</p>", Place.anything),
        (f"<p>&{V};</p>", Place.anything),
    ],
)
def test_a_value_is_words_only_where_every_program_reads_words(html: str, expected: Place) -> None:
    assert place(html) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("Rosa", "Rosa Lindqvist", "O&#39;Brien &amp; Söhne", "Q7", "12.50"),
        *("محمد", "अमित शर्मा", "小林", "rosa.luz+x@reader.example"),
    ],
)
def test_plain_words_make_no_kind_of_their_own(value: str) -> None:
    assert MASKS.items([value], [Place.words], URL) == (MASK,)
    assert MASKS.items([value], [Place.anything], URL) == (value,)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            " ",
            "None",
            "undefined",
            "n/a",
            "{{ name }}",
            "%%name%%",
            "*|NAME|*",
            "[name]",
            "&lt;b&gt;",
        ),
        *(
            "a\nb",
            "Ro\u202esa",
            "Ro\u200bsa",
            "Ro\u00adsa",
            "\ufeff",
            "\u3164",
            "x" * 101,
            "\0",
            "\0link",
        ),
        *(
            "Springfield",
            "Oak",
            "Advertisement",
            "unsubscribe",
            "Please UNSUBSCRIBE me",
            "opt-out",
            "opt_out",
        ),
        *("I no longer wish to receive it", "Acme", "acme.example", "www.acme", "//x", "a@b"),
        *("unsubscribe@reader.example", "https://shop.example/unsubscribe"),
    ],
)
def test_what_a_rule_could_look_at_stays_a_part_of_the_kind(value: str) -> None:
    (item,) = MASKS.items([value], [Place.words], URL)
    assert item in {value, f"{MASK}={value}"}


@pytest.mark.parametrize(
    ("spot", "value", "item"),
    [
        (Place.link, "https://shop.example/p/7?of=1", f"{MASK}https://shop.example"),
        (Place.link, "https://Shop.example", f"{MASK}https://shop.example"),
        (Place.link, "https://a@shop.example/", None),
        (Place.link, "javascript:x", None),
        (Place.link, "https://shop.example/None", None),
        (Place.link, "https://shop.example/%7B%7Bx", None),
        (Place.link, "https://shop.example/a%20b", f"{MASK}https://shop.example"),
        (Place.link, "https://shop.example/" + "x" * 500, None),
        (Place.words, "https://shop.example/p", f"{MASK}https://shop.example"),
        (Place.tail, "ab-12_x", MASK),
        (Place.tail, "rosa@reader.example", MASK),
        (Place.tail, "", None),
        (Place.tail, "undefined", None),
        (Place.tail, "a b", None),
        (Place.mailbox, "rosa@Reader.example", f"{MASK}@reader.example"),
        (Place.mailbox, "rosa", None),
        (Place.mailbox, "unsubscribe@reader.example", None),
    ],
)
def test_of_a_link_only_what_leads_elsewhere_tells_kinds_apart(
    spot: Place, value: str, item: str | None
) -> None:
    assert MASKS.items([value], [spot], URL) == (item or value,)


def test_what_an_author_wrote_is_masked_for_nobody() -> None:
    masks = Masks(SENDER, frozenset({"friend"}))
    assert masks.items(["friend", "Rosa"], [Place.words] * 2, URL) == ("friend", MASK)
    assert masks.items(["Ines", "Rosa"], [Place.words] * 2, URL, {"Rosa"}) == ("Ines", MASK)


def test_a_readers_own_link_is_alike_in_all_copies() -> None:
    assert len({*MASKS.items([URL, URL], [Place.words, Place.anything], URL)}) == 1


def test_what_is_known_of_values_does_not_grow_with_the_audience() -> None:
    for number in range(25_000):
        MASKS.items([f"Rosa {number}"], [Place.words], URL)
    assert len(MASKS.known[Place.words]) <= 10_000


ASSIGNED = (
    "{% if subscriber.attributes.says %}{% assign a = 'Well' %}{% else %}"
    "{% assign a = 'THIS IS NOT A MARKETING EMAIL' | downcase %}{% endif %}{{ a }}"
)


def test_a_style_sheet_that_hides_the_footer_from_the_second_reader_excludes_her(
    yard: Yard, make_campaign: MakeCampaign
) -> None:
    """The colour is an attribute; that of the first reader is harmless."""
    body = (
        (
            "<html><head><style>.f, .f p{{{{ subscriber.attributes.rule | default: '' }}}}</style>"
            "</head><body><p>Low water is at nine on Sunday.</p><div class='f'>{{ legal_footer }}"
            "</div></body></html>"
        )
        .replace("{{{{", "{ {{")
        .replace("}}}}", "}} }")
    )
    campaign = make_campaign(body=body, content_type=ContentType.html)
    office = Office.of(yard.session, yard.site, campaign, yard.clock())
    inspector = Inspector(office, yard.clock)
    for number, rule in enumerate(["margin: 0", "padding: 0", "display: none"]):
        reader = Reader(f"r{number}@example.org", attributes={"rule": rule})
        url = yard.site.unsubscribe(1, number, number)
        copy = office.copy(reader, url)
        raw = office.message(copy, reader.email, url, "x", number)
        if rule == "display: none":
            with pytest.raises(Unlawful, match="R16"):
                inspector.approved(raw, copy, reader, url)
        else:
            inspector.approved(raw, copy, reader, url)


@pytest.mark.parametrize(
    "body",
    [
        "{{ subscriber.attributes.says | default: 'This is not a marketing email' }}",
        ASSIGNED,
    ],
)
def test_what_an_author_says_in_place_of_a_value_is_judged(
    yard: Yard, make_campaign: MakeCampaign, body: str
) -> None:
    """The first reader has something of her own to print there."""
    campaign = make_campaign(body=f"Low water is at nine.\n\n{body}\n\n{{{{ legal_footer }}}}")
    office = Office.of(yard.session, yard.site, campaign, yard.clock())
    inspector = Inspector(office, yard.clock)
    first = Reader("a@example.org", attributes={"says": "Well"})
    for reader in (first, Reader("b@example.org")):
        url = yard.site.unsubscribe(1, 1, 1)
        copy = office.copy(reader, url)
        raw = office.message(copy, reader.email, url, "x", 1)
        if reader is first:
            inspector.approved(raw, copy, reader, url)
        else:
            with pytest.raises(Unlawful, match="R07"):
                inspector.approved(raw, copy, reader, url)


def test_what_is_asked_of_samples_alone_refuses_nothing() -> None:
    assert {(rule.id, rule.severity) for rule in OF_THE_READER} == {("R38", "warn")}
