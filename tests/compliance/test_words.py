"""Words: what a text is cut into, and where each piece stands."""

import pytest

from mailer.compliance.words import Words

TEXTS = [
    "",
    "Acme Inc, 12 Oak Street",
    "  two\n\nlines,\ttabs\xa0and more  ",
    "Straße, café, cafe\u0301 and f\u00adree",
    "a \u200b b",
    "snake_case and _edges_",
    "東京都 1-2, and Latin",
    "x " * 40,
]


@pytest.mark.parametrize("text", TEXTS)
def test_each_word_is_found_where_it_stands(text: str) -> None:
    """The few that are asked for first are found in another way than the many after them."""
    known = [(word.start, word.end) for word in Words(text).words]
    asked = Words(text)
    assert [asked.span(number, number + 1) for number in range(len(known))] == known
    assert [Words(text[start:end]).joined for start, end in known] == asked.texts


def test_words_are_what_a_reader_takes_in() -> None:
    assert Words("The CAFÉ, the ﬁsh & f\u00adree_range 東京").texts == [
        *("the", "cafe", "the", "fish", "free", "range", "東", "京"),
    ]


def test_a_phrase_is_found_wherever_it_is_spelt() -> None:
    text, phrase = Words("a ab, a b; ab abc ab"), Words("ab")
    assert text.occurrences(phrase) == [(1, 2), (2, 4), (4, 5), (6, 7)]
    assert text.occurrences(phrase, stem=True) == [(1, 2), (2, 4), (4, 5), (5, 6), (6, 7)]
    assert Words("").occurrences(phrase, stem=True) == []
