"""Writing systems: words that mix them, and letters of one that pass for those of another."""

# ruff: noqa: RUF001, RUF002  # letters that look like Latin ones are what this is about

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Letters of other scripts, each above the Latin letter that it passes for (after UTS 39).
_LOOKALIKES = (
    ("авсԁеһіјкӏмнопрԛгѕтуѵԝхьүияАВСԀЕҺІЈКӀМНОПРԚГЅТУѴԜХЬҮ",
     "abcdehijklmhonpqrstyvwxbyurABCDEHIJKLMHONPQRSTYVWXBY"),
    ("αβγεζηικνορτυχωςΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abyeznikvoptuxwcABEZHIKMNOPTYX"),
    ("օսոհզցքյՕՍՏԼ", "ounhqgpjOUSL"),
    ("ᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏚᎢᏙᏔᏃᏀᎡᎥ", "ABCDEHJKLMPSTVWZGRi"),
    ("ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "ABCDEFGHIJKLMNOPRSTUVWXYZ"),
    ("ⲟⲣⲥⲩⲭⲕⲓⲛⲧⲁ", "opcyxkinta"),
    ("ɑɡɩɪʀꜱᴀʙᴄᴅᴇʜᴊᴋʟᴍɴᴏᴘᴛᴜᴠᴡʏᴢıɢꜰȷłøđħŧƒ", "agiirsabcdehjklmnoptuvwyzigfjlodhtf"),
)  # fmt: skip
_TO_LATIN = str.maketrans(
    {a: b for odd, latin in _LOOKALIKES for a, b in zip(odd, latin, strict=True)}
)
# Characters that pass for one another inside the Latin script.
_ALIKE = str.maketrans("01|i", "olll")
# Scripts whose letters pass for those of another; one word holds letters of one of them only.
_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
_RUN = re.compile(r"\w+")
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def skeleton(text: str) -> str:
    """Give what a text looks like in plain Latin letters: texts that look alike become the same."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not _is_silent(c))
    return bare.translate(_TO_LATIN).casefold().translate(_ALIKE)


def mixed_words(text: str) -> Iterator[str]:
    """Words with letters of two alphabets that look alike ("Асme" with two Cyrillic letters)."""
    for word in () if text.isascii() else _RUN.findall("".join(_heard(text))):
        if not word.isascii() and len(_ALPHABETS & set(map(_script, word))) > 1:
            yield word


def _is_silent(mark: str) -> bool:
    return unicodedata.combining(mark) > 0 or mark in _BLANKS or unicodedata.category(mark) == "Cf"


def _heard(text: str) -> Iterator[str]:
    return (c for c in unicodedata.normalize("NFKC", text) if not _is_silent(c))


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """Give the first word of a letter's Unicode name, which is its script for all alphabets."""
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
