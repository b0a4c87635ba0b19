"""The newsletters are those that were reviewed, byte for byte, or there are none."""

from pathlib import Path

import pytest

from tests.corpus import archive
from tests.corpus.archive import CorpusMissing


def test_the_archive_holds_250_mails() -> None:
    mails = archive.hard_ham()
    assert list(mails) == [f"{number:05}" for number in range(1, 251)]


def test_an_archive_with_one_other_byte_is_refused(tmp_path: Path) -> None:
    content = bytearray(archive.PLACE.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "other.tgz").write_bytes(content)
    with pytest.raises(CorpusMissing, match="damaged"):
        archive.hard_ham(tmp_path / "other.tgz")


def test_a_missing_archive_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(CorpusMissing, match="make test"):
        archive.hard_ham(tmp_path / "none.tgz")
