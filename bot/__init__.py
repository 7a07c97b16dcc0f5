"""sanctions-bot: alerts on new sanctions against the entities that someone tracks."""

__version__ = "0.1.0"
