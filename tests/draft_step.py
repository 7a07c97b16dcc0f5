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

from bot.storage import SqlStore, migrations
from bot.storage.migrations import config

STEPS = Path(migrations.__file__).parent


def draft(name: str, sentence: str, steps: Path = STEPS) -> Path:
    """Write the step, `steps` being the folder of env.py and versions/; returns its file. Raises FileExistsError."""
    file = steps / "versions" / f"{name}.py"
    if file.exists():
        raise FileExistsError(f"{file} is there already: a released step is never edited, so take another name")
    made = config()
    made.set_main_option("script_location", str(steps).replace("%", "%%"))
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore(f"sqlite:///{folder}/steps.db")
        store.migrate()
        with store.writing() as records:
            made.attributes["connection"] = records.connection
            command.revision(made, sentence, autogenerate=True, rev_id=name)
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
