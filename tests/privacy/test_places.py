"""The archive is complete by construction: no table and no column is forgotten."""

import json
from collections import Counter

import pytest
import sqlalchemy as sa

import mailer.app  # noqa: F401 - every model is imported
from mailer.db import Base
from mailer.privacy.archive import places, schema
from mailer.privacy.archive.columns import COLUMNS, SCHEMA

TABLES = Base.metadata.tables
PRINT_BYTES = 32


def refers_to_a_person(column: sa.Column[object]) -> bool:
    """Tell whether a column holds a reader's number, address or fingerprint, by type and name."""
    is_print = isinstance(column.type, sa.LargeBinary) and column.type.length == PRINT_BYTES
    names = ("subscriber_id", "delivery_id", "subscription_id", "email", "mail_from")
    return is_print or column.name in names


def test_every_table_stands_in_exactly_one_list() -> None:
    found = Counter([*places.TOLD, *places.NOT_TOLD, *places.IMPERSONAL])
    assert found == Counter(list(TABLES))


@pytest.mark.parametrize("name", sorted(places.IMPERSONAL))
def test_a_table_of_nobody_refers_to_nobody(name: str) -> None:
    assert [column.name for column in TABLES[name].c if refers_to_a_person(column)] == []
    behind = {key.column.table.name for key in TABLES[name].foreign_keys}
    assert behind <= places.IMPERSONAL


@pytest.mark.parametrize("name", sorted(places.TOLD))
def test_every_column_of_a_persons_table_is_told_or_withheld_with_the_reason(name: str) -> None:
    told, withheld = places.TOLD[name], places.WITHHELD[name]
    assert Counter([*told, *withheld]) == Counter(list(TABLES[name].c.keys()))
    assert all(withheld.values())


def test_what_is_told_has_its_place_in_the_archive_and_nothing_else_has() -> None:
    told = {place for columns in places.TOLD.values() for place in columns.values()}
    offered = {f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns}
    assert told <= offered
    assert {place.partition(".")[0] for place in told} == set(COLUMNS)


def test_the_published_schema_has_the_same_tables_and_columns() -> None:
    read = json.loads(schema.text())
    assert read["properties"]["schema"] == {"const": SCHEMA}
    described = {
        name: tuple(table["items"]["properties"])
        for name, table in read["properties"].items()
        if name in COLUMNS
    }
    assert described == COLUMNS
    assert read["required"] == ["schema", "made_at", *COLUMNS]
