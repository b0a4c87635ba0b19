"""``mailer lmtp``: where it listens, and what it says when it cannot."""

import signal
import socket

import pytest
from click.testing import CliRunner
from flask import Flask

from mailer.cli import lmtp, main
from mailer.environment import BadConfig
from tests.conftest import ConfigFor


@pytest.mark.parametrize("text", ["127.0.0.1:8024", "[::1]:24"])
def test_it_listens_at_an_address_and_a_port(text: str) -> None:
    host, port = lmtp.place(text)
    assert text in {f"{host}:{port}", f"[{host}]:{port}"}


@pytest.mark.parametrize("text", ["", "8024", "localhost:8024", "127.0.0.1", "127.0.0.1:0", "::1"])
def test_what_is_no_place_is_told_with_the_remedy(text: str) -> None:
    with pytest.raises(BadConfig, match="MAILER_LMTP must be"):
        lmtp.place(text)


def test_a_port_that_is_taken_is_told(app: Flask, config_for: ConfigFor) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = config_for("sqlite://", lmtp=f"127.0.0.1:{port}")
        app.extensions["config"] = given
        answer = CliRunner().invoke(main.main, ["lmtp"], obj=app)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert answer.exit_code == 2
    assert f"Port {port} on 127.0.0.1 cannot be used" in answer.output
