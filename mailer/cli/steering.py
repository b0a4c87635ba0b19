"""How a command changes a campaign: recorded, committed, and a no said with exit code 1."""

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

import click
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts import audit
from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign
from mailer.cli import answers
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, named_actor
from mailer.db import db
from mailer.delivery import checks, launch, overrides
from mailer.delivery.overrides import Acceptance

NO = 1

Change = Callable[[Session, Campaign, datetime], None]


def the_campaign(number: int) -> Campaign:
    """Return the campaign of this number."""
    found = db.session.get(Campaign, number) if 0 < number < 2**63 else None
    if found is None:
        raise Unusable(f"There is no campaign {number}. `mailer campaigns` lists them.")
    return found


def steer(number: int, action: str, change: Change) -> None:
    """Apply a change, record and commit it; a refusal is printed, with exit code 1."""
    session, now = db.session(), clock.now()
    try:
        change(session, the_campaign(number), now)
    except checks.Refused as refusal:
        refuse(refusal)
    except overrides.NeedsOverride as error:
        answers.show(error.verdict)
        rules = " ".join(
            f'--accept {rule}="…"' for rule in sorted({f.rule for f in error.open_ones})
        )
        answer_no(f"{error} Mend it, or say why it is right here: {rules}")
    except launch.NoAudience as error:
        people = [f"{count:,} {reason}" for reason, count in error.arithmetic.items()]
        answer_no("; ".join((str(error), *people)))
    except (lifecycle.WrongState, launch.PastTime) as error:
        answer_no(str(error))
    audit.record(session, now, ACTOR, action, f"campaign {number}")
    session.commit()


def acceptance(given: tuple[str, ...]) -> Acceptance:
    """Read ``R08=why`` pairs; the person is the account that runs the command."""
    reasons = {}
    for pair in given:
        rule, mark, reason = pair.partition("=")
        if not mark or len(reason.strip()) < overrides.SHORTEST:
            raise Unusable('--accept must be like R08="Why the warning is right here."')
        reasons[rule.strip().upper()] = reason
    return Acceptance(named_actor(), reasons)


def ring(app: Flask, number: int) -> None:
    """Wake the senders; a campaign whose ring is lost starts with the next tick."""
    if not app.extensions["bell"].deliver(number):
        click.echo("The broker cannot be reached; the tick will do it.")


def refuse(refusal: checks.Refused) -> NoReturn:
    answers.show(refusal.verdict)
    db.session.rollback()
    raise SystemExit(NO)


def answer_no(why: str) -> NoReturn:
    db.session.rollback()
    click.echo(why, err=True)
    raise SystemExit(NO)
