"""Which list a word means, and which file of a folder is which file of a list. Knows names alone; opens nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from bot.errors import ListError
from bot.lists.official import OfficialList
from bot.lists.table import LISTS

_PACKED = (".gz", ".zip")

# What people call a list, where its key does not say it.
SHORT_NAMES: Mapping[str, str] = {
    "ofac": "us_ofac_sdn",
    "sdn": "us_ofac_sdn",
    "cons": "us_ofac_cons",
    "eu": "eu_fsf",
    "un": "un_sc",
    "uk": "gb_uksl",
}


def list_title(key: str) -> str:
    """Its key, of a list that there is no more."""
    return LISTS[key].title if key in LISTS else key


def lists_called(word: str, keys: Sequence[str]) -> tuple[str, ...]:
    """Which of the lists a word means: a key, a part of one ("ofac" is two lists), a short name."""
    wanted = word.strip().casefold()
    if wanted in keys:
        return (wanted,)
    by_part = tuple(key for key in keys if wanted in key.split("_"))
    return by_part or tuple(key for key in keys if key == SHORT_NAMES.get(wanted))


def names_a_list(word: str) -> bool:
    """Whether nobody can mean anything else by a word before an id: 'OFAC', 'seco', 'gb_uksl'. Not two letters alone,
    but for those that are a short name: 'AU 79' and 'SC 2000' may be whom somebody tracks."""
    wanted = word.casefold()
    return wanted in LISTS or wanted in SHORT_NAMES or (len(wanted) > 2 and bool(lists_called(wanted, tuple(LISTS))))


# OFAC numbers the entries of all its lists through; the Consolidated Screening List writes "SDN:22603".
_CSL, _OFAC_IN_CSL = "us_csl", ("SDN", "SSI", "CAP", "CMIC", "FSE", "NS-MBS", "PLC")


def entries_called(word: str, uid: str, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Which entries an id means on the lists that a word means, on any where there is no word: (list, id there)."""
    wanted = lists_called(word, keys) if word else tuple(keys)
    yield from ((key, spelt) for key in wanted for spelt in dict.fromkeys((uid, uid.upper())))
    if _CSL in keys and uid.isdecimal():
        is_any = not word or word.casefold() == "ofac" or _CSL in wanted
        yield from ((_CSL, f"{name}:{uid}") for name in _OFAC_IN_CSL if is_any or name == word.upper())


def name_files(key: str, names: Sequence[str]) -> Mapping[str, str]:
    """File names of a folder (or one file's) -> the names that `LISTS[key].parse` takes them under; others are left
    out. `SDN.CSV`, `sdn.csv` and `sdn.csv.gz` are one name. Where a folder has several forms of a list, the first of
    `files`, then of `other_files` counts. A single file may have any name. Raises ListError, naming what is missing.
    """
    official = LISTS[key]
    known = {_bare(name): name for name in names}
    needed = [file.name for file in official.files if not file.is_optional]
    if all(_bare(name) in known for name in needed):
        return {known[_bare(file.name)]: file.name for file in official.files if _bare(file.name) in known}
    for name in official.other_files:
        if _bare(name) in known:
            return {known[_bare(name)]: name}
    if len(names) == 1 and not _is_part(official, names[0]):
        return {names[0]: _guess(official, names[0])}
    missing = [name for name in needed if _bare(name) not in known]
    raise ListError(
        official.title,
        f"the files {', '.join(needed)}" + "".join(f", or {name}" for name in official.other_files),
        f"{_shown(names)}, so {', '.join(missing)} is missing",
        f"put the missing ones beside the others, from {official.files[0].url}",
    )


def _bare(name: str) -> str:
    bare = PurePath(name.replace("\\", "/")).name.casefold()
    for ending in _PACKED:
        bare = bare.removesuffix(ending)
    return bare


def _is_part(official: OfficialList, name: str) -> bool:
    """A file that is only a part of the list."""
    return len([file for file in official.files if not file.is_optional]) > 1 and not _bare(name).endswith(".xml")


def _guess(official: OfficialList, name: str) -> str:
    """The list's file with the same ending, else its first: what it is, `parse` sees by its content."""
    ending = PurePath(_bare(name)).suffix
    candidates = [official.files[0].name, *official.other_files]
    return next((one for one in candidates if one.casefold().endswith(ending)), candidates[0])


def _shown(names: Sequence[str]) -> str:
    shown = ", ".join(sorted(names)[:8])
    return f"{shown} …" if len(names) > 8 else shown or "no file"
