"""SpamAssassin as a judge that is not ours: found, run without the network, its hits read."""

import os
import re
import shutil
import subprocess
from pathlib import Path

# The rules that came with the program, not those that `sa-update` may have fetched since.
SHIPPED = Path("/usr/share/spamassassin")
OPTIONS = (
    "--local",
    "--test-mode",
    "--nocreate-prefs",
    "--prefs-file=/dev/null",
    "--cf=use_bayes 0",
    "--cf=clear_headers",
    "--cf=add_header all Hits _TESTSSCORES(,)_",
)
HITS = re.compile(rb"^X-Spam-Hits: (.*(?:\n[ \t].*)*)", re.MULTILINE)


class SpamAssassinMissing(Exception):  # noqa: N818 - errors are named for the situation
    """There is no SpamAssassin; the run fails, it never skips."""


def executable() -> str | None:
    return shutil.which("spamassassin")


def hits(folder: Path, *mails: bytes) -> list[dict[str, float]]:
    """Return, for each mail, the points of every test that it hit; ``folder`` is for scratch."""
    path = executable()
    if path is None:
        raise SpamAssassinMissing("No SpamAssassin was found: run `make test` to install one.")
    rules = [f"--configpath={SHIPPED}"] if SHIPPED.exists() else []
    files = [folder / f"{number}.eml" for number in range(len(mails))]
    for file, mail in zip(files, mails, strict=True):
        file.write_bytes(mail)
    answer = subprocess.run(  # noqa: S603 - our own program and files
        [path, *OPTIONS, *rules, *files],
        env={**os.environ, "HOME": str(folder)},
        stdout=subprocess.PIPE,
        check=True,
    )
    found = HITS.findall(answer.stdout)
    assert len(found) == len(mails), answer.stdout.decode(errors="replace")
    return [dict(map(hit, b"".join(header.split()).split(b","))) for header in found]


def hit(written: bytes) -> tuple[str, float]:
    name, _, points = written.decode().partition("=")
    return name, float(points)
