"""Watchlists on the command line: what is changed there stands in the audit log as what is changed in chat does."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.storage import SqlStore

CONFIG = Path(__file__).parents[2] / "config"


def test_imports_and_undos_are_in_the_audit_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/bot.sqlite"
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", url)
    monkeypatch.setenv("SANCTIONS_BOT_CONFIG_DIR", str(CONFIG))
    names = tmp_path / "names.csv"
    names.write_text("key,schema,name\norlan,Company,Orlan Works\n", encoding="utf-8")
    for words in (["watch", "import", str(names)], ["watch", "import", str(names), "--yes"], ["watch", "undo", "1"]):
        result = CliRunner().invoke(cli, words)
        assert result.exit_code == 0, result.output
    store = SqlStore(url)
    with store.reading() as records:
        undo, taken = (one.row for one in records.latest_audit())
    store.close()
    assert (taken.who, taken.what, taken.before, taken.after) == (
        "terminal:owner", "watch import", "names.csv", "edit 1: 1 name",
    )  # fmt: skip
    assert (undo.what, undo.before, undo.after) == ("watch undo", "edit 1", "edit 2")
