"""The web console: live alerts, the same commands as everywhere, and pages that show how articles were decided."""

from bot.platforms.web.archive import CONSOLE
from bot.platforms.web.platform import WebPlatform

__all__ = ["CONSOLE", "WebPlatform"]
