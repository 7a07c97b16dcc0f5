"""What people say of verdicts: rows of its own, undone ones stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import ChatKey, Feedback, Labelled, Likeness, LookAlike, Sample, User, Verdict
from bot.storage import tables as t
from bot.storage.columns import CHAT_COLUMNS, chat_key_of, chat_values, user_of
from bot.storage.serial import dump, load
from bot.storage.statements import Row, Statements

_LOOK_ALIKES = sa.select(t.look_alikes).where(t.look_alikes.c.undone_at.is_(None)).order_by(t.look_alikes.c.id)
_LOOK_ALIKES_OF = _LOOK_ALIKES.where(t.look_alikes.c.entity.in_(sa.bindparam("entities", expanding=True)))
FEEDBACK_ORDER = ("said_at", "event", "entity", "user_platform", "user_id")


class FeedbackRows(Statements):
    def save_feedback(self, feedback: Feedback, sample: Sample | None) -> None:
        undone = {"undone_at": feedback.undone_at, "undone_by": feedback.undone_by}
        said = {"label": feedback.label.value, "given": feedback.given.value, "said_at": feedback.at}
        row = {
            **_feedback_key(feedback),
            "user_name": feedback.user.name,
            **said,
            **chat_values(feedback.chat),
            **undone,
        }
        self._upsert(t.feedback, {**row, "value": dump(sample)} if sample else row)

    def feedback_of(self, event: str, chat: ChatKey | None = None) -> tuple[Feedback, ...]:
        rows = self._where(t.feedback, *FEEDBACK_ORDER, event=event, **(chat_values(chat) if chat else {}))
        return tuple(feedback_of(row) for row in rows if row.undone_at is None)

    def feedback_since(self, since: datetime) -> tuple[Labelled, ...]:
        rows = self._all(_standing_feedback(t.feedback.c.said_at >= since))
        return tuple(Labelled(feedback_of(row), load(Sample, row.value) if row.value else None) for row in rows)

    def feedback_by(self, user: User) -> tuple[Feedback, ...]:
        theirs = (t.feedback.c.user_platform == user.platform) & (t.feedback.c.user_id == user.id)
        return tuple(map(feedback_of, self._all(_standing_feedback(theirs))))

    def undo_feedback(self, feedback: Feedback, by: str, now: datetime) -> bool:
        which = [t.feedback.c[name] == value for name, value in _feedback_key(feedback).items()]
        standing = sa.and_(t.feedback.c.undone_at.is_(None), *which)
        return bool(self._update(t.feedback, standing, undone_at=now, undone_by=by))

    def add_look_alike(self, look_alike: LookAlike) -> int:
        return self._insert(
            t.look_alikes,
            entity=look_alike.entity,
            event=look_alike.event,
            user_platform=look_alike.by.platform,
            user_id=look_alike.by.id,
            user_name=look_alike.by.name,
            said_at=look_alike.at,
            **(chat_values(look_alike.chat) if look_alike.chat else dict.fromkeys(CHAT_COLUMNS, "")),
            value=dump(look_alike.likeness),
            until=look_alike.until,
            undone_at=look_alike.undone_at,
            undone_by=look_alike.undone_by,
        )

    def look_alikes(self, entities: Sequence[str] | None = None) -> tuple[LookAlike, ...]:
        if entities is None:
            return tuple(map(_look_alike_of, self._all(_LOOK_ALIKES)))
        return tuple(map(_look_alike_of, self.connection.execute(_LOOK_ALIKES_OF, {"entities": list(entities)})))

    def undo_look_alike(self, number: int, by: str, now: datetime) -> bool:
        standing = (t.look_alikes.c.id == number) & t.look_alikes.c.undone_at.is_(None)
        return bool(self._update(t.look_alikes, standing, undone_at=now, undone_by=by))


def _feedback_key(feedback: Feedback) -> dict[str, str]:
    user = feedback.user
    return {
        "event": feedback.event,
        "entity": feedback.entity,
        "user_platform": user.platform,
        "user_id": user.id,
    }


def _standing_feedback(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    c = t.feedback.c
    order = [c[name] for name in FEEDBACK_ORDER]
    return sa.select(t.feedback).where(which, c.undone_at.is_(None)).order_by(*order)


def feedback_of(row: Row) -> Feedback:
    return Feedback(
        user=user_of(row),
        event=row.event,
        entity=row.entity,
        label=Verdict(row.label),
        given=Verdict(row.given),
        at=row.said_at,
        chat=chat_key_of(row),
        undone_at=row.undone_at,
        undone_by=row.undone_by,
    )


def _look_alike_of(row: Row) -> LookAlike:
    return LookAlike(
        entity=row.entity,
        likeness=load(Likeness, row.value),
        event=row.event,
        by=user_of(row),
        at=row.said_at,
        chat=chat_key_of(row) if row.platform else None,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        until=row.until,
        id=row.id,
    )
