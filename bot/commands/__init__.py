"""Chat commands, written once for every platform: text -> Command -> Reply, with rights and help."""

from bot.commands.asking import Command, Services
from bot.commands.explaining import trace_message
from bot.commands.people import BACK, claim_help, is_known, new_claim_code
from bot.commands.running import machines_message, told_dead
from bot.commands.table import COMMANDS, answer, answer_owner, is_meant
from bot.commands.watch.watching import told_past

__all__ = [
    "BACK",
    "COMMANDS",
    "Command",
    "Services",
    "answer",
    "answer_owner",
    "claim_help",
    "is_known",
    "is_meant",
    "machines_message",
    "new_claim_code",
    "told_dead",
    "told_past",
    "trace_message",
]
