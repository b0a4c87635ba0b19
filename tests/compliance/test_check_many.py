"""`mailer check` for many messages, from wherever they lie, and without a sender record."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailer.cli.check import check
from mailer.cli.judging import OF_SENDER
from mailer.compliance import gate
from tests.compliance.letters import BODY, FOOTER, letter
from tests.compliance.test_check_command import RECORD, run

UNLAWFUL = letter(html=BODY)
ENVELOPE = b"From news@acme.example Sun Nov 22 10:00:00 2026\n"


@pytest.fixture
def record(tmp_path: Path) -> str:
    file = tmp_path / "sender.json"
    file.write_text(json.dumps(RECORD), "utf-8")
    return str(file)


def checked(*call: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(check, [*map(str, call), "--today", "2026-11-22"], input=stdin)


def filed(folder: Path, *raws: bytes) -> Path:
    folder.mkdir()
    for number, raw in enumerate(raws):
        (folder / f"{number:03}.eml").write_bytes(raw)
    return folder


def test_each_message_has_a_line_and_the_rules_are_counted(tmp_path: Path, record: str) -> None:
    folder = filed(tmp_path / "out", letter(), UNLAWFUL, UNLAWFUL)
    result = checked(folder, "--sender", record)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == f"lawful      {folder}/000.eml"
    assert lines[1] == f"refused     {folder}/001.eml  R13 R14 R16"
    assert f"3 messages: 1 lawful, 2 refused. (rules {gate.RULESET})" in lines
    assert "       2  R14 physical-address" in lines
    assert "Found:" not in result.stdout
    assert "Found:" in checked(folder, "--sender", record, "--details").stdout


def test_an_unreadable_file_costs_no_other_its_answer(tmp_path: Path, record: str) -> None:
    folder = filed(tmp_path / "out", letter(), b"hello", b"", letter())
    result = checked(folder, tmp_path / "none.eml", "--sender", record)
    assert result.exit_code == 2
    assert "5 messages: 2 lawful, 3 unreadable." in result.stdout
    assert f"Error: {folder}/001.eml is no email message" in result.stderr
    assert f"Error: {folder}/002.eml is empty." in result.stderr
    assert f"Error: {tmp_path}/none.eml: No such file or directory." in result.stderr


def test_many_as_json_keep_their_order(tmp_path: Path, record: str) -> None:
    folder = filed(tmp_path / "out", *[letter(), UNLAWFUL] * 16, b"hello")
    result = checked(folder, "--sender", record, "--json")
    assert result.exit_code == 2
    answer = json.loads(result.stdout)
    assert [m["result"] for m in answer["messages"]] == ["lawful", "refused"] * 16 + ["unreadable"]
    assert [m["file"] for m in answer["messages"]] == sorted(map(str, folder.iterdir()))
    assert answer["messages"][1]["violations"][0]["rule"] == "R13"
    assert answer["summary"]["refused"] == 16
    assert answer["summary"]["by_rule"] == {"R13": 16, "R14": 16, "R16": 16}


def test_messages_come_from_maildirs_mboxes_and_standard_input(tmp_path: Path, record: str) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    (tmp_path / "mail" / "new" / "1.host").write_bytes(letter())
    (tmp_path / "mail" / "cur" / "2.host:2,S").write_bytes(UNLAWFUL)
    assert (
        "2 messages: 1 lawful, 1 refused" in checked(tmp_path / "mail", "--sender", record).stdout
    )
    quoted = letter(text=None, html=f"{BODY}<p>\r\n>From here on</p>{FOOTER}")
    mbox = ENVELOPE + letter() + b"\r\n" + ENVELOPE + quoted + b"\n\n" + ENVELOPE + UNLAWFUL
    (tmp_path / "archive").write_bytes(mbox)
    for result in (
        checked(tmp_path / "archive", "--sender", record, "--json"),
        checked("-", "--sender", record, "--json", stdin=mbox),
    ):
        first, second, third = json.loads(result.stdout)["messages"]
        assert (first["file"][-2:], first["result"]) == ("#1", "lawful")
        assert {v["rule"] for v in second["violations"]} == {"R13", "R14", "R16"}
        assert "From here on" not in second["message"]
        assert third["result"] == "refused"


def test_one_message_from_standard_input_or_an_mbox_is_told_in_full(
    tmp_path: Path, record: str
) -> None:
    assert checked("-", "--sender", record, stdin=letter()).exit_code == 0
    (tmp_path / "one").write_bytes(ENVELOPE + letter())
    assert checked(tmp_path / "one", "--sender", record).exit_code == 0


def test_a_folder_without_messages_is_named(tmp_path: Path, record: str) -> None:
    (tmp_path / "empty").mkdir()
    result = checked(tmp_path / "empty", "--sender", record)
    assert result.exit_code == 2
    assert "empty holds no message" in result.stderr


def test_without_a_sender_all_is_judged_that_needs_none(tmp_path: Path) -> None:
    folder = filed(tmp_path / "out", letter(), letter(headers={"Subject": "Re: tips"}))
    result = checked(folder / "000.eml")
    assert result.exit_code == 2
    assert "Nothing that was judged is unlawful." in result.stdout
    assert "Not all was judged: R01, R13, R14, R15," in result.stdout
    assert "Give the sender's name and postal address with --sender" in result.stdout
    result = checked(folder)
    assert result.exit_code == 1
    assert "1 refused, 1 incomplete" in result.stdout
    assert "Not all was judged" in result.stdout
    answer = json.loads(checked(folder / "001.eml", "--json").stdout)
    assert [v["rule"] for v in answer["violations"]] == ["R06"]
    assert answer["needs_sender"] == sorted(OF_SENDER)


def test_without_a_sender_and_a_readable_from_the_cause_is_told(tmp_path: Path) -> None:
    file = tmp_path / "letter.eml"
    for name in (None, "=?utf-7?q?Ana?= <news@acme.example>"):
        file.write_bytes(letter(headers={"From": name}))
        assert checked(file).exit_code == 1


def test_strange_mail_is_told_by_its_cause(tmp_path: Path, record: str) -> None:
    file = tmp_path / "letter.eml"
    file.write_bytes(letter()[:-20])
    result = checked(file, "--sender", record)
    assert result.exit_code == 1
    assert "R00 REFUSE  The message cannot be judged for certain" in result.stdout
    assert "it is cut off" in result.stdout


FACTS: dict[str, Any] = {
    "kind": "editorial",
    "list_id": "tips.acme.example",
    "adult": False,
    "unsubscribe_url": None,
    "at": "2026-11-22T12:00+01:00",
    "offer": {"ends": "2026-12-24T18:00", "percentages": ["20"], "terms": "on all spades"},
    "dealing": {"relation": "delivery", "reference": "order 1077"},
    "promoted_parties": [{"name": "Acme", "is_designated": True}],
    "synonyms": [["tips", "advice"]],
    "audience_countries": ["US", "CA"],
    "complaints": {"delivered": 1000, "received": 0},
}


def with_facts(folder: Path, facts: object, *options: str) -> Result:
    file = folder / "facts.json"
    file.write_text(json.dumps(facts), "utf-8")
    return run(folder, letter(html=BODY), RECORD, "--json", "--facts", str(file), *options)


def refused(result: Result) -> set[str]:
    return {v["rule"] for v in json.loads(result.stdout)["violations"]}


def test_facts_reach_the_gate_and_options_have_the_last_word(tmp_path: Path) -> None:
    assert "R13" not in refused(with_facts(tmp_path, FACTS))
    assert "R13" in refused(with_facts(tmp_path, FACTS, "--kind", "commercial"))
    many = FACTS | {"complaints": {"delivered": 1000, "received": 9}}
    assert "R44" in refused(with_facts(tmp_path, many))
    assert "R43" in refused(with_facts(tmp_path, FACTS, "--list-id", "other.acme.example"))
    assert "R12" in refused(with_facts(tmp_path, {}, "--adult"))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], "the record must be an object"),
        ({"raw": "x"}, "unknown key raw; known are unsubscribe_url"),
        ({"kind": "spam"}, "kind must be one of commercial,"),
        ({"adult": "yes"}, "adult must be true or false"),
        ({"adult": None}, "adult must be true or false"),
        ({"at": "noon"}, "at must be a moment like 2026-12-24T18:00+01:00"),
        ({"at": "2026-12-24T18:00"}, "at must have a time zone"),
        ({"offer": {"end": "x"}}, "unknown key offer.end"),
        ({"offer": {"ends": "tonight"}}, "offer.ends must be a moment"),
        ({"dealing": {"relation": "delivery"}}, "missing key dealing.reference"),
        (
            {"complaints": {"delivered": "1", "received": 2}},
            "complaints.delivered must be a number",
        ),
        ({"synonyms": [["tips"]]}, "synonyms must be lists of 2"),
        ({"promoted_parties": "Acme"}, "promoted_parties must be a list"),
    ],
)
def test_facts_that_cannot_be_used_exit_2_and_name_the_key(
    tmp_path: Path, facts: object, expected: str
) -> None:
    result = with_facts(tmp_path, facts)
    assert result.exit_code == 2
    assert expected in result.stderr


def test_a_sender_may_have_names_domains_phone_and_website(tmp_path: Path) -> None:
    more = {
        "person_names": ["Ana Ruiz"],
        "trade_names": ["Acme Garden"],
        "domains": ["acme.example"],
        "phone": "+1 217 555 0100",
        "website": "https://acme.example",
    }
    assert run(tmp_path, letter(), RECORD | more).exit_code == 0


def test_ctrl_c_stops_all_processes_without_a_traceback(tmp_path: Path, record: str) -> None:
    long = BODY + "<p>Water in the morning.</p>\n" * 2000 + FOOTER
    folder = filed(tmp_path / "out", *[letter(html=long)] * 200)
    command = [sys.executable, "-m", "mailer.cli.main", "check", str(folder), "--sender", record]
    with subprocess.Popen(  # noqa: S603
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while len(children.read_text("utf-8").split()) < 2:
            time.sleep(0.05)
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err == "Stopped: not all of 200 messages were judged.\n"
