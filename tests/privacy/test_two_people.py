"""Two people made up together: each archive keeps to its schema, and to its own person."""

import io
import itertools
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber
from mailer.links import Site
from mailer.privacy import access
from tests.conftest import MakeReader
from tests.privacy.conftest import Tell

# Long enough that none of it is in an archive by chance.
WORDS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="{}%"),
    min_size=8,
    max_size=20,
)

MAILBOXES = st.from_regex(r"[a-z]{8,16}", fullmatch=True)
NUMBERS = itertools.count(1000)  # people stay: each is new


@dataclass(frozen=True)
class Traits:
    """What is hers and nobody else's."""

    mailbox: str
    name: str
    field: str
    value: str

    def forms(self) -> set[bytes]:
        """Return how these may stand in a file: as they are, as JSON, in a table."""
        found = set()
        for text in (self.mailbox, self.name, self.field, self.value):
            quoted = json.dumps(text, ensure_ascii=False)[1:-1]
            found |= {text, quoted, text.replace('"', '""'), json.dumps(text)[1:-1]}
        return {one.encode() for one in found}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Traits, Traits]:
    one, other = (
        Traits(
            f"{draw(MAILBOXES)}{next(NUMBERS)}{side}",
            f"{draw(WORDS)}{side}",
            f"{draw(WORDS)}{side}",
            f"{draw(WORDS)}{side}",
        )
        for side in ("xone", "xtwo")
    )
    return one, other


Drawn = Callable[[Traits], Subscriber]


@pytest.fixture
def drawn(make_reader: MakeReader, tell: Tell) -> Drawn:
    def made(traits: Traits) -> Subscriber:
        reader = make_reader(traits.mailbox)
        reader.name, reader.attributes = traits.name, {traits.field: traits.value}
        tell(reader)
        return reader

    return made


@settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),  # to shrink would take minutes: people stay
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pair=pairs())
def test_an_archive_keeps_to_its_schema_and_holds_no_byte_of_another_person(
    session: Session, site: Site, drawn: Drawn, now: datetime, pair: tuple[Traits, Traits]
) -> None:
    people = [drawn(one) for one in pair]
    for reader, own, other in zip(people, pair, reversed(pair), strict=True):
        files = unpacked(access.archive(session, site, reader, now))
        data = json.loads(files["data.json"])
        Draft202012Validator(json.loads(files["schema.json"])).validate(data)
        everything = b"\n".join([*map(str.encode, files), *files.values()])
        assert own.mailbox.encode() in everything
        assert [form for form in other.forms() if form in everything] == []


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
