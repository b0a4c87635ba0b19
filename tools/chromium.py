"""Makes sure that the tests have a Chromium: found, else installed, else a line that says how.

Run as ``python -m tools.chromium`` from the root of the project.
"""

import subprocess
import sys

from tests import browser
from tools import debian

ADVICE = (
    "The tests need Chromium, and it could not be installed. "
    "Install it (Debian: apt install chromium; macOS: brew install --cask chromium) "
    "and run `make test` again. "
    "What went wrong: `.venv/bin/playwright install chromium` says it."
)


def install_own() -> None:
    """Install the build that Playwright brings."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - fixed words


def main() -> int:
    if browser.executable():
        return 0
    print("Installing Chromium for the tests; this happens once.", flush=True)
    debian.install("chromium")
    if not browser.executable():
        install_own()
    if not browser.executable():
        print(ADVICE, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
