"""What a machine remembers of its installation's database: a small file beside it.

A backup that is restored knows less than the file, and a file that was copied says so itself.
"""

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

# What differs between a machine and a copy of it: the first is made anew by most tools that copy
# machines, the others are the cloud's own names of them. Any of them may be missing.
NAMES = (
    Path("/etc/machine-id"),
    Path("/var/lib/cloud/data/instance-id"),
    Path("/sys/class/dmi/id/board_asset_tag"),
)


@dataclass(frozen=True)
class Memory:
    """What the file says. ``at`` is None until the database was seen once.

    ``is_copied``: the file was written elsewhere, and came here with all that is beside it.
    """

    name: str
    at: datetime | None
    is_copied: bool = False

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return what is remembered; None when there is no file, or it is damaged."""
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                told = json.loads(file.read())
                inode = os.fstat(file.fileno()).st_ino
            at = told["at"] and datetime.fromisoformat(told["at"])
            return cls(told["name"], at, (told["file"], told["machine"]) != (inode, machine()))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def keep(self, path: Path) -> None:
        """Write the file, on the disk when this returns.

        In place, for a file that takes the old one's place would look like a copy.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            told = {
                "name": self.name,
                "at": self.at and self.at.isoformat(),
                "file": os.fstat(descriptor).st_ino,
                "machine": machine(),
            }
            # Of one length, so that none is ever cut short by the one before.
            os.pwrite(descriptor, json.dumps(told).encode().ljust(400), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def machine() -> str:
    """Return a fingerprint of this machine; the same for all machines that have no name."""
    told = "\n".join(filter(None, map(named, NAMES)))
    return hashlib.sha256(f"mailer/{told}".encode()).hexdigest()[:16]


def named(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
