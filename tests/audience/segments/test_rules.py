"""Rules as people build them: what is taken, and what they are told otherwise."""

import pytest

from mailer.audience.segments import rules
from mailer.audience.segments.models import FieldKind
from mailer.audience.segments.rules import BadRules, Condition, Group, Mode
from mailer.audience.segments.vocabulary import OF_KIND, OF_LIST, PLAIN, About, Offer

OFFERS = {
    (one.about.value, one.key): one
    for one in (
        *PLAIN,
        Offer(About.list, "1", "List “Letters”", OF_LIST),
        Offer(About.attribute, "age", "Age", OF_KIND[FieldKind.number]),
        Offer(About.attribute, "plan", "Plan", OF_KIND[FieldKind.choice], ("gold", "free")),
        Offer(About.attribute, "land", "Land", OF_KIND[FieldKind.country]),
        Offer(About.attribute, "born", "Born", OF_KIND[FieldKind.date]),
    )
}


def rule(about: str, op: str, value: object = "", key: str = "") -> dict[str, object]:
    return {"about": about, "key": key, "op": op, "value": value}


def of(*inner: object, mode: str = "all") -> dict[str, object]:
    return {"mode": mode, "rules": list(inner)}


def test_a_tree_is_read_typed_and_written_back() -> None:
    raw = of(
        rule("attribute", "above", " 30 ", "age"),
        of(rule("domain", "is", "example.org"), rule("list", "never", "x", "1"), mode="none"),
    )
    tree = rules.parsed(raw, OFFERS)
    assert tree == Group(
        Mode.all,
        (
            Condition(About.attribute, "age", "above", 30),
            Group(
                Mode.none,
                (
                    Condition(About.domain, "", "is", "example.org"),
                    Condition(About.list, "1", "never"),
                ),
            ),
        ),
    )
    assert rules.parsed(rules.written(tree), OFFERS) == tree


@pytest.mark.parametrize(
    ("about", "key", "op", "typed", "kept"),
    [
        ("attribute", "age", "is", "3.50", 3.5),
        ("attribute", "age", "is", "1e3", 1000),
        ("attribute", "land", "is", "de", "DE"),
        ("attribute", "plan", "is", "gold", "gold"),
        ("attribute", "born", "on", "2001-02-03", "2001-02-03"),
        ("created", "", "within", "30", 30),
        ("list", "1", "confirmed", "", ""),
    ],
)
def test_values_become_what_their_field_holds(
    about: str, key: str, op: str, typed: str, kept: object
) -> None:
    tree = rules.parsed(of(rule(about, op, typed, key)), OFFERS)
    (only,) = tree.rules
    assert isinstance(only, Condition)
    assert only.value == kept


@pytest.mark.parametrize(
    ("about", "key", "op", "typed", "told"),
    [
        ("attribute", "age", "is", "many", "not a number"),
        ("attribute", "age", "is", "NaN", "digits"),
        ("attribute", "age", "is", "9" * 30, "digits"),
        ("attribute", "plan", "is", "silver", "not one of the choices"),
        ("attribute", "land", "is", "Germany", "two letters"),
        ("attribute", "born", "on", "3 Feb", "not a day"),
        ("created", "", "within", "0", "number of days"),
        ("created", "", "within", "٣", "number of days"),
        ("email", "", "begins", "", "compared with"),
        ("email", "", "begins", "a\u202eb", "visible"),
        ("email", "", "begins", "a" * 201, "visible"),
        ("email", "", "begins", "rosa@example.org", "outlive the person"),
        ("email", "", "drop table", "x", "how “Address” compares"),
        ("list", "77", "never", "", "what the rule is about"),
        ("sql", "1=1", "is", "x", "what the rule is about"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_place(
    about: str, key: str, op: str, typed: str, told: str
) -> None:
    good = rule("domain", "is", "example.org")
    with pytest.raises(BadRules) as caught:
        rules.parsed(of(good, of(rule(about, op, typed, key))), OFFERS)
    assert list(caught.value.problems) == ["1.0"]
    assert told in caught.value.problems["1.0"]


@pytest.mark.parametrize("raw", [None, [], "all", {}, {"mode": "every"}, of(), of(of())])
def test_a_tree_without_rules_is_none(raw: object) -> None:
    with pytest.raises(BadRules):
        rules.parsed(raw, OFFERS)


def test_depth_and_number_are_limited() -> None:
    one = rule("domain", "is", "example.org")
    assert rules.parsed(of(of(of(one))), OFFERS)
    with pytest.raises(BadRules, match="deep"):
        rules.parsed(of(of(of(of(one)))), OFFERS)
    assert rules.parsed(of(*[one] * rules.MOST), OFFERS)
    with pytest.raises(BadRules, match="at most 40"):
        rules.parsed(of(*[one] * 100_000), OFFERS)


def test_rules_that_gather_who_has_left_are_known() -> None:
    left = rule("list", "unsubscribed", "", "1")
    for raw, gathers in (
        (of(left), True),
        (of(of(left, mode="none")), False),
        (of(of(left, mode="none"), mode="none"), True),
        (of(rule("list", "confirmed", "", "1")), False),
    ):
        assert rules.gathers_leavers(rules.parsed(raw, OFFERS)) is gathers
