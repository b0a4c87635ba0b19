"""The table of promises: complete, honest, and backed by tests that exist."""

import ast
from pathlib import Path

import pytest

from config import ROOT
from mailer.privacy.promises import backing, catalogue
from mailer.privacy.promises.proof import Ground, Promise, Proof, State

IDS = (
    *("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "N1", "N2", "N3", "N4", "N5", "K1", "K2"),
    *("D1", "D2", "D3", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8"),
    *("S1", "S2", "S3", "S4", "S5", "B1", "B2", "P1", "P2"),
)


def names(path: Path) -> set[str]:
    """Return the tests of a file, as pytest collects them."""
    if not path.exists():
        return set()
    found = ast.parse(path.read_text()).body
    return {one.name for one in found if isinstance(one, ast.FunctionDef)}


def test_every_promise_of_the_policies_has_a_row() -> None:
    assert tuple(one.id for one in catalogue.PROMISES) == IDS
    assert set(backing.TESTS) <= set(IDS)


def test_every_test_that_backs_a_promise_exists() -> None:
    ids = [one.split("::") for tests in backing.TESTS.values() for one in tests]
    missing = [f"{path}::{name}" for path, name in ids if name not in names(ROOT / path)]
    assert missing == []
    assert all(name.startswith("test_") for _, name in ids)


@pytest.mark.usefixtures("database")
def test_a_fresh_installation_breaks_nothing_and_claims_nothing_untested(ground: Ground) -> None:
    found = catalogue.rows(ground)
    assert {one.proof.state for one in found} == {State.kept, State.absent}
    for row in found:
        is_kept = row.proof.state is State.kept
        assert bool(row.proof.remedy) is not is_kept, row.promise.id
        assert bool(row.proof.at) is is_kept, row.promise.id
        assert row.tests or not is_kept, row.promise.id


def test_what_no_test_backs_is_not_kept(ground: Ground) -> None:
    claim = Proof(State.kept, "The moon is full.", ground.now)
    promise = Promise("M1", "The moon is full.", "Nothing.", lambda _: claim)
    row = catalogue.row(promise, claim)
    assert (row.proof.state, row.proof.at) == (State.absent, None)
    assert "Write one" in row.proof.remedy
