"""What was made of campaigns' words lately, so that it is made once for many that ask."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

Made = tuple[str, ...]


class Readings:
    """Texts under the digest of what they were made of: the latest, ``most`` characters in all."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self.kept: OrderedDict[bytes, Made] = OrderedDict()
        self.lock = Lock()

    def of(self, words: tuple[str, ...], make: Callable[[], Made]) -> Made:
        """Return what is made of these words; what ``make`` raises is not kept."""
        key = hashlib.sha256(json.dumps(words).encode()).digest()
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
                return self.kept[key]
        made = make()
        with self.lock:
            self.keep(key, made)
        return made

    def keep(self, key: bytes, made: Made) -> None:
        if key in self.kept:  # another thread was first
            return
        self.kept[key] = made
        self.size += length(made)
        while self.size > self.most:
            _, oldest = self.kept.popitem(last=False)
            self.size -= length(oldest)


def length(made: Made) -> int:
    return sum(map(len, made))
