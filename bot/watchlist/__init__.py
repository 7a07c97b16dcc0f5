"""Who is tracked: CSV or FollowTheMoney JSON -> entities, chat words -> an entity, a name -> the entities it means.
Decides nothing about articles.

values.py: one value | rows.py: a row of them <-> an entity | headings.py: which column is what | files.py and ftm.py:
tables and JSON, read into reading.py | words.py: a new entity, typed | edits.py: an entity changed | finding.py: whom
do words mean? A bad row is refused with its line and what is allowed; all other rows are read."""

from bot.watchlist.edits import FieldEdit, apply_edits, merged, parse_edit
from bot.watchlist.files import export_csv, export_xlsx, parse_watchlist
from bot.watchlist.finding import Found, find_entities, names_of
from bot.watchlist.ftm import export_json
from bot.watchlist.headings import BIRTH_DATE, GIVEN_NAME, above_header, find_header, name_columns, whole_name
from bot.watchlist.reading import WatchlistFile
from bot.watchlist.rows import (
    COLUMNS,
    changes_between,
    free_key,
    guess_schema,
    key_of_name,
    may_be_one,
    parse_row,
    without_asides,
)
from bot.watchlist.values import (
    NOTHING,
    country_name,
    load_country_names,
    parse_country,
    parse_schema,
    parse_watchlist_key,
)
from bot.watchlist.words import entity_from_words, written_name

__all__ = [
    "BIRTH_DATE",
    "COLUMNS",
    "GIVEN_NAME",
    "NOTHING",
    "FieldEdit",
    "Found",
    "WatchlistFile",
    "above_header",
    "apply_edits",
    "changes_between",
    "country_name",
    "entity_from_words",
    "export_csv",
    "export_json",
    "export_xlsx",
    "find_entities",
    "find_header",
    "free_key",
    "guess_schema",
    "key_of_name",
    "load_country_names",
    "may_be_one",
    "merged",
    "name_columns",
    "names_of",
    "parse_country",
    "parse_edit",
    "parse_row",
    "parse_schema",
    "parse_watchlist",
    "parse_watchlist_key",
    "whole_name",
    "without_asides",
    "written_name",
]
