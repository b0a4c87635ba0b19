"""Settings: development invents what it needs, production refuses whatever is weak."""

import base64
import random
import stat
from pathlib import Path

import pytest

from config import Config
from mailer.environment import BadConfig
from mailer.tokens import is_strong

STRONG = "4b1f0c9d27e86a355d9c41b07fe2a8c6"
OTHER = "c06d8e12fb7394a5e81b2dd740f6935a"
OLDER = "93e5b0a1c8d7426f1f0ab86e5d3c7294"


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    """An environment that production starts with."""
    return {
        "MAILER_DATA_DIR": str(tmp_path),
        "MAILER_SECRET_KEY": STRONG,
        "MAILER_SUPPRESSION_KEY": OTHER,
        "MAILER_PUBLIC_URL": "https://news.example.com",
    }


def test_production_is_what_runs_unless_development_is_named(production: dict[str, str]) -> None:
    assert Config.from_environ(production).production
    assert Config.from_environ({**production, "MAILER_ENV": "developmentt"}).production
    assert Config.from_environ({**production, "MAILER_ENV": "development"}).is_development


@pytest.mark.parametrize("name", ["MAILER_SECRET_KEY", "MAILER_SUPPRESSION_KEY"])
@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "secret",
        "changeme",
        STRONG[:31],
        "a" * 64,
        "abcdefg" * 9,
        "0123456789abcdef" * 2,
        STRONG[:16] * 4,
        f"My-Secret-{STRONG}",
        f"{STRONG}changeme",
    ],
)
def test_a_missing_or_weak_key_refuses_to_start(
    production: dict[str, str], name: str, key: str | None
) -> None:
    del production[name]
    given = production if key is None else {**production, name: key}
    with pytest.raises(BadConfig, match=f"{name} is missing or too weak") as refusal:
        Config.from_environ(given)
    assert "secrets.token_hex(32)" in str(refusal.value)


@pytest.mark.parametrize("length", [16, 32, 64])
def test_a_random_key_is_always_strong_enough(length: int) -> None:
    numbers = random.Random(length)  # noqa: S311 - the same keys in every run
    keys = [numbers.randbytes(length) for _ in range(2000)]
    assert all(is_strong(key.hex()) for key in keys)
    assert all(is_strong(base64.b64encode(key + key[:8][::-1]).decode()) for key in keys)


@pytest.mark.parametrize("newest", [STRONG, OTHER])
def test_one_key_cannot_serve_both_ends(production: dict[str, str], newest: str) -> None:
    same = {"MAILER_SECRET_KEY": newest, "MAILER_SECRET_KEY_FALLBACKS": f"{STRONG} {OTHER}"}
    with pytest.raises(BadConfig, match="MAILER_SUPPRESSION_KEY must differ"):
        Config.from_environ({**production, **same})


@pytest.mark.parametrize("name", ["secret_key", "suppression_key"])
@pytest.mark.parametrize("content", ["", "\n", "short", "\0" * 64])
def test_a_damaged_kept_key_is_not_used(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    environment = {"MAILER_ENV": "development", "MAILER_DATA_DIR": str(tmp_path)}
    with pytest.raises(BadConfig, match=f"{name} is empty or damaged. Put it back from a backup"):
        Config.from_environ(environment)


def test_an_editors_line_break_does_not_change_a_kept_key(tmp_path: Path) -> None:
    environment = {"MAILER_ENV": "development", "MAILER_DATA_DIR": str(tmp_path)}
    first = Config.from_environ(environment)
    with (tmp_path / "suppression_key").open("a") as file:
        file.write("\n")
    assert Config.from_environ(environment) == first


def test_a_weak_older_key_refuses_to_start(production: dict[str, str]) -> None:
    with pytest.raises(BadConfig, match="too weak"):
        Config.from_environ({**production, "MAILER_SECRET_KEY_FALLBACKS": f"{OLDER} short"})


def test_older_keys_follow_the_newest(production: dict[str, str]) -> None:
    config = Config.from_environ({**production, "MAILER_SECRET_KEY_FALLBACKS": f" {OLDER} "})
    assert config.secret_keys == (STRONG, OLDER)


def test_production_leaves_no_key_in_the_data_directory(
    production: dict[str, str], tmp_path: Path
) -> None:
    Config.from_environ(production)
    assert list(tmp_path.iterdir()) == []


def test_development_invents_keys_once_and_hides_them(tmp_path: Path) -> None:
    environment = {"MAILER_ENV": "development", "MAILER_DATA_DIR": str(tmp_path / "data")}
    first = Config.from_environ(environment)
    assert first == Config.from_environ(environment)
    assert len(first.secret_keys[0]) >= 32
    assert first.secret_keys[0] != first.suppression_key
    for name in ("secret_key", "suppression_key"):
        assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600


def test_no_key_is_shown_when_settings_are_printed(production: dict[str, str]) -> None:
    given = {
        **production,
        "MAILER_SMTP_URL": "smtp://user:hunter2@relay.example.com",
        "MAILER_REDIS_URL": "redis://:hunter2@127.0.0.1/0",
        "MAILER_DATABASE_URL": "postgresql://mailer:hunter2@db.example.com/mailer",
    }
    shown = repr(Config.from_environ(given))
    assert not [key for key in (STRONG, OTHER, "hunter2") if key in shown]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example.com",
        "https://",
        "https://news.example.com/mail",
        "https://news.example.com/?page=1",
        "https://news.example.com//",
        "https://news.example.com#top",
        "https://news.example.com?",
        "https://someone@news.example.com",
        "https://someone:word@news.example.com",
        "https://news.example.com:0",
        "https://news.example.com:65536",
        "https://news.example.com:",
        "https://news.example.com:https",
        "https://news example.com",
        "https://news.example.com\n",
        "https://news.example.com\t.evil.example",
        "https://news.example.com\\.evil.example",
        "https://-news.example.com",
        "https://news..example.com",
        "https://neuigkeiten.bücher.example",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 130}example",
        "http://news.example.com",
        "ftp://news.example.com",
    ],
)
def test_production_needs_the_address_its_readers_use(production: dict[str, str], url: str) -> None:
    with pytest.raises(BadConfig, match="MAILER_PUBLIC_URL must"):
        Config.from_environ({**production, "MAILER_PUBLIC_URL": url})


def test_the_public_address_loses_its_last_slash(production: dict[str, str]) -> None:
    given = {**production, "MAILER_PUBLIC_URL": "https://news.example.com/"}
    assert Config.from_environ(given).public_url == "https://news.example.com"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://News.Example.COM", "https://news.example.com"),
        ("https://xn--bcher-kva.example:8443/", "https://xn--bcher-kva.example:8443"),
        ("https://192.0.2.1", "https://192.0.2.1"),
    ],
)
def test_an_origin_is_kept_as_browsers_spell_it(
    production: dict[str, str], url: str, kept: str
) -> None:
    assert Config.from_environ({**production, "MAILER_PUBLIC_URL": url}).public_url == kept


def test_development_is_reached_at_its_own_port(tmp_path: Path) -> None:
    environment = {
        "MAILER_ENV": "development",
        "MAILER_DATA_DIR": str(tmp_path),
        "MAILER_PORT": "5001",
    }
    config = Config.from_environ(environment)
    assert (config.port, config.public_url) == (5001, "http://127.0.0.1:5001")


@pytest.mark.parametrize("text", ["", "five", "-1", "5.5", "²"])
def test_a_number_that_is_none_is_named(production: dict[str, str], text: str) -> None:
    with pytest.raises(BadConfig, match="MAILER_PORT must be a whole number"):
        Config.from_environ({**production, "MAILER_PORT": text})


def test_a_file_in_place_of_the_data_directory_refuses_to_start(
    production: dict[str, str], tmp_path: Path
) -> None:
    place = tmp_path / "taken"
    place.write_text("")
    with pytest.raises(BadConfig, match=r"cannot be written .*MAILER_DATA_DIR"):
        Config.from_environ({**production, "MAILER_DATA_DIR": str(place)})


def test_a_data_directory_on_a_read_only_disk_refuses_to_start(production: dict[str, str]) -> None:
    place = "/proc/mailer" if Path("/proc").exists() else "/System/mailer"
    with pytest.raises(BadConfig, match=r"cannot be written .*MAILER_DATA_DIR"):
        Config.from_environ({**production, "MAILER_DATA_DIR": place})


def test_the_default_database_lies_in_the_data_directory(
    production: dict[str, str], tmp_path: Path
) -> None:
    assert Config.from_environ(production).database_url == f"sqlite:///{tmp_path}/mailer.sqlite3"


def test_the_old_name_of_postgresql_is_understood(production: dict[str, str]) -> None:
    given = {**production, "MAILER_DATABASE_URL": "postgres://mailer@db.example.com/mailer"}
    assert Config.from_environ(given).database_url == "postgresql://mailer@db.example.com/mailer"


def development(tmp_path: Path) -> dict[str, str]:
    return {"MAILER_ENV": "development", "MAILER_DATA_DIR": str(tmp_path)}


IMAPS = "imaps://seed:word@mail.example.com/Seeds"


def test_seed_copies_go_to_the_development_inbox_by_default(tmp_path: Path) -> None:
    config = Config.from_environ(development(tmp_path))
    assert (config.seed_address, config.seed_mailbox) == (
        "seed@example.com",
        f"maildir:{config.inbox_dir}",
    )
    elsewhere = development(tmp_path) | {"MAILER_SMTP_URL": "smtps://u:p@mx.example"}
    config = Config.from_environ(elsewhere)
    assert (config.seed_address, config.seed_mailbox, config.relay_host) == ("", "", "mx.example")


def test_a_seed_mailbox_is_read_and_never_shown(tmp_path: Path) -> None:
    given = development(tmp_path) | {
        "MAILER_SEED_ADDRESS": "seed@example.net",
        "MAILER_SEED_MAILBOX": IMAPS,
    }
    config = Config.from_environ(given)
    assert (config.seed_address, config.seed_mailbox) == ("seed@example.net", IMAPS)
    assert "seed:word" not in repr(config)


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("", IMAPS),
        ("seed@example.net", ""),
        ("seed", IMAPS),
        ("seed@example.net", "imap://seed:word@mail.example.com/Seeds"),
        ("seed@example.net", "imaps://mail.example.com/Seeds"),
        ("seed@example.net", "maildir:relative"),
        ("a@b\r\nDATA", IMAPS),
    ],
)
def test_a_seed_mailbox_that_cannot_be_used_is_refused(
    tmp_path: Path, address: str, mailbox: str
) -> None:
    given = {"MAILER_SEED_ADDRESS": address, "MAILER_SEED_MAILBOX": mailbox}
    with pytest.raises(BadConfig, match="belong together") as refusal:
        Config.from_environ(development(tmp_path) | given)
    assert "seed:word" not in str(refusal.value)


def test_the_mailbox_for_letters_is_known_and_its_password_never_shown(tmp_path: Path) -> None:
    given = {
        "MAILER_LETTERS_ADDRESS": "Letters@In.example.com",
        "MAILER_LETTERS_MAILBOX": IMAPS,
    }
    config = Config.from_environ(development(tmp_path) | given)
    assert (config.letters_address, config.letters_mailbox) == ("letters@in.example.com", IMAPS)
    assert "seed:word" not in repr(config)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADDRESS", "letters"),
        ("ADDRESS", "letters+box@in.example.com"),
        ("ADDRESS", f"{'l' * 31}@in.example.com"),
        ("ADDRESS", "let ters@in.example.com"),
        ("ADDRESS", "a@b.example>\r\nDATA"),
        ("MAILBOX", "imap://seed:word@mail.example.com/Seeds"),
        ("MAILBOX", "maildir:relative"),
    ],
)
def test_a_mailbox_for_letters_that_cannot_be_used_is_refused(
    tmp_path: Path, name: str, value: str
) -> None:
    given = {f"MAILER_LETTERS_{name}": value}
    with pytest.raises(BadConfig, match=f"MAILER_LETTERS_{name}") as refusal:
        Config.from_environ(development(tmp_path) | given)
    assert "seed:word" not in str(refusal.value)


@pytest.mark.parametrize(
    "where", ["192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:53", ""]
)
def test_a_resolver_is_named_by_its_address(production: dict[str, str], where: str) -> None:
    given = {**production, "MAILER_DNS_RESOLVER": where}
    assert Config.from_environ(given).dns_resolver == (where or None)


@pytest.mark.parametrize(
    "where", ["dns.example", "192.0.2.999", "192.0.2.53:0", "192.0.2.53:70000", "[::1]:x", "::g"]
)
def test_a_resolver_that_cannot_be_asked_refuses_to_start(
    production: dict[str, str], where: str
) -> None:
    with pytest.raises(BadConfig, match="MAILER_DNS_RESOLVER"):
        Config.from_environ({**production, "MAILER_DNS_RESOLVER": where})


def test_what_spf_must_hold_is_one_term(production: dict[str, str]) -> None:
    given = {**production, "MAILER_SPF": "Include:_spf.Relay.example"}
    assert Config.from_environ(given).spf == "include:_spf.relay.example"
    assert Config.from_environ(production).spf is None
    for text in ("v=spf1 -all", "relay.example", "ip4:1.2.3.4 -all"):
        with pytest.raises(BadConfig, match="MAILER_SPF"):
            Config.from_environ({**production, "MAILER_SPF": text})


@pytest.mark.parametrize(
    ("newest", "former"),
    [(OTHER, ""), (f"2:{OTHER}", ""), (f"2:{OTHER}", OLDER), (f"3:{OTHER}", f"2:{OLDER} {STRONG}")],
)
def test_suppression_keys_are_a_ring_whose_versions_fall(
    production: dict[str, str], newest: str, former: str
) -> None:
    ring = {"MAILER_SUPPRESSION_KEY": newest, "MAILER_SUPPRESSION_KEY_FALLBACKS": former}
    production["MAILER_SECRET_KEY"] = OTHER[::-1]
    config = Config.from_environ({**production, **ring})
    assert config.suppression_key == newest
    assert config.suppression_key_fallbacks == tuple(former.split())


@pytest.mark.parametrize(
    ("newest", "former"),
    [(OTHER, OLDER), (f"2:{OTHER}", f"2:{OLDER}"), (f"2:{OTHER}", f"{OLDER} 3:{STRONG}")],
)
def test_a_suppression_key_that_names_no_higher_version_refuses_to_start(
    production: dict[str, str], newest: str, former: str
) -> None:
    ring = {"MAILER_SUPPRESSION_KEY": newest, "MAILER_SUPPRESSION_KEY_FALLBACKS": former}
    production["MAILER_SECRET_KEY"] = OTHER[::-1]
    with pytest.raises(BadConfig, match="begins with a higher version"):
        Config.from_environ({**production, **ring})


def test_a_former_suppression_key_is_as_strong_as_any(production: dict[str, str]) -> None:
    ring = {"MAILER_SUPPRESSION_KEY": f"2:{OTHER}", "MAILER_SUPPRESSION_KEY_FALLBACKS": "short"}
    with pytest.raises(BadConfig, match="too weak"):
        Config.from_environ({**production, **ring})
    ring["MAILER_SUPPRESSION_KEY_FALLBACKS"] = STRONG
    with pytest.raises(BadConfig, match="must differ"):
        Config.from_environ({**production, **ring})
