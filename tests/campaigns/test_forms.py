"""A template filled by pieces says what the template language would have said."""

import re

import pytest
from hypothesis import given

from mailer.campaigns import rendering, templating
from mailer.campaigns.footer import Footer
from mailer.campaigns.imprint import Imprint
from mailer.campaigns.models import Campaign, ContentType
from mailer.campaigns.rendering import Compiled, Reader, Rendered, Stencil
from mailer.campaigns.templating import BadTemplate
from tests.campaigns.templates import READERS, TEMPLATES

FOOTER = Footer(
    "Advertisement from Harbor & Press",
    ("Harbor & Press LLC", "120 W Main St", "Springfield, IL 62701"),
    "",
    ("desk@harbor.example",),
)
URL = "https://news.example.com/u/1-2-3.UX0MHH6ijfSJnHD0fqMKhbIY"


def compiled(body: str, subject: str = "Tides", text: str = "") -> Compiled:
    campaign = Campaign(subject=subject, body=body, text=text, content_type=ContentType.html)
    return rendering.compiled(campaign)


def slow(one: Compiled, reader: Reader) -> Rendered:
    """Return a copy as the template language renders it, put right afterwards as a whole."""
    footer = Footer(FOOTER.label, FOOTER.address, URL, FOOTER.contact)
    plain = footer.variables() | {"subscriber": reader.variables()}
    html = Imprint.of(footer, is_html=True).variables(URL)
    subject = one.subject.render(**plain)
    return Rendered(
        subject=" ".join(subject.split()),
        html=lined(one.html.render(**plain | html)),
        text=re.sub(r"\n{3,}", "\n\n", lined(one.text.render(**plain))).strip() + "\n",
    )


def lined(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(TEMPLATES, TEMPLATES, READERS)
def test_every_reader_gets_what_the_template_language_says(
    body: str, text: str, reader: Reader
) -> None:
    one = compiled(body, text=text.strip() or "x")
    try:
        expected = slow(one, reader)
    except Exception:  # noqa: BLE001 - what is no text for one is none for the other
        with pytest.raises(BadTemplate):
            one.stencil(FOOTER).copy(reader, URL)
        return
    assert one.stencil(FOOTER).copy(reader, URL).rendered() == expected


@given(TEMPLATES, READERS)
def test_both_ways_lead_to_the_same_pieces(body: str, reader: Reader) -> None:
    stencil = compiled(body, text=body.strip() or "x").stencil(FOOTER)
    for form in (stencil.html, stencil.text):
        try:
            straight, rendered = form.filled(reader, URL), form.rendered(reader, URL)
        except BadTemplate:
            continue
        whole = [piece for piece in straight.pieces() if piece]
        assert whole == rendered.pieces()


def is_flat(body: str) -> bool:
    return compiled(body).stencil(FOOTER).is_flat


@pytest.mark.parametrize(
    "body",
    [
        "<p>The same for all.</p>",
        "<p>Hi {{ subscriber.first_name | default: 'reader' }},</p>{{ legal_footer }}",
        "<a href='{{ subscriber.attributes.link }}'>{{ ad_label }}</a>{{ unsubscribe_url }}",
        "{{ '{{' }} {{ postal_address }} {{ subscriber.email }} {{ subscriber.last_name }}",
    ],
)
def test_plain_tags_need_no_template_language(body: str) -> None:
    assert is_flat(body)


@pytest.mark.parametrize(
    "body",
    [
        "{% if subscriber.name %}x{% endif %}",
        "{{ subscriber.name | upcase }}",
        "{{ subscriber.attributes.size }}",
        "{{ legal_footer | upcase }}",
        "{{ subscriber.name | default: subscriber.email }}",
        "{{ subscriber }}",
    ],
)
def test_the_report_can_say_that_a_template_needs_the_language(body: str) -> None:
    assert not is_flat(body)


def test_a_missing_attribute_is_an_error_either_way() -> None:
    stencil: Stencil = compiled("{{ subscriber.attributes.plan }}").stencil(FOOTER)
    assert stencil.is_flat
    with pytest.raises(BadTemplate, match=r"attributes\.plan"):
        stencil.copy(Reader("a@b.example"), URL)


def test_a_text_of_values_that_have_no_end_is_refused() -> None:
    body = "{{ subscriber.attributes.long }}" * 6
    stencil = compiled(body).stencil(FOOTER)
    long = Reader("a@b.example", attributes={"long": "x" * 100_000})
    with pytest.raises(BadTemplate, match="limit"):
        stencil.copy(long, URL)


def test_a_footer_in_a_loop_is_taken_apart_too() -> None:
    body = "{% for i in subscriber.attributes.l %}{{ legal_footer }}{% endfor %}"
    reader = Reader("a@b.example", attributes={"l": [1, 2]})
    copy = compiled(body).stencil(FOOTER).copy(reader, URL)
    assert copy.html.values == [URL, URL]
    assert templating.HTML.autoescape
