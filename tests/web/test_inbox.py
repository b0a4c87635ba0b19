"""The development inbox's pages: for everybody, in development, and never elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from config import Config
from mailer import inbox
from mailer.app import create_app
from mailer.web import headers

MAIL = (
    b"From: a@example.com\r\nTo: rosa@example.org\r\nSubject: <b>Hello</b>\r\n"
    b"List-Unsubscribe: <http://localhost/u/abc>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    b'<script>x</script><a href="http://localhost/c/abc">Confirm</a>\r\n'
)
Keep = Callable[[bytes], str]
TYPE = b"Subject: x\r\nContent-Type: "
PART = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n'
MALFORMED = {
    "charset": TYPE + b"text/plain; charset=nonsense\r\n\r\nhi",
    "charset of html": TYPE + b"text/html; charset*=utf-8''%ff\r\n\r\nhi",
    "charset with a NUL": TYPE + b'text/plain; charset="a\0b"\r\n\r\nhi',
    "codec": TYPE + b"text/plain; charset=rot13\r\n\r\nhi",
    "markup": TYPE + b"text/html\r\n\r\n<a href='http://a/'>b</a><![foo[ <p>",
    "addresses": b"From: =?utf-8?q?=ff?= <a@[>\r\nTo: @,,,<\r\n\r\nhi",
    "quotation": b'From: =?utf-8?b?IA==?= <\r\nTo: "\r\n\r\nhi',
    "bytes": b"From: :;\r\nTo: a b@\xff\r\nSubject: \xff\xfe\0\r\n\r\n\xff\0",
    "comments": b"To: " + b"(" * 5000 + b"\r\n\r\nhi",
    "parts": b"".join(PART % (depth, depth) for depth in range(2000)),
    "messages": b"Content-Type: message/rfc822\r\n\r\n" * 3000,
}


@pytest.fixture
def keep(config: Config) -> Keep:
    """``keep(content)`` puts a message into the inbox and returns its path on the web."""
    folder: Path = config.inbox_dir / "new"
    folder.mkdir(parents=True)

    def put(content: bytes) -> str:
        name = f"{len(list(folder.iterdir())) + 1:020d}.1.1"
        (folder / name).write_bytes(content)
        return f"/inbox/{name}"

    return put


def test_an_empty_inbox_says_so_to_a_stranger(client: FlaskClient) -> None:
    page = client.get("/inbox/")
    assert page.status_code == 200
    assert "No mail yet" in page.text
    assert "Readable without signing in" in page.text


def test_messages_are_listed_by_page(client: FlaskClient, keep: Keep) -> None:
    for number in range(30):
        keep(b"Subject: Mail %02d\r\n\r\nx" % number)
    first, second = client.get("/inbox/").text, client.get("/inbox/?page=2").text
    assert first.index("Mail 29") < first.index("Mail 28")
    assert "Mail 04" not in first
    assert "Mail 04" in second
    assert client.get("/inbox/?page=99").text == second


@pytest.mark.parametrize("tab", ["html", "text", "raw", "headers", "nonsense"])
def test_a_message_is_shown_in_each_way(client: FlaskClient, keep: Keep, tab: str) -> None:
    page = client.get(f"{keep(MAIL)}?tab={tab}")
    assert page.status_code == 200
    assert "&lt;b&gt;Hello&lt;/b&gt;" in page.text
    assert "<script>x" not in page.text


def test_the_raw_message_is_all_there(client: FlaskClient, keep: Keep) -> None:
    page = client.get(f"{keep(MAIL)}?tab=raw").text
    assert "List-Unsubscribe: &lt;http://localhost/u/abc&gt;" in page


def test_links_and_the_one_click_button_stand_beside_the_frame(
    client: FlaskClient, keep: Keep
) -> None:
    page = client.get(keep(MAIL)).text
    assert '<a href="http://localhost/c/abc"' in page
    assert '<form method="post" action="http://localhost/u/abc">' in page


def test_a_link_to_another_server_gets_no_button(client: FlaskClient, keep: Keep) -> None:
    page = client.get(keep(MAIL.replace(b"localhost/u", b"elsewhere.example/u"))).text
    assert 'elsewhere.example/u/abc">' not in page.replace('href="http://', "")


def test_the_html_part_is_locked_in(client: FlaskClient, keep: Keep) -> None:
    answer = client.get(f"{keep(MAIL)}/html")
    assert answer.headers["Content-Security-Policy"] == headers.MAIL_POLICY
    assert answer.data.startswith(b"<script>x</script>")


@pytest.mark.parametrize("name", ["1.1.1", "x", "..%2fsecret_key", "00000000000000000009.1.1"])
def test_what_is_no_message_is_nothing(client: FlaskClient, keep: Keep, name: str) -> None:
    keep(MAIL)
    assert client.get(f"/inbox/{name}").status_code == 404
    assert client.get(f"/inbox/{name}/html").status_code == 404


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_message_spoils_neither_the_list_nor_its_page(
    client: FlaskClient, keep: Keep, fault: str
) -> None:
    keep(b"Subject: A whole one\r\n\r\nx")
    path = keep(MALFORMED[fault])
    listed = client.get("/inbox/")
    assert listed.status_code == 200
    assert "A whole one" in listed.text
    for tab in ("html", "text", "raw", "headers"):
        assert client.get(f"{path}?tab={tab}").status_code == 200
    assert client.get(f"{path}/html").status_code == 200


def test_what_cannot_be_read_says_so(client: FlaskClient, keep: Keep) -> None:
    page = client.get(keep(MALFORMED["charset"]))
    assert inbox.UNREADABLE in page.text


def test_links_before_broken_markup_are_listed(client: FlaskClient, keep: Keep) -> None:
    assert 'href="http://a/"' in client.get(keep(MALFORMED["markup"])).text


def test_there_is_no_inbox_in_production(config: Config) -> None:
    app = create_app(replace(config, production=True))
    assert not [rule for rule in app.url_map.iter_rules() if "inbox" in rule.rule]
