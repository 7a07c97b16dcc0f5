"""Official sanctions lists: which there are, and their files -> listings. Fetches and stores nothing.

    files, opened | LISTS[key].parse | guards.decide_import | changes.compare_listing

A module for each publisher. `LISTS[key].parse` streams; what it raises after some listings makes all of them void.
"""

from __future__ import annotations

from bot.lists.naming import SHORT_NAMES, entries_called, list_title, lists_called, name_files, names_a_list
from bot.lists.official import ListFile, OfficialList, RefusedRow
from bot.lists.table import LISTS

__all__ = [
    "LISTS",
    "SHORT_NAMES",
    "ListFile",
    "OfficialList",
    "RefusedRow",
    "entries_called",
    "list_title",
    "lists_called",
    "name_files",
    "names_a_list",
]  # fmt: skip
