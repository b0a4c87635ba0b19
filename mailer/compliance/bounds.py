"""How much of a message is judged. What lies beyond, or can be read in two ways, is refused."""

from dataclasses import dataclass

# A hundred times what Gmail accepts as headers is no mail; real ones have below 64 KB.
MOST_HEAD_BYTES = 256 * 1024
MOST_FIELDS = 1000
MOST_PART_HEAD_BYTES = 16 * 1024
# Attachments cost next to nothing, but no mail server takes more.
MOST_BYTES = 64 * 1024 * 1024
# All parts that are shown, together; Gmail shows 100 KB of one.
MOST_TEXT_BYTES = 256 * 1024
MOST_ENTITIES = 500
# Letters forwarded within letters; mail programs give up soon after.
MOST_LEVELS = 20
# Browsers stop nesting at 512; the parser gives up at 2048 and drops the rest.
MOST_NESTED_TAGS = 500
# Each costs as much as all before it in the same tag.
MOST_ATTRIBUTES = 1000


@dataclass(frozen=True)
class Obstacle:
    """What keeps a message from being judged, and how to remove it; `part` says where it is."""

    evidence: str
    fix: str
    part: str | None = None


class Unjudgeable(Exception):  # noqa: N818 - errors are named for the situation
    """A message, or a part of it, cannot be judged, so that it must be refused."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.evidence)
        self.obstacle = obstacle
