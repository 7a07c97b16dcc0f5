"""Whether what was read of a list may replace what is stored of it. Reads nothing itself."""

from __future__ import annotations

_FEW = 10  # so many refused rows are never a reason to stop


def decide_import(
    new: int, refused: int, old: int | None, most_shrink: float = 0.10, most_refused: float = 0.02
) -> str | None:
    """The reason to stop an import, as the end of a sentence on the list; None: go on.

    `new` counts the listings just read, `old` those of the last import (None: there was none), `refused` the rows that
    were not taken; `most_shrink` and `most_refused` are shares."""
    if new <= 0:
        return f"it holds no entries{f', and {refused} rows were refused' if refused else ''}: the old state stays"
    if refused > _FEW and refused > most_refused * (new + refused):
        return (
            f"{refused} of {new + refused} rows were refused, more than {most_refused:.0%}: its form has probably "
            "changed; the old state stays"
        )
    if old and new < old * (1 - most_shrink):
        return (
            f"it has {new} entries and had {old}, {1 - new / old:.0%} fewer (at most {most_shrink:.0%} at once): "
            "the old state stays until an admin confirms"
        )
    return None
