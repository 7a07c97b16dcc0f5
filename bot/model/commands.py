"""What people ask, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.chats import Chat, ChatKey
from bot.model.messages import Message
from bot.model.people import User


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that somebody sent, or gets. `name` is untrusted."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Request:
    """A command as a platform received it: `text` starts with the command's name, without slash or bot name."""

    chat: Chat
    user: User
    text: str
    is_chat_admin: bool = False  # the platform says so (a group's administrator)
    prefix: str = ""  # what begins a command there, for our texts: "/" in Telegram, "/sanctions " in Slack
    attachment: Attachment | None = None  # a file that came with it
    is_anonymous: bool = False  # spoken in the name of a chat: which person it is, nobody knows
    fields: Mapping[str, str] = field(default_factory=dict)  # a form as it was filled in: `FormField.key` -> what
    is_forwarded: bool = False  # in the words of somebody else: they may be read, and no command of theirs carried out


@dataclass(frozen=True, slots=True)
class FormField:
    """`choices`: (label, value) of those there are; none: any text. `wrong`: why `value` was not taken."""

    key: str
    label: str
    hint: str = ""
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_long: bool = False  # several lines
    is_needed: bool = False
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Asked at once where the platform can; `command` is what it is sent in with, as `Request.text`. The answer is a
    form again whose fields say what is wrong, or a message whose first button goes on and whose second does not."""

    title: str
    command: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command. `private`: shown to the asker alone where the platform can (Slack ephemeral)."""

    message: Message
    private: bool = True
    ok: bool = True
    event: str = ""  # the event that it is about, if any
    toast: str = ""  # the whole answer in 200 characters, for a platform that shows the asker alone no more than that
    changed: str = ""  # the event whose message in this chat reads differently now
    changed_with: tuple[str, ...] = ()  # further events of which that is so
    changed_in: tuple[ChatKey, ...] = ()  # other chats in which they do too
    attachment: Attachment | None = None  # a file or a picture (image/png) that goes with it
    awaits_file: str = ""  # the command that a file is for which the asker sends next: "watch import"
    form: Form | None = None  # in place of the message, where the platform has forms

    def all_changed(self, chat: ChatKey) -> tuple[tuple[str, ChatKey], ...]:
        """(event, where its message reads differently now), for an answer that `chat` was given."""
        events = (self.changed, *self.changed_with) if self.changed else ()
        return tuple((event, where) for event in events for where in (chat, *self.changed_in))
