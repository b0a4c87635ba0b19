"""How a test imports a file: uploaded, told what it is, checked, run, all in this process."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import clock, importing
from mailer.audience.imports import arrivals, batches
from mailer.audience.imports.batches import Choices
from mailer.audience.imports.models import Basis, Fault, Import, State
from mailer.audience.imports.reading.targets import Target
from mailer.audience.models import MailingList
from mailer.compliance.acts import Provenance

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
PEOPLE = b"email,name,city\nrosa@example.org,Rosa,Springfield\ntom@example.org,Tom,Salem\n"

Upload = Callable[..., Import]
Arrange = Callable[..., Import]
Worked = Callable[[Import], Import]
TakeIn = Callable[..., Import]


@pytest.fixture
def upload(session: Session) -> Upload:
    """``upload(content)`` keeps a file and proposes what its columns are."""

    def make(content: bytes, filename: str = "people.csv") -> Import:
        batch = arrivals.create(session, NOW, "alice@example.com", filename, io.BytesIO(content))
        session.commit()
        return batch

    return make


@pytest.fixture
def arrange(session: Session, letters: MailingList) -> Arrange:
    """``arrange(batch, basis=…)`` says what the file is, as proposed, for ``letters``."""

    def make(batch: Import, **choices: Any) -> Import:  # noqa: ANN401 - fields of Choices
        proposed = {heading: Target(target) for heading, target in batch.mapping}
        chosen = Choices(
            **{
                "mapping": proposed,
                "list_ids": (letters.id,),
                "provenance": Provenance.migration,
                "basis": Basis.double_opt_in,
                "evidence": "Our former system",
                **choices,
            }
        )
        batches.arrange(session, NOW, "alice@example.com", batch, chosen)
        session.commit()
        return batch

    return make


@pytest.fixture
def work(session: Session) -> Worked:
    """``work(batch)`` lets a worker do what the batch's state asks for."""

    def make(batch: Import) -> Import:
        batch_id = batch.id
        importing.take_in(batch_id)
        session.expire_all()
        return session.get_one(Import, batch_id)

    return make


@pytest.fixture
def take_in(
    session: Session,
    upload: Upload,
    arrange: Arrange,
    work: Worked,
) -> TakeIn:
    """``take_in(content, basis=…)`` imports a file from beginning to end."""

    def make(content: bytes, filename: str = "people.csv", **choices: object) -> Import:
        batch = work(arrange(upload(content, filename), **choices))
        assert batch.state is State.checked, batch.problem
        batches.begin(session, clock.now(), batch, reason="a test")
        session.commit()
        return work(batch)

    return make


def faults(session: Session, batch: Import) -> list[tuple[int, str]]:
    """Return the line and the outcome of each row that was not simply taken."""
    chosen = sa.select(Fault).where(Fault.import_id == batch.id).order_by(Fault.id)
    return [(one.line, one.outcome) for one in session.scalars(chosen)]
