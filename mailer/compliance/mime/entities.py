"""The tree of a message (RFC 2046), walked within bounds, down to the parts that readers see.

Mail programs differ in what they show of a message that is not as it should be. So whatever
could be read in two ways raises Unjudgeable, and neither reading has to be guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from mailer.compliance.bounds import (
    MOST_ENTITIES,
    MOST_LEVELS,
    MOST_PART_HEAD_BYTES,
    Obstacle,
    Unjudgeable,
)
from mailer.compliance.message import Head, characters, head
from mailer.compliance.mime.labels import Label, label

KINDS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/watch-html": "html",
    "text/plain": "text",
    "text/x-amp-html": "amp",
}
_LETTERS = frozenset({"message/rfc822", "message/global", "message/news"})
# Some programs show what is inside, and nobody else can look into it.
_SEALED = {
    "multipart/encrypted": "is encrypted",
    "application/pgp-encrypted": "is encrypted",
    "application/pkcs7-mime": "is encrypted or sealed (S/MIME)",
    "application/x-pkcs7-mime": "is encrypted or sealed (S/MIME)",
    "application/ms-tnef": "is a winmail.dat, which only Outlook opens",
    "application/vnd.ms-tnef": "is a winmail.dat, which only Outlook opens",
    "message/partial": "is only a piece of a message",
    "message/external-body": "lies elsewhere",
}
_TOKEN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`{|}~")
_LABELS = ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition")
UNENCODED = ("", "7bit", "8bit", "binary")
_LONGEST_BOUNDARY = 200
_LONGEST_DELIMITER = 998
_REBUILD = "Build the message again with a mail library, without this."


@dataclass(frozen=True)
class Entity:
    """A message or a part of one: its headers, and where in the raw bytes its body lies.

    `fallback` is what it is if it does not say (RFC 2046 s5.1.5). `outer` are the boundaries of
    all that it lies in.
    """

    head: Head
    end: int
    fallback: str = "text/plain"
    level: int = 0
    outer: tuple[bytes, ...] = ()

    @cached_property
    def type(self) -> str:
        return self.content.word or self.fallback

    @cached_property
    def content(self) -> Label:
        return self._label("Content-Type")

    @property
    def encoding(self) -> str:
        return self._label("Content-Transfer-Encoding").word

    @property
    def is_attached(self) -> bool:
        return self._label("Content-Disposition").word == "attachment"

    def parameter(self, name: str) -> str:
        """Give a parameter of Content-Type, empty if it is not there."""
        if name in self.content.doubtful:
            raise unjudgeable(
                f"Content-Type of the part {self.type} states its {name} twice, in pieces or with "
                "an open quote"
            )
        return self.content.parameters.get(name, "")

    def _label(self, name: str) -> Label:
        return label("".join(characters(h.body, "utf-8") for h in self.head.named(name)))


def unjudgeable(fault: str, fix: str = _REBUILD) -> Unjudgeable:
    return Unjudgeable(Obstacle(f"The message cannot be judged: {fault}.", fix, "message"))


def shown(raw: bytes, root: Head) -> Iterator[Entity]:
    """Give the parts that readers are shown in place, in order; attachments are not among them.

    Raises Unjudgeable.
    """
    waiting, count = [Entity(root, len(raw))], 0
    while waiting:
        entity = waiting.pop()
        count += 1
        _check(entity, count)
        if entity.type.startswith("multipart/"):
            children = islice(_children(raw, entity), MOST_ENTITIES)
            waiting.extend(reversed(list(children)))
        elif entity.is_attached:
            continue
        elif entity.type in _LETTERS:
            waiting.append(_inner(raw, entity, entity.head.body_start, entity.end))
        elif entity.type in KINDS:
            yield entity
        elif entity.type.startswith("text/"):
            raise unjudgeable(
                f"mail programs show a part of type {entity.type} in different ways",
                "Attach it (Content-Disposition: attachment), or leave it out.",
            )


def _check(entity: Entity, count: int) -> None:
    """Refuse what is too much, and what does not say clearly what it is."""
    if entity.level > MOST_LEVELS:
        raise unjudgeable(f"its parts are nested more than {MOST_LEVELS} levels deep")
    if count > MOST_ENTITIES:
        raise unjudgeable(f"it has more than {MOST_ENTITIES} parts")
    _check_head(entity)
    if entity.type in _SEALED:
        fix = "Send it in the open; a campaign must be readable by whoever has to judge it."
        raise unjudgeable(f"a part of it {_SEALED[entity.type]}", fix)
    is_container = entity.type.startswith("multipart/") or entity.type in _LETTERS
    if is_container and entity.encoding not in UNENCODED:
        raise unjudgeable(f"a part of type {entity.type} is encoded as {entity.encoding}")


def _check_head(entity: Entity) -> None:
    if entity.head.is_cut:
        raise unjudgeable("a part of it has too many headers")
    if entity.level and entity.head.strays:
        text = entity.head.strays[0].decode("utf-8", "replace")
        raise unjudgeable(f"in a part of it stands, where headers belong: {text!r}")
    for name in _LABELS:
        if len(entity.head.named(name)) > 1:
            raise unjudgeable(f"{name} stands twice in one part")
    main, _, precise = entity.type.partition("/")
    if not (main and precise and _TOKEN.issuperset(main + precise)):
        raise unjudgeable(f"Content-Type says {entity.type!r}, which is no type")


def _children(raw: bytes, entity: Entity) -> Iterator[Entity]:
    boundary = entity.parameter("boundary").encode("utf-8", "replace")
    if not boundary or len(boundary) > _LONGEST_BOUNDARY:
        raise unjudgeable(f"{entity.type} does not name the boundary between its parts")
    if any(one.startswith(boundary) for one in entity.outer):
        raise unjudgeable("parts within each other have boundaries that begin alike")
    for start, end in _regions(raw, entity, b"--" + boundary):
        yield _inner(raw, entity, start, end, boundary)


def _regions(raw: bytes, entity: Entity, delimiter: bytes) -> Iterator[tuple[int, int]]:
    """Give where each child starts and ends, as the delimiter lines say."""
    opened, is_closed = -1, False
    at = _line(raw, delimiter, entity.head.body_start, entity.end)
    while at >= 0:
        after = raw.find(b"\n", at, entity.end) + 1 or entity.end
        rest = raw[at + len(delimiter) : min(after, at + _LONGEST_DELIMITER)].strip()
        if is_closed or rest not in (b"", b"--") or after - at > _LONGEST_DELIMITER:
            raise unjudgeable("a line begins like the boundary between parts, but is none")
        if opened >= 0:
            yield opened, max(opened, at - (2 if raw[at - 2 : at] == b"\r\n" else 1))
        opened, is_closed = after, rest == b"--"
        at = _line(raw, delimiter, after, entity.end)
    if not is_closed:
        fix = "Take the whole message; one that breaks off was damaged on its way."
        raise unjudgeable("it is cut off: the end of its last part is missing", fix)


def _line(raw: bytes, start_of_line: bytes, at: int, end: int) -> int:
    """Find the next line, from the start of one on, that begins so; -1 if there is none."""
    if raw.startswith(start_of_line, at, end):
        return at
    found = raw.find(b"\n" + start_of_line, at, end)
    return found + 1 if found >= 0 else -1


def _inner(raw: bytes, entity: Entity, start: int, end: int, boundary: bytes = b"") -> Entity:
    is_digest = entity.type == "multipart/digest"
    return Entity(
        head=head(raw, start, end, MOST_PART_HEAD_BYTES),
        end=end,
        fallback="message/rfc822" if is_digest else "text/plain",
        level=entity.level + 1,
        outer=(*entity.outer, boundary) if boundary else entity.outer,
    )
