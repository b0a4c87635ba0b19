"""`mailer check`: exit codes and what it prints."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailer.cli.check import check
from mailer.compliance import gate
from tests.compliance.letters import BODY, URL, letter

RECORD: dict[str, Any] = {
    "legal_name": "Acme Inc",
    "from_address": "news@acme.example",
    "reply_to": "hello@acme.example",
    "address": {
        "lines": ["12 Oak Street"],
        "city": "Springfield",
        "region": "IL",
        "postcode": "62701",
        "country": "US",
        "kind": "street",
        "attested_by": "alice",
        "attested_on": "2026-05-04",
    },
}


def run(folder: Path, raw: bytes, record: object = RECORD, *options: str) -> Result:
    file, sender = folder / "letter.eml", folder / "sender.json"
    file.write_bytes(raw)
    sender.write_text(record if isinstance(record, str) else json.dumps(record), "utf-8")
    call = [str(file), "--sender", str(sender), "--today", "2026-11-22", *options]
    return CliRunner().invoke(check, call)


def test_a_lawful_message_exits_0(tmp_path: Path) -> None:
    result = run(tmp_path, letter(), RECORD, "--unsubscribe-url", URL)
    assert result.exit_code == 0
    assert "\nLawful. (rules " in result.stdout
    assert "R05 NOTE" in result.stdout


def test_the_help_shows_a_sender_record_line_by_line() -> None:
    shown = CliRunner().invoke(check, ["--help"]).stdout
    assert '"address": {"lines": ["12 Oak Street"], "city": "Springfield",\n' in shown


def test_a_refused_message_exits_1_and_says_why(tmp_path: Path) -> None:
    result = run(tmp_path, letter(html=BODY))
    assert result.exit_code == 1
    for expected in (
        "R14 REFUSE",
        gate.ASKS["R14"],
        "Found:",
        "Mend:",
        "16 CFR 316.2(p)",
        "Refused for 3 reasons.",
    ):
        assert expected in result.stdout


def test_json_is_what_the_api_answers(tmp_path: Path) -> None:
    result = run(tmp_path, letter(html=BODY), RECORD, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert sorted(answer) == ["message", "not_judged", "ruleset", "violations"]
    assert {v["rule"] for v in answer["violations"]} == {"R13", "R14", "R16"}


def test_another_kind_has_other_rules(tmp_path: Path) -> None:
    result = run(tmp_path, letter(html=BODY), RECORD, "--kind", "editorial", "--json")
    assert {v["rule"] for v in json.loads(result.stdout)["violations"]} == {"R14", "R16"}


def test_today_is_the_day_of_the_clock(tmp_path: Path) -> None:
    file, sender = tmp_path / "letter.eml", tmp_path / "sender.json"
    file.write_bytes(letter(headers={"Date": "Sun, 22 Nov 2020 10:00:00 +0000"}))
    sender.write_text(json.dumps(RECORD), "utf-8")
    result = CliRunner().invoke(check, [str(file), "--sender", str(sender)])
    assert result.exit_code == 1
    assert "R04" in result.stdout


def changed(**changes: object) -> dict[str, Any]:
    return {**RECORD, **changes}


def moved(**changes: object) -> dict[str, Any]:
    return changed(address={**RECORD["address"], **changes})


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("{", "is no JSON"),
        ("[]", "the record must be an object"),
        (changed(colour="red"), "unknown key colour"),
        ({k: v for k, v in RECORD.items() if k != "legal_name"}, "missing key legal_name"),
        (changed(legal_name=7), "legal_name must be a text"),
        (changed(ad_labels="Promo"), "ad_labels must be a list of texts"),
        (changed(ad_labels=[7]), "ad_labels must be a text"),
        (changed(address="12 Oak Street"), "address must be an object"),
        (moved(street="x"), "unknown key address.street"),
        (changed(address={"lines": []}), "missing key address.city"),
        (moved(lines="12 Oak Street"), "address.lines must be a list of texts"),
        (moved(kind="castle"), "address.kind must be one of street, usps_po_box, cmra_pmb"),
        (moved(attested_on="May"), "address.attested_on must be a day like 2026-05-04"),
        (moved(city=None), "address.city must be a text"),
    ],
)
def test_a_sender_record_that_cannot_be_used_exits_2_and_names_the_key(
    tmp_path: Path, record: object, expected: str
) -> None:
    result = run(tmp_path, letter(), record)
    assert result.exit_code == 2
    assert expected in result.stderr


@pytest.mark.parametrize("raw", [b"", b" \r\n", b"hello", b"%PDF-1.7\n\xff\xfe", b"A: b\r\n\r\nx"])
def test_a_file_that_is_no_message_exits_2(tmp_path: Path, raw: bytes) -> None:
    result = run(tmp_path, raw)
    assert result.exit_code == 2
    assert "letter.eml" in result.stderr


def test_files_that_cannot_be_read_exit_2(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.eml")
    result = CliRunner().invoke(check, [missing, "--sender", missing])
    assert result.exit_code == 2
    assert "No such file" in result.stderr
    (tmp_path / "letter.eml").write_bytes(letter())
    result = CliRunner().invoke(check, [str(tmp_path), "--sender", str(tmp_path)])
    assert result.exit_code == 2
    assert "Is a directory" in result.stderr


def test_optional_keys_may_be_left_out_and_a_missing_confirmation_is_refused(
    tmp_path: Path,
) -> None:
    record = moved(attested_on=None)
    del record["reply_to"]
    record |= {"ad_labels": ["Advertisement from Acme Inc"], "trade_names": ["Re:Mix"]}
    result = run(tmp_path, letter(headers={"Subject": "Re:Mix"}), record, "--json")
    assert [v["rule"] for v in json.loads(result.stdout)["violations"]] == ["R15"]


def test_it_starts_without_the_web_and_the_database() -> None:
    code = "import sys, mailer.cli.check; print({'flask', 'sqlalchemy'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "set()"
