"""Values that nobody sends a newsletter with: cards, bank accounts, national identity numbers.

Some numbers prove by shape and check digits what they are, wherever they stand. Others are as
short as a customer's number, and one in ten of those has the right check digit by chance: they
are known by their whole column alone.
"""

import re
from collections.abc import Callable, Sequence

CARD = "the number of a payment card"
IBAN = "the number of a bank account"
SHORTEST = 9
_FEW, _MOST_OF = 3, 0.9
_NINE = 9
_LAST_AREA = 899
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
# How long an account number is in each country (ISO 13616 registry).
_LENGTHS = {
    country: int(length)
    for length, countries in (
        pair.split(":")
        for pair in str.split(
            """
            15:NO 16:BE 18:DK,FI,FO,GL,NL 19:MK,SI 20:AT,BA,EE,KZ,LT,LU,XK 21:CH,HR,LI,LV
            22:BG,BH,CR,DE,GB,GE,IE,ME,RS 23:AE,GI,IL 24:AD,CZ,ES,MD,PK,RO,SA,SE,SK,TN,VG
            25:LY,PT 26:IS,TR 27:FR,GR,IT,MC,SM 28:AL,AZ,BY,CY,DO,GT,HU,LB,PL 29:BR,QA,UA 30:JO,KW
            31:MT
            """
        )
    )
    for country in countries.split(",")
}
# ISO/IEC 7812: whose cards begin how, and how long they are.
_CARDS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|35[2-8]\d)\d{12,15}|(?:50|5[6-8]|6[378])\d{11,17}"
)
# A telephone number, as most of them are written: the many are passed over at once.
_PHONE = re.compile(r"(?!\d{3}-\d\d-\d{4})[+0](?:[ ()/.-]{0,3}\d){5,15}")
_DIGITS = b"0123456789"
_FEWEST_DIGITS, _NOT_FEW = 7, 9
_CODICE = re.compile(r"\b(?P<codice>[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z])\b", re.IGNORECASE)
_FOUND = re.compile(
    r"\b(?:(?P<ssn>\d{3}-\d\d-\d{4})"
    r"|(?P<nir>[1-478] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d)"
    r"|(?P<card>\d(?:[ -]?\d){11,18})"
    r"|(?P<iban>[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?))\b(?!-)",
    re.IGNORECASE | re.ASCII,
)
_SPACES = re.compile(r"[\s./-]+")
_NINO = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
_DNI_SHAPE = re.compile(r"[0-9XYZ][0-9]{7}[A-Z]")
_SVNR = re.compile(r"[1-9]\d{3}(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-5])\d\d")


def identity(text: str) -> str:
    """Say what forbidden number a text holds, anywhere in it; empty if none."""
    if len(text) < SHORTEST or _PHONE.fullmatch(text):
        return ""
    plain = text.encode("ascii", "ignore")
    digits = len(plain) - len(plain.translate(None, _DIGITS))
    if digits < _FEWEST_DIGITS:
        return ""
    found = [_CODICE] if digits < _NOT_FEW else [_FOUND, _CODICE]
    proven = (_proven(match) for one in found for match in one.finditer(text))
    return next(filter(None, proven), "")


def _proven(match: re.Match[str]) -> str:
    name = match.lastgroup or ""
    what, holds = _PROOFS[name]
    return what if holds(_SPACES.sub("", match.group()).upper()) else _rest(match)


def _rest(match: re.Match[str]) -> str:
    """Take a number that is not what it looked like first for a card, if it is one."""
    return CARD if is_card(_SPACES.sub("", match.group())) else ""


def of_column(values: Sequence[str]) -> str:
    """Say which number the values of one column are, judged together; empty if none."""
    told = [_SPACES.sub("", value).upper() for value in values if value.strip()]
    if len(told) < _FEW:
        return ""
    for what, holds in _ALONE:
        if sum(map(holds, told)) >= _MOST_OF * len(told):
            return what
    kinds = [identity(value) for value in values if value.strip()]
    return next((kind for kind in kinds if kind and kinds.count(kind) >= _MOST_OF * len(told)), "")


def is_card(digits: str) -> bool:
    """Whether digits are a payment card's: a known issuer, its length, the Luhn check digit."""
    if not _CARDS.fullmatch(digits):
        return False
    numbers = list(map(int, digits))
    doubled = [d * 2 - _NINE if d * 2 > _NINE else d * 2 for d in numbers[-2::-2]]
    return (sum(doubled) + sum(numbers[-1::-2])) % 10 == 0


def _is_iban(text: str) -> bool:
    """ISO 7064 MOD 97-10, over letters as 10 to 35."""
    length = _LENGTHS.get(text[:2], len(text) + 1)
    if len(text) < length:
        return False
    number = text[4:length] + text[:4]  # whatever stands behind it is none of it
    return int("".join(str(int(sign, 36)) for sign in number)) % 97 == 1


def _is_ssn(digits: str) -> bool:
    """20 CFR 422.103: no area 000, 666 or above 899, no group 00, no serial 0000."""
    area, group, serial = int(digits[:3]), int(digits[3:5]), int(digits[5:])
    return area not in {0, 666} and area <= _LAST_AREA and group > 0 and serial > 0


def _is_codice(text: str) -> bool:
    """D.M. 23 December 1976: odd places by a table, even ones by their value, modulo 26."""
    odd = "BAFHJNPRTVCESULDGIMOQKWZYX"
    places = [int(sign) if sign.isdecimal() else ord(sign) - ord("A") for sign in text[:15]]
    total = sum(
        ord(odd[value]) - ord("A") if place % 2 == 0 else value
        for place, value in enumerate(places)
    )
    return chr(total % 26 + ord("A")) == text[15]


def _is_nir(text: str) -> bool:
    """Check the key: 97 less the number modulo 97; 2A and 2B are the two departments of Corsica."""
    number = text[:13].replace("2A", "19").replace("2B", "18")
    return number.isdecimal() and 97 - int(number) % 97 == int(text[13:])


def _is_tax_id(text: str) -> bool:
    """Section 139b AO: one digit of ten comes two or three times; ISO 7064 MOD 11,10."""
    if len(text) != 11 or not text.isdecimal() or text[0] == "0":  # noqa: PLR2004 - its length
        return False
    most = max(map(text[:10].count, text[:10]))
    product = 10
    for sign in text[:10]:
        product = ((int(sign) + product) % 10 or 10) * 2 % 11
    return most in {2, 3} and (11 - product) % 10 == int(text[10])


def _is_svnr(text: str) -> bool:
    """Section 31 ASVG: a check digit in the fourth place, and then the day of birth."""
    if not _SVNR.fullmatch(text):
        return False
    weights = (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)
    return _weighed(text, weights) % 11 == int(text[3])


def _is_bsn(text: str) -> bool:
    """Do the eleven test: the weights are 9 to 2, and -1 for the last digit."""
    fits = len(text) == 9 and text.isdecimal() and int(text) > 0  # noqa: PLR2004 - its length
    return fits and _weighed(text, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def _is_dni(text: str) -> bool:
    """Check the letter: the number modulo 23; a foreigner's begins with X, Y or Z for 0, 1 or 2."""
    if not _DNI_SHAPE.fullmatch(text):
        return False
    number = int(str("XYZ".find(text[0])) + text[1:8]) if text[0] in "XYZ" else int(text[:8])
    return _DNI[number % 23] == text[8]


def _is_nino(text: str) -> bool:
    return _NINO.fullmatch(text) is not None


def _weighed(text: str, weights: Sequence[int]) -> int:
    return sum(int(sign) * weight for sign, weight in zip(text, weights, strict=True))


_PROOFS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "ssn": ("a US social security number", _is_ssn),
    "iban": (IBAN, _is_iban),
    "codice": ("an Italian codice fiscale", _is_codice),
    "nir": ("a French social security number", _is_nir),
    "card": (CARD, is_card),
}
_ALONE: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("a German tax id", _is_tax_id),
    ("an Austrian social security number", _is_svnr),
    ("a Dutch citizen number", _is_bsn),
    ("a Spanish identity number", _is_dni),
    ("a British National Insurance number", _is_nino),
)
