"""Settings and sources: what is read, what beats what, and what a wrong key is told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Settings, load_settings, load_sources, parse_duration
from bot.errors import ConfigError
from bot.matching.verdicts import ALERT_FLOOR
from bot.model import Chat, ChatKey, ChatKind, FirstRun, FullText, SourceKind, Tier


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("SANCTIONS_BOT_"):
            monkeypatch.delenv(name)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings.store_url.startswith("sqlite:///")
    assert settings.telegram_token is None


def test_the_environment_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "sanctions-bot.toml", 'web_port = 9000\nkeep = "30d"\n')
    monkeypatch.setenv("SANCTIONS_BOT_WEB_PORT", "9001")
    settings = load_settings(tmp_path)
    assert settings.web_port == 9001
    assert settings.keep == timedelta(days=30)


def test_a_secret_may_be_a_mounted_file_and_is_never_printed(tmp_path: Path) -> None:
    token = write(tmp_path, "token", "123:s3cr3t\n")
    settings = load_settings(tmp_path, {"SANCTIONS_BOT_TELEGRAM_TOKEN_FILE": str(token)})
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == "123:s3cr3t"
    assert "s3cr3t" not in repr(settings)


def test_a_language_model_is_off_until_it_is_named(tmp_path: Path) -> None:
    assert load_settings(tmp_path).language_model_url == ""
    key = write(tmp_path, "key", "sk-s3cr3t\n")
    write(
        tmp_path,
        "sanctions-bot.toml",
        'language_model_url = "http://127.0.0.1:11434/v1/chat/completions"\nlanguage_model_name = "small"\n'
        "language_model_lower = 0.5\nlanguage_model_upper = 0.7\n",
    )
    settings = load_settings(tmp_path, {"SANCTIONS_BOT_LANGUAGE_MODEL_KEY_FILE": str(key)})
    assert settings.language_model_url == "http://127.0.0.1:11434/v1", "the path of the call is ours"
    assert settings.language_model_key is not None
    assert settings.language_model_key.get_secret_value() == "sk-s3cr3t"
    assert "s3cr3t" not in repr(settings)
    assert (settings.language_model_lower, settings.language_model_upper) == (0.5, 0.7)


WRONG_SETTINGS = {
    "an unknown key": ("webport = 1", "webport: there is no such setting"),
    "a key with a slip in it": ("web_prot = 1", "web_prot: there is no such setting (did you mean web_port?"),
    "a number that is none": ('web_port = "many"', "web_port: "),
    "a duration without a unit": ('keep = "90"', "keep: '90' is no duration"),
    "a role that is none": ('roles = ["cook"]', "roles: no role cook"),
    "an address of a model that is none": ('language_model_url = "localhost:11434"', "language_model_url: must start"),
    "an address without a host": ('language_model_url = "http:///v1"', "language_model_url: must start"),
    "an address with a key in it": (
        'language_model_url = "https://me:key@ai.example/v1"',
        "language_model_url: must be",
    ),
    "an address that is broken": ('language_model_url = "http://[::1/v1"', "language_model_url: "),
    "a model without a name": ('language_model_url = "http://127.0.0.1:1/v1"', "language_model_name: is missing"),
    "a key with a line break": ('language_model_key = "a\\nb"', "language_model_key: holds blanks"),
    "a timeout of nothing": ('language_model_timeout = "0s"', "language_model_timeout: must be more than 0s"),
    "a timeout of a day": ('language_model_timeout = "1d"', "language_model_timeout: must be more than 0s"),
    "bounds the wrong way round": ("language_model_lower = 0.9", "language_model_upper: must be more than language_"),
    "a bound that is no share": ("language_model_lower = 0", "language_model_lower: "),
    "a budget of nothing": ("language_model_calls_per_day = 0", "language_model_calls_per_day: "),
    "a text of nothing": ("language_model_max_text = 20", "language_model_max_text: "),
    "a floor above 1": ("alert_floor = 65", "alert_floor: "),
    "a review chat that is none": ('review_chat = "#alerts"', "review_chat: '#alerts' is no chat"),
    "floors the wrong way round": (
        'review_chat = "slack:C0123"\nreview_floor = 0.7',
        f"review_floor: must be less than alert_floor, which is {ALERT_FLOOR}",
    ),
    "broken TOML": ("web_port = ", "is not valid TOML"),
    "no role at all": ("roles = []", "roles: names no role"),
    "a duration beyond counting": ('keep = "99999999999999d"', "keep: '99999999999999d' is longer than can be counted"),
    "nothing that is kept": ('keep = "0s"', "keep: must be from 1d"),
    "no time to fetch": ('fetch_timeout = "0s"', "fetch_timeout: must be more than 0s"),
    "a user agent of two lines": ('user_agent = "desk\\nmail"', "user_agent: must be one line"),
    "no user agent": ('user_agent = " "', "user_agent: must be one line"),
    "a name of the console with a scheme": (
        'web_names = ["https://console.example:8443/"]',
        "web_names: 'https://console.example:8443/' is no host name: write console.example alone",
    ),
    "a name of the console with a port": ('web_names = ["console.example:8443"]', "write console.example alone"),
    "any name of the console": ('web_names = ["*"]', "web_names: '*' is no host name"),
    "an allowed host with a path": (
        'fetch_allow_hosts = ["http://feeds.intranet/rss"]',
        "fetch_allow_hosts: 'http://feeds.intranet/rss' is no host: write feeds.intranet alone",
    ),
    "an allowed range": ('fetch_allow_hosts = ["10.0.0.0/8"]', "'10.0.0.0/8' is no host: ranges are not taken"),
    "an allowed host in brackets": ('fetch_allow_hosts = ["[::1]:8017"]', "'[::1]:8017' is no host: write ::1 alone"),
    "an API without a scheme": (
        'telegram_api_url = "tg.example"',
        "telegram_api_url: must start with http:// or https://, and name a host; leave it out for https://api.telegram",
    ),
    "an API with a token in it": (
        'telegram_api_url = "https://api.telegram.org/bot123:secret"',
        "telegram_api_url: must be the base address alone, without a token",
    ),
    "Slack's API without a scheme": ('slack_api_url = "slack.com/api"', "slack_api_url: must start with http"),
    "an app's token as a bot's": (
        'slack_bot_token = "xapp-1-secret"',
        "slack_bot_token: must begin with xoxb-, and this is an app's, which is for slack_app_token",
    ),
    "a bot's token as an app's": (
        'slack_bot_token = "xoxb-1"\nslack_app_token = "xoxb-1-secret"',
        "slack_app_token: must begin with xapp-, and this is a bot's",
    ),
    "no token at all": ('slack_bot_token = "secret"', "slack_bot_token: must begin with xoxb-: take the Bot User"),
    "an app's token alone": ('slack_app_token = "xapp-1-secret"', "slack_app_token: is set without slack_bot_token"),
    "a folder without a name": ('data_dir = ""', "data_dir: is empty"),
}


@pytest.mark.parametrize(("text", "told"), WRONG_SETTINGS.values(), ids=WRONG_SETTINGS)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path, "sanctions-bot.toml", text)
    with pytest.raises(ConfigError, match=r"sanctions-bot\.toml|SANCTIONS_BOT_|configuration\.md") as caught:
        load_settings(tmp_path)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value), "no message shows a token"


RIGHT_SETTINGS = (
    'web_names = ["console.example", "Desk-1", "10.0.0.5", "fd00::1"]',
    'fetch_allow_hosts = ["feeds.intranet", "127.0.0.1:8017", "my_host:80", "::1"]',
    'telegram_api_url = "http://127.0.0.1:8081"',
    'slack_bot_token = " xoxb-1 "\nslack_app_token = "xapp-1"',
    'slack_bot_token = ""\nslack_app_token = ""',
)


def test_an_empty_address_of_an_api_is_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a container passes variables on that nobody set: it did not start."""
    monkeypatch.setenv("SANCTIONS_BOT_TELEGRAM_API_URL", "")
    monkeypatch.setenv("SANCTIONS_BOT_SLACK_API_URL", " ")
    settings = load_settings(tmp_path)
    assert (settings.telegram_api_url, settings.slack_api_url) == ("https://api.telegram.org", "https://slack.com/api/")


@pytest.mark.parametrize("text", RIGHT_SETTINGS)
def test_a_right_setting_is_taken(tmp_path: Path, text: str) -> None:
    write(tmp_path, "sanctions-bot.toml", text)
    load_settings(tmp_path)


CHATS = {
    "telegram:-1001234": Chat(ChatKey("telegram", "-1001234"), ChatKind.GROUP, "review"),
    "telegram:-1001234:7": Chat(ChatKey("telegram", "-1001234", "7"), ChatKind.GROUP, "review"),
    "telegram:@desk": Chat(ChatKey("telegram", "@desk"), ChatKind.GROUP, "review"),
    "telegram:77": Chat(ChatKey("telegram", "77"), ChatKind.PRIVATE, "review"),
    "slack:C0123": Chat(ChatKey("slack", "C0123"), ChatKind.CHANNEL, "review"),
    "slack:D0123": Chat(ChatKey("slack", "D0123"), ChatKind.PRIVATE, "review"),
    "web:console": Chat(ChatKey("web", "console"), ChatKind.CHANNEL, "review"),
    "": None,
}


@pytest.mark.parametrize(("text", "chat"), CHATS.items())
def test_the_review_chat_is_read(tmp_path: Path, text: str, chat: Chat | None) -> None:
    write(tmp_path, "sanctions-bot.toml", f'review_chat = "{text}"')
    assert load_settings(tmp_path).review == chat


def test_the_floors_are_read_and_a_low_alert_floor_alone_is_fine(tmp_path: Path) -> None:
    write(tmp_path, "sanctions-bot.toml", "alert_floor = 0.3")
    settings = load_settings(tmp_path)
    assert (settings.alert_floor, settings.review_floor, settings.review) == (0.3, 0.35, None)


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SANCTIONS_BOT_SLACK_BOT_TOKEN_FILE"):
        load_settings(tmp_path, {"SANCTIONS_BOT_SLACK_BOT_TOKEN_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(("content", "told"), [(b"\xff\xfes3cr3t", "is no text in UTF-8"), (b" \n", "is empty")])
def test_a_secret_file_that_holds_none_is_named_and_not_shown(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(ConfigError, match="SANCTIONS_BOT_TELEGRAM_TOKEN_FILE") as caught:
        load_settings(tmp_path, {"SANCTIONS_BOT_TELEGRAM_TOKEN_FILE": str(tmp_path / "token")})
    assert told in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_an_empty_variable_does_not_put_a_secret_file_out_of_use(tmp_path: Path) -> None:
    token = write(tmp_path, "token", "123:s3cr3t")
    both = {"SANCTIONS_BOT_TELEGRAM_TOKEN": "", "SANCTIONS_BOT_TELEGRAM_TOKEN_FILE": str(token)}
    with pytest.raises(ConfigError, match="SANCTIONS_BOT_TELEGRAM_TOKEN: is set, and empty"):
        load_settings(tmp_path, both)


def test_a_line_break_after_the_user_agent_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_USER_AGENT", "desk (me@bank.example)\n")
    assert load_settings(tmp_path).user_agent == "desk (me@bank.example)"


@pytest.mark.parametrize("load", [load_settings, lambda folder: load_sources(folder / "sources.toml")])
def test_a_folder_that_this_user_may_not_enter_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: Callable[[Path], object]
) -> None:
    def refuse(_path: Path, **_options: object) -> None:  # root may enter any
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
        load(tmp_path)


def test_a_folder_or_a_file_of_sources_that_is_missing_is_said_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources\.toml: there is no such file \(.*--config"):
        load_sources(tmp_path / "sources.toml")


def test_a_source_with_every_key(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "sources.toml",
        """
        [[sources]]
        key = "council"
        title = "EU Council"
        url = "https://council.example/rss"
        kind = "feed"
        tier = "official"
        authority = "EU"
        every = "10m"
        first_run = 5
        max_age = "none"
        silent_after = "3d"
        full_text = "always"
        language = "en"
        """,
    )
    source = load_sources(path)["council"]
    assert (source.kind, source.tier, source.full_text) == (SourceKind.FEED, Tier.OFFICIAL, FullText.ALWAYS)
    assert (source.every, source.first_run, source.max_age) == (timedelta(minutes=10), FirstRun(5), None)
    assert source.silent_after == timedelta(days=3)


@pytest.mark.parametrize(("said", "after"), [("auto", None), ("never", timedelta(0)), ("12h", timedelta(hours=12))])
def test_how_long_a_source_may_be_silent_is_read(tmp_path: Path, said: str, after: timedelta | None) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(f'[[sources]]\nkey = "a"\ntitle = "A"\nurl = "https://a.example"\nsilent_after = "{said}"\n')
    assert load_sources(path)["a"].silent_after == after


WRONG_SOURCES = {
    "no url": ('key="a"\ntitle="A"', "sources[1] (a).url: is missing"),
    "a file for a url": ('key="a"\ntitle="A"\nurl="file:///etc/passwd"', "must start with http"),
    "an unknown key": ('key="a"\ntitle="A"\nurl="https://a.example"\ninterval=5', "(a).interval: is unknown"),
    "an unknown tier": ('key="a"\ntitle="A"\nurl="https://a.example"\ntier="best"', "(a).tier: 'best'"),
    "a first run that is none": ('key="a"\ntitle="A"\nurl="https://a.example"\nfirst_run="some"', "(a).first_run"),
}


@pytest.mark.parametrize(("text", "told"), WRONG_SOURCES.values(), ids=WRONG_SOURCES)
def test_a_wrong_source_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_sources(write(tmp_path, "sources.toml", f"[[sources]]\n{text}"))
    assert told in str(caught.value)


WRONG_FILES = {
    "one letter too few": ('[[source]]\nkey="a"', "sources.toml: source: is unknown (each feed or page is a table"),
    "a capital": ('[[Sources]]\nkey="a"', "sources.toml: Sources: is unknown"),
    "one bracket too few": ('[sources]\nkey="a"', "sources.toml: sources: is no list of tables"),
    "a number": ("sources = 5", "sources.toml: sources: is no list of tables"),
    "a list of addresses": ('sources = ["https://a.example"]', "sources.toml: sources: is no list of tables"),
}


@pytest.mark.parametrize(("text", "told"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_file_of_sources_that_would_read_nothing_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_sources(write(tmp_path, "sources.toml", text))
    assert told in str(caught.value)


@pytest.mark.parametrize("every", ["0s", "31d", "99999999999999d"])
def test_an_interval_that_cannot_be_is_named(tmp_path: Path, every: str) -> None:
    text = f'[[sources]]\nkey="a"\ntitle="A"\nurl="https://a.example"\nevery="{every}"'
    with pytest.raises(ConfigError, match=rf"\(a\)\.every: '{every}'"):
        load_sources(write(tmp_path, "sources.toml", text))


def test_the_catalogue_that_we_ship_is_valid() -> None:
    sources = load_sources(Path("config/sources.toml"))
    assert len(sources) >= 30
    assert any(source.tier is Tier.OFFICIAL for source in sources.values())


def test_the_settings_that_we_ship_are_valid() -> None:
    assert load_settings(Path("config")).web_port == Settings.model_fields["web_port"].default


@pytest.mark.parametrize(("text", "duration"), [("90s", 90), ("15m", 900), ("6h", 21600), ("1.5d", 129600)])
def test_durations(text: str, duration: float) -> None:
    assert parse_duration(text) == timedelta(seconds=duration)


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("SANCTIONS_BOT_TELEGRAM_TOKN", "did you mean SANCTIONS_BOT_TELEGRAM_TOKEN?"),
        ("SANCTIONS_BOT_LOG_LEVEL_FIEL", "did you mean SANCTIONS_BOT_LOG_LEVEL_FILE?"),
        ("SANCTIONS_BOT_ZZZZ", "there is no such setting"),
    ],
)
def test_a_misspelt_variable_is_refused_as_a_misspelt_key_is(tmp_path: Path, variable: str, told: str) -> None:
    with pytest.raises(ConfigError, match=variable) as raised:
        load_settings(tmp_path, {variable: "1"})
    assert told in str(raised.value)


def test_other_variables_are_left_alone(tmp_path: Path) -> None:
    names = ("SANCTIONS_BOT_CONFIG_DIR", "SANCTIONS_BOT_SERVICE_HOST", "SANCTIONS_BOT_PORT_8321_TCP_ADDR", "HOME")
    assert load_settings(tmp_path, dict.fromkeys(names, "x")).data_dir


def test_the_address_of_the_watcher_is_checked_and_kept_secret(tmp_path: Path) -> None:
    write(tmp_path, "sanctions-bot.toml", 'heartbeat_url = "https://watch.example/ping/s3cret"\n')
    settings = load_settings(tmp_path)
    assert settings.heartbeat_url is not None
    assert "s3cret" not in repr(settings)
    write(tmp_path, "sanctions-bot.toml", 'heartbeat_url = "watch.example/ping/s3cret"\n')
    with pytest.raises(ConfigError, match=r"heartbeat_url.*must start with http") as refused:
        load_settings(tmp_path)
    assert "s3cret" not in str(refused.value)


def test_who_was_told_is_known_no_shorter_than_what_articles_said(tmp_path: Path) -> None:
    (tmp_path / "sanctions-bot.toml").write_text('keep = "90d"\nkeep_told = "30d"\n')
    assert load_settings(tmp_path).told_for == timedelta(days=90)
    (tmp_path / "sanctions-bot.toml").write_text('keep = "90d"\nkeep_told = "730d"\n')
    assert load_settings(tmp_path).told_for == timedelta(days=730)
