"""Official lists: their files -> listings."""

from collections.abc import Mapping, Sequence

from bot.lists.official import ListFile, OfficialList, RefusedRow

__all__ = ["LISTS", "ListFile", "OfficialList", "RefusedRow", "name_files"]

LISTS: Mapping[str, OfficialList] = {}


def name_files(key: str, names: Sequence[str]) -> Mapping[str, str]:
    """Which of a list's files each of `names` is."""
    return {name.lower().removesuffix(".gz"): name for name in names if key}
