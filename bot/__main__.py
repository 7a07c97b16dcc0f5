"""python -m bot is sanctions-bot."""

from bot.cli import main

main()
