"""Many rows as one value: what is read back is what was given, on both engines."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.audience.models import ConsentEvent, Suppression
from mailer.audience.words import ConsentAction, ConsentMethod, Scope

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=UTC)
KEYS = [bytes([number]) * 32 for number in (0, 92, 255)]
SHOWN = {"shown": "“Ja” \\x41 'quoted' \"twice\"\n\u2028€\U0001f600", "ip": "192.0.2.0/24"}


def refusal(key: bytes) -> dict[str, object]:
    return {
        "address_key": key,
        "scope": Scope.sender,
        "scope_id": 2**40,
        "reason": "unsubscribed",
        "delivery_id": None,
        "created_at": NOW,
    }


def test_every_kind_of_value_comes_back_as_it_was_and_in_order(session: Session) -> None:
    values = [
        {
            "at": NOW + timedelta(microseconds=number),
            "address_key": key,
            "list_id": None if number else 7,
            "action": ConsentAction.unsubscribed,
            "method": ConsentMethod.one_click,
            "evidence": SHOWN,
            "evidence_hash": "00" * 32,
        }
        for number, key in enumerate(KEYS)
    ]
    assert rows.insert_all(session, ConsentEvent, values) == ()
    found = session.query(ConsentEvent).order_by(ConsentEvent.id).all()
    assert [{name: getattr(one, name) for name in values[0]} for one in found] == values


def test_what_an_index_holds_is_passed_over_and_only_the_new_are_named(session: Session) -> None:
    def added(*keys: bytes) -> list[bytes]:
        values = [refusal(key) for key in keys]
        found = rows.insert_all(
            session, Suppression, values, skips=True, returned=("address_key", "id")
        )
        return [one.address_key for one in found]

    assert added(KEYS[1]) == [KEYS[1]]
    assert added(*KEYS) == [KEYS[0], KEYS[2]]
    assert {(one.scope_id, one.actor) for one in session.query(Suppression)} == {(2**40, "")}
