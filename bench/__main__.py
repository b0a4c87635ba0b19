"""All benches, one after the other: `python -m bench`. It fails when any target is missed."""

import subprocess
import sys

BENCHES = (
    "bench.gate",
    "bench.recipient",
    "bench.compose",
    "bench.lines",
    "bench.check",
    "bench.importing",
    "bench.readers",
    "bench.retention",
    "bench.privacy",
    "bench.sending",
)


def main() -> int:
    # Each in a process of its own, so that none finds another's caches warm.
    codes = [subprocess.call([sys.executable, "-m", bench]) for bench in BENCHES]  # noqa: S603 - our own
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
