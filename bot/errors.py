"""One tree of errors. Each says what is wrong, with which thing, and what to do next.

SanctionsBotError
├── ConfigError            a setting, a source or a watchlist row is wrong: names the key or the line
├── FetchError             an address did not give us what we asked for
│   └── BlockedAddressError   the address is private, or its scheme is not http(s)
├── FeedError              a body that is no feed
├── ArticleError           a page or a file that is no article
├── ListError              an official list's file that is not what it should be
├── CommandError           a chat command that cannot be carried out: its text is shown to the person
│   ├── NotAllowedError    … for lack of rights
│   └── UnclearError       … until it is said which of several is meant: it has the question
├── StoppedError           long work is given up, as the program ends
├── SpreadsheetError       a file that is no table, or too large a one
├── StoreError             the database said no
│   ├── DatabaseError         … itself, not we who asked it
│   ├── NoDatabaseError       … that there is none where the settings say
│   └── EditedMeanwhileError  … as somebody else changed the entity that an edit was made for
├── SecondReaderError      the language model gave no answer: what was judged without it stands
└── DeliveryError          a message did not arrive
    └── ChatMovedError     … because the chat has a new id
"""

from __future__ import annotations

import re
from datetime import timedelta

from bot.model import ChatKey, Reply


class SanctionsBotError(Exception):
    """The root. `str(error)` is fit for a person."""


class ConfigError(SanctionsBotError):
    """`where` names the key or the line ("sources[3].url", "watchlist.csv line 12")."""

    def __init__(self, where: str, problem: str, next_step: str = "") -> None:
        self.where, self.problem, self.next_step = where, problem, next_step
        super().__init__(f"{where}: {problem}" + (f" ({next_step})" if next_step else ""))


class FetchError(SanctionsBotError):
    """`retry_after` is what the server asked for; `permanent` says that another try is pointless."""

    def __init__(
        self,
        url: str,
        problem: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        permanent: bool = False,
    ) -> None:
        self.url, self.problem, self.status = url, problem, status
        self.retry_after, self.permanent = retry_after, permanent
        super().__init__(f"{url}: {problem}")


class BlockedAddressError(FetchError):
    """The SSRF border refused the address."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(url, problem, permanent=True)


class FeedError(SanctionsBotError):
    """The body is no feed; the message tells what it looks like instead."""


class ArticleError(SanctionsBotError):
    """No article could be read from a page or a file."""


class ListError(SanctionsBotError):
    """`file` is not usable, or not whole: what was expected, what was found, what to do. Nothing of it counts."""

    def __init__(self, file: str, expected: str, found: str, next_step: str) -> None:
        self.file, self.expected, self.found, self.next_step = file, expected, found, next_step
        super().__init__(f"{file}: expected {expected}, found {found} ({next_step})")


class CommandError(SanctionsBotError):
    """Shown to the person who sent the command: what was wrong, and what to send instead."""


class NotAllowedError(CommandError):
    """The person has not the right to do this; the message says who has."""


class UnclearError(CommandError):
    """What was said may mean several. `question` is what the person is asked, with a button for each."""

    def __init__(self, question: Reply) -> None:
        self.question = question
        super().__init__(question.message.title)


class StoppedError(SanctionsBotError):
    """Raised inside long work when the program ends: it is to be given up."""


class SpreadsheetError(SanctionsBotError):
    """A file that is no table that can be read; the message names it and says what to do."""


class StoreError(SanctionsBotError):
    """The database refused, with what it said."""


class DatabaseError(StoreError):
    """It names the file or the host, so it is for those who run the bot: people in chats are not shown it."""


class NoDatabaseError(StoreError):
    """Nothing was made there: a command that only looks asked."""


def told_by_database(name: str, said: str) -> DatabaseError:
    """`name`: the file, or the database's name on its server; never a password. With the next step, where there is a
    usual one."""
    step = next((step for mark, step in _NEXT_STEPS if re.search(mark, said)), "")
    return DatabaseError(f"the database {name} said: {said}" + (f"; {step}" if step else ""))


# What SQLite and PostgreSQL say, and what helps; the first that fits.
_NEXT_STEPS = (
    (r"no such (?:table|column)|(?:relation|column) .* does not exist", "run `sanctions-bot migrate`"),
    (r"^connection .*database .* does not exist", "make it with createdb, or correct SANCTIONS_BOT_DATABASE_URL"),
    (
        r"authentication failed|no password supplied|role .* does not exist|no pg_hba",
        "correct the user and the password in SANCTIONS_BOT_DATABASE_URL, or what the server allows",
    ),
    (r"too many clients|connection slots|too many connections", "raise its max_connections, or run fewer processes"),
    (r"failed to resolve|invalid connection option|invalid URI", "correct SANCTIONS_BOT_DATABASE_URL"),
    (r"^connection ", "is PostgreSQL running there? SANCTIONS_BOT_DATABASE_URL names it"),
    (r"permission denied for", "let the user of SANCTIONS_BOT_DATABASE_URL own the database"),
    (
        r"not a database|malformed",
        "the file is damaged: stop the bot, put the file aside, and put a back-up in its place (docs/scaling.md)",
    ),
    (r"is locked", "another program holds it: `fuser` on the file tells which one; end it"),
    (r"is full|could not extend|No space left", "make room on its disk"),
    (r"disk I/O error", "look at its disk: is it full, or gone?"),
    (r"readonly|unable to open", "the folder must be writable too, and this user's: SQLite keeps files beside it"),
)


class EditedMeanwhileError(StoreError):
    """An edit named the version that it was made for, and there is a later one: nothing of the edit was saved."""

    def __init__(self, key: str, seen: int, now_at: int, by: str) -> None:
        self.key, self.seen, self.now_at, self.by = key, seen, now_at, by
        super().__init__(self.told(by))

    def told(self, by: str) -> str:
        """`by`: who changed it, as its reader knows them."""
        stands = f"version {self.now_at} stands, the edit was made for {self.seen}"
        return f"{self.key} was changed meanwhile, by {by}: {stands}"


class SecondReaderError(SanctionsBotError):
    """The second reader gave no answer; `str(error)` completes "it …" and holds no secret."""


class DeliveryError(SanctionsBotError):
    """A message did not arrive. `permanent`: stop the chat, keep its settings. `retry_after`: wait at least so long.
    `uncertain`: the platform may have accepted it (the answer was lost). `refused`: for what the message is; others
    would arrive."""

    def __init__(
        self,
        chat: ChatKey,
        problem: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        uncertain: bool = False,
        refused: bool = False,
    ) -> None:
        self.chat, self.problem = chat, problem
        self.permanent, self.retry_after, self.uncertain = permanent, retry_after, uncertain
        self.refused = refused
        super().__init__(f"{chat}: {problem}")


class ChatMovedError(DeliveryError):
    """A Telegram group became a supergroup: rewrite its id everywhere, then send again."""

    def __init__(self, chat: ChatKey, new_id: str) -> None:
        self.new_id = new_id
        super().__init__(chat, f"the chat moved to {new_id}")
