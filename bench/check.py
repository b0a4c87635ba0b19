"""What it costs to check many messages from anywhere: `python -m bench.check`.

Distinct messages of 20 KB in one call of `mailer check`, from start to exit. The yardstick, in the
same run, is only to read and parse the same files.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from time import perf_counter

from bench import designs, table, yardstick
from mailer.compliance.finding import excerpt
from tests.compliance.letters import SENDER, TODAY
from tests.corpus import wrapping

MESSAGES = 1000
MOST = 20.0  # s
CHECK = (sys.executable, "-m", "mailer.cli.main", "check")
KEYS = ("legal_name", "from_address", "reply_to", "address")


def main() -> int:
    """Print the table; the answer is 1 when the target is missed."""
    with tempfile.TemporaryDirectory() as scratch:
        files = written(Path(scratch))
        sender = Path(scratch) / "sender.json"
        record = {key: value for key, value in asdict(SENDER).items() if key in KEYS}
        sender.write_text(json.dumps(record, default=str), "utf-8")
        parsed, checked = parsing(files), checking(files, sender)
    is_met = checked <= MOST
    print(f"`mailer check` of {MESSAGES} distinct messages of 20 KB in one call")
    target = table.verdict(f"<= {MOST:.0f} s", is_met=is_met)
    table.line("from start to exit", f"{checked:.1f} s", target)
    table.line("yardstick: only parsing", f"{parsed:.1f} s")
    table.line("check / yardstick", f"{checked / parsed:.1f} times")
    return 0 if is_met else 1


def written(folder: Path) -> list[Path]:
    files = [folder / f"{number:04}.eml" for number in range(MESSAGES)]
    for number, file in enumerate(files):
        file.write_bytes(wrapping.candidate(designs.campaign(number)).raw)
    return files


def checking(files: list[Path], sender: Path) -> float:
    """Return the seconds of one call, which must find every message lawful."""
    command = [*CHECK, "--sender", str(sender), "--today", f"{TODAY}", *map(str, files)]
    start = perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603 - our own program
    if done.returncode:
        said = done.stderr.strip().splitlines() or [""]
        sys.exit(f"`mailer check` exits with {done.returncode}: {excerpt(said[-1])}")
    return perf_counter() - start


def parsing(files: list[Path]) -> float:
    start = perf_counter()
    for file in files:
        yardstick.parse(file.read_bytes())
    return perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
