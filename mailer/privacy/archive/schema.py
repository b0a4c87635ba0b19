"""The published JSON Schema (2020-12) of an archive's data: a file, the same in every archive.

A table or a column more, or less, makes a new version; versions once published stay.
"""

from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "person-2.schema.json"


@cache
def text() -> bytes:
    """Return the schema in UTF-8."""
    return FILE.read_bytes()
