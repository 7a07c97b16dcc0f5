"""What Slack's errors mean: which end a chat, which are the token's, which pass."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import ConfigError
from bot.rendering import tidy

TOKEN_REFUSED = {
    "invalid_auth": "Slack refuses the token",
    "not_authed": "Slack refuses the token",
    "account_inactive": "the app was removed from the workspace",
    "token_revoked": "the token was revoked",
    "token_expired": "the token has expired",
    "not_allowed_token_type": "this is another kind of token",
    "org_login_required": "the workspace is being moved",
    "team_access_not_granted": "the app may not act in this workspace",
}
# Slack's word -> what is to be done. These end a chat; its settings stay.
CHAT_ENDED = {
    "channel_not_found": "there is no such channel, or the bot is not in it; invite the bot: /invite @{bot}",
    "not_in_channel": "the bot is not in the channel; invite the bot: /invite @{bot}",
    "is_archived": "the channel is archived; unarchive it, or subscribe in another one",
    "restricted_action": "only some people may post there; allow the bot to post in the channel's settings",
    "restricted_action_read_only_channel": "the channel is read-only; allow the bot to post in it",
    "restricted_action_thread_only_channel": "the channel allows threads only; allow the bot to post in it",
    "messages_tab_disabled": "the app takes no direct messages; switch the Messages tab on in its App Home settings",
    "user_disabled": "the person's account is closed",
    "user_not_found": "there is no such person",
}
GONE_MESSAGE = frozenset({"message_not_found", "edit_window_closed", "cant_update_message"})
BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"})

# The way there was not even made; after any other failure the server may have taken the message.
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def refused_start(error: SlackApiError, key: str, prefix: str, where: str) -> Exception:
    """What a failed start is: a wrong token to be put right, or trouble that passes."""
    code = error_code(error)
    if code in TOKEN_REFUSED or code == "missing_scope":
        problem = TOKEN_REFUSED.get(code, "the token lacks a scope")
        return ConfigError(key, f"{problem} ({code})", f"copy the token that starts with {prefix} again: {where}")
    return ConnectionError(f"Slack says {code}")


def error_code(error: SlackApiError) -> str:
    """Slack's own word for it; the HTTP status where the answer was no JSON."""
    data = error.response.data if hasattr(error.response, "data") else error.response
    code = data.get("error") if isinstance(data, dict) else None
    return str(code or f"HTTP {getattr(error.response, 'status_code', 'error')}")


def retry_after(error: SlackApiError) -> timedelta:
    """How long Slack asks us to wait; half a minute where it names no time."""
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    asked = headers.get("retry-after", "")
    return timedelta(seconds=int(asked) if str(asked).isdigit() else 30)


def told_error(error: BaseException) -> str:
    """For the log and for people: its own words, or its kind where it has none."""
    return error_code(error) if isinstance(error, SlackApiError) else tidy(str(error)) or type(error).__name__
