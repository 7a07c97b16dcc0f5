"""Edits of many entities: saved, or kept until a second admin approves when they remove a lot."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import known_people, person_name, until
from bot.commands.watch import watching
from bot.counted import first_of, joined, number, shortened
from bot.errors import CommandError, EditedMeanwhileError
from bot.model import Action, EntityEdit, Message, NoticeKind, PendingEdit, PendingKind, Reply
from bot.ports import Records
from bot.rights import Right, is_same

WAITS = timedelta(hours=24)
_UNCHANGED = "Nothing was changed: all names are tracked as before."
_MOST_WHY = 300  # characters of a reason
_LOGGED = 100  # names of one row of the log
_SHOWN, _NAMED = 20, 8  # changes that wait, and names of each


def save(ask: Ask, pending: PendingEdit) -> Reply:
    """Carry out what its person confirmed, or have it approved."""
    try:
        return _save(ask, pending)
    except EditedMeanwhileError as error:
        with ask.store.reading() as records:
            changed = watching.told_meanwhile(records, error)
        raise CommandError(
            f"Not done, and nothing is lost: {changed}. See what changed: {cmd(f'watch history {error.key}')}. "
            "Then send yours again, to see it beside what stands now."
        ) from error


def _save(ask: Ask, pending: PendingEdit) -> Reply:
    with ask.store.writing() as records:
        watching.require_editor(ask, records)
        if not records.drop_pending(pending.id):
            raise CommandError("That was settled already, a moment ago.")
        if reason := why_approval(ask, records, pending.edits, is_import=pending.is_import):
            return ask_second(ask, records, pending, reason)
        done = _carry_out(ask, records, pending)
        return told_done(records, pending, done)


def why_approval(ask: Ask, records: Records, edits: Sequence[EntityEdit], *, is_import: bool = False) -> str:
    """Why these edits need a second admin; "" if they do not."""
    removed = records.entities_of([edit.key for edit in edits if edit.entity is None and not edit.merged_into])
    most, share = ask.services.approval_entities, ask.services.approval_share
    if most and len(removed) > most:
        return f"it removes {number(len(removed), 'name')}, more than {most} at once"
    for watchlist, count in Counter(entity.watchlist for entity in removed).items():
        there = records.count_entities([watchlist])
        if is_import and share and count > share * there:
            return f"it removes {count} of the {there} names on {watchlist}, more than {share:.0%}"
    return ""


def ask_second(ask: Ask, records: Records, pending: PendingEdit, reason: str) -> Reply:
    """Keep the edits until another admin approves them, and say so."""
    waiting = replace(
        pending, id=secrets.token_hex(3), kind=PendingKind.APPROVAL, at=ask.now, expires_at=ask.now + WAITS
    )
    records.save_pending(waiting)
    ask.audit(records, "watch asks for approval", after=f"{waiting.id}: {waiting.what}")
    alone = all(is_same(one, ask.request.user) for one in records.admins())
    return reply(
        "Waits for a second admin: nothing is changed yet",
        f"“{waiting.what}” needs another admin's word, as {reason}.",
        f"Within 24 hours another admin sends {cmd(f'approve {waiting.id}')} or {cmd(f'approve refuse {waiting.id}')}.",
        (
            f"You are the only admin: appoint another ({cmd('admin add USER')}), remove in smaller parts, or have "
            "whoever runs the bot set approval_entities and approval_share to 0."
        )
        if alone
        else "",
        actions=[button("Take it back", f"approve refuse {waiting.id}")],
        ok=True,
    )


def _carry_out(ask: Ask, records: Records, pending: PendingEdit, why: str = "") -> int:
    watching.require_edits(ask, records, pending.edits)
    undone = records.watchlist_edit(pending.undoes) if pending.undoes else None
    if undone and undone.undone_by:
        raise CommandError(f"Not done: edit {undone.id} is undone already, by edit {undone.undone_by}.")
    why = "; ".join(filter(None, (pending.why, why)))
    by, chat = str(pending.by), str(pending.chat)
    gone = [edit.key for edit in pending.edits if edit.entity is None]
    names = sorted(one.caption for one in records.entities_of(gone))
    done = records.edit_watchlist(pending.edits, by, ask.now, pending.what, why, pending.undoes, chat)
    # both of the two whom it took, and whom it removed: the log is read without the watchlist beside it
    asked = f", asked for by {by} as {pending.id}" if pending.kind is PendingKind.APPROVAL else ""
    before = f"tracked: {'; '.join(first_of(names, _LOGGED))}" if names else ""
    reason = f", why: {pending.why}" if pending.why else ""
    ask.audit(records, "watch edit", before=before, after=f"edit {done}: {pending.what}{asked}{reason}")
    return done


def told_done(records: Records, pending: PendingEdit, done: int) -> Reply:
    removed = sum(edit.entity is None for edit in pending.edits)
    lists = sorted({edit.entity.watchlist for edit in pending.edits if edit.entity})
    saved = len(pending.edits) - removed
    parts = [f"{number(saved, 'name')} saved"] if saved else []
    parts += [f"{number(removed, 'name')} tracked no longer"] if removed else []
    counts = [f"{name} {records.count_entities([name]):,}" for name in lists or ["main"]]
    return reply(
        f"Done: {pending.what}",
        f"{', '.join(parts)}. Tracked now: {joined(counts)}.",
        f"It is edit {done}; nothing is deleted, and it can be undone as a whole.",
        actions=[
            button("Redo" if pending.undoes else "Undo all of it", f"watch undo {done}"),
            button("What is tracked", "watch list"),
        ],
    )


# ---------------------------------------------------------------- approve


def approve(ask: Ask) -> Reply:
    verb, rest = ask.first_word()
    with ask.store.reading() as records:
        watching.require_editor(ask, records)
    if not verb:
        return _list(ask)
    return _refuse(ask, rest) if verb == "refuse" else _approve(ask, verb)


def _waiting(ask: Ask, records: Records, code: str) -> PendingEdit:
    pending = records.pending(code.strip(), ask.now)
    if pending is None or pending.kind is not PendingKind.APPROVAL:
        raise CommandError(f"Nothing of the number “{shortened(code, 20)}” waits for approval. See: {cmd('approve')}")
    return pending


def _approve(ask: Ask, code: str) -> Reply:
    try:
        with ask.store.writing() as records:
            ask.require(records, Right.APPROVE)
            pending = _waiting(ask, records, code)
            if is_same(pending.by, ask.request.user):
                raise CommandError(
                    "You asked for it, so another admin has to approve. "
                    f"Who they are: {cmd('admin list')}; to appoint one: {cmd('admin add USER')}"
                )
            done = _carry_out(ask, records, pending, f"approved by {ask.who}")
            records.drop_pending(pending.id)
            return told_done(records, pending, done)
    except EditedMeanwhileError as error:  # what it would have done is undone by now
        return _close_stale(ask, code, error)


def _close_stale(ask: Ask, code: str, error: EditedMeanwhileError) -> Reply:
    """It was made for names as they stood: it would fail each time, and only who asked can ask anew."""
    with ask.store.writing() as records:
        pending = _waiting(ask, records, code)
        records.drop_pending(pending.id)
        people = known_people(records)
        changed = watching.told_meanwhile(records, error)
        history = f"See what changed: {cmd(f'watch history {error.key}')}."
        title = f"Not done, and closed: {pending.what}"
        is_told = _tell_asker(
            ask, records, pending, Message(title, paragraphs=(f"{changed}. {history} Then send it again.",))
        )
        asker = person_name(str(pending.by), people)
        ask.audit(records, "watch approval closed", before=f"{pending.id}: {pending.what}", after=changed)
    told = f"{asker}, who asked, is told" if is_told else f"Tell {asker}, who asked,"
    return reply(title, f"{changed}. {history}", f"{told} to send it again, if it is still wanted.", ok=False)


def _refuse(ask: Ask, words: str) -> Reply:
    code, *rest = words.split(maxsplit=1) or [""]
    why = shortened(" ".join(rest).removeprefix("because ").strip(" :;,-–—"), _MOST_WHY)
    with ask.store.writing() as records:
        pending = _waiting(ask, records, code)
        back = is_same(pending.by, ask.request.user)
        if not back:
            ask.require(records, Right.APPROVE, "refuse what somebody else asked for")
        records.drop_pending(pending.id)
        people = known_people(records)
        said = f"By {person_name(ask.who, people)}{f': {why}' if why else ', without a reason'}"
        is_told = not back and _tell_asker(
            ask, records, pending, Message(f"Refused: {pending.what}", paragraphs=(f"{said}.", _UNCHANGED))
        )
        asker = person_name(str(pending.by), people)
        ask.audit(records, "watch approval refused", before=f"{pending.id}: {pending.what}", after=why)
    return reply(
        f"{'Taken back' if back else 'Refused'}: {pending.what}",
        _UNCHANGED,
        f"{asker}, who asked, is told{', with your reason' if why else ''}." if is_told else "",
    )


def _tell_asker(ask: Ask, records: Records, pending: PendingEdit, message: Message) -> bool:
    """Where it was asked for, unless that is here: all see it then. True if it is seen."""
    if pending.chat == ask.request.chat.key:
        return True
    put = ask.services.put_notice
    return put is not None and put(records, NoticeKind.APPROVAL, f"approval:{pending.id}", pending.chat, message)


def _may_see(ask: Ask, records: Records, pending: PendingEdit) -> bool:
    """Whoever may approve sees all that waits; others what is about the watchlists that their chat sees."""
    if is_same(pending.by, ask.request.user) or ask.may(records, Right.APPROVE).allowed:
        return True
    seen = records.watchlists_of(ask.request.chat.key)
    places = {*records.places_of(edit.key for edit in pending.edits).values()}
    return places | {edit.entity.watchlist for edit in pending.edits if edit.entity} <= set(seen)


def _list(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        waiting = [one for one in records.waiting_for_approval(ask.now) if _may_see(ask, records, one)]
        people = known_people(records)
        told = {one.id: _told_edits(ask, records, one) for one in waiting[:_SHOWN]}
    if not waiting:
        return reply("Nothing waits for approval", "What removes many names at once waits here for a second admin.")
    return reply(
        f"{number(len(waiting), 'change')} to approve",
        bullets=[
            f"{one.id}: {one.what} · {told[one.id]} · by {person_name(str(one.by), people)} · "
            f"ends {until(one.expires_at, ask.now)}"
            for one in waiting[:_SHOWN]
        ],
        actions=[action for one in waiting[:3] for action in _buttons(ask, one)],
    )


def _buttons(ask: Ask, pending: PendingEdit) -> list[Action | None]:
    if is_same(pending.by, ask.request.user):  # who asked for it cannot approve it
        return [button(f"Take {pending.id} back", f"approve refuse {pending.id}")]
    return [
        button(f"Approve {pending.id}", f"approve {pending.id}"),
        button(f"Refuse {pending.id}", f"approve refuse {pending.id}"),
    ]


def _told_edits(ask: Ask, records: Records, pending: PendingEdit) -> str:
    """What is approved: 'removes 110 names: Orlan Works, Volga Lines … and 102 more; saves 3'. Names are told only of
    the watchlists that this chat sees."""
    gone = [edit.key for edit in pending.edits if edit.entity is None]
    seen = records.watchlists_of(ask.request.chat.key)
    names = sorted(one.caption for one in records.entities_of(gone) if one.watchlist in seen)[:_NAMED]
    more = f" and {len(gone) - len(names):,} more" if names and len(gone) > len(names) else ""
    which = f": {', '.join(shortened(name, 60) for name in names)}{more}" if names else ""
    saved = len(pending.edits) - len(gone)
    parts = [f"removes {number(len(gone), 'name')}{which}"] if gone else []
    parts += [f"saves {number(saved, 'name')}"] if saved else []
    return "; ".join(parts)
