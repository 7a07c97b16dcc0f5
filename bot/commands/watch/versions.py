"""watch history, undo, rollback: what was changed, by whom and why, and back again. Nothing is deleted on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import entity_line, known_people, person_name
from bot.commands.watch import approving, editing, watching
from bot.counted import joined, number, shortened
from bot.errors import CommandError, EditedMeanwhileError
from bot.model import Entity, EntityEdit, EntityVersion, PendingEdit, PendingKind, Reply, WatchlistEdit
from bot.ports import Records
from bot.watchlist import changes_between
from bot.zones import told_moment

_SHOWN = 10


def history(ask: Ask, words: str) -> Reply:
    with ask.store.reading() as records:
        watching.require_editor(ask, records)
        if not words:
            return _latest(ask, records)
        key = _key(ask, records, words, lambda key: f"watch history {key}")
        versions = records.entity_versions(key, _SHOWN + 1)
        people = known_people(records)
        lines = [_line(ask, records, people, *pair) for pair in zip(versions, (*versions[1:], None), strict=True)]
        seen = records.watchlists_of(ask.request.chat.key)
    newest, count = versions[0], versions[0].version
    back = [version for version in versions[1:4] if version.tracked and version.entity.watchlist in seen]
    return reply(
        f"{newest.entity.caption}: {number(count, 'version')}",
        entity_line(newest.entity) if newest.tracked else "It is not tracked now.",
        bullets=[line for line in lines[:_SHOWN] if line],
        footer=f"To go back: {cmd(f'watch rollback {key} VERSION')}",
        actions=[
            button(f"Back to version {version.version}", f"watch rollback {key} {version.version} version={count}")
            for version in back
        ],
    )


def _line(
    ask: Ask, records: Records, people: Mapping[str, str], version: EntityVersion, before: EntityVersion | None
) -> str:
    """'' of a version on a watchlist that the chat does not see; of one by an edit that also touched such a watchlist,
    what was done and why is left out: it may name others."""
    seen = records.watchlists_of(ask.request.chat.key)
    if version.entity.watchlist not in seen:
        return ""
    if version.merged_into and records.places_of([version.merged_into]).get(version.merged_into) not in seen:
        version = replace(version, merged_into="another name", why="")
    edit = records.watchlist_edit(version.edit)
    if edit is None or not _is_seen(ask, records, edit):
        version = replace(version, what="changed" if version.tracked else "removed", why="")
    return version_line(version, before if before and before.entity.watchlist in seen else None, people, ask.zone)


def version_line(
    version: EntityVersion, before: EntityVersion | None, people: Mapping[str, str], zone: str = ""
) -> str:
    what, caption = version.what, (before or version).entity.caption
    if what in (f"{verb} {caption}" for verb in ("added", "changed", "renamed", "changed the names of", "removed")):
        what = what.removesuffix(f" {caption}").removesuffix(" of")  # the answer says of whom it is
    if version.merged_into:
        what = f"merged into {version.merged_into}"
    elif version.tracked and before and before.tracked:
        what = f"{what}: {'; '.join(changes_between(before.entity, version.entity)) or 'nothing visible'}"
    why = f" · {version.why}" if version.why else ""
    by = person_name(version.by, people)
    return shortened(f"Version {version.version}, {told_moment(version.at, zone)}, {by}: {what}{why}", 400)


def _latest(ask: Ask, records: Records) -> Reply:
    found = records.watchlist_edits(limit=_SHOWN * 10)
    edits = list(islice((edit for edit in found if _is_seen(ask, records, edit)), _SHOWN))
    people = known_people(records)
    return reply(
        "The latest edits of the watchlists" if edits else "No edit yet",
        bullets=[
            f"Edit {edit.id}, {told_moment(edit.at, ask.zone)}, {person_name(edit.by, people)}: {edit.what}"
            + (f", undone by edit {edit.undone_by}" if edit.undone_by else "")
            for edit in edits
        ],
        footer=f"Of one name: {cmd('watch history NAME')}. To take one back: {cmd('watch undo NUMBER')}",
    )


def _is_seen(ask: Ask, records: Records, edit: WatchlistEdit) -> bool:
    """Whether it is about watchlists that the chat sees, and no others: before it, after it, and where it led to."""
    seen = records.watchlists_of(ask.request.chat.key)
    if {one.key for one in records.watchlists()} <= set(seen):
        return True
    versions = (*records.versions_of_edit(edit.id), *records.versions_before(edit.id))
    places = {version.entity.watchlist for version in versions}
    places.update(records.places_of({version.merged_into for version in versions if version.merged_into}).values())
    return places <= set(seen)


def _key(ask: Ask, records: Records, words: str, command: Callable[[str], str]) -> str:
    """The key of whom the words mean; a removed one is known by its key."""
    words = words.strip()
    seen = records.watchlists_of(ask.request.chat.key)
    version = records.entity_version(words)
    if version and version.entity.watchlist in seen:
        return words
    return watching.one_of(records, ask.request.chat.key, words, command).key


# ---------------------------------------------------------------- undo


def undo(ask: Ask, words: str) -> Reply:
    """The last edit that this person made in this chat, the edit of a number, or the last one of an entity."""
    with ask.store.writing() as records:
        watching.require_editor(ask, records)
        edit = _which(ask, records, words)
        if not _is_seen(ask, records, edit):
            raise CommandError(
                f"Edit {edit.id} is about a watchlist that this chat does not see: undo it in a chat that sees it."
            )
        if edit.undone_by:
            raise CommandError(f"Edit {edit.id} is undone already, by edit {edit.undone_by}.")
        back, left = taken_back(records, edit)
        if not back:
            raise CommandError(_why_not(edit, left))
        watching.require_edits(ask, records, back)
        if reason := approving.why_approval(ask, records, back):
            return approving.ask_second(ask, records, _pending(ask, edit, back), reason)
        done = _save(ask, records, edit, back)
        by = person_name(edit.by, known_people(records))
        ask.audit(records, "watch undo", before=f"edit {edit.id}", after=f"edit {done}")
        entities = records.entities_of(one.key for one in back)
    return _told_undone(ask, edit, back, entities, left, done, by=by if words.strip() else "")


def _save(ask: Ask, records: Records, edit: WatchlistEdit, back: list[EntityEdit]) -> int:
    what = f"undid edit {edit.id}: {edit.what}"
    try:
        return records.edit_watchlist(back, ask.who, ask.now, what, undoes=edit.id, chat=ask.place)
    except EditedMeanwhileError as error:
        raise CommandError(
            f"Not undone, and nothing is lost: {watching.told_meanwhile(records, error)}. "
            f"See what changed: {cmd(f'watch history {error.key}')}"
        ) from error


def _pending(ask: Ask, edit: WatchlistEdit, back: list[EntityEdit]) -> PendingEdit:
    return PendingEdit(
        id="",  # given when it is kept
        kind=PendingKind.APPROVAL,
        by=ask.request.user,
        chat=ask.request.chat.key,
        at=ask.now,
        expires_at=ask.now + approving.WAITS,
        what=f"undid edit {edit.id}: {edit.what}",
        edits=tuple(back),
        undoes=edit.id,
    )


def _which(ask: Ask, records: Records, words: str) -> WatchlistEdit:
    words = words.strip()
    if not words:
        last = records.last_edit_to_undo(ask.who, ask.place)
        if last is None:
            raise CommandError(_nothing_of_yours(ask, records))
        return last
    number_ = re.fullmatch(r"#?(\d{1,18})", words)
    edit = records.watchlist_edit(int(number_[1])) if number_ else None
    if edit:
        return edit
    if number_ and not records.entity_version(words):
        raise CommandError(f"There is no edit {number_[1]}. See those there are: {cmd('watch history')}")
    key = _key(ask, records, words, lambda key: f"watch undo {key}")
    version = records.entity_version(key)
    found = records.watchlist_edit(version.edit) if version else None
    if found is None:
        raise CommandError(f"Nothing of {key} can be undone.")
    return found


def _nothing_of_yours(ask: Ask, records: Records) -> str:
    """What somebody may do who made no edit in this chat that stands."""
    elsewhere = records.last_edit_to_undo(ask.who)
    other = ""
    if elsewhere and _is_seen(ask, records, elsewhere):
        other = f" Elsewhere your last was “{elsewhere.what}”: {cmd(f'watch undo {elsewhere.id}')} takes it back."
    return f"You changed nothing in this chat that could be undone.{other} All edits: {cmd('watch history')}"


def taken_back(records: Records, edit: WatchlistEdit) -> tuple[list[EntityEdit], list[str]]:
    """(each entity of the edit as it was before, those that were changed since and stay)."""
    back, left = [], []
    versions = records.versions_of_edit(edit.id)
    standing = records.standing_versions(version.key for version in versions)
    earlier = {version.key: version for version in records.versions_before(edit.id)}
    for version in versions:
        stands = standing[version.key]
        if stands != version.version and not _is_same(records.entity_version(version.key), version):
            left.append(f"{version.key} ({version.entity.caption})")
            continue
        before = earlier.get(version.key)
        entity = before.entity if before and before.tracked else None
        merged_into = before.merged_into if before and not before.tracked else ""
        back.append(EntityEdit(version.key, entity, stands, merged_into))
    return back, left


def _is_same(stands: EntityVersion | None, then: EntityVersion) -> bool:
    """What was changed since was taken back since."""
    if stands is None or (stands.tracked, stands.merged_into) != (then.tracked, then.merged_into):
        return False
    return stands.entity == then.entity


def _why_not(edit: WatchlistEdit, left: list[str]) -> str:
    if not left:
        return f"Edit {edit.id} changed nothing that can be undone."
    see, back = cmd(f"watch history {left[0].split()[0]}"), cmd("watch rollback NAME VERSION")
    return (
        f"Edit {edit.id} ({edit.what}) cannot be undone: {joined(left[:3])} changed since. "
        f"See {see}, and go back by hand: {back}"
    )


def _told_undone(
    ask: Ask,
    edit: WatchlistEdit,
    back: list[EntityEdit],
    entities: tuple[Entity, ...],
    left: list[str],
    done: int,
    *,
    by: str,
) -> Reply:
    """`by`: who had made the edit, where it was named."""
    gone = len(back) - len(entities)
    one = entities[0] if len(entities) == len(back) == 1 else None
    parts = [f"{number(len(entities), 'name')} as before"] if entities else []
    parts += [f"{number(gone, 'name')} tracked no longer"] if gone else []
    counts = f"{', '.join(parts)}."
    which = f"edit {edit.id} of {told_moment(edit.at, ask.zone)}"
    return reply(
        f"Undone: {edit.what}",
        f"That was {which}, by {by}." if by else f"That was your last change in this chat: {which}.",
        *([entity_line(one), *watching.told_forms(one)] if one else [counts]),
        f"Left as they are, as they were changed since: {joined(left[:5])}." if left else "",
        facts=watching.entity_facts(one) if one else (),
        footer=f"It is edit {done}, and can be undone too.",
        actions=[button("Redo", f"watch undo {done}")],
    )


# ---------------------------------------------------------------- rollback


def rollback(ask: Ask, words: str) -> Reply:
    """`watch rollback NAME VERSION [version=N]`: the entity as it was then, as a new version."""
    words, seen = editing.split_version(words)
    match = re.fullmatch(r"(.+?)\s+v?(\d{1,9})", words.strip())
    if not match:
        raise CommandError(
            f"Say whom and to which version: {cmd('watch rollback NAME 2')}; see {cmd('watch history NAME')}"
        )
    with ask.store.writing() as records:
        watching.require_editor(ask, records)
        key = _key(ask, records, match[1], lambda key: f"watch rollback {key} {match[2]}")
        old, wanted = records.entity_version(key), records.entity_version(key, int(match[2]))
        is_seen = wanted is not None and wanted.entity.watchlist in records.watchlists_of(ask.request.chat.key)
        if old is None or wanted is None or not wanted.tracked or not is_seen:
            raise CommandError(
                f"{key} has no version {match[2]} in which it was tracked: {cmd(f'watch history {key}')}"
            )
        if old.tracked and old.entity == wanted.entity:
            return reply(f"{wanted.entity.caption} is so already", entity_line(wanted.entity))
        edits = [EntityEdit(key, wanted.entity, seen)]
        done = editing.save(ask, records, edits, f"went back to version {wanted.version} of {old.entity.caption}")
        ask.audit(
            records, "watch rollback", before=f"{key} version {old.version}", after=f"as version {wanted.version}"
        )
    changes = changes_between(old.entity, wanted.entity)
    title = f"{wanted.entity.caption} is as in version {wanted.version}"
    return editing.restated(title, wanted.entity, old.version + 1, changes, done)
