"""Names of a sender: the registered ones, and whether a text bears one of them."""

# ruff: noqa: RUF001  # letters that look like Latin ones are what this is about

import re
from dataclasses import dataclass
from functools import lru_cache

from mailer.compliance.candidate import SenderRecord
from mailer.compliance.scripts import skeleton
from mailer.compliance.words import Word, Words, folded

# Endings (or beginnings) of a company's name that say only what kind of company it is.
_FORMS = frozenset(
    folded(form)
    for form in str.split(
        """
        inc incorporated llc llp lp ltd limited plc corp corporation co company cic gmbh ggmbh
        mbh ag kg kgaa ohg gbr ug haftungsbeschrankt gmbhcokg se ev eg ek sa sas sasu sarl eurl
        sci snc scop srl srls spa sapa scrl bv nv vof cv stichting ab hb as asa aps oy oyj ry sl
        slu sau scoop sal lda ltda eireli me epp eirl sacv sadecv sapidecv srldecv kft zrt nyrt
        bt sro spolsro spzoo spj doo dd ood eood ad pty ptyltd pte pteltd sdnbhd bhd pvt pvtltd
        pt tbk kk gk 株式会社 有限会社 合同会社 有限公司 有限责任公司 股份有限公司
        주식회사 유한회사 ооо оао зао ао пао ип тов ат пп
        ае επε ικε οε ltdsti anonimsirketi as limitedsirketi foundation ohg partg partgmbb
        sarlau oeu ou sia uab αε εε μονοπροσωπη ذمم شمم בעמ
        """
    )
)
# Words that very many senders have in their names; sharing one of them says nothing.
_GENERIC = frozenset(
    str.split(
        """
        the a an of and for from at by in on to & news newsletter letter letters team mail email
        info shop store online official support service services customer care help sales
        marketing group holding holdings international global bank media press club house world
        digital solutions der die das und von bei im am fur aus gruppe verlag verein stadt le la
        les de du des et chez equipe groupe societe el los las y del e da do dos das il lo gli i
        di van het een en no reply noreply www com org net my your our us uk eu
        """
    )
)
_LEAST_LETTERS = 3
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")  # "AcmeNews" is "Acme News"
_LONGEST_FORM = 6
# How names are written where a keyboard lacks their letters: "Mueller" for "Müller".
_SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
    | {"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa"}
)


@dataclass(frozen=True)
class Bearing:
    """How a text bears a sender's name: it `is_own`, it only `is_akin`, or `imitated` says whose.

    Akin: it shares a word that is not everybody's. Imitated: the name, in letters of other kinds.
    """

    is_own: bool = False
    is_akin: bool = False
    imitated: str | None = None


def registered(record: SenderRecord) -> tuple[str, ...]:
    """Every name that a sender may go by: legal (with and without its form), trade, persons'."""
    given = (record.legal_name, short(record.legal_name), *record.trade_names)
    known = [name for name in (*given, *record.person_names) if name.strip()]
    return tuple(dict.fromkeys((*known, *(name.translate(_SPELT_OUT) for name in known))))


@lru_cache(maxsize=512)
def short(legal_name: str) -> str:
    """Give a legal name without the form of the company: "Acme" for "Acme Inc."."""
    words = Words(legal_name).words
    first, last = 0, len(words)
    for size in range(_LONGEST_FORM, 0, -1):
        while last - first > size and _joined(words[last - size : last]) in _FORMS:
            last -= size
        while last - first > size and _joined(words[first : first + size]) in _FORMS:
            first += size
    kept = words[first:last]
    is_telling = any(word.text not in _GENERIC for word in kept)
    return legal_name[kept[0].start : kept[-1].end] if is_telling else legal_name


def bearing(text: str, record: SenderRecord) -> Bearing:
    """How a display name bears the names of a sender."""
    names, shown = registered(record), Words(_CAMEL.sub(" ", text))
    if any(_bears(shown, Words(name)) for name in names):
        return Bearing(is_own=True)
    alike = Words(skeleton(text))
    imitated = next((name for name in names if _bears(alike, Words(skeleton(name)))), None)
    own = {word for name in names for word in telling_words(name)}
    return Bearing(is_akin=bool(own & telling_words(text)), imitated=imitated)


def telling_words(text: str) -> set[str]:
    """Give the words of a name that tell it from others."""
    words = set(Words(text).texts)
    return {w for w in words - _GENERIC - _FORMS if len(w) >= _LEAST_LETTERS or not w.isascii()}


def borrowed(text: str, brands: tuple[str, ...], record: SenderRecord) -> str | None:
    """Give the first brand of somebody else that a text shows, in whatever letters, or None."""
    own = [Words(skeleton(name)) for name in registered(record)]
    shown = Words(skeleton(text))
    for brand in brands:
        wanted = Words(skeleton(brand))
        if _shows(shown, wanted) and not any(_bears(name, wanted) for name in own):
            return brand
    return None


def _shows(shown: Words, wanted: Words) -> bool:
    """Whether words hold a brand; a long one also as a part of a word ("PayPalService")."""
    is_long = len(wanted.joined) >= 2 * _LEAST_LETTERS
    return _bears(shown, wanted) or (is_long and any(wanted.joined in text for text in shown.texts))


def _bears(shown: Words, wanted: Words) -> bool:
    return bool(wanted.texts) and bool(shown.occurrences(wanted))


def _joined(words: tuple[Word, ...]) -> str:
    return "".join(word.text for word in words)
