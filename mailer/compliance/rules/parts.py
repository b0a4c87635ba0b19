"""Whether every form of the message carries the same, down to its end, and says it in words."""

import re
from collections.abc import Iterator

from mailer.compliance import footers, markup, wording
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.message import Part
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.rules import body
from mailer.compliance.words import Words

# Gmail cuts an HTML part at about 102 KB and hides the rest behind a link.
CLIP_BYTES = 100 * 1024
_REQUIRED = (body.AD_LABEL, body.PHYSICAL_ADDRESS, body.UNSUBSCRIBE_PRESENT)
_LEAST_LETTERS = 200
_LEAST_SENTENCES = 2
# In characters, more than those letters can need.
_ENOUGH = 400
_LEAST_WORDS = 3
_SENTENCE = re.compile(r"[.!?。！？؟।\n]+")  # noqa: RUF001
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_BOILERPLATE = re.compile(
    r"<style[^>]{0,200}\bamp4?[^>]{0,20}-boilerplate[^>]{0,200}>", re.IGNORECASE
)
_STUBS = (
    *(
        "does not support html",
        "doesn't support html",
        "do not support html",
        "cannot display html",
    ),
    *(
        "can't display html",
        "can't view html",
        "unable to view html",
        "enable html",
        "html enabled",
    ),
    *(
        "requires html",
        "html version",
        "html email",
        "html capable",
        "switch to html",
        "html client",
    ),
    *("unterstützt kein html", "kein html", "html darstell*", "html anzeig*", "html aktivier*"),
    *("ne supporte pas le html", "ne supporte pas html", "activer le html", "version html"),
    *("affiche* html", "no admite html", "no soporta html", "versión html", "non supporta html"),
    *(
        "versione html",
        "não suporta html",
        "versão html",
        "ondersteunt geen html",
        "stöder inte html",
    ),
    *("understøtter ikke html", "nie obsługuje html", "не поддерживает html", "不支持 html"),
    *("htmlに対応", "view this email in your browser", "view this message in your browser"),
)
_FEWEST_WORDS = 60
_LEAST_ALIKE = 0.1
# With this share of words in common, footer included, the rest need not be looked at.
_PERHAPS_ALIKE = 0.3


def _size(case: Case) -> Iterator[Reason]:
    for part in case.message.parts:
        data = part.text.encode("utf-8", "replace") if part.kind == "html" else b""
        if len(data) < CLIP_BYTES:
            continue
        case.surfaces  # noqa: B018  # what cannot be judged whole is not judged in part
        start = Part(part.kind, part.label, data[:CLIP_BYTES].decode("utf-8", "ignore"))
        lost = list(_lacking(case, start))
        size = f"{part.label}: {len(data) // 1024} KB, of which {CLIP_BYTES // 1024} are shown"
        where = f"; beyond the cut: {lost[0]}" if lost else ""
        severity = Severity.refuse if lost else Severity.warn
        fix = "Shorten the message, or repeat label, address and unsubscribe link near its top."
        yield Reason(f"{size}{where}", fix, part.label, severity)


def _lacking(case: Case, part: Part) -> Iterator[str]:
    """Give what is wrong in one part with each item that every part must show."""
    alone = Case(case.candidate, (part,))
    for rule in _REQUIRED:
        for reason in rule.check(alone) if case.candidate.kind in rule.kinds else ():
            is_here = reason.part in (part.label, None)
            if is_here and reason.severity is not Severity.warn:
                yield reason.evidence


def _parts(case: Case) -> Iterator[Reason]:
    for part in case.message.parts:
        if part.kind == "amp":
            shown = Part("amp", part.label, _BOILERPLATE.sub("<style>/*", part.text))
            for evidence in _lacking(case, shown):
                yield Reason(evidence, "Put the legal footer into this part too.", part.label)
    yield from _stubs(case)
    yield from _image_only(case)
    yield from _strangers(case)


def _stubs(case: Case) -> Iterator[Reason]:
    """Find a text part that only says that there is another one."""
    if not any(surface.kind == "html" for surface in case.surfaces):
        return
    for surface in case.surfaces:
        reading = surface.views[0].seen
        said = footers.said(reading, case.candidate, _ENOUGH) if surface.kind == "text" else ""
        is_short = surface.kind == "text" and _letters(said) < _LEAST_LETTERS
        is_stub = is_short and wording.has(wording.flat(reading.text), _STUBS)
        fix = "Write the message itself as text, or have the text part made from the HTML part."
        if is_stub:
            yield Reason(f"{surface.label}: “{said or reading.text}”", fix, surface.label)
        elif is_short and not Words(said).texts:
            found = f"{surface.label}: nothing but a footer"
            yield Reason(found, fix, surface.label, Severity.warn)


def _image_only(case: Case) -> Iterator[Reason]:
    pictured = {
        part.label for part, root in case.trees if next(markup.pictures(root), None) is not None
    }
    for surface in case.surfaces:
        for view in surface.views if surface.label in pictured else ():
            said = footers.said(view.seen, case.candidate, _ENOUGH)
            if _letters(said) < _LEAST_LETTERS and _sentences(said) < _LEAST_SENTENCES:
                found = f"{surface.label}: pictures, and besides the footer only “{said}”"
                fix = "Say in words what the pictures show: many readers never see pictures."
                yield Reason(found, fix, surface.label)
                break


def _strangers(case: Case) -> Iterator[Reason]:
    """Find a text part that speaks of something else than the HTML part."""
    html = [s.views[0].seen for s in case.surfaces if s.kind == "html"]
    text = [s.views[0].seen for s in case.surfaces if s.kind == "text"]
    for one in html[:1] if len(html) == len(text) == 1 else ():
        others = _vocabulary(text[0].words)
        words = _vocabulary(one.words)
        if len(words & others) < _PERHAPS_ALIKE * len(words):
            words = _vocabulary(Words(footers.said(one, case.candidate)))
        share = len(words & others) / max(len(words), 1)
        if len(words) >= _FEWEST_WORDS and share < _LEAST_ALIKE:
            found = f"text part: it shares {share:.0%} of its words with the HTML part."
            fix = "Write the text part anew, or have it made from the HTML part."
            yield Reason(found, fix, "text part", Severity.warn)


def _vocabulary(words: Words) -> set[str]:
    return {text for text in words.distinct if len(text) >= _LEAST_WORDS}


def _letters(text: str) -> int:
    """Count letters and digits; an ideograph says as much as two."""
    return sum(map(str.isalnum, text)) + len(_IDEOGRAPH.findall(text))


def _sentences(text: str) -> int:
    return sum(len(Words(piece).texts) >= _LEAST_WORDS for piece in _SENTENCE.split(text))


SIZE = Rule(
    id="R22",
    name="size-and-clipping",
    title="Mail programs cut the message off before its end",
    asks="What the law asks for stands before the place where Gmail clips long messages.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(5); Gmail clips HTML beyond about 102 KB",
    check=_size,
)
EQUIVALENCE = Rule(
    id="R23",
    name="parts-equivalence",
    title="A form of the message lacks what the others carry",
    asks="Every part of the message, HTML or text, says what the law asks for.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(3), (a)(5)",
    check=_parts,
)
