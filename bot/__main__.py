"""python -m bot is sanctions-bot. Asked for its version alone, it loads nothing else: the rest takes seconds."""

import sys

from bot import __version__


def main() -> None:
    if sys.argv[1:] in (["version"], ["--version"]):
        print(__version__)
        return
    from bot.cli import main as run

    run()


if __name__ == "__main__":
    main()
