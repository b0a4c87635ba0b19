"""Settings: development invents what it needs, production refuses whatever is weak."""

import stat
from pathlib import Path

import pytest

from config import BadConfig, Config

STRONG = "4b1f0c9d27e86a355d9c41b07fe2a8c6"
OTHER = "c06d8e12fb7394a5e81b2dd740f6935a"


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
    "key", [None, "", "secret", "changeme", STRONG[:31], "a" * 64, "abcdefg" * 9]
)
def test_a_missing_or_weak_key_refuses_to_start(
    production: dict[str, str], name: str, key: str | None
) -> None:
    del production[name]
    given = production if key is None else {**production, name: key}
    with pytest.raises(BadConfig, match=f"{name} is missing or too weak") as refusal:
        Config.from_environ(given)
    assert "secrets.token_hex(32)" in str(refusal.value)


def test_a_weak_older_key_refuses_to_start(production: dict[str, str]) -> None:
    with pytest.raises(BadConfig, match="too weak"):
        Config.from_environ({**production, "MAILER_SECRET_KEY_FALLBACKS": f"{OTHER} short"})


def test_older_keys_follow_the_newest(production: dict[str, str]) -> None:
    config = Config.from_environ({**production, "MAILER_SECRET_KEY_FALLBACKS": f" {OTHER} "})
    assert config.secret_keys == (STRONG, OTHER)


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
