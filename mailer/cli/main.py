"""The command ``mailer``: which commands there are; each is loaded only when it is called."""

from importlib import import_module

import click

from mailer import __version__
from mailer.environment import BadConfig

# ``mailer check`` must start without Flask and SQLAlchemy, and all start sooner this way.
COMMANDS = {
    "run": "mailer.cli.server:run",
    "work": "mailer.cli.work:work",
    "lmtp": "mailer.cli.lmtp:receive",
    "letters": "mailer.cli.fetching:letters",
    "upgrade": "mailer.cli.server:upgrade",
    "demo": "mailer.cli.demo:demo",
    "check": "mailer.cli.check:check",
    "sign-in-link": "mailer.cli.people:sign_in_link",
    "user": "mailer.cli.people:user",
    "reader": "mailer.cli.people:reader",
    "unsubscribe": "mailer.cli.people:unsubscribe",
    "suppress": "mailer.cli.suppressing:suppress",
    "suppressions": "mailer.cli.suppressing:suppressed",
    "receipt": "mailer.cli.receipts:receipt",
    "import": "mailer.cli.importing:import_file",
    "imports": "mailer.cli.importing:imports",
    "campaigns": "mailer.cli.campaigns:campaigns",
    "campaign": "mailer.cli.campaigns:campaign",
    "unknown": "mailer.cli.unknowns:unknown",
    "relay": "mailer.cli.pacing:relay",
    "setup": "mailer.cli.setup:setup",
    "status": "mailer.cli.setup:setup",
    "instance": "mailer.cli.instance:instance",
    "tick": "mailer.cli.campaigns:tick",
    "try-opt-out": "mailer.cli.opt_out:try_opt_out",
    "signing-key": "mailer.cli.signing:signing_key",
    "check-domain": "mailer.cli.domains:check_domain",
    "export": "mailer.cli.data:export",
    "erase": "mailer.cli.data:erase",
    "export-list": "mailer.cli.data:export_list",
    "export-readers": "mailer.cli.exporting:export_readers",
    "privacy": "mailer.cli.requesting:privacy",
    "policy": "mailer.cli.policing:policy",
    "promises": "mailer.cli.promising:promises",
    "verify": "mailer.cli.verify:verify",
}


class Commands(click.Group):
    """Finds a command by its line in COMMANDS, and turns bad settings into one clear line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - COMMANDS names nothing else
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BadConfig as error:
            raise click.UsageError(str(error)) from error


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="mailer")
def main() -> None:
    """Mailer: newsletters that keep the law.

    Exit codes: 0 done, 1 the answer is no, 2 what was given cannot be used.
    """


if __name__ == "__main__":
    main()
