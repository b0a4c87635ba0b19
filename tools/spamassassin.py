"""Makes sure that the tests have SpamAssassin: found, else installed, else a line that says how.

Run as ``python -m tools.spamassassin`` from the root of the project.
"""

import sys

from tests import spamassassin
from tools import debian

ADVICE = (
    "The tests need SpamAssassin, and it could not be installed. "
    "Install it (Debian: apt install spamassassin; macOS: brew install spamassassin, then "
    "sa-update) and run `make test` again."
)


def main() -> int:
    if spamassassin.executable():
        return 0
    print("Installing SpamAssassin for the tests; this happens once.", flush=True)
    debian.install("spamassassin")
    if not spamassassin.executable():
        print(ADVICE, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
