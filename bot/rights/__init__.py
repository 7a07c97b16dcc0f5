"""Who may do what (`table`), and what an invitation is worth (`invitations`). Decides only."""

from bot.rights.table import (
    CHAT_ADMINS,
    LEAST,
    LOCAL,
    ChatMode,
    Decision,
    Right,
    decide_chat,
    decide_mapping,
    decide_role,
    find_best,
    find_grants,
    is_same,
    may,
    told_grant,
    told_scope,
    with_article,
)

__all__ = [
    "CHAT_ADMINS",
    "LEAST",
    "LOCAL",
    "ChatMode",
    "Decision",
    "Right",
    "decide_chat",
    "decide_mapping",
    "decide_role",
    "find_best",
    "find_grants",
    "is_same",
    "may",
    "told_grant",
    "told_scope",
    "with_article",
]
