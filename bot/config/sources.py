"""The sources of config/sources.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.config.files import is_there, parse_duration, read_toml
from bot.errors import ConfigError
from bot.model import ADDED, FirstRun, FullText, Source, SourceKind, Tier

SOURCES_FILE = "sources.toml"
LEAST_EVERY, LONGEST_EVERY = timedelta(seconds=1), timedelta(days=30)  # between two readings of a source


def load_sources(path: Path) -> dict[str, Source]:
    """The `[[sources]]` of a file, by key. Raises ConfigError that names the source and the key."""
    if not is_there(path):  # started in another folder, mostly: a bot that reads nothing would look as if all were well
        step = "start it in the bot's own folder, or name the folder that has it: --config FOLDER"
        raise ConfigError(str(path), "there is no such file", step)
    found = read_toml(path)
    # [[source]] for [[sources]] would read nothing, and look well
    if unknown := sorted(found.keys() - {"sources"}):
        raise ConfigError(f"{path.name}: {unknown[0]}", "is unknown", "each feed or page is a table [[sources]]")
    rows = found.get("sources", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(f"{path.name}: sources", "is no list of tables", "begin each feed or page with [[sources]]")
    sources: dict[str, Source] = {}
    for number, row in enumerate(rows, 1):
        source = _parse_source(row, f"{path.name}: sources[{number}]")
        if source.key in sources:
            raise ConfigError(f"{path.name}: sources[{number}].key", f"{source.key!r} is there twice")
        sources[source.key] = source
    return sources


_SOURCE_KEYS = frozenset(Source.__dataclass_fields__)


def _parse_source(row: Mapping[str, object], where: str) -> Source:
    where = f"{where} ({row.get('key', 'no key')})"
    for key in ("key", "title", "url"):
        if not isinstance(row.get(key), str) or not row[key]:
            raise ConfigError(f"{where}.{key}", "is missing")
    if str(row["key"]).startswith(ADDED):
        raise ConfigError(f"{where}.key", f"must not begin with {ADDED!r}", "that is for feeds that are added in chat")
    unknown = set(row) - _SOURCE_KEYS
    if unknown:
        raise ConfigError(f"{where}.{min(unknown)}", f"is unknown: there are {', '.join(sorted(_SOURCE_KEYS))}")
    if not str(row["url"]).startswith(("http://", "https://")):
        raise ConfigError(f"{where}.url", "must start with http:// or https://")
    values = dict(row)
    for key, parse in _SOURCE_PARSERS.items():
        if key in values:
            try:
                values[key] = parse(values[key])
            except ValueError as error:
                raise ConfigError(f"{where}.{key}", str(error)) from None
    try:
        return TypeAdapter(Source).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{where}.{'.'.join(map(str, first['loc']))}", first["msg"]) from None


def _parse_first_run(value: object) -> FirstRun:
    if value in ("baseline", "all"):
        return FirstRun(0 if value == "baseline" else None)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return FirstRun(value)
    raise ValueError(f"{value!r}: write 'baseline', 'all' or how many of the newest entries")


def _parse_max_age(value: object) -> timedelta | None:
    return None if value == "none" else parse_duration(value)


def _parse_silent_after(value: object) -> timedelta | None:
    return None if value == "auto" else timedelta(0) if value == "never" else parse_duration(value)


def _parse_every(value: object) -> timedelta:
    every = parse_duration(value)
    if not LEAST_EVERY <= every <= LONGEST_EVERY:
        raise ValueError(f"{value!r}: write from {LEAST_EVERY.seconds}s to {LONGEST_EVERY.days}d, as in 15m")
    return every


def _choice(kind: type[SourceKind] | type[Tier] | type[FullText]) -> Callable[[object], object]:
    def parse(value: object) -> object:
        if value not in list(kind):
            raise ValueError(f"{value!r}: there are {', '.join(kind)}")
        return kind(str(value))

    return parse


_SOURCE_PARSERS: dict[str, Callable[[object], object]] = {
    "first_run": _parse_first_run,
    "max_age": _parse_max_age,
    "silent_after": _parse_silent_after,
    "every": _parse_every,
    "kind": _choice(SourceKind),
    "tier": _choice(Tier),
    "full_text": _choice(FullText),
}
