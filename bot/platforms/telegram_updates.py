"""What a message or a change that Telegram tells of says: who speaks where, and whether it is said to the bot."""

from __future__ import annotations

import re

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from bot.model import Chat, ChatKey, ChatKind, User
from bot.rendering import tidy

_COMMAND = re.compile(r"/(?P<name>\w+)(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?", re.DOTALL)


def find_command(message: telegram.Message, username: str) -> str:
    """The text of a request: a command without the bot's name, or in a private chat whatever was written. "" if it is
    not for us. The slash stays: by it a misspelt command is told from an answer, and a long one from an article."""
    text = (message.text or message.caption or "").strip()
    command = _COMMAND.fullmatch(text)
    if command is None:
        return text if message.chat.type == ChatType.PRIVATE else ""
    if command["bot"] and command["bot"].lower() != username.lower():
        return ""
    return f"/{command['name'].lower()} {command['rest'] or ''}".strip()


def speaker_id(message: telegram.Message) -> str:
    """Who speaks: a person, or the chat in whose name somebody does."""
    speaker = message.sender_chat or message.from_user
    return str(speaker.id if speaker else message.chat.id)


def is_said_to(message: telegram.Message, username: str) -> bool:
    """False for a bare command in a shared chat, which every bot there hears: it may be another's."""
    said = _COMMAND.fullmatch((message.text or message.caption or "").strip())
    return message.chat.type == ChatType.PRIVATE or bool(said and said["bot"]) or _is_reply_to(message, username)


def _is_reply_to(message: telegram.Message, username: str) -> bool:
    answered = message.reply_to_message and message.reply_to_message.from_user
    return bool(answered and answered.username and answered.username.lower() == username.lower())


def is_file_for_us(message: telegram.Message, username: str) -> bool:
    """A file without a command: in a private chat, or as a reply to the bot in another one."""
    if message.document is None:
        return False
    return message.chat.type == ChatType.PRIVATE or _is_reply_to(message, username)


def chat_of(message: telegram.Message | telegram.MaybeInaccessibleMessage) -> Chat:
    """The chat, or the topic of a forum. In other groups message_thread_id only names a thread of replies, and the
    General topic has none."""
    thread, title = "", chat_title(message.chat)
    if isinstance(message, telegram.Message) and message.is_topic_message and message.message_thread_id:
        thread = str(message.message_thread_id)
        opening = first_name(message)
        title = f"{title} › {opening}" if opening else title
    return Chat(ChatKey("telegram", str(message.chat.id), thread), chat_kind(message.chat), title)


def first_name(message: telegram.Message) -> str:
    """The name with which the message's topic began; "" if that is not told: what answers no other message answers the
    one that opened the topic."""
    opening = message.reply_to_message and message.reply_to_message.forum_topic_created
    return opening.name if opening else ""


def chat_kind(chat: telegram.Chat) -> ChatKind:
    match chat.type:
        case ChatType.PRIVATE:
            return ChatKind.PRIVATE
        case ChatType.CHANNEL:
            return ChatKind.CHANNEL
        case _:
            return ChatKind.GROUP


def chat_title(chat: telegram.Chat) -> str:
    return tidy(chat.title or chat.full_name or chat.username or "")


def user_of(user: telegram.User) -> User:
    return User("telegram", str(user.id), tidy(user.full_name))


def is_in(change: telegram.ChatMemberUpdated) -> bool:
    """Whether the bot can post after the change."""
    member = change.new_chat_member
    if isinstance(member, telegram.ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    if change.chat.type == ChatType.CHANNEL:
        return member.status == ChatMemberStatus.ADMINISTRATOR
    return member.status in (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER)
