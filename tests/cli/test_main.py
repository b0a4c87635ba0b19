"""The command itself: what it offers, how it starts, and how it refuses."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from mailer.cli import main as command
from tests.cli.conftest import Mailer


def called(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {name: text for name, text in os.environ.items() if not name.startswith("MAILER_")}
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "mailer.cli.main", *words],
        env=environ | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", command.COMMANDS)
def test_every_command_is_where_the_table_says(name: str) -> None:
    module, _, attribute = command.COMMANDS[name].partition(":")
    found = getattr(import_module(module), attribute)
    assert isinstance(found, click.Command)
    assert found.help


def test_check_starts_without_flask_and_a_database() -> None:
    code = (
        "import sys; from mailer.cli.main import main; main(['check', '--help'], "
        "standalone_mode=False); "
        "print([name for name in ('flask', 'sqlalchemy', 'dramatiq') if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_bad_setting_is_one_line_and_exit_code_2() -> None:
    done = called("verify", MAILER_ENV="production", MAILER_DATA_DIR="/proc/nowhere")
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error:")]
    assert "cannot be written" in line
    assert "Traceback" not in done.stderr


def test_production_without_a_secret_refuses_every_command(tmp_path: Path) -> None:
    done = called(
        "verify",
        MAILER_DATA_DIR=str(tmp_path),
        MAILER_PUBLIC_URL="https://news.example.com",
        MAILER_SECRET_KEY="changeme",
    )
    assert done.returncode == 2
    assert "MAILER_SECRET_KEY is missing or too weak" in done.stderr
    assert "changeme" not in done.stderr


def test_help_lists_every_command(mailer: Mailer) -> None:
    answer = mailer("--help")
    assert answer.exit_code == 0
    assert [name for name in command.COMMANDS if f"  {name} " not in answer.output] == []


def test_an_unknown_command_is_exit_code_2(mailer: Mailer) -> None:
    assert mailer("sendalltothings").exit_code == 2
