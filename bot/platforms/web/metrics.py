"""What /healthz and /status tell, in Prometheus's text format (prometheus.io/docs/instrumenting/exposition_formats)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from bot import __version__
from bot.model import SourceHealth, SourceState
from bot.ports import Totals

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[str, float]  # labels, value


def metrics(states: Mapping[str, SourceState], totals: Totals) -> str:
    """`totals`: of today (UTC). Times are seconds since 1970; a source that was never read has none."""
    health = [(_labels(health=one), sum(state.health is one for state in states.values())) for one in SourceHealth]
    read = _times({key: state.last_success_at for key, state in states.items()})
    new = _times({key: state.last_new_at for key, state in states.items()})
    failures = [(_labels(source=key), state.failures) for key, state in sorted(states.items())]
    families = (
        ("info", "The version that runs.", [(_labels(version=__version__), 1)]),
        ("sources", "Sources by how they are.", health),
        ("source_last_success_timestamp_seconds", "When a source was last read.", read),
        ("source_last_new_timestamp_seconds", "When a source last had a new entry.", new),
        ("source_failures", "Failed polls of a source in a row.", failures),
        ("entries_today", "Entries that were new today (UTC).", [("", totals.entries)]),
        ("articles_today", "Articles that were judged today (UTC).", [("", totals.articles)]),
        ("alerts_today", "Events that were opened today (UTC).", [("", totals.alerts)]),
        ("outbox_waiting", "Messages not sent yet.", [("", totals.waiting)]),
        ("outbox_dead", "Messages that were given up.", [("", totals.dead)]),
        ("outbox_perhaps_twice", "Messages that were perhaps sent twice.", [("", totals.perhaps_twice)]),
    )
    return "".join(f"{line}\n" for name, text, samples in families for line in _family(name, text, samples))


def _family(name: str, text: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP sanctions_bot_{name} {text}"
    yield f"# TYPE sanctions_bot_{name} gauge"
    for labels, value in samples:
        yield f"sanctions_bot_{name}{labels} {value}"


def _times(times: Mapping[str, datetime | None]) -> list[Sample]:
    return [(_labels(source=key), at.timestamp()) for key, at in sorted(times.items()) if at]


def _labels(**labels: str) -> str:
    escaped = {
        name: value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}"
