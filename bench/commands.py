"""Commands on the watchlist, with 40,000 entities on it: what one answer costs, of one core's time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from statistics import median

from bench.cases import Figure, Setting
from bench.timing import milliseconds
from bench.watchlists import grown
from bot.commands import Services, answer
from bot.matching.names import name_forms
from bot.model import WHOLE_BOT, Chat, ChatKey, EntityEdit, Grant, Request, Role, User
from bot.ports import Health
from bot.storage import SqlStore

ENTITIES = 40_000
NOW = datetime(2026, 11, 28, tzinfo=UTC)
OWNER = User("telegram", "7")
BAR = 100.0  # ms
_REPEATS = 9
# A word that many names have, one that few have, part of a word, two words, none, a country; and no word at all.
_ASKED = {
    "watch_list_words": [f"watch list {words}" for words in ("bank", "aerospace", "pet", "trading llc", "zzzqq", "ru")],
    "watch_list": ["watch list", "watch list page 500"],
    "lookup_tracked": ["lookup bank melli", "lookup aerospase", "lookup zzzqq"],
}


def commands(setting: Setting) -> Iterator[Figure]:
    """The slowest of each kind, the median of some repeats."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore(f"sqlite:///{folder}/bench.sqlite")
        store.migrate()
        with store.writing() as records:
            edits = {one.key: EntityEdit(one.key, one, 0) for one in grown(setting.entities, 10 * ENTITIES)}
            records.edit_watchlist(list(islice(edits.values(), ENTITIES)), "bench", NOW, "from a file")
            records.save_grant(Grant(OWNER, Role.OWNER, WHOLE_BOT, "bench", NOW))
        services = Services(store, lambda: NOW, (), name_forms, lambda: Health(NOW))
        for name, texts in _ASKED.items():
            slowest = max(_milliseconds(services, texts))
            yield Figure(name, slowest, "ms", f"≤ {BAR:.0f} ms", slowest <= BAR)
        store.close()


def _milliseconds(services: Services, texts: Sequence[str]) -> Iterator[float]:
    chat = Chat(ChatKey("telegram", "1"))
    for text in texts:
        taken = []
        for _ in range(_REPEATS):
            taken.append(milliseconds(lambda text=text: answer(Request(chat, OWNER, text), services)))  # type: ignore[misc]
        yield median(taken)
