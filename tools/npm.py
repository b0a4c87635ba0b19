"""Fetches one npm package as the archive that was published; nothing of it is run."""

import shutil
import subprocess
from pathlib import Path


class NotFetched(Exception):  # noqa: N818 - errors here are named by the situation
    """The package did not arrive; the message says why."""


def is_installed() -> bool:
    return shutil.which("npm") is not None


def pack(name: str, version: str, into: Path) -> Path:
    """Download a package into a folder and return its archive; raises NotFetched."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotFetched("npm was not found.")
    where = ["--pack-destination", str(into), "--cache", str(into / "cache")]
    command = [npm, "pack", f"{name}@{version}", "--loglevel=error", "--ignore-scripts", *where]
    done = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603 - fixed words and a lock's own
    if done.returncode:
        raise NotFetched(f"npm could not fetch {name}@{version}. {done.stderr.strip()}")
    return next(into.glob("*.tgz"))
