"""Numbers in a text: plain ones, percentages and amounts of money, however they are written."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from mailer.compliance.vocabulary import days
from mailer.compliance.words import folded, plain

# The signs, codes and names of a currency.
_CURRENCIES = {
    "usd": "$ usd us$ dollar dollars",
    "eur": "€ eur euro euros",
    "gbp": "£ gbp pound pounds quid",
    "chf": "chf fr. franken francs",
    "jpy": "¥ jpy yen 円 元 cny rmb",
    "inr": "₹ inr rs rupees",
    "kr": "kr sek nok dkk kronor kroner",
    "pln": "zł pln zloty",
    "rub": "₽ rub руб рублей",  # noqa: RUF001
    "try": "₺ tl try",
    "krw": "₩ krw 원",
    "other": "aud cad nzd sgd hkd zar brl r$ mxn czk kč huf ft ron lei bgn uah ₴ ils ₪ aed",
}
_CODES = {plain(sign): code for code, signs in _CURRENCIES.items() for sign in signs.split()}
_SIGN = "(?:" + "|".join(sorted(map(re.escape, _CODES), key=len, reverse=True)) + ")"
_DIGITS = r"\d{1,12}(?:[.,'\u2019 ]\d{3}(?!\d)){0,4}(?:[.,]\d{1,2}(?!\d))?"
_MONEY = re.compile(rf"(?<!\w)({_SIGN}) ?({_DIGITS})(?!\d)|(?<![\d.,])({_DIGITS}) ?({_SIGN})(?!\w)")
_PER_CENT = (
    r"(?:%|\u066a|per ?cent|prozent|pour ?cent|por ?ciento|per ?cento|por ?cento|procent\w*|"
    r"процент\w*|prosent\w*|prosentti\w*)"
)
_SHARE = re.compile(
    rf"(?<![\d.,])(\d{{1,3}}(?:[.,]\d{{1,2}})?) ?-?{_PER_CENT}|% ?(\d{{1,3}})(?!\d)"
)
_NUMBER = re.compile(r"(?<![\w.,])(?<!\w-)\d{1,12}(?:[.,]\d{3}(?!\d)){0,3}(?:[.,]\d{1,2})?(?!\d)")
_GROUPING = str.maketrans("", "", "' \u2019")
_MARKS = str.maketrans("", "", ".,")
_MARK = re.compile(r"[.,](?=\d{1,2}\Z)")
_LONGEST = 100_000

Money = tuple[Decimal, str]


def percentages(text: str) -> Iterator[Decimal]:
    """Give the number of each percentage."""
    return (value(match.group(1) or match.group(2)) for match in _SHARE.finditer(plain(text)))


def money(text: str) -> Iterator[Money]:
    """Give each amount of money with a code for its currency."""
    for match in _MONEY.finditer(plain(text)):
        before, first, second, after = match.groups()
        yield value(first or second), _CODES[before or after]


def numbers(text: str) -> Iterator[Decimal]:
    """Give each number that is written in digits."""
    return (value(match.group()) for match in _NUMBER.finditer(plain(text[:_LONGEST])))


def value(text: str) -> Decimal:
    """Read "1.299,50", "1,299.50", "9,5" or "1 299" as a number; it must hold nothing else."""
    bare = text.translate(_GROUPING)
    # Three digits never follow the decimal mark.
    mark = _MARK.search(bare)
    whole, part = (bare[: mark.start()], bare[mark.start() + 1 :]) if mark else (bare, "0")
    return Decimal(f"{whole.translate(_MARKS)}.{part}").normalize()


@cache
def small_numbers() -> dict[str, int]:
    """Give the words for one to twelve in all languages, folded."""
    rows = enumerate(days.NUMBERS, start=1)
    return {folded(word): number for number, row in rows for word in row.split()}
