"""Makes sure that the tests have Postfix and its smtp-sink: found, else installed, else said how.

Run as ``python -m tools.postfix`` from the root of the project. Nothing of it is started, and
nothing is set up: the tests run it in folders of their own.
"""

import sys

from tests import postfix
from tools import debian

PROGRAMS = ("postfix", "smtp-sink", "smtp-source")
ANSWERS = "postfix postfix/main_mailer_type select No configuration"
ADVICE = (
    "The tests need Postfix with its smtp-sink, and it could not be installed; a mail server that "
    "is there already stays. Install it (Debian: apt install postfix, choose 'No configuration') "
    "and run `make test` again."
)


def is_there() -> bool:
    return all(postfix.executable(name) for name in PROGRAMS)


def main() -> int:
    if is_there():
        return 0
    print("Installing Postfix for the tests; this happens once.", flush=True)
    debian.install("postfix", answers=ANSWERS)
    if not is_there():
        print(ADVICE, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
