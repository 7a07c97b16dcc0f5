"""watch add without a name: all is asked at once by a form, where the platform has forms; else one thing after another.

What is filled in is judged field by field, then shown as any new name is before it is saved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.commands.asking import Ask, reply
from bot.commands.phrases import schema_word
from bot.commands.watch import drafting, watching
from bot.counted import number
from bot.errors import CommandError
from bot.model import Entity, Form, FormField, Reply, Schema
from bot.ports import Records
from bot.rights import Right
from bot.watchlist import key_of_name, parse_row

_KINDS = tuple((schema_word(schema).capitalize(), str(schema)) for schema in Schema)
_SPLIT_AT_COMMAS = ("countries", "identifiers")  # names may hold one
_FIELDS = (
    FormField("name", "Name", "The one name that is shown.", is_needed=True),
    FormField("schema", "Kind", "A person is also searched for by surname.", str(Schema.LEGAL_ENTITY), _KINDS),
    FormField("aliases", "Other names", "One a line: former names, names in other scripts.", is_long=True),
    FormField("weak_aliases", "Weak names", "One a line: short names and abbreviations, too weak to count alone.",
              is_long=True),
    FormField("countries", "Countries", "Names or two letters, by commas."),
    FormField("identifiers", "Identifiers", "One a line, with its kind: imo:9187629, lei:…, inn:…, wallet:…",
              is_long=True),
    FormField("notes", "Notes", "For your team; no name is searched for in it.", is_long=True),
)  # fmt: skip


def ask_all(ask: Ask) -> Reply:
    """The form; where there is none, the first question of the conversation."""
    with ask.store.writing() as records:
        watching.require_editor(ask, records)
        draft = drafting.nameless(ask)
        records.save_pending(draft)
        form = _form(_watchlists(ask, records))
    asked = reply(
        "Who is to be tracked?",
        "Send the name. What is missing is asked then, one question at a time.",
        f"Or say all at once: {watching.GRAMMAR}",
        footer=drafting.other_way(ask, "watch add NAME"),
        actions=[drafting.answer_button("Cancel", draft, "cancel")],
    )
    return replace(asked, form=form)


def filled(ask: Ask, _words: str) -> Reply:
    """What came back: the form again with what is wrong in it, or how the name would be searched for, to be saved."""
    given = {key: value for key, value in ask.request.fields.items() if value.strip()}
    if not ask.request.fields:
        return ask_all(ask)
    with ask.store.reading() as records:
        watching.require_editor(ask, records)
        watchlists = _watchlists(ask, records)
        entity, wrong = _read(given, watchlists)
        wrong |= {} if wrong else _known(entity, records, ask)
        entity = replace(entity, key=key_of_name(entity.caption, watching.TakenKeys(records, watchlists)))
    if wrong:
        return _again(_form(watchlists), ask.request.fields, wrong)
    past = ask.services.backtest([entity]) if ask.services.backtest else None
    return watching.ask_first(ask, entity, past)


def _watchlists(ask: Ask, records: Records) -> tuple[str, ...]:
    """Those that the chat sees and the asker may change."""
    seen = records.watchlists_of(ask.request.chat.key)
    return tuple(key for key in seen if watching.may_on(ask, records, Right.EDIT_WATCHLIST, key))


def _form(watchlists: Sequence[str]) -> Form:
    fields: tuple[FormField, ...] = _FIELDS
    if len(watchlists) > 1:
        choices = tuple((key, key) for key in watchlists)
        fields = (*fields, FormField("watchlist", "Watchlist", value=watchlists[0], choices=choices, is_needed=True))
    return Form("Track a name", "watch form", fields)


def _read(given: Mapping[str, str], watchlists: Sequence[str]) -> tuple[Entity, dict[str, str]]:
    """(as far as it can be read, what is wrong by field). Raises CommandError if nobody sent such a form."""
    wrong: dict[str, str] = {}
    watchlist = given.get("watchlist", watchlists[0])
    if watchlist not in watchlists:
        raise CommandError(watching.unseen(watchlist, watchlists))
    name, rows = given.get("name", ""), dict[str, str]()
    for key in ("name", "schema", "aliases", "weak_aliases", "countries", "identifiers", "notes"):
        value = re.sub(r"[,\n]" if key in _SPLIT_AT_COMMAS else r"\n", ";", given.get(key, "").strip())
        doubts = _doubts({key: value}) if value or key == "name" else ()
        if doubts:
            wrong[key] = f"{'; '.join(doubts)[:600]}."
        else:
            rows[key] = value
    rows = {"key": "-", "schema": str(Schema.LEGAL_ENTITY), "name": "-0", **{k: v for k, v in rows.items() if v}}
    entity, _ = parse_row(rows, watchlist)
    return replace(entity, caption=entity.caption if "name" not in wrong else name), wrong


def _doubts(row: Mapping[str, str]) -> tuple[str, ...]:
    """Why one field cannot be read."""
    try:
        return parse_row({"key": "-", "schema": str(Schema.LEGAL_ENTITY), "name": "-0", **row})[1]
    except ValueError as error:
        return (str(error),)


def _known(entity: Entity, records: Records, ask: Ask) -> dict[str, str]:
    """Which of the names are tracked already, by field."""
    seen = records.watchlists_of(ask.request.chat.key)
    wrong = {}
    for key, names in (("name", (entity.caption,)), ("aliases", entity.aliases)):
        if same := records.entities_named(names, seen):
            wrong[key] = f"Tracked already, as {same[0].caption} (key {same[0].key})."
    return wrong


def _again(form: Form, given: Mapping[str, str], wrong: Mapping[str, str]) -> Reply:
    fields = tuple(
        replace(one, value=given.get(one.key, one.value), wrong=wrong.get(one.key, "")) for one in form.fields
    )
    labels = {one.key: one.label for one in fields}
    told = reply(
        f"Not yet: {number(len(wrong), 'field')} to correct",
        "Nothing is saved, and what you wrote is kept.",
        bullets=[f"{labels[key]}: {problem}" for key, problem in wrong.items()],
        ok=False,
    )
    return replace(told, form=replace(form, fields=fields))
