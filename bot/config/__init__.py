"""Settings and sources: read once, checked here, the key named in the message.

config/sanctions-bot.toml < the environment (SANCTIONS_BOT_…) < SANCTIONS_BOT_…_FILE for mounted secrets.
settings.py: what can be set | loading.py: from where it is read | sources.py: the feeds and pages | files.py: what they
share"""

from bot.config.files import WATCHLIST_FILE, is_there, parse_duration
from bot.config.loading import load_settings
from bot.config.settings import PREFIX, ROLES, Settings, named_addresses
from bot.config.sources import SOURCES_FILE, load_sources

__all__ = [
    "PREFIX",
    "ROLES",
    "SOURCES_FILE",
    "WATCHLIST_FILE",
    "Settings",
    "is_there",
    "load_settings",
    "load_sources",
    "named_addresses",
    "parse_duration",
]
