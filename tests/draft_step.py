"""A draft of the next step of the schema: what bot/storage/tables.py describes and no step makes yet.

    python tests/draft_step.py event_notes "Events have notes"

writes bot/storage/migrations/versions/event_notes.py. Read it before you keep it: a new column of a table that has rows
needs a default or may be empty, and a renamed one is told as one gone and one new.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from alembic import command
from alembic.script import ScriptDirectory

from bot.storage import SqlStore
from bot.storage.migrations import config

VERSIONS = Path(__file__).resolve().parent.parent / "bot" / "storage" / "migrations" / "versions"


def draft(name: str, sentence: str, versions: Path = VERSIONS) -> Path:
    """Write the step into `versions`; returns its file. Raises FileExistsError."""
    file = versions / f"{name}.py"
    if file.exists():
        raise FileExistsError(f"{file} is there already: a released step is never edited, so take another name")
    steps = config()
    steps.set_main_option("version_locations", str(VERSIONS).replace("%", "%%"))
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore(f"sqlite:///{folder}/steps.db")
        store.migrate()
        with store.writing() as records:
            steps.attributes["connection"] = records.connection
            before = ScriptDirectory.from_config(steps).get_current_head()
            where = {} if versions == VERSIONS else {"version_path": str(versions), "head": before, "splice": True}
            if where:
                steps.set_main_option("version_locations", f"{VERSIONS}:{versions}".replace("%", "%%"))
            command.revision(steps, sentence, autogenerate=True, rev_id=name, **where)
        store.close()
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="of the step and its file: event_notes")
    parser.add_argument("sentence", help="what it does, in a sentence: it heads the file")
    given = parser.parse_args()
    if not given.name.isidentifier():
        parser.error(f"{given.name} is no name of a module: letters, digits and _")
    try:
        print(draft(given.name, given.sentence))
    except FileExistsError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
