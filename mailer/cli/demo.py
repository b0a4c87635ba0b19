"""``mailer demo``: the whole product once, against a real installation of its own."""

import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from mailer import inbox
from mailer.cli.browsing import Browser

READER = "ines@example.org"
SUBJECT = "Spring bulbs: an offer"
DONE, REFUSED = 200, 422
LIST_LINK = re.compile(r"http[^\s\"<>&]+/subscribe/[\w-]+")
CONFIRM_LINK = re.compile(r"http\S+/c/[\w.-]+")
LEAVE_LINK = re.compile(r"^List-Unsubscribe: <(\S+)>", re.MULTILINE)
SIGN_IN_LINK = re.compile(r"http\S+/enter/\S+")
PATIENCE = 60.0
READING = 3.0


class NotAsPromised(click.ClickException):
    """A step did not end as the product promises; the demonstration stops there."""


@click.command()
def demo() -> None:
    """Walk from sign-up to opt-out on an installation made for this, telling each step.

    Everything runs for real, in a folder that is thrown away: pages, worker, relay, inbox.
    """
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as (site, sign_in_link):
        walk = Walk(site, Path(folder) / "inbox")
        walk.enter(sign_in_link)
        walk.sign_up()
        walk.confirm()
        walk.try_the_unlawful_draft()
        walk.mend()
        walk.send()
        walk.leave()
        walk.send_again()
        click.echo("\nThat is the whole of it. `make run` is the same, for you to try by hand.")


@contextmanager
def running(folder: Path, **more: str) -> Iterator[tuple[str, str]]:
    """Run ``mailer run`` in a folder of its own; yield its address and the owner's link.

    ``more`` names further settings, as the environment spells them.
    """
    port, mail_port = free_ports(2)
    settings = more | {
        "MAILER_ENV": "development",
        "MAILER_DATA_DIR": str(folder),
        "MAILER_PORT": str(port),
        "MAILER_SMTP_URL": more.get("MAILER_SMTP_URL", f"smtp://127.0.0.1:{mail_port}"),
    }
    command = ["env", *(f"{name}={value}" for name, value in settings.items())]
    command += [sys.executable, "-m", "mailer.cli.main", "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            lines = iter(process.stdout.readline, "")
            link = next(filter(None, map(SIGN_IN_LINK.search, lines)), None)
            if link is None:
                raise NotAsPromised("The installation did not start.")
            yield f"http://127.0.0.1:{port}", link[0]
        finally:
            process.terminate()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass
class Walk:
    """The steps, in order; each prints what was done and what came of it."""

    site: str
    letters: Path
    staff: Browser = field(default_factory=Browser)
    reader: Browser = field(default_factory=Browser)
    steps: int = 0

    @property
    def draft(self) -> str:
        """The address of the seeded draft that the gate refuses."""
        return f"{self.site}/campaigns/2"

    def tell(self, what: str, *results: str) -> None:
        self.steps += 1
        click.secho(f"\n{self.steps}. {what}", bold=True)
        for result in results:
            click.echo(f"   {result}")

    def enter(self, link: str) -> None:
        self.staff.submit(link)
        self.tell("The owner signs in by the one-time link that `mailer run` printed.", link)

    def sign_up(self) -> None:
        page = LIST_LINK.search(self.staff.get(f"{self.site}/lists/1"))
        if page is None:
            raise NotAsPromised("The list's page does not show its sign-up form.")
        filled = self.reader.fields(page[0], "email") | {"email": READER, "name": "Ines"}
        time.sleep(READING)  # who answers at once is taken for a machine
        self.reader.post(page[0], filled)
        self.tell("A reader signs up by the hosted form.", f"{READER} at {page[0]}")

    def confirm(self) -> None:
        link = CONFIRM_LINK.search(self.letter("confirm"))
        if link is None:
            raise NotAsPromised("The confirmation mail holds no link.")
        self.reader.get(link[0])
        self.tell(
            "She gets one mail and opens its link.",
            link[0],
            "Opening it changes nothing: scanners open every link.",
        )
        self.reader.submit(link[0])
        self.tell("She presses the button: now she is on the list.")

    def try_the_unlawful_draft(self) -> None:
        status, answer = self.staff.act(self.draft, "start")
        self.demand(status == REFUSED, "The gate let an unlawful campaign pass.")
        rules = [
            f"{one['rule']} {one['name']}: {one['evidence']}"
            for one in answer["violations"]
            if one["severity"] == "refuse"
        ]
        self.tell("A draft that breaks the law is to be sent. The gate refuses it:", *rules)

    def mend(self) -> None:
        page = f"{self.draft}/edit"
        body = self.staff.fields(page, "body")["body"]
        self.staff.submit(page, subject=SUBJECT, body=f"{body}\n\n{{{{ legal_footer }}}}\n")
        self.tell("The marketer mends it: an honest subject, and the legal footer.")

    def send(self) -> None:
        status, answer = self.staff.act(self.draft, "start")
        self.demand(status == DONE, f"It was not sent: {answer}")
        self.tell("Now it goes.", *self.report(self.draft))

    def leave(self) -> None:
        link = LEAVE_LINK.search(self.letter("Spring bulbs"))
        if link is None:
            raise NotAsPromised("Her copy holds no List-Unsubscribe header.")
        answer = Browser().post(link[1], {"List-Unsubscribe": "One-Click"})
        self.tell(
            "Her mail program unsubscribes her with one click (RFC 8058).",
            f"POST {link[1]}",
            f"-> {answer.strip()}",
        )

    def send_again(self) -> None:
        _, copy = self.staff.act(self.draft, "duplicate")
        draft = f"{self.site}/campaigns/{copy['id']}"
        self.staff.act(draft, "start")
        report = self.report(draft)
        self.demand("unsubscribed: 1" in report, "She was mailed after she had left.")
        self.tell("The next campaign does not reach her.", *report)

    def report(self, campaign: str) -> list[str]:
        """Wait until a campaign is finished; return its numbers, line by line."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.staff.json(f"{campaign}/report")
            if answer["status"] == "finished":
                counted = {**answer["states"], **answer["reasons"]}
                lines = [f"{name}: {count}" for name, count in counted.items() if count]
                return [f"audience: {answer['audience']}", *lines]
            time.sleep(0.2)
        raise NotAsPromised("The campaign did not finish.")

    def letter(self, word: str) -> str:
        """Wait for her newest mail with this word in its subject; return its text and headers."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for name in inbox.names(self.letters):
                summary = inbox.summary(self.letters, name)
                if summary.recipient == READER and word in summary.subject:
                    return readable(inbox.raw(self.letters, name) or b"")
            time.sleep(0.1)
        raise NotAsPromised(f"No mail about “{word}” came.")

    def demand(self, is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - an assertion
        if not is_so:
            raise NotAsPromised(otherwise)


def readable(raw: bytes) -> str:
    message = inbox.parsed(raw)
    text = message.get_body(("plain",))
    head = raw.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    return f"{head}\n\n{text.get_content() if text else ''}"
