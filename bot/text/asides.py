"""What people write beside a name, in the cell of a table or in a pasted line: "Foo Trading LLC, Dubai, UAE",
"Ivan Petrov (b. 1975)", "ABC Ltd. t/a Foo", "c/o Foo", "Foo, Reg. No. 1234567", "Rosneft / Роснефть",
"Foo Ltd.; Bar Ltd.".

No article and no list writes a name so: as it stands, it is found nowhere, which looks like an all-clear. What is taken
off is kept, to be told. In doubt it stays a part of the name. Decides nothing of what becomes of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from rigour.names import extract_org_types, remove_org_types
from rigour.territories import lookup_territory
from rigour.territories.lookup import lookup_by_identifier
from rigour.text.translit import maybe_ascii

__all__ = ["Written", "read_written"]

_MOST_TAKEN = 8  # asides of one name
_LONGEST = 500  # characters: a longer cell is a text, and no name with something beside it


@dataclass(frozen=True, slots=True)
class Written:
    """`name` is the name alone, `others` those of the same one that stood beside it, `parties` those of somebody else
    ("c/o Foo"). `countries` are codes, `born` as it was written, `numbers` as `registration:1234567`. `aside`: what was
    taken off, as it stood; nothing, if the name is as it was written."""

    name: str
    others: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    born: str = ""
    numbers: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    is_person: bool = False  # by a birth date, or a "Mr"

    @property
    def names(self) -> tuple[str, ...]:
        """All that somebody may be looked up by."""
        return tuple(dict.fromkeys((self.name, *self.others, *self.parties)))


def read_written(text: str) -> Written:
    """A name as it was written -> the name, and what stood beside it."""
    found = Written(" ".join(text.split()))
    for _ in range(_MOST_TAKEN if len(found.name) <= _LONGEST else 0):
        taken = next((one for take in _TAKE if (one := take(found)) is not None), None)
        if taken is None or not any(char.isalnum() for char in remove_org_types(taken.name.casefold())):
            break  # of "LLC, UAE" nothing would be left
        found = taken
    return found


def _with(found: Written, name: str, aside: str, **told: object) -> Written:
    aside = aside.strip(" ,;-–—")
    return replace(found, name=name.strip(" ,;–—"), aside=(aside, *found.aside), **told)  # type: ignore[arg-type]


# ---------------------------------------------------------------- behind the name

_DATE = (
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)|\d{1,2}\.?\s+[^\W\d_]{3,9}\.?,?\s+\d{4}"
    r"|[^\W\d_]{3,9}\.?\s+\d{4}|\d{4}(?!\d)"
)
_BORN = re.compile(
    rf"(?:(?:born(?:\s+(?:on|in))?|b\.|b(?=\s+\d)|geb\.|geboren(?:\s+am)?|né(?:e)?\s+le|d\.?o\.?b\.?|date\s+of\s+birth"
    rf"|birth\s*date|род\.|\*)\s*:?\s*(?P<date>{_DATE})|(?P<russian>{_DATE})\s*(?:г\.\s?)?(?:р\.|рождения))\s*",
    re.IGNORECASE,
)
_VALUE = r"(?P<value>(?=[^\s]*(?:\s?[^\s]*)?\d{3})[A-Za-z]{0,5}[\s.-]?\d[\w./-]*(?:\s\d[\w./-]*)*(?:\s[A-Z])?)"
_NUMBER_WORDS = (
    (
        "registration",
        r"(?:co(?:mpany)?\.?\s+)?reg(?:istration|istered|\.|istry)?[\s-]*(?:no|nr|number|num)\b\.?|reg\.-?\s?nr\.?"
        r"|(?:company|co\.?|licen[cs]e|cr|crn|trade\s+licen[cs]e)\s*(?:no|nr|number)\b\.?|registration|hrb|hra|ogrn|огрн|krs",
    ),
    ("tax", r"(?:vat|tax|tin|inn|инн|nif|nip|ust-?id(?:-?nr)?\.?|ein)(?:\s*(?:no|nr|number|id|reg)\b\.?)*"),
    ("passport", r"passport(?:\s*(?:no|nr|number)\b\.?)?"),
    ("imo", r"imo(?:\s*(?:no|nr|number)\b\.?)?"),
    ("lei", r"lei(?:\s*(?:code|no|number)\b\.?)?"),
)
_NUMBERS = tuple(
    (kind, re.compile(rf"(?P<word>{words})\s*[:#№]?\s*{_VALUE}\s*", re.IGNORECASE)) for kind, words in _NUMBER_WORDS
)
_IN_BRACKETS = re.compile(r"(?P<name>.*\S)\s*[(\[（](?P<what>[^()\[\]（）]+)[)\]）][\s.,;]*")
_BEHIND_COMMA = re.compile(r"(?P<name>.*\S)\s*(?:[,;]\s*|\s[-–—|]\s+)(?P<what>[^,;()]*[^\s,;()])\s*")
# Towns, countries and codes that are people's names too: "Garcia Lopez, Israel", "HANSEN, PER". Behind a comma they
# count for firms alone.
_OF_PEOPLE = frozenset(
    "adelaide alexandria america asia austin brooklyn carolina catalina chad chelsea cuba dallas domingo dominica "
    "florence florida france francia geneva georgia germania guadalupe holland houston india ireland israel italia "
    "jamaica jersey jordan kenya lima lourdes madison mali malta milan montana oman orlando paris saba salvador "
    "santiago savannah sofia sydney togo trinidad valencia victoria vienna virginia washington "
    "abd ala alb ang ben can cat che cin col dev dom flo gab geo gin guy hun ira jam jao ken lao lau lie mac mar mon "
    "nam nev nic nor pan per pol rak rom rut sam sen ser tai ton tun uri".split()
)
_CAPITALS = ("U.A.E.", "U.S.A.", "U.K.", "U.S.", "DPRK")
_SHORT = {"uk": "gb", "us": "us", "ksa": "sa", "eu": ""}
# "in" is a legal form as well, and "Martyrs Foundation in Lebanon" a name
_BEHIND_FORM = re.compile(
    r"(?i)(?P<name>.*\b(?:l\.?l\.?c|ltd|limited|inc|gmbh|fze|fzco|fzc|dmcc|llp|plc)\.?)\s+(?P<what>[^\s,;()]+)"
)
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d{2}-\d{2}")
_BOX = re.compile(r"(?i)p\.?\s?o\.?\s*box\s*[\d\s-]+")
_OFFICE = re.compile(r"(?i)\s+(?:branch|office)$")


def _take_brackets(found: Written) -> Written | None:
    match = _IN_BRACKETS.fullmatch(found.name)
    if match is None:
        return None
    name, what = match["name"], match["what"].strip()
    aside = f"({what})"
    if read := _read_fact(found, name, what, aside):
        return read
    if alias := _ALIAS_WORD.match(what):
        return _with(found, name, aside, others=(*found.others, what[alias.end() :].strip()))
    if (code := _country(what, is_apart=True)) is not None:
        return _with(found, name, aside, countries=_added(code, found.countries))
    if _is_other_script(name, what):
        return _with(found, name, aside, others=(*found.others, what))
    return None


def _take_behind_comma(found: Written) -> Written | None:
    match = _BEHIND_COMMA.fullmatch(found.name)
    if match is None:
        return None
    name, what = match["name"], match["what"]
    aside = found.name[len(name) :]
    if read := _read_fact(found, name, what, aside):
        return read
    is_firm = bool(extract_org_types(name.casefold()))
    if what.casefold().strip(" .") in _OF_PEOPLE and not is_firm:
        return None
    is_dash = not aside.startswith((",", ";"))
    if is_dash and not is_firm:
        return None  # "Islamic State - Mozambique" is a part of it, and called so
    # else a given name may be a town's, or a country's in some language: "ROMASHKIN, Ruslan"; however many words the
    # family has: "AGUILAR DEL BOSQUE, Mauricio"
    is_no_person = is_firm or "," in name
    if (code := _country(what, is_apart=False, is_whole=not is_no_person)) is not None:
        return _with(found, name, aside, countries=_added(code, found.countries))
    # "Foo Trading LLC, Jebel Ali" of "Foo Trading LLC, Jebel Ali, UAE": behind a firm's legal form stands a place
    is_place = (
        found.countries and _ends_with_legal_form(name) and re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+){0,2}", what)
    )
    return _with(found, name, aside) if is_place and not extract_org_types(what.casefold()) else None


def _take_behind_form(found: Written) -> Written | None:
    """'Foo Trading LLC UAE'"""
    match = _BEHIND_FORM.fullmatch(found.name)
    if match is None:
        return None
    code = _country(match["what"], is_apart=False)
    return _with(found, match["name"], match["what"], countries=_added(code, found.countries)) if code else None


def _take_fact_behind(found: Written) -> Written | None:
    """Without a comma or brackets: "Foo GmbH HRB 12345", "Ivan Petrov born 12.03.1965"."""
    for pattern in (_BORN, *(pattern for _, pattern in _NUMBERS)):
        for match in pattern.finditer(found.name):
            name = found.name[: match.start()]
            if match.end() == len(found.name) and name.endswith((" ", "*")) and len(name.split()) > 1:
                read = _read_fact(found, name, match[0], match[0])
                if read:
                    return read
    return None


def _read_fact(found: Written, name: str, what: str, aside: str) -> Written | None:
    """A birth date, a number, or a post office box."""
    if _BOX.fullmatch(what):
        return _with(found, name, aside)
    if _DAY.fullmatch(what) and not extract_org_types(name.casefold()):
        return _with(found, name, aside, born=found.born or what, is_person=True)
    if born := _BORN.fullmatch(what):
        return _with(found, name, aside, born=found.born or born["date"] or born["russian"], is_person=True)
    for kind, pattern in _NUMBERS:
        if number := pattern.fullmatch(what):
            word = number["word"].upper() if number["word"].upper() in ("HRB", "HRA") else ""
            value = f"{word} {number['value']}".strip()
            return _with(found, name, aside, numbers=(f"{kind}:{value}", *found.numbers))
    return None


def _country(text: str, *, is_apart: bool, is_whole: bool = False) -> str | None:
    """The code of a country, or of a place in one; None if it is none. `is_apart`: it stands in brackets, where two
    capitals are a code; behind a comma they are mostly a legal form ("Foo, SA"). `is_whole`: only of a country by its
    own name."""
    word = _OFFICE.sub("", text.strip(" ."))
    if word.casefold() in _SHORT:
        return _SHORT[word.casefold()] if word.isupper() or is_apart else None
    place, comma, last = word.rpartition(",")
    if comma and is_apart:
        return (
            _country(last, is_apart=True) if re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+){0,2}", place.strip()) else None
        )
    letters = re.sub(r"[\s.]", "", word)
    if not letters.replace("'", "").replace("’", "").replace("-", "").isalpha() or extract_org_types(word.casefold()):
        return None
    if len(letters) <= 3 and (not word.isupper() or len(letters) < (2 if is_apart else 3)):
        return None
    territory = (lookup_by_identifier(word) if len(word) <= 3 else None) or lookup_territory(word)
    own_names = (territory.name, territory.full_name, *_CAPITALS) if territory else ()
    if is_whole and len(word) > 3 and word.casefold() not in map(str.casefold, own_names):
        return None
    while territory and len(territory.code) != 2 and territory.parent:
        territory = territory.parent
    return territory.code if territory and len(territory.code) == 2 and territory.code != "zz" else None


def _added(code: str, countries: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*([code] if code else []), *countries]))


def _ends_with_legal_form(name: str) -> bool:
    bare = name.casefold().strip(" .")
    return any(bare.endswith(form.strip(" .")) for form, _ in extract_org_types(name.casefold()))


# ---------------------------------------------------------------- before and between

_CARE_OF = re.compile(r"(?i)(?:c/o|℅|attn\.?:?|attention:|z\.\s?hd\.(?:\s?v\.)?|p\.?\s?a\.?:)\s+")
_MISTER = re.compile(r"(?i)(?:mr|mrs|ms|miss|herr|frau|mme|monsieur|madame)\b\.?(?:\s+(?:dr|prof)\b\.?)*\s+")
_CALLED = (
    r"t/as?|trading\s+as|d[/.]b[/.]a\.?|dba|doing\s+business\s+as|[afn][/.]k[/.]a\.?|[afn]ka"
    r"|(?:also|formerly|now)\s+known\s+as"
)
# In brackets fewer words will do, which between two names may be a part of one.
_ALIAS_WORD = re.compile(rf"(?i)(?:{_CALLED}|formerly|now|ex|früher|vormals)[\s:]+")
_BETWEEN = re.compile(rf"(?i)[\s,;]+(?:{_CALLED})[\s:]+")
_CARE_OF_BEHIND = re.compile(r"(?i)[\s,;]+(?:c/o|℅)\s+")


def _take_care_of(found: Written) -> Written | None:
    if match := _CARE_OF.match(found.name):
        return _with(found, found.name[match.end() :], match[0])
    if match := _CARE_OF_BEHIND.search(found.name):
        other = found.name[match.end() :].strip()
        aside = found.name[match.start() :]
        return _with(found, found.name[: match.start()], aside, parties=(*found.parties, *read_written(other).names))
    return None


def _take_mister(found: Written) -> Written | None:
    """'Mr Ivan Petrov'; not 'Mr Price Group Ltd.'"""
    match = _MISTER.match(found.name)
    if match is None or not 2 <= len(found.name[match.end() :].split()) <= 5:
        return None
    if extract_org_types(found.name.casefold()) or re.search(r"(?i)\b(?:group|company|shop|store)\b", found.name):
        return None
    return _with(found, found.name[match.end() :], match[0], is_person=True)


def _take_other_name(found: Written) -> Written | None:
    """'ABC Ltd. t/a Foo', 'ABC Ltd.; Foo', 'Sberbank / Сбербанк', 'Rosneft Роснефть'."""
    if match := _BETWEEN.search(found.name):
        other = read_written(found.name[match.end() :])
        aside = found.name[match.start() :]
        return _with(
            found,
            found.name[: match.start()],
            aside,
            others=(*found.others, *other.names),
            countries=tuple(dict.fromkeys((*other.countries, *found.countries))),
            numbers=(*other.numbers, *found.numbers),
        )
    first, *others = [name for name in map(str.strip, found.name.split(";")) if any(map(str.isalnum, name))] or [""]
    if others:
        others = [_ALIAS_WORD.sub("", name, count=1) if _ALIAS_WORD.match(name) else name for name in others]
        return _with(found, first, found.name[len(first) :], others=(*found.others, *others))
    halves = re.split(r"\s+[/|–—-]\s+|\s*[/|]\s*", found.name)
    if len(halves) == 2 and all(halves) and _is_other_script(*halves):
        return _with(found, halves[0], f"/ {halves[1]}", others=(*found.others, halves[1]))
    words = found.name.split()
    marks = [_script(word) for word in words]
    at = next((at for at, mark in enumerate(marks) if mark not in ("", marks[0])), 0)
    if not at or not marks[0] or any(mark == marks[0] for mark in marks[at:]):
        return None
    first, second = " ".join(words[:at]), " ".join(words[at:])
    if _is_other_script(first, second) and _sound_alike(first, second):
        return _with(found, first, second, others=(*found.others, second))
    return None


def _script(text: str) -> str:
    """'LATIN', 'CYRILLIC', 'CJK' …, of its first letter; "" without one."""
    letter = next((char for char in text if char.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""


def _core(text: str) -> str:
    """The letters of a name without its legal form."""
    return "".join(char for char in remove_org_types(text.casefold()) if char.isalpha())


def _is_other_script(one: str, other: str) -> bool:
    """Whether each is a name of its own, in a script of its own: 'ООО Gefest' is one name."""
    scripts = _scripts(one), _scripts(other)
    if len(scripts[0]) != 1 or len(scripts[1]) != 1 or scripts[0] == scripts[1]:
        return False
    return all(len(_core(text)) >= (2 if "CJK" in script or "HANGUL" in script else 4)
               for text, script in zip((one, other), scripts, strict=True))  # fmt: skip


def _scripts(text: str) -> set[str]:
    """Legal forms aside: 'Sberbank ПАО' is Latin."""
    return {_script(char) for char in _core(text)}


def _sound_alike(one: str, other: str) -> bool:
    """Chinese is not compared: nobody writes a generic word of a Latin name in it."""
    cores = [_core(text) for text in (one, other)]
    if any(_script(core) in ("CJK", "HANGUL", "HIRAGANA", "KATAKANA") for core in cores):
        return True
    return fuzz.ratio(*(maybe_ascii(core).casefold() for core in cores)) >= 60


_TAKE: tuple[Callable[[Written], Written | None], ...] = (
    _take_care_of,
    _take_brackets,
    _take_behind_comma,
    _take_behind_form,
    _take_fact_behind,
    _take_mister,
    _take_other_name,
)
