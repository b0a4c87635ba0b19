"""Made-up readers who lead through the branches of a template."""

from contextlib import suppress

import pytest

from mailer.campaigns import branches, templating
from mailer.campaigns.rendering import Compiled, Reader
from mailer.campaigns.templating import TEXT, BadTemplate


def compiled(body: str, subject: str = "Tides") -> Compiled:
    return Compiled(
        subject=templating.parsed(TEXT, subject),
        html=templating.parsed(templating.HTML, body),
        text=templating.parsed(TEXT, "Tides"),
    )


def seen(body: str) -> set[str]:
    """What the made-up readers see, all together."""
    template, found = templating.parsed(templating.HTML, body), set()
    for reader in branches.readers(compiled(body)):
        with suppress(BadTemplate):  # a text is not more than 3
            found.add(templating.filled(template, {"subscriber": reader.variables()}).strip())
    return found


def test_a_template_without_conditions_has_no_branches() -> None:
    assert list(branches.readers(compiled("Hello {{ subscriber.first_name }}"))) == []


@pytest.mark.parametrize(
    ("body", "ways"),
    [
        ("{% if subscriber.attributes.vip %}a{% else %}b{% endif %}", {"a", "b"}),
        ("{% if subscriber.attributes.n > 3 %}a{% else %}b{% endif %}", {"a", "b"}),
        ("{% if subscriber.attributes.n == 3 %}a{% else %}b{% endif %}", {"a", "b"}),
        ("{% unless subscriber.attributes['my city'] == 'Köln' %}a{% endunless %}", {"a", ""}),
        (
            "{% case subscriber.attributes.lang %}{% when 'de', 'at' %}a{% else %}c{% endcase %}",
            {"a", "c"},
        ),
        ("{% if subscriber.first_name == 'Rosa' %}a{% else %}b{% endif %}", {"a", "b"}),
        ("{% if subscriber.email contains '@gmail.com' %}a{% else %}b{% endif %}", {"a", "b"}),
        ("{% if subscriber.email contains 'rosa' %}a{% else %}b{% endif %}", {"a", "b"}),
        ("{% for tag in subscriber.attributes.tags %}a{% else %}b{% endfor %}", {"a", "b"}),
        (
            (
                "{% if subscriber.attributes.a == 'x' and subscriber.attributes.b == 'y' %}a"
                "{% elsif subscriber.attributes.a == 'x' %}b{% else %}c{% endif %}"
            ),
            {"a", "b", "c"},
        ),
        (
            (
                "{% if subscriber.attributes.lang == 'de' %}a{% endif %}"
                "{% if subscriber.attributes.lang != 'de' %}b{% endif %}"
            ),
            {"a", "b"},
        ),
    ],
)
def test_every_branch_is_reached_and_none_that_nobody_can_reach(body: str, ways: set[str]) -> None:
    assert seen(body) == ways


def test_there_is_an_end_of_them() -> None:
    asked = "".join(
        f"{{% if subscriber.attributes.a{n} == '{n}' %}}x{{% endif %}}" for n in range(40)
    )
    assert len(list(branches.readers(compiled(asked)))) == branches.MOST


def test_a_made_up_reader_is_nobody_else_than_a_reader() -> None:
    found = branches.readers(compiled("{% if subscriber.last_name == 'Mar' %}x{% endif %}"))
    assert Reader("reader@example.com", "Mar") in list(found)
