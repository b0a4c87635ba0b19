"""What the writer of a letter wrote herself: without quotes, what was forwarded, and signatures."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailer.privacy.letters.parts import Mail

TEXT = "-text"
# What begins a line of its own when a browser shows it.
BLOCKS = frozenset(
    (
        *("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre"),
        *("section", "table", "td", "th", "tr", "ul"),
    )
)
UNSEEN = frozenset(("head", "script", "style", "template", "title"))
# How mail programs name what they quote, or sign with.
QUOTES = re.compile(
    r"gmail_(?:quote|signature)|yahoo_quoted|moz-(?:cite-prefix|signature)|protonmail_(?:quote|"
    r"signature)|divrplyfwdmsg|appendonsend|outlooksignature|messagereplysection|zmail_extra",
    re.IGNORECASE,
)
# After these elements Outlook puts the message that is answered, beside them and not within.
LAST = re.compile(r"divrplyfwdmsg|appendonsend", re.IGNORECASE)

WEB = re.compile(r"https?://|www\.", re.IGNORECASE)
SIGNATURE = re.compile(r"--\s?|_{8,}")
DIVIDER = re.compile(
    r"\W{0,3}(?:-{2,20}.{0,60}(?:message|nachricht|mensaje|messaggio|mensagem|bericht|mail).{0,60}"
    r"-{2,20}|begin forwarded message:|anfang der weitergeleiteten.{0,60}:|d[ée]but du message "
    r".{0,60}:)\W{0,3}",
    re.IGNORECASE,
)
FROM = re.compile(
    r"\W{0,3}(?:from|von|de|da|van|expéditeur|mittente)\W{0,3}:\W{0,3}\S", re.IGNORECASE
)
BESIDE_FROM = re.compile(
    r"\W{0,3}(?:sent|date|gesendet|datum|envoy[ée]|enviad[oa]( el| em)?|inviato|data|fecha|"
    r"verzonden|to|an|à|para|a|aan|subject|betreff|objet|asunto|oggetto|assunto|onderwerp)"
    r"\W{0,3}:",
    re.IGNORECASE,
)
WROTE = re.compile(
    r"\W{0,3}(?:on|am|le|el|il|em|op|a)\b.{5,300}(?:wrote|schrieb\b.*|[ée]crit|escribi[óo]|"
    r"ha scritto|escreveu|schreef\b.*)\s?:?",
    re.IGNORECASE | re.DOTALL,
)
MACHINE = re.compile(
    r"\W{0,3}(?:sent from (?:my|mail|yahoo|outlook)|get outlook|von meinem .{1,40} gesendet|"
    r"gesendet (?:von|mit)|envoy[ée] (?:de|depuis)|enviado (?:desde|do|de)|inviato da|"
    r"verzonden (?:vanaf|met)|outlook f[üo]r).{0,80}",
    re.IGNORECASE,
)
FEW = 4


def own_words(mail: Mail) -> str:
    """Return what she wrote herself, lines and all; empty when she only quotes."""
    return stripped(mail.plain if mail.plain.strip() else "".join(texts(mail.html, own=True)))


def all_words(mail: Mail) -> str:
    """Return all that a mail program shows of a letter, as text."""
    return (mail.plain if mail.plain.strip() else "".join(texts(mail.html, own=False))).strip()


def texts(html: str, *, own: bool) -> Iterator[str]:
    """Yield the texts of an HTML letter; ``own``: no quotes, no signatures, no links to the web.

    Links go because our own footer says "Unsubscribe" in one. Walks without recursion: mail may
    be nested a hundred thousand deep.
    """
    root = LexborHTMLParser(html.encode("utf-8", "replace").decode()).root
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        if node.tag == TEXT:
            yield re.sub(r"\s+", " ", node.text_content or "")
            continue
        if node.tag in BLOCKS:
            yield "\n"
        if node.tag and node.tag not in UNSEEN and not (own and is_foreign_part(node)):
            waiting += reversed(list(children(node, own=own)))


def children(node: LexborNode, *, own: bool) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None and not (own and LAST.search(names(child))):
        yield child
        child = child.next


def is_foreign_part(node: LexborNode) -> bool:
    if node.tag == "blockquote" or QUOTES.search(names(node)):
        return True
    return node.tag == "a" and bool(WEB.match(node.attributes.get("href") or ""))


def names(node: LexborNode) -> str:
    if not node.tag or node.tag[0] in "-!":
        return ""
    found = node.attributes
    return " ".join(found.get(name) or "" for name in ("class", "id", "name"))


def stripped(text: str) -> str:
    """Return the lines of a text that are the writer's own."""
    lines = [line.strip() for line in text.split("\n")]
    own: list[str] = []
    at = 0
    while at < len(lines) and not ends(lines, at):
        attribution = attributed(lines, at)
        if attribution:
            at += attribution
            if not is_quoted(next(filter(None, lines[at : at + FEW]), ">")):
                break  # it quotes without marks: all that follows is the message answered
            continue
        if not is_foreign(lines, at):
            own.append(lines[at])
        at += 1
    return "\n".join(own).strip()


def ends(lines: list[str], at: int) -> bool:
    """Tell whether a signature, or the message that is answered or passed on, begins here."""
    line = lines[at]
    if SIGNATURE.fullmatch(line) or DIVIDER.fullmatch(line):
        return True
    beside = filter(None, lines[at + 1 : at + 1 + FEW])
    return bool(FROM.match(line)) and any(map(BESIDE_FROM.match, beside))


def attributed(lines: list[str], at: int) -> int:
    """Return how many lines say that somebody wrote what follows, 0 if none."""
    for number in (1, 2, 3):
        run = lines[at : at + number]
        is_whole = len(run) == number and all(run)
        if is_whole and WROTE.fullmatch("\n".join(run)) and run[-1].endswith(":"):
            return number
    return 0


def is_quoted(line: str) -> bool:
    return line.startswith((">", "|"))


def is_foreign(lines: list[str], at: int) -> bool:
    """Tell whether a line is quoted, set by a machine, or belongs to a link of a footer."""
    following = next(filter(None, lines[at + 1 : at + 1 + FEW]), "")
    is_of_link = bool(WEB.search(lines[at]) or WEB.match(following.lstrip("<([")))
    return is_quoted(lines[at]) or is_of_link or bool(MACHINE.fullmatch(lines[at]))
