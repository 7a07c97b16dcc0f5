"""What can be set: every setting with its default, its bounds and what is said of a value that will not do."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config.files import parse_duration
from bot.lists import LISTS
from bot.lookups import DEFAULT_THRESHOLD
from bot.matching.verdicts import ALERT_FLOOR
from bot.model import NOTIFIERS, Chat, ChatKey, ChatKind
from bot.rights import ChatMode

PREFIX = "SANCTIONS_BOT_"
ROLES = frozenset({"poll", "match", "deliver", "chat", "web"})
_CHAT = re.compile(r"telegram:(?:-?\d+(?::\d+)?|@\w+)|slack:[A-Z][A-Z0-9]+|web:console")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
LEAST_SECRET = 16  # characters
LEAST_KEPT, LONGEST_KEPT = timedelta(days=1), timedelta(days=36_500)


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]

Words = Annotated[list[str], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """Every setting, with its default. docs/configuration.md has a row for each; a test holds it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", validate_default=True)

    data_dir: Path = Field(
        Path("data"),
        description="Where the database and its lock live; made if missing, but not by commands that only look.",
    )
    database_url: str = Field(
        "", description="SQLAlchemy URL: empty for SQLite in data_dir; postgresql://… for PostgreSQL."
    )
    roles: Words = Field(
        sorted(ROLES), description="What this process does: poll, match, deliver, chat, web. All by default."
    )
    web_host: str = Field("127.0.0.1", description="Address the web console listens on.")
    web_port: int = Field(8321, ge=0, le=65535, description="Port of the web console; 0 takes a free one.")
    web_names: Words = Field(
        [], description="Host names under which the console is reached besides loopback, behind a proxy for example."
    )
    telegram_token: SecretStr | None = Field(None, description="Bot token from @BotFather: switches Telegram on.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Base address of the Telegram Bot API.")
    slack_bot_token: SecretStr | None = Field(None, description="Slack bot token (xoxb-…): switches Slack on.")
    slack_app_token: SecretStr | None = Field(None, description="Slack app token (xapp-…): Socket Mode.")
    slack_signing_secret: SecretStr | None = Field(
        None, description="Slack signing secret: HTTP mode at /slack/events of the web console."
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Base address of the Slack Web API.")
    webhooks: SecretStr | None = Field(
        None, description="Where alerts are posted as JSON: `NAME=https://…`, several parted by blanks."
    )
    webhook_secret: SecretStr | None = Field(None, description="What signs them: at least 16 characters.")
    apprise: SecretStr | None = Field(
        None,
        description="Where alerts go by Apprise, e-mail included: `NAME=mailto://…`, several parted by blanks; needs "
        "`pip install sanctions-bot[apprise]`.",
    )
    fetch_timeout: Duration = Field(timedelta(seconds=30), description="The longest a feed or page may take in all.")
    fetch_max_bytes: int = Field(15_000_000, gt=0, description="The largest feed or page, decompressed.")
    fetch_allow_hosts: Words = Field(
        [], description="Private or loopback hosts (host or host:port) that may be fetched. None by default."
    )
    upload_max_bytes: int = Field(
        20_000_000,
        gt=0,
        le=500_000_000,
        description="The largest file that people may send to the bot. Telegram hands bots no more than 20 MB.",
    )
    user_agent: str = Field(
        "sanctions-bot/0.1 (news monitor; set SANCTIONS_BOT_USER_AGENT with your contact)",
        description="How feeds see us: name yourself and a contact.",
    )
    edit_every: Duration = Field(
        timedelta(seconds=60), description="Least time before a message in Telegram or Slack is edited again."
    )
    lookup_threshold: float = Field(
        DEFAULT_THRESHOLD,
        ge=0.5,
        le=1,
        description="How like a name must be for a look-up to call it a hit, from 0.5 to 1.",
    )
    alert_floor: float = Field(
        ALERT_FLOOR,
        gt=0,
        le=1,
        description="How probable new sanctions must be for an alert, from 0 to 1. Lower: more alerts, more false ones",
    )
    review_chat: str = Field(
        "",
        description="A chat (`telegram:-1001234`, `slack:C0123`, `web:console`) that is shown what is below the alert "
        "floor and above the review floor, to be confirmed or refused. What is confirmed is told as an alert. Empty: "
        "nobody is.",
    )
    review_floor: float = Field(
        0.35, gt=0, le=1, description="How probable new sanctions must be for the review chat to be asked."
    )
    ops_chat: str = Field(
        "",
        description="A chat (`telegram:-1001234`, `slack:C0123`, `web:console`) that is told of trouble: sources that "
        "are paused, chats that stopped, what was given up; the same at most once an hour. Empty: the log and /status.",
    )
    heartbeat_url: SecretStr | None = Field(
        None,
        description="An address that is asked every five minutes while all goes on (Healthchecks, Uptime Kuma and the "
        "like): when that stops, the watcher there tells you.",
    )
    language_model_url: str = Field(
        "",
        description="Base address of an OpenAI-compatible API, as http://127.0.0.1:11434/v1: the model there is asked "
        "about what the judgement is unsure of. Empty: none is.",
    )
    language_model_name: str = Field("", description="The model there, as the server names it.")
    language_model_key: SecretStr | None = Field(None, description="Its key, where it wants one.")
    language_model_timeout: Duration = Field(timedelta(seconds=30), description="The longest one answer may take.")
    language_model_lower: float = Field(
        0.35,
        gt=0,
        lt=1,
        description="It is asked from this probability of new sanctions on; what is below, it cannot bring up.",
    )
    language_model_upper: float = Field(
        0.85, gt=0, lt=1, description="It is asked below this one; from here on the judgement is sure by itself."
    )
    language_model_calls_per_day: int = Field(
        200, ge=1, description="How often it is asked in a day (UTC), by all processes together."
    )
    language_model_max_text: int = Field(
        6_000, ge=500, le=100_000, description="The most characters of an article that one question shows it."
    )
    allow_chats: ChatMode = Field(
        ChatMode.ANYONE,
        description="Which chats the bot answers and alerts: `anyone`, or only those `listed` by `/admin allow chat`.",
    )
    lists: Words = Field(
        sorted(key for key, official in LISTS.items() if official.is_on_by_default),
        description="Official lists that are read by themselves; `sanctions-bot lists status` shows all, with licence.",
    )
    lists_keep: int = Field(
        5, ge=1, le=1_000, description="How many readings of each list keep their files, as they came, in data_dir."
    )
    lists_match: float = Field(
        0.85, gt=0, le=1, description="How like a list's name must be to a tracked one to be told of, from 0 to 1."
    )
    approval_entities: int = Field(
        20, ge=0, description="Removing more names than this at once waits for a second admin's word. 0: never."
    )
    approval_share: float = Field(
        0.1,
        ge=0,
        lt=1,
        description="An import that removes a larger share of a watchlist waits for a second admin's word. 0: never.",
    )
    keep: Duration = Field(timedelta(days=90), description="How long articles and their reasons are kept, at least 1d.")
    keep_told: Duration = Field(
        timedelta(days=1825),
        description="How long is known which chat was told of which event, and in which message: who was told of a "
        "listing is told when it is lifted. At least `keep`.",
    )
    keep_pages: Duration = Field(
        timedelta(days=365),
        description="How long pages are kept as they were fetched, as evidence (`/event EVENT pages`). 0d: none are.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines.")

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, roles: list[str]) -> list[str]:
        unknown = set(roles) - ROLES
        if unknown:
            raise ValueError(f"no role {', '.join(sorted(unknown))}: there are {', '.join(sorted(ROLES))}")
        if not roles:  # an empty variable, mostly: it would run, and neither read nor tell anything
            raise ValueError(f"names no role: there are {', '.join(sorted(ROLES))}; leave it out for all of them")
        return roles

    @field_validator("data_dir", mode="before")
    @classmethod
    def _names_a_folder(cls, folder: object) -> object:
        if folder == "":  # a variable of a compose file that nobody set: the database would be in whatever folder
            raise ValueError("is empty: name a folder, or leave it out for ./data")
        return folder

    @field_validator("fetch_timeout")
    @classmethod
    def _leaves_time(cls, timeout: timedelta) -> timedelta:
        if timeout <= timedelta(0):
            raise ValueError("must be more than 0s: nothing would be read")
        return timeout

    @field_validator("keep")
    @classmethod
    def _keeps_a_day(cls, keep: timedelta) -> timedelta:
        if not LEAST_KEPT <= keep <= LONGEST_KEPT:
            raise ValueError(f"must be from {LEAST_KEPT.days}d to {LONGEST_KEPT.days}d: what is older is deleted")
        return keep

    @field_validator("keep_told", "keep_pages")
    @classmethod
    def _counts_back(cls, keep: timedelta) -> timedelta:
        if not timedelta(0) <= keep <= LONGEST_KEPT:
            raise ValueError(f"must be from 0d to {LONGEST_KEPT.days}d")
        return keep

    @field_validator("user_agent")
    @classmethod
    def _fits_one_line(cls, text: str) -> str:
        text = text.strip()  # YAML and files bring a line break along
        if not text or not text.isprintable():
            raise ValueError("must be one line of text: every request names it, and none could be made")
        return text

    @field_validator("lists")
    @classmethod
    def _known_lists(cls, lists: list[str]) -> list[str]:
        unknown = set(lists) - set(LISTS)
        if unknown:
            raise ValueError(f"no list {', '.join(sorted(unknown))}: there are {', '.join(sorted(LISTS))}")
        return lists

    @field_validator("review_chat", "ops_chat")
    @classmethod
    def _is_chat(cls, text: str) -> str:
        if text and not _CHAT.fullmatch(text):
            raise ValueError(f"{text!r} is no chat: write telegram:ID, telegram:ID:TOPIC, slack:ID or web:console")
        return text

    @field_validator(*NOTIFIERS.values())
    @classmethod
    def _names_addresses(cls, secret: SecretStr | None) -> SecretStr | None:
        named_addresses(secret)
        return secret

    @field_validator("webhook_secret")
    @classmethod
    def _signs_webhooks(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        length = len(secret.get_secret_value()) if secret else 0
        if info.data.get("webhooks") and length < LEAST_SECRET:
            raise ValueError(f"must have at least {LEAST_SECRET} characters, as webhooks is set: receivers check by it")
        return secret

    @field_validator("review_floor")
    @classmethod
    def _below_the_alert_floor(cls, floor: float, info: ValidationInfo) -> float:
        alert_floor = info.data.get("alert_floor", 1.0)
        if info.data.get("review_chat") and floor >= alert_floor:
            raise ValueError(f"must be less than alert_floor, which is {alert_floor:g}: nothing would lie between")
        return floor

    @property
    def review(self) -> Chat | None:
        """The review chat, as far as its address tells its kind."""
        return _chat_of(self.review_chat, "review")

    @property
    def operations(self) -> Chat | None:
        """The chat that is told of trouble, as far as its address tells its kind."""
        return _chat_of(self.ops_chat, "operations")

    @field_validator("web_names")
    @classmethod
    def _are_host_names(cls, names: list[str]) -> list[str]:
        """As a browser's Host header has them, but for the port: with anything more, none would ever fit."""
        for name in names:
            if not _is_host(name):
                raise ValueError(f"{name!r} is no host name: {_host_advice(name, 'as in console.example')}")
        return names

    @field_validator("fetch_allow_hosts")
    @classmethod
    def _are_hosts(cls, hosts: list[str]) -> list[str]:
        for host in hosts:
            if not _is_host(re.sub(r":\d{1,5}$", "", host) if host.count(":") == 1 else host):
                raise ValueError(
                    f"{host!r} is no host: {_host_advice(host, 'or host:port, as in feeds.intranet:8080')}"
                )
        return hosts

    @field_validator("telegram_api_url", "slack_api_url")
    @classmethod
    def _is_api(cls, text: str, info: ValidationInfo) -> str:
        default = cls.model_fields[str(info.field_name)].default
        text = text.strip() or default  # a container's variable that is passed on empty
        parts = _parts_of_address(text, f"; leave it out for {default}")
        if parts.username or parts.password or parts.query or parts.fragment or re.search(r"/bot\d+:", parts.path):
            raise ValueError(f"must be the base address alone, without a token, as in {default}")
        return text

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, token: SecretStr | None) -> SecretStr | None:
        """No message shows any of it."""
        if token and not re.match(r"\s*(?:xoxe\.)?xoxb-", token.get_secret_value()):
            raise ValueError(
                f"must begin with xoxb-{_other_token(token)}: take the Bot User OAuth Token of the app's page OAuth & "
                "Permissions"
            )
        return token

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if token and not token.get_secret_value().strip().startswith("xapp-"):
            raise ValueError(
                f"must begin with xapp-{_other_token(token)}: make an App-Level Token on the app's page Basic "
                "Information"
            )
        if token and "slack_bot_token" in info.data and not info.data["slack_bot_token"]:
            raise ValueError("is set without slack_bot_token, so Slack would stay off: set both, or neither")
        return token

    @field_validator("heartbeat_url")
    @classmethod
    def _is_address(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret:
            _parts_of_address(secret.get_secret_value().strip())
        return secret

    @field_validator("language_model_url")
    @classmethod
    def _is_base_url(cls, text: str) -> str:
        parts = _parts_of_address(text) if text else None
        if parts and (parts.username or parts.password or parts.query or parts.fragment):
            raise ValueError("must be an address alone: the key goes to language_model_key")
        return text.rstrip("/").removesuffix("/chat/completions")

    @field_validator("language_model_name")
    @classmethod
    def _names_the_model(cls, name: str, info: ValidationInfo) -> str:
        if info.data.get("language_model_url") and not name.strip():
            raise ValueError("is missing: language_model_url is set, so say which model is to be asked there")
        return name.strip()

    @field_validator("language_model_key")
    @classmethod
    def _fits_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        text = key.get_secret_value() if key else ""
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise ValueError("holds blanks or characters that no key has")
        return key if text else None

    @field_validator("language_model_timeout")
    @classmethod
    def _is_some_time(cls, timeout: timedelta) -> timedelta:
        if not timedelta(0) < timeout <= timedelta(minutes=10):
            raise ValueError("must be more than 0s and at most 10m: an alert waits for it")
        return timeout

    @field_validator("language_model_upper")
    @classmethod
    def _above_the_lower_bound(cls, upper: float, info: ValidationInfo) -> float:
        lower = info.data.get("language_model_lower", 0.0)
        if upper <= lower:
            raise ValueError(f"must be more than language_model_lower, which is {lower:g}: nothing would lie between")
        return upper

    @property
    def store_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'sanctions-bot.db'}"

    @property
    def told_for(self) -> timedelta:
        """How long who was told of what is known."""
        return max(self.keep, self.keep_told)

    @property
    def lists_dir(self) -> Path:
        return self.data_dir.absolute() / "lists"

    @classmethod
    def settings_customise_sources(  # the framework's signature
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The environment beats the file, whose values come in as init arguments.
        return env_settings, init_settings


_HOST = re.compile(r"(?!-)[\w-]+(?:\.[\w-]+)*\.?")

_SLACK_TOKENS = {
    "xoxb-": "a bot's, which is for slack_bot_token",
    "xapp-": "an app's, which is for slack_app_token",
    "xoxp-": "a user's",
}


def _parts_of_address(text: str, step: str = "") -> SplitResult:
    """Raises ValueError, which ends with `step`, where it is none of the web."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"must start with http:// or https://, and name a host{step}")
    return parts


def _is_host(text: str) -> bool:
    try:
        return bool(_HOST.fullmatch(text)) or bool(IPv6Address(text))
    except ValueError:
        return False


def _host_advice(text: str, form: str) -> str:
    """What to write instead, as far as it can be guessed."""
    address = urlsplit(text if "://" in text else f"//{text}")
    try:
        host = address.hostname or ""
    except ValueError:
        host = ""
    if re.search(r"/\d+$", text) and "://" not in text:
        return f"ranges are not taken; name each host, {form}"
    return f"write {host} alone, without http://, port, path or brackets" if _is_host(host) else f"write a name, {form}"


def _other_token(token: SecretStr) -> str:
    """', and is an app's, which is for slack_app_token'"""
    text = token.get_secret_value().strip()
    return next((f", and this is {whose}" for start, whose in _SLACK_TOKENS.items() if text.startswith(start)), "")


def named_addresses(secret: SecretStr | None) -> dict[str, str]:
    """'desk=https://… archive=https://…' -> {"desk": "https://…"}. Raises ValueError, which holds no address."""
    addresses: dict[str, str] = {}
    for number, part in enumerate((secret.get_secret_value() if secret else "").split(), 1):
        name, _, address = part.partition("=")
        if not _NAME.fullmatch(name) or "://" not in address:
            raise ValueError(f"address {number} must be NAME=scheme://…, the name of letters, digits, - and _")
        if name in addresses:
            raise ValueError(f"the name {name} is there twice")
        addresses[name] = address
    return addresses


def _chat_of(text: str, title: str) -> Chat | None:
    if not text:
        return None
    platform, chat, *thread = text.split(":")
    kind = ChatKind.GROUP if platform == "telegram" else ChatKind.CHANNEL
    if chat[0] == "D" if platform == "slack" else chat.isdecimal():
        kind = ChatKind.PRIVATE
    return Chat(ChatKey(platform, chat, "".join(thread)), kind, title)
