"""Runs durable jobs, behind `bot.ports.Engine`, and ticks. Knows no job's purpose."""

from bot.engine.jobs import DbosEngine
from bot.engine.ledger import Process
from bot.engine.ticks import Ticks

__all__ = ["DbosEngine", "Process", "Ticks"]
