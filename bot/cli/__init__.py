"""The command line: the table of its commands, in the order of `--help`, and the entry point. What commands do stands
elsewhere: here is what is asked at a terminal, and what is printed there.

Each imports what it needs when it is called: `--help` would take two seconds else."""

import typer
from rich.markup import escape

from bot.cli.explaining import backtest, explain
from bot.cli.judging import judge
from bot.cli.keeping import audit_cli, backup, migrate, version
from bot.cli.lists import lists_cli
from bot.cli.lookups import compare, lookup
from bot.cli.running import demo, jobs_cli, poll, run, status
from bot.cli.tending import admin, feeds, outbox
from bot.cli.terminal import err
from bot.cli.watch import watch_cli
from bot.cli.writing import events, feedback_cli, pages
from bot.errors import SanctionsBotError

__all__ = ["cli", "main"]

cli = typer.Typer(
    name="sanctions-bot",
    help="Alerts when an article reports new sanctions on someone you track.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    *(run, demo, poll, status, judge, explain, lookup, compare, feeds, admin, outbox, backtest, events, pages),
    *(migrate, backup, version),
):
    cli.command()(command)
cli.add_typer(feedback_cli, name="feedback")
cli.add_typer(lists_cli, name="lists")
cli.add_typer(audit_cli, name="audit")
cli.add_typer(watch_cli, name="watch")
cli.add_typer(jobs_cli, name="jobs")


def main() -> None:
    """The entry point: errors of ours are a sentence and exit code 2, not a traceback."""
    try:
        cli()
    except SanctionsBotError as error:
        from bot.commands.asking import COMMAND_MARK

        told = str(error).replace(COMMAND_MARK, "sanctions-bot ")
        err.print(f"[bold red]error:[/] {escape(told)}", soft_wrap=True)
        raise SystemExit(2) from None
