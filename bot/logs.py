"""Log lines: one for each outcome, with fields; text for people, JSON for machines. To standard error."""

from __future__ import annotations

import logging
import sys

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


def configure_logging(level: str, form: str) -> None:
    """`level`: debug, info, warning, error; `form`: text or json."""
    number = logging.getLevelNamesMapping()[level.upper()]
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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(level=number, handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
