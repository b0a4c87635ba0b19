"""Copies the browser libraries of vendor.lock.json out of their npm packages, checked by hash.

Run `python -m tools.vendor` by hand when a version changes, and commit what it writes; neither
`make run` nor the product needs npm. A package whose bytes differ from the lock is refused. To
adopt a new version, write it into the lock and run with --adopt, which records the hashes of what
arrived.
"""

import argparse
import base64
import hashlib
import json
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import TypedDict

from tools import npm

LOCK = Path(__file__).with_name("vendor.lock.json")
VENDOR = Path(__file__).parents[1] / "mailer" / "web" / "static" / "vendor"


class Package(TypedDict):
    package: str
    version: str
    folder: str
    licence: str
    integrity: str
    files: dict[str, str]


class WrongBytes(Exception):  # noqa: N818 - errors here are named by the situation
    """What arrived is not what the lock names."""


def integrity_of(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def contents(archive: Path, names: list[str]) -> dict[str, bytes]:
    """Return the named files of an npm archive, whose paths all begin with `package/`."""
    found = {}
    with tarfile.open(archive) as tar:
        for name in names:
            member = tar.extractfile(f"package/{name}")
            if member is None:
                raise WrongBytes(f"{name} is not a file in {archive.name}")
            found[name] = member.read()
    return found


def compare(what: str, expected: str, found: str) -> None:
    if expected != found:
        raise WrongBytes(f"{what}: the lock says {expected or 'nothing'}, found {found}")


def vendor(package: Package, *, adopt: bool) -> None:
    """Check one package against the lock (or write its hashes into it) and copy its files."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = npm.pack(package["package"], package["version"], Path(scratch))
        integrity = integrity_of(archive.read_bytes())
        files = contents(archive, list(package["files"]))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    if adopt:
        package["integrity"], package["files"] = integrity, hashes
    compare(package["package"], package["integrity"], integrity)
    for name, found in hashes.items():
        compare(f"{package['package']}/{name}", package["files"][name], found)
    write(VENDOR / package["folder"], files)


def write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / PurePosixPath(name).name).write_bytes(content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adopt", action="store_true", help="record the hashes of what arrives")
    adopt = parser.parse_args().adopt
    packages: list[Package] = json.loads(LOCK.read_text("utf-8"))
    for package in packages:
        vendor(package, adopt=adopt)
        print(f"{package['folder']}: {', '.join(package['files'])}")
    if adopt:
        LOCK.write_text(json.dumps(packages, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        main()
    except (npm.NotFetched, WrongBytes) as error:
        sys.exit(f"Refused. {error}")
