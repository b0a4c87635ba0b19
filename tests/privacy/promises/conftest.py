"""The ground of the proofs: one installation in development, one in production."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.links import Site
from mailer.privacy.promises.proof import Ground
from tests.privacy.policy.test_pages import SETTINGS


@pytest.fixture
def ground(session: Session, site: Site, now: datetime) -> Ground:
    return Ground(session, replace(site, development=True), SETTINGS, now)


@pytest.fixture
def live(ground: Ground) -> Ground:
    """In production, with a relay."""
    return replace(
        ground,
        site=replace(ground.site, development=False),
        settings=replace(ground.settings, relays=("127.0.0.1",)),
    )
