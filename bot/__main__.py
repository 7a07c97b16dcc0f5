"""python -m bot is sanctions-bot. Asked for its version alone, it loads nothing else: the rest takes seconds."""

import signal
import sys

from bot import __version__


def main() -> None:
    # Until `run` is ready to stop in its own way. As a container's first process, it would not be ended by it at all.
    signal.signal(signal.SIGTERM, _end)
    if sys.argv[1:] in (["version"], ["--version"]):
        print(__version__)
        return
    try:
        from bot.cli import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _end(number: int, _frame: object) -> None:
    """Out of whatever is being done, so that it cleans up behind itself."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
