"""What a sink is told to do, in a file that it reads again whenever it changes."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path


@dataclass(frozen=True)
class Orders:
    """How to answer. Without orders a sink takes everything at once.

    ``delay``: seconds between the final dot and its reply; ``slow``: the same for single domains
    of recipients. ``most``: messages per connection, the next MAIL is answered 421. ``at_rcpt``
    and ``at_dot``: replies to single recipients in place of 250; ``every``: each how many-th
    message ``reply`` answers at the dot. ``is_down``: hang up on whoever calls, and on who is
    there. ``revision`` grows with each order.
    """

    revision: int = 0
    delay: float = 0.0
    slow: dict[str, float] = field(default_factory=dict)
    most: int = 0
    at_rcpt: dict[str, str] = field(default_factory=dict)
    at_dot: dict[str, str] = field(default_factory=dict)
    every: int = 0
    reply: str = "451 4.3.0 Try again later"
    is_down: bool = False

    @classmethod
    def read(cls, path: Path) -> "Orders":
        """Return what the file says; an absent one says nothing."""
        if not path.exists():
            return cls()
        given = json.loads(path.read_text())
        return cls(**{one.name: given[one.name] for one in fields(cls) if one.name in given})

    def write(self, path: Path) -> None:
        """Put the orders into the file at once, so that nobody reads half of them."""
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(path)

    def wait(self, recipient: str) -> float:
        """Return the seconds before the reply to this recipient's final dot."""
        return self.slow.get(recipient.rpartition("@")[2], self.delay) if self.slow else self.delay
