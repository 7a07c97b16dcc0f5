"""watch add of a name alone: what is missing is asked, one question at a time, by buttons or one more message.

The answers so far are kept in the store for each person and chat, so a restart loses nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import entity_line, schema_word
from bot.commands.watch import watching
from bot.errors import CommandError
from bot.model import Action, ChatKind, Entity, EntityEdit, PendingEdit, PendingKind, Reply, Schema
from bot.watchlist import apply_edits, parse_edit

KEPT = timedelta(minutes=30)
_SKIP, _SAVE = ("skip", "no", "none", "-"), ("save", "done")
_CANCEL = ("cancel", "stop")
WORDS = frozenset((*_SKIP, *_SAVE, *_CANCEL))  # answers that are no name


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is missing of a draft. `column` takes the answer, as `watch edit` does."""

    key: str
    column: str
    missing: Callable[[Entity], bool]
    text: str
    form: str
    choices: tuple[tuple[str, str], ...] = ()  # (label, answer)


QUESTIONS = (
    Question(
        "kind",
        "schema=",
        lambda entity: entity.schema is Schema.LEGAL_ENTITY,
        "What is it?",
        "Press a button, or send one word: person, company, organisation, public body, vessel, aircraft, crypto "
        "wallet.",
        tuple(
            (schema_word(schema).capitalize(), str(schema)) for schema in Schema if schema is not Schema.LEGAL_ENTITY
        ),
    ),
    Question(
        "country",
        "country=",
        lambda entity: not entity.countries and entity.schema is not Schema.CRYPTO_WALLET,
        "Which country is it from?",
        "Send its name or two letters; several by commas.",
    ),
    Question(
        "names",
        "alias+=",
        lambda entity: not entity.aliases,
        "Has it other names?",
        "Send them parted by semicolons: former names, abbreviations, names in its own script.",
    ),
)
_BY_KEY = {question.key: question for question in QUESTIONS}


def begin(ask: Ask, entity: Entity) -> Reply:
    what = f"added {entity.caption}"
    before = open_draft(ask)
    asked = _go_on(ask, replace(nameless(ask), what=what, edits=(EntityEdit(entity.key, entity, 0),)))
    if before is None or not before.edits:
        return asked
    dropped = f"{_entity(before).caption}, which you were asked about before this, was not saved."
    return replace(asked, message=replace(asked.message, paragraphs=(*asked.message.paragraphs, dropped)))


def open_draft(ask: Ask) -> PendingEdit | None:
    """What this person is being asked about here."""
    with ask.store.reading() as records:
        return records.draft_of(ask.request.user, ask.request.chat.key, ask.now)


def nameless(ask: Ask) -> PendingEdit:
    """A draft of somebody whose name was not said yet."""
    return PendingEdit(
        id=secrets.token_hex(4),
        kind=PendingKind.DRAFT,
        by=ask.request.user,
        chat=ask.request.chat.key,
        at=ask.now,
        expires_at=ask.now + KEPT,
        what="a new name",
    )


def asks_name(ask: Ask) -> bool:
    """Whether the open question is the name itself."""
    draft = open_draft(ask)
    return draft is not None and not draft.edits


def answer(ask: Ask, words: str) -> Reply:
    """What somebody says to the open question: a button's word, a value, skip, save or cancel."""
    with ask.store.reading() as records:
        watching.require_editor(ask, records)
    draft = open_draft(ask)
    if draft is None:
        raise CommandError(f"You are not being asked anything just now. To begin: {cmd('watch add NAME')}")
    said = words.strip().casefold()
    if said in _CANCEL:
        return watching.cancel(ask, draft.id)
    if not draft.edits:
        raise CommandError(f"A name is needed: send it, or {cmd('watch answer cancel')}")
    if said in _SAVE:
        return _finish(ask, draft)
    return _go_on(ask, draft if said in _SKIP else _with_answer(ask, draft, words), answered=True)


# Of a button: which draft and which question it stands below. Buttons stay in the chat when their question is gone.
_BELOW = re.compile(r"(?P<draft>[0-9a-f]{8})\.(?P<question>[a-z]+) (?P<answer>.+)", re.DOTALL)


def answer_button(label: str, draft: PendingEdit, value: str) -> Action | None:
    return button(label, f"watch answer {draft.id}.{draft.asks or 'name'} {value}")


def read_answer(ask: Ask, words: str) -> str:
    """What is said to the open question, a button's mark aside. Raises CommandError if the button stands below a
    question that is open no more: it would answer for another name, or another question."""
    pressed = _BELOW.fullmatch(words.strip())
    if pressed is None:
        return words
    draft = open_draft(ask)
    if draft and (draft.id, draft.asks or "name") == (pressed["draft"], pressed["question"]):
        return pressed["answer"]
    now = f"You are asked about {_entity(draft).caption} now" if draft and draft.edits else "To begin"
    then = "press a button below that question." if draft and draft.edits else f"{cmd('watch add NAME')}."
    raise CommandError(f"That question is open no more, so nothing was changed. {now}: {then}")


def is_asked(ask: Ask) -> bool:
    """Whether a message that is no command may be the answer to a question."""
    return open_draft(ask) is not None


def _with_answer(ask: Ask, draft: PendingEdit, words: str) -> PendingEdit:
    question, entity = _BY_KEY[draft.asks], _entity(draft)
    value = re.sub(r"\s*\n\s*", "; ", words.strip())
    edits = f"{question.column}{value}"
    if "=" in value:
        raise CommandError(f"{question.text} {question.form} ({cmd('watch answer skip')} passes it over.)")
    try:
        changed = apply_edits(entity, parse_edit(edits)[1])
    except ValueError as error:
        raise CommandError(
            f"Not understood: {error}. {question.form} {cmd('watch answer skip')} passes it over."
        ) from None
    with ask.store.reading() as records:
        same = records.entities_named(changed.aliases, records.watchlists_of(ask.request.chat.key))
    if same:
        raise CommandError(
            f"One of these names is tracked already, as {same[0].caption} (key {same[0].key}). Send the others, or "
            f"{cmd('watch answer cancel')} and {cmd(f'watch alias {same[0].key} + {entity.caption}')}"
        )
    return replace(draft, edits=(replace(draft.edits[0], entity=changed),))


def _go_on(ask: Ask, draft: PendingEdit, *, answered: bool = False) -> Reply:
    """Keep the draft and ask what is still missing; save it when nothing is."""
    asked = (*draft.asked, draft.asks) if answered and draft.asks else draft.asked
    entity = _entity(draft)
    question = next((one for one in QUESTIONS if one.key not in asked and one.missing(entity)), None)
    draft = replace(draft, asked=asked, asks=question.key if question else "", expires_at=ask.now + KEPT)
    if question is None:
        return _finish(ask, draft)
    with ask.store.writing() as records:
        records.save_pending(draft)
    return reply(
        f"{entity.caption}: {question.text[0].lower()}{question.text[1:]}",
        *watching.told_alike([] if answered else watching.find_alike(ask, entity)),
        question.form,
        f"So far: {entity_line(entity)}{watching.told_numbers(entity)}. It is not saved yet.",
        footer=other_way(ask, "watch answer …"),
        actions=[
            *(answer_button(label, draft, value) for label, value in question.choices),
            answer_button("Skip", draft, "skip"),
            answer_button("Save as it is", draft, "save"),
            answer_button("Cancel", draft, "cancel"),
        ],
    )


def other_way(ask: Ask, command: str) -> str:
    """How to answer where the bot is not shown plain messages: in a private chat it is shown all of them."""
    if ask.request.chat.kind is ChatKind.PRIVATE:
        return ""
    return f"Where the bot does not read plain messages, send: {cmd(command)}"


def _finish(ask: Ask, draft: PendingEdit) -> Reply:
    with ask.store.writing() as records:
        records.drop_pending(draft.id)
    return watching.offer(ask, _entity(draft))


def _entity(draft: PendingEdit) -> Entity:
    entity = draft.edits[0].entity
    assert entity is not None
    return entity
