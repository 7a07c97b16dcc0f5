"""Log lines: one for each outcome, with fields; text for people, JSON for machines. To standard error."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import TextIO, cast

import structlog

# Libraries that tell their inner life at INFO.
_CHATTY = (
    "httpx",
    "httpcore",
    "apscheduler",
    "telegram",
    "slack_bolt",
    "slack_sdk",
    "trafilatura",
    "htmldate",
    "asyncio",
)


class _Unfailing:
    """A stream as the log sees it: whoever read it may be gone (`2>&1 | head`), or the disk full, and no job fails for
    that."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def configure_logging(level: str, form: str) -> None:
    """`level`: debug, info, warning, error; `form`: text or json."""
    number = logging.getLevelNamesMapping()[level.upper()]
    stream = cast(TextIO, _Unfailing(sys.stderr))
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        # plain: a traceback with the values of variables would tell tokens
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([structlog.processors.format_exc_info] if form == "json" else []),
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(level=number, handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
