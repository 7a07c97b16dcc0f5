"""Log lines: one for each outcome, with fields; text for people, JSON for machines. To standard error."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import sys
import textwrap
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, TextIO, cast

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


# What a terminal obeys or another reader takes for a line's end: a page's words must not paint, move or forge lines.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _told(text: str) -> str:
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


@dataclass(frozen=True, slots=True)
class _Spelt:
    """A text that the library shows as Python writes it, also where it has no blank."""

    text: str

    def __repr__(self) -> str:
        return repr(self.text)


def _tell_signs(_logger: object, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The words of a line without what would end it, or be obeyed: those that the library would write as they are."""
    for key, value in line.items():
        if key == "event":
            line[key] = _told(str(value)).replace("\n", "\\n")
        elif isinstance(value, str) and not value.isprintable():
            line[key] = _Spelt(value)
    return line


def _plain_traceback(stream: TextIO, what: Any) -> None:
    """Every line of it set in, so that none, of an error's own words, looks like a line of the log."""
    lines = io.StringIO()
    structlog.dev.plain_traceback(lines, what)
    stream.write("\n" + textwrap.indent(_told(lines.getvalue().strip("\n")), "    ", lambda _line: True) + "\n")


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
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_plain_traceback)
    )
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([structlog.processors.format_exc_info] if form == "json" else [_tell_signs]),
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
