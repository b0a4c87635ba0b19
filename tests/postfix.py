"""Postfix as a relay that is not ours: its test sink, and the real thing on a free port."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection

from tests.servers import free_port

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
PATIENCE = 10.0
# Takes mail on the loopback and hands all of it on to one sink; knows no users but one whom it
# refuses, and no DNS.
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = relay.test
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{sink}
alias_maps =
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ nobody@example.org = 550 5.1.1 Nobody here }} }}, permit
maillog_file = /dev/stdout
smtpd_discard_ehlo_keywords = {silenced}
"""
MASTER = """
{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


class PostfixMissing(Exception):  # noqa: N818 - errors are named for the situation
    """There is no Postfix, or it may not be started; the run fails, it never skips."""


def executable(name: str) -> str | None:
    """Return the path of ``postfix``, ``smtp-sink`` or ``smtp-source``."""
    return shutil.which(name, path=PLACES)


def demanded(name: str) -> str:
    path = executable(name)
    if path is None:
        raise PostfixMissing(f"No {name} was found: run `make test` to install Postfix.")
    return path


@contextmanager
def running_sink(*options: str) -> Iterator[int]:
    """Run ``smtp-sink`` with these options and yield its port."""
    port = free_port()
    unprivileged = ("-u", "nobody") if os.geteuid() == 0 else ()
    command = [demanded("smtp-sink"), *unprivileged, *options, f"inet:127.0.0.1:{port}", "100"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as sink:  # noqa: S603 - our words
        try:
            await_port(port)
            yield port
        finally:
            sink.terminate()


@contextmanager
def running(sink: int, silenced: str = "") -> Iterator[int]:
    """Run a Postfix that hands its mail on to the port ``sink``, and yield its own port.

    ``silenced`` names extensions that it does not offer, with commas.
    """
    postfix = demanded("postfix")
    if os.geteuid() != 0:
        raise PostfixMissing("Postfix starts only as root: run the tests as root, as CI does.")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for one in ("config", "queue", "data"):
            (folder / one).mkdir()
        shutil.chown(folder / "data", "postfix")
        main = MAIN.format(folder=folder, sink=sink, silenced=silenced)
        (folder / "config/main.cf").write_text(main)
        (folder / "config/master.cf").write_text(MASTER.format(port=port))
        command = [postfix, "-c", f"{folder}/config"]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen([*command, "start-fg"], stdout=log, stderr=log) as own,  # noqa: S603
        ):
            try:
                await_port(port)
                yield port
            finally:
                subprocess.run([*command, "stop"], check=False, capture_output=True)  # noqa: S603
                own.wait(PATIENCE)


def await_port(port: int, host: str = "127.0.0.1") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError), create_connection((host, port)):
            return
        time.sleep(0.02)
    raise PostfixMissing(f"Nothing answered on port {port}.")
