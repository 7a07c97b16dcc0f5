"""What can be set or commanded is documented, and what is documented exists."""

import re
from pathlib import Path

import pytest
import typer

from bot.cli import cli
from bot.commands import COMMANDS
from bot.config import PREFIX, Settings
from bot.matching.verdicts import ALERT_FLOOR
from bot.model import Source, Verdict

README = Path("README.md").read_text(encoding="utf-8")
CONFIGURATION = Path("docs/configuration.md").read_text(encoding="utf-8")


def test_every_setting_has_a_row_and_every_row_a_setting() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| `SANCTIONS_BOT_", CONFIGURATION, re.M)) == set(Settings.model_fields)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_settings_row_says_what_the_setting_says(name: str) -> None:
    row = next(line for line in CONFIGURATION.splitlines() if line.startswith(f"| `{name}` "))
    assert f"`{PREFIX}{name.upper()}`" in row
    assert str(Settings.model_fields[name].description) in row


def test_the_documented_alert_floor_is_the_one_that_is_used() -> None:
    row = next(line for line in CONFIGURATION.splitlines() if line.startswith("| `alert_floor` "))
    assert f"| {ALERT_FLOOR} |" in row


def test_every_chat_command_is_in_the_readme_and_the_other_way_round() -> None:
    assert set(re.findall(r"^\| `/(\w+)", README, re.M)) == {command.name for command in COMMANDS}


def test_every_shell_command_is_in_the_readme() -> None:
    commands = typer.main.get_command(cli).commands  # type: ignore[attr-defined]
    assert set(re.findall(r"^\| `sanctions-bot (\w+)", README, re.M)) == set(commands)


def test_every_key_of_a_source_is_explained_in_the_catalogue() -> None:
    head = Path("config/sources.toml").read_text(encoding="utf-8").split("\n[[sources]]")[0]
    assert {key for key in Source.__dataclass_fields__ if not re.search(rf"\b{key}\b", head)} == set()


def test_every_verdict_is_explained() -> None:
    text = Path("docs/verdicts.md").read_text(encoding="utf-8")
    assert {verdict for verdict in Verdict if f"`{verdict}`" not in text} == set()


def test_links_between_our_own_pages_lead_somewhere() -> None:
    pages = [Path("README.md"), *Path("docs").rglob("*.md")]
    broken = [
        f"{page}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
