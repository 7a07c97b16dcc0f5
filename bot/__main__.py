"""python -m bot is sanctions-bot. Asked for its version alone, it loads nothing else: the rest takes seconds."""

import errno
import os
import signal
import sys
import time
import zoneinfo

from bot import __version__

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def main() -> None:
    # Until `run` is ready to stop in its own way. As a container's first process, it would not be ended by it at all.
    signal.signal(signal.SIGTERM, _end)
    try:
        if sys.argv[1:] in (["version"], ["--version"]):
            print(__version__, flush=True)
            return
        correct_zone()
        from bot.cli import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        print(f"error: nothing more can be written: {error.strerror}; make room on the disk", file=sys.stderr)
        # what is left for standard output cannot be written either: Python tries it again at the end, and complains
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(2) from None


def correct_zone() -> None:
    """A library reads TZ when it is imported, and fails on what the system takes: "", "CET-1CEST", ":/etc/localtime".
    We count in UTC whatever it says; a chat sets its own with /timezone."""
    try:
        zoneinfo.ZoneInfo(os.environ.get("TZ", "UTC"))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        os.environ["TZ"] = "UTC"
        time.tzset()


def _end(number: int, _frame: object) -> None:
    """Out of whatever is being done, so that it cleans up behind itself."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
