"""Records from JSON files: the sender, and what else is known of a message."""

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from mailer.cli.answers import Unusable
from mailer.compliance.candidate import Candidate, SenderRecord

# What the command line itself gives, or JSON cannot hold.
_NO_FACTS = frozenset({"raw", "sender", "today", "development", "zone"})
_NAMES: dict[object, str] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    date: "a day like 2026-05-04",
    datetime: "a moment like 2026-12-24T18:00+01:00",
}
_PARSERS: dict[object, Callable[[str], object]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


def sender(file: Path) -> SenderRecord:
    """Read a sender record. Raises Unusable, which names the key that is wrong."""
    values = _object(_json(file), "the record", file)
    found = _fields(SenderRecord, {"reply_to": "", **values}, "", file)
    return SenderRecord(**found)


def facts(file: Path) -> dict[str, Any]:
    """Read what is known of a message: fields of a Candidate. Raises Unusable."""
    found = _fields(Candidate, _object(_json(file), "the record", file), "", file, _NO_FACTS)
    moment = found.get("at")
    if moment is not None and moment.tzinfo is None:
        raise Unusable(f"{file}: at must have a time zone, like 2026-12-24T18:00+01:00.")
    return found


def _json(file: Path) -> object:
    try:
        found: object = json.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{file} is no JSON: {error}") from error
    return found


def _object(value: object, key: str, file: Path) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Unusable(f"{file}: {key} must be an object.")
    return value


def _fields(
    record: type,
    values: dict[str, object],
    prefix: str,
    file: Path,
    given: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Read each value as its field's type; a misspelt key would be judged as absent."""
    types = get_type_hints(record)
    known = {field.name: field for field in fields(record) if field.name not in given}
    for key in values:
        if key not in known:
            hint = f"known are {', '.join(known)}"
            raise Unusable(f"{file}: unknown key {prefix}{key}; {hint}.")
    for key, field in known.items():
        is_demanded = field.default is MISSING and field.default_factory is MISSING
        if is_demanded and not given and key not in values:
            raise Unusable(f"{file}: missing key {prefix}{key}.")
    return {key: _read(types[key], value, prefix + key, file) for key, value in values.items()}


def _read(kind: Any, value: object, key: str, file: Path) -> object:  # noqa: ANN401
    """Read a JSON value as what a field holds: a plain value, a list of some, or an object."""
    if get_origin(kind) is UnionType:
        (wanted,) = (one for one in get_args(kind) if one is not NoneType)
        return None if value is None else _read(wanted, value, key, file)
    if get_origin(kind) in (tuple, frozenset):
        return _many(kind, value, key, file)
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**_fields(kind, _object(value, key, file), f"{key}.", file))
    return (_word if issubclass(kind, StrEnum) else _plain)(kind, value, key, file)


def _many(kind: Any, value: object, key: str, file: Path) -> object:  # noqa: ANN401
    inner = [one for one in get_args(kind) if one is not Ellipsis]
    if not isinstance(value, list):
        what = "a list of texts" if inner[0] is str else "a list"
        raise Unusable(f"{file}: {key} must be {what}.")
    if Ellipsis not in get_args(kind) and get_origin(kind) is tuple and len(value) != len(inner):
        raise Unusable(f"{file}: {key} must be lists of {len(inner)}.")
    return get_origin(kind)(_read(inner[0], one, key, file) for one in value)


def _word(kind: type[StrEnum], value: object, key: str, file: Path) -> StrEnum:
    if value not in list(kind):
        raise Unusable(f"{file}: {key} must be one of {', '.join(kind)}.")
    return kind(str(value))


def _plain(kind: type, value: object, key: str, file: Path) -> object:
    parse = _PARSERS.get(kind)
    try:
        found = parse(str(value)) if parse else value
    except ValueError:
        found = None
    if type(found) is not kind:
        raise Unusable(f"{file}: {key} must be {_NAMES[kind]}.")
    return found
