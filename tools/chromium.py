"""Makes sure that the tests have a Chromium: found, else installed, else a line that says how.

Run as ``python -m tools.chromium`` from the root of the project.
"""

import os
import shutil
import subprocess
import sys

from tests import browser

ADVICE = (
    "The tests need Chromium, and it could not be installed. "
    "Install it (Debian: apt install chromium; macOS: brew install --cask chromium) "
    "and run `make test` again. "
    "What went wrong: `.venv/bin/playwright install chromium` says it."
)


def install_package() -> None:
    """Install Debian's package."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for act in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        run(["apt-get", "-qq", *act], quiet)


def install_own() -> None:
    """Install the build that Playwright brings."""
    run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run quietly; whether it helped shows in what is found afterwards."""
    subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - fixed


def main() -> int:
    if browser.executable():
        return 0
    print("Installing Chromium for the tests; this happens once.", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install_package()
    if not browser.executable():
        install_own()
    if not browser.executable():
        print(ADVICE, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
