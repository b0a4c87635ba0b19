"""From a campaign to what one reader gets."""

import time

import pytest

from mailer.campaigns import rendering, templating
from mailer.campaigns.footer import Footer
from mailer.campaigns.models import Campaign, ContentType
from mailer.campaigns.rendering import Reader, Rendered
from mailer.campaigns.templating import BadTemplate

FOOTER = Footer(
    "Advertisement from Harbor Press",
    ("Harbor Press LLC", "120 W Main St", "Springfield, IL 62701", "United States"),
    "https://news.example.com/u/abc",
)
ROSA = Reader("rosa@example.org", "Rosa Luz", {"plan": "gold"})


def copy(body: str, *, subject: str = "News", text: str = "", reader: Reader = ROSA) -> Rendered:
    campaign = Campaign(subject=subject, body=body, text=text, content_type=ContentType.markdown)
    return rendering.compiled(campaign).rendered(reader, FOOTER)


def test_markdown_becomes_html_and_plain_text() -> None:
    both = copy("# Tides\n\nRead [the table](https://example.com/tides).\n")
    assert "<h1>Tides</h1>" in both.html
    assert '<a href="https://example.com/tides">the table</a>' in both.html
    assert both.text == "Tides\n\nRead the table: https://example.com/tides.\n"


def test_tags_with_quotes_survive_markdown() -> None:
    body = 'Dear {{ subscriber.first_name | default: "friend" }},'
    assert "<p>Dear Rosa,</p>" in copy(body).html
    assert "<p>Dear friend,</p>" in copy(body, reader=Reader("x@example.org")).html


def test_tags_in_link_targets_are_filled() -> None:
    both = copy("[Leave]({{ unsubscribe_url }})")
    assert 'href="https://news.example.com/u/abc"' in both.html
    assert "Leave: https://news.example.com/u/abc" in both.text


def test_the_legal_footer_holds_label_address_and_link_in_both_parts() -> None:
    both = copy("Hello\n\n{{ legal_footer }}\n")
    for part in (both.html, both.text):
        for needle in (FOOTER.label, *FOOTER.address, FOOTER.unsubscribe_url):
            assert needle in part
    assert "<p><hr" not in both.html


def test_the_legal_footer_says_how_to_reach_the_sender_where_that_is_known() -> None:
    known = Footer("", FOOTER.address, FOOTER.unsubscribe_url, ("+1 217 555 0142", "a&b.example"))
    assert "United States\n+1 217 555 0142\na&b.example\n" in known.text()
    assert "United States<br>+1 217 555 0142<br>a&amp;b.example</p>" in known.html()


def test_the_legal_footer_carries_no_label_where_none_is_asked_for() -> None:
    plain = Footer("", FOOTER.address, FOOTER.unsubscribe_url)
    assert "Advertisement" not in plain.text() + plain.html()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_what_a_reader_wrote_is_escaped_in_html(name: str) -> None:
    both = copy("Dear {{ subscriber.name }}", reader=Reader("x@example.org", name))
    assert name not in both.html
    assert name in both.text


def test_the_authors_own_text_part_is_used_as_it_is() -> None:
    assert copy("# Long", text="Short, {{ subscriber.name }}.").text == "Short, Rosa Luz.\n"


def test_attributes_are_reachable_and_conditions_work() -> None:
    body = "{% if subscriber.attributes.plan == 'gold' %}\n\nGolden\n\n{% endif %}"
    assert "Golden" in copy(body).html
    assert "Golden" not in copy(body, reader=Reader("x@y.example", "", {"plan": "tin"})).html
    assert "Golden" not in copy(body, reader=Reader("x@y.example")).html


def test_the_subject_is_one_line() -> None:
    subject = "Hi {{ subscriber.first_name }}{% if true %}\n!{% endif %}"
    assert copy("x", subject=subject).subject == "Hi Rosa !"


@pytest.mark.parametrize(
    "body",
    [
        "{{ subscriber.nickname }}",
        "{{ nobody }}",
        "{% if %}",
        "{{ open",
        "{% include 'secrets' %}",
        "{% render 'secrets' %}",
        "{{ 'x' | append: 'y' }}",
        "{{ '<b>' | safe }}",
        "{{ subscriber.first_name.__class__ }}",
        "{{ config }}",
        "{% for i in (1..99999999) %}x{% endfor %}",
        "{% for i in (1..9999) %}{% for j in (1..9999) %}x{% endfor %}{% endfor %}",
        "{% assign n = 9 %}{% for i in (1..50) %}{% assign n = n | times: n %}{% endfor %}",
        "{% if a %}" * 200 + "{% endif %}" * 200,
        "{% if a %}" * 500 + "{% endif %}" * 500,
        "{% if (1..300000000) contains 'x' %}x{% endif %}",
        "{% for i in (1..30000000) reversed %}{% break %}{% endfor %}",
        "{% assign n = 300000000 %}{% for i in (1..n) reversed %}{% break %}{% endfor %}",
        "{{" * 8_000,
        "{{" + " " * 90_000,
        "{% if " + "(" * 50_000,
        "{% doc %}" * 10_000,
        "{{ 'nan' | floor }}",
        "{{ subscriber.email | truncate: 'x' }}",
        "{{ " + "'x'" * 200 + " }}",
    ],
)
def test_a_template_that_reaches_out_loops_or_grows_is_refused_quickly(body: str) -> None:
    begun = time.monotonic()
    with pytest.raises(BadTemplate):
        copy(body)
    assert time.monotonic() - begun < 1


def test_a_subject_that_grows_beyond_what_is_read_is_refused() -> None:
    with pytest.raises(BadTemplate, match="300 characters"):
        copy("x", subject="{{ subscriber.name }}", reader=Reader("x@example.org", "é" * 300))


def test_html_campaigns_are_left_as_their_author_wrote_them() -> None:
    body = "<!doctype html><html><body><p>Hi {{ subscriber.first_name }}</p></body></html>"
    campaign = Campaign(subject="x", body=body, text="", content_type=ContentType.html)
    both = rendering.compiled(campaign).rendered(ROSA, FOOTER)
    assert both.html == body.replace("{{ subscriber.first_name }}", "Rosa")
    assert both.text == "Hi Rosa\n"


def test_an_empty_body_has_an_empty_text_part() -> None:
    campaign = Campaign(subject="x", body="", text="", content_type=ContentType.html)
    assert rendering.compiled(campaign).rendered(ROSA, FOOTER).text == "\n"


def test_the_text_part_has_what_follows_the_end_of_the_page_and_no_scripts() -> None:
    body = (
        "<html><body><style>p{color:red}</style><script>track(1)</script><p>Low water</p>"
        "</body></html>{{ legal_footer }}"
    )
    text = rendering.text_of(body)
    assert "Low water" in text
    assert "{{ legal_footer }}" in text
    assert "track" not in text
    assert "color" not in text


def test_the_columns_of_a_layout_do_not_fill_the_text_part_with_blanks() -> None:
    body = "<table><tr><td>Low</td><td>" + "<br>" * 3 + "water on Sunday</td></tr></table>"
    assert "    " not in rendering.text_of(body)


@pytest.mark.parametrize("source", ["{{ person[person.plays] }}", "{{ [person.plays] }}"])
def test_what_a_value_looks_up_in_vain_is_not_quoted(source: str) -> None:
    """The message is kept with the delivery, where no erasure of hers would look for it."""
    template = templating.parsed(templating.TEXT, source)
    with pytest.raises(BadTemplate, match="looks up by a value is undefined"):
        templating.filled(template, {"person": {"plays": "Klarinette"}})
