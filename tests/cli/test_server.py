"""``mailer run`` in a process of its own: first start, second start, and how it ends."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from flask import request

from config import Config
from mailer.app import create_app
from mailer.cli import server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A development machine with ports of its own."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("MAILER_")}
    return clean | {
        "MAILER_ENV": "development",
        "MAILER_DATA_DIR": str(tmp_path / "data"),
        "MAILER_PORT": str(free_port()),
        "MAILER_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
    }


def started(environ: dict[str, str], *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "mailer.cli.main", *(words or ("run",))],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_it_answers(url: str, headers: dict[str, str] | None = None) -> str:
    asked = urllib.request.Request(url, headers=headers or {})  # noqa: S310 - http, to ourselves
    for _ in range(300):
        try:
            with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310 - http, to ourselves
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} never answered")


@contextmanager
def running(environ: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = started(environ)
    try:
        until_it_answers(f"http://127.0.0.1:{environ['MAILER_PORT']}/inbox/")
        yield process
    finally:
        process.kill()
        process.communicate()


def refused(environ: dict[str, str]) -> str:
    """Return the one line with which a start was refused."""
    process = started(environ)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    (line,) = errors.splitlines()
    return str(line)


def test_it_serves_receives_and_ends_cleanly_on_sigterm(environ: dict[str, str]) -> None:
    home = f"http://127.0.0.1:{environ['MAILER_PORT']}"
    with running(environ) as process:
        port = int(environ["MAILER_SMTP_URL"].rpartition(":")[2])
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as relay:
            relay.sendmail("a@example.com", ["rosa@example.org"], b"Subject: Hello you\r\n\r\nx")
        assert "Hello you" in until_it_answers(f"{home}/inbox/")
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in errors
        assert f"Mailer is at {home}\n" in output
        assert f"{home}/enter/" in output


def test_a_second_start_keeps_all_data_and_makes_a_new_link(environ: dict[str, str]) -> None:
    outputs = []
    for _ in range(2):
        with running(environ) as process:
            process.send_signal(signal.SIGTERM)
            outputs.append(process.communicate(timeout=20)[0])
    assert "owner@example.com" in outputs[1]
    assert outputs[0] != outputs[1]


def test_whatever_is_taken_is_named_in_one_line(environ: dict[str, str], tmp_path: Path) -> None:
    elsewhere = environ | {"MAILER_DATA_DIR": str(tmp_path / "other")}
    with running(environ):
        assert "Another `mailer run` already uses" in refused(environ)
        assert f"Port {environ['MAILER_PORT']} on 127.0.0.1" in refused(elsewhere)
        other_port = elsewhere | {"MAILER_PORT": str(free_port())}
        assert "development inbox cannot be used (Address already in use)" in refused(other_port)


def test_upgrading_twice_is_no_harm(environ: dict[str, str]) -> None:
    for _ in range(2):
        process = started(environ, "upgrade")
        output, _errors = process.communicate(timeout=60)
        assert (process.returncode, output) == (0, "The database is up to date.\n")


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_a_proxy_is_believed_only_when_it_was_announced(
    config: Config, hops: int, seen: str
) -> None:
    config = replace(config, proxy_hops=hops, port=free_port())
    app = create_app(config)
    visitors = []
    app.before_request_funcs[None].insert(0, lambda: visitors.append(request.remote_addr))
    listening = server.listening(app, config)

    def serve() -> None:
        with suppress(OSError):  # its sockets are closed under it, for want of another way
            listening.run()

    thread = Thread(target=serve)
    thread.start()
    try:
        until_it_answers(
            f"http://127.0.0.1:{config.port}/sign-in", {"X-Forwarded-For": "203.0.113.7"}
        )
    finally:
        listening.close()
        listening.task_dispatcher.shutdown()
        listening.asyncore.close_all(listening._map, ignore_all=True)
        thread.join(5)
    assert visitors == [seen]
