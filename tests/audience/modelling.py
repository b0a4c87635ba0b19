"""How a test runs a model of readers: where its examples happen, and how many there are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.links import Site
from tests.faults.size import SEED, size


@dataclass
class Place:
    """Where all examples happen: an installation and its lists."""

    session: Session
    site: Site
    lists: list[MailingList]


def run(made: Callable[[], RuleBasedStateMachine], few: int, many: int) -> None:
    """Run a few examples of a machine, or many under `make faults`."""
    machine = cast("type[RuleBasedStateMachine]", seed(int(SEED))(made))
    chosen = settings(
        max_examples=size(few, many),
        stateful_step_count=size(25, 50),
        deadline=None,
        database=None,
        # Making a failure small takes longer than a run may; `make faults` does it.
        phases=size((Phase.generate,), tuple(Phase)),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
