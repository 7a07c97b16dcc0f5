"""Every way that an article may write an entity's names, and the identifiers that name it.

A form tells how strong it is; whether one that is found is a mention is decided in mentions.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rigour.names import extract_org_types

from bot.folding import fold_key
from bot.matching.spelling import declined, has_cyrillic, skeleton, to_latin
from bot.matching.terms import load_terms
from bot.model import Entity, Schema, Strength

__all__ = [
    "MIN_IDENTIFIER",
    "NameForm",
    "identifier_key",
    "identifiers_of",
    "is_imo_number",
    "name_forms",
    "own_words",
    "strip_legal_form",
]


@dataclass(frozen=True, slots=True)
class NameForm:
    """One way to write a name. `text` is folded and single-spaced; `source` is the name it was made of. A form with
    `alone` False counts only in an article that names the entity in full; `upper` ones must be written in capitals."""

    text: str
    strength: Strength
    how: str
    source: str
    alone: bool = True
    upper: bool = False

    @property
    def tokens(self) -> list[str]:
        return self.text.split()


@lru_cache(maxsize=4096)
def own_words(entity: Entity) -> frozenset[str]:
    """All words of an entity's names: beside a hit they make no other name of it."""
    names = (entity.caption, *entity.aliases, *entity.weak_aliases)
    return frozenset(token for name in names for token in fold_key(name).split())


# ---------------------------------------------------------------- identifiers

_IMO = re.compile(r"^\s*(?:IMO\s*(?:number|no\.?|#)?:?\s*)(\d{7})\s*$", re.IGNORECASE)
_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_WALLET = re.compile(
    rf"^(?:0x[0-9a-fA-F]{{40}}|[13]{_BASE58}{{25,34}}|(?:bc1|ltc1)[0-9a-z]{{25,80}}|{_BASE58}{{32,110}})$"
)
MIN_IDENTIFIER = 6  # shorter ones are years, amounts and flight numbers


def is_imo_number(digits: str) -> bool:
    """The check digit of an IMO ship number: the sum of the first six times 7 to 2 (IMO resolution A.1117(30))."""
    if len(digits) != 7 or not digits.isascii() or not digits.isdigit():
        return False
    return sum(int(digit) * weight for digit, weight in zip(digits, range(7, 1, -1), strict=False)) % 10 == int(
        digits[6]
    )


def identifier_key(value: str) -> str:
    """The same for two writings of one identifier. Base58 addresses are case-sensitive; 0x ones and bech32 are not."""
    value = value.strip()
    if value.lower().startswith(("0x", "bc1", "ltc1")) or len(value) < 25:
        return value.upper()
    return value


def identifiers_of(entity: Entity) -> tuple[str, ...]:
    """The identifiers that name this entity in a text: of its `identifiers`, and names that are one themselves."""
    found: dict[str, None] = {}
    for identifier in entity.identifiers:
        value = re.sub(r"[\s.\-/]", "", identifier.value.removeprefix("IMO"))
        if len(value) >= MIN_IDENTIFIER and any(char.isdigit() for char in value):
            found[identifier_key(value)] = None
    for name in (entity.caption, *entity.aliases, *entity.weak_aliases):
        if imo := _IMO.match(name):
            found[imo.group(1)] = None
        elif _is_wallet(name):
            found[identifier_key(name)] = None
    return tuple(found)


def _is_wallet(name: str) -> bool:
    return _WALLET.match(name.strip()) is not None and any(char.isdigit() for char in name)


# ---------------------------------------------------------------- forms

_BRACKETS = re.compile(r"[(\[（【]([^()\[\]（）【】]*)[)\]）】]")
_CJK_LEGAL = re.compile(
    r"(?:股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|公司|株式会社|주식회사)$|^(?:株式会社|주식회사)"
)
_CJK_PARTS = re.compile(r"[\s·・•‧．]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_PATRONYMIC = re.compile(
    r"^.{2,}(?:ov|ev|yev|iev|ich)(?:ich|na)$|^.{3,}(?:ich|ovna|evna|ichna)$|^.{2,}(?:ович|евич|йович|ович|евна|овна|івна|ивна|ична|ич)$"
)
_VESSEL_PREFIX = re.compile(r"^(?:M[/.]?[VTY]|MT|MV|F/V|LPG/C)\.?\s+", re.IGNORECASE)
_ARABIC_ARTICLES = frozenset("al el as ash ad ar an at az".split())
_JOINED = _ARABIC_ARTICLES.union(
    "abd abdul abdel abu abou umm bin ben ibn bint ould".split(),
    "van von der den ter de da dos das do du della del di la le los las san".split(),
    "عبد ابو ابن بن ام".split(),
)
# "Servant of …", one name however it is parted: Abd al-Rahman, Abdul Rahman, Abdelrahman, Abdurrahman.
_SERVANT = re.compile(r"abd(?:ou|[aeiou])(?:l|([rszntd])(?=\1))(\w{4,})")
_SERVANT_OF = frozenset("abdul abdel abdal abdol abdoul".split())
_SERVANT_IN_ARABIC = "عبد"
_SUN_LETTERS = frozenset("rszntd")  # before which the article takes their sound
_SPANISH = frozenset("es mx co ve cu ni hn gt sv cr pa do ec pe bo py uy ar cl pr".split())
_PORTUGUESE = frozenset("pt br ao mz cv gw".split())
_PATRONYMICS = frozenset("ru ua by kz kg uz tj tm am az ge md lt lv ee bg su".split())  # where people have one
# Where the second of three names is the father's, which may serve as a family name: "Getachew Reda Kahsay".
_FATHERS_NAME_SECOND = frozenset("et er so cd cg cf rw bi ug ke tz ss td cm ga ng gh ml bf gn sl lr mz ao zw".split())
_FAMILY_FIRST = frozenset("cn tw hk mo sg kp kr vn kh jp hu mm".split())


class _Forms:
    """Collects forms; the first, strongest one of each text stays."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.terms = load_terms()
        self.found: dict[str, NameForm] = {}

    def add(
        self,
        tokens: Iterable[str],
        strength: Strength,
        how: str,
        source: str,
        *,
        alone: bool = True,
        upper: bool = False,
    ) -> None:
        text = " ".join(tokens)
        if len(text) < 2 and not _CJK.match(text):
            return
        form = NameForm(text, strength, how, source, alone, upper)
        kept = self.found.get(text)
        if kept is None or _rank(form) > _rank(kept):
            self.found[text] = form if kept is None or kept.upper else replace(form, upper=False)
        elif kept.upper and not upper:
            self.found[text] = replace(kept, upper=False)


def _rank(form: NameForm) -> tuple[bool, bool, bool]:
    """The alias "airBaltic" comes before what "Air Baltic" is written together, as it begins small in texts too."""
    return form.strength is not Strength.WEAK, form.alone, " " not in form.text and form.source[:1].islower()


def name_forms(entity: Entity) -> tuple[NameForm, ...]:
    """Every way to write this entity's names that is searched, strongest first. Identifiers: `identifiers_of`."""
    forms = _Forms(entity)
    for name in dict.fromkeys((entity.caption, *entity.aliases)):
        if not _IMO.match(name) and not _is_wallet(name):
            _add_name(forms, name)
    for name in entity.weak_aliases:
        if tokens := fold_key(name).split():
            forms.add(tokens, Strength.WEAK, "weak alias", name, upper=_is_acronym(name))
    _add_in_cyrillic(forms)
    _add_cases(forms)
    return tuple(sorted(forms.found.values(), key=lambda form: (form.strength is Strength.WEAK, not form.alone)))


def _add_name(forms: _Forms, name: str) -> None:
    bare = _BRACKETS.sub(" ", name)
    if _CJK.search(name) and not re.search(r"[A-Za-z]{3}", name):
        _add_cjk(forms, name)
    elif forms.entity.schema is Schema.PERSON:
        _add_person(forms, bare, name)
        for nick in _BRACKETS.findall(name):
            if len(fold_key(nick).split()) > 1:
                _add_person(forms, nick, name)
    elif forms.entity.schema is Schema.VESSEL:
        _add_vessel(forms, bare, name)
    elif forms.entity.schema is Schema.AIRPLANE:
        if tokens := fold_key(bare).split():
            forms.add(tokens, Strength.STRONG, "name", name, upper=True)
            forms.add(["".join(tokens)], Strength.STRONG, "name", name, upper=True)
    else:
        _add_organisation(forms, name)
        if forms.entity.schema is Schema.LEGAL_ENTITY and _may_be_person(bare):
            _add_person(forms, bare, name)
        if has_cyrillic(fold_key(name)):
            _add_organisation(forms, to_latin(fold_key(name)).title(), source=name)


def _may_be_person(name: str) -> bool:
    """Lists that do not say what an entry is have people as well: a given name and two or three words of no firm."""
    terms, tokens = load_terms(), fold_key(name).split()
    others = (terms.common, terms.places, terms.kinds, terms.trailing, terms.legal_forms)
    is_named = len(tokens) in (3, 4) and tokens[0] in terms.given
    return is_named and not any(token in other for token in tokens[1:] for other in others if token not in terms.given)


def _add_cjk(forms: _Forms, name: str) -> None:
    """A name in Chinese, Japanese or Korean characters: whole, without its legal form, with and without what stands
    in brackets. Two characters of a person are weak; a firm's must stand apart, see cjk.py."""
    bare = _CJK_PARTS.sub(" ", _BRACKETS.sub(" ", name)).strip()
    inline = _CJK_PARTS.sub(" ", _BRACKETS.sub(r" \1 ", name)).strip()
    for text in dict.fromkeys((bare, _CJK_LEGAL.sub("", bare).strip(), inline, _CJK_LEGAL.sub("", inline).strip())):
        tokens = fold_key(text).split()
        if len(tokens) >= 2:
            long_enough = len(tokens) >= 3 or forms.entity.schema is not Schema.PERSON
            forms.add(tokens, Strength.STRONG if long_enough else Strength.WEAK, "name", name)
    parts = _CJK_PARTS.split(bare)
    if forms.entity.schema is Schema.PERSON and len(parts) > 1:  # "马尔科·鲁比奥" is later "鲁比奥"
        family = fold_key(parts[-1]).split()
        if len(family) > 1:
            forms.add(family, Strength.WEAK, "surname", name, alone=len(family) > 2)


# ---------------------------------------------------------------- people


def _units(tokens: list[str]) -> list[list[str]]:
    """A person's tokens as names: a particle stays with what follows ("al houthi", "dos santos", "abdul malik")."""
    units: list[list[str]] = []
    carry: list[str] = []
    for token in tokens:
        carry.append(token)
        if token not in _JOINED:
            units.append(carry)
            carry = []
    if carry:
        units.append(carry)
    return units


def _ordered(name: str) -> tuple[list[str], list[str]]:
    """A person's folded tokens, given names first, and those that are certainly family names ("SERBIN, Andrei")."""
    terms = load_terms()
    family: list[str] = []
    if "," in name:
        head, _, tail = name.partition(",")
        family = fold_key(head).split()
        tokens = fold_key(tail).split() + family
    else:
        tokens = fold_key(name).split()
        words = re.findall(r"[^\W\d_][\w'’‘`-]+", name)
        upper = [word for word in words if word.isupper()]
        if upper and len(upper) < len(words):
            family = [token for word in upper for token in fold_key(word).split()]
            if tokens[: len(family)] == family:
                tokens = tokens[len(family) :] + family
    while len(tokens) > 2 and tokens[-1] in ("jr", "sr", "junior", "senior", "ii", "iii", "iv"):
        tokens = tokens[:-1]
    while len(tokens) > 2 and tokens[0] in terms.titles and tokens[0] not in terms.given:
        tokens = tokens[1:]
    return tokens, family


def _add_person(forms: _Forms, name: str, source: str) -> None:
    tokens, family = _ordered(name)
    if not tokens:
        return
    if len(tokens) == 2 and tokens[0] in forms.terms.reign and tokens[1] in forms.terms.given:
        forms.add(tokens, Strength.STRONG, "name", source)
        forms.add(tokens[1:], Strength.WEAK, "given name under a title", source)
        return
    if len(_units(tokens)) == 1:
        _add_single(forms, tokens, source)
        return
    _add_person_tokens(forms, tokens, family, source)
    for other in (*_servant_names(tokens), *_in_the_other_language(tokens, forms.entity.countries)):
        _add_person_tokens(forms, other, [], source)
    if has_cyrillic(" ".join(tokens)):
        _add_person_tokens(forms, [to_latin(token) for token in tokens], [to_latin(token) for token in family], source)


# Given names that Russian and Ukrainian have each in its own way, beyond what letters tell.
_TWIN_NAMES = {
    other: twin
    for pair in (
        "nikolai mykola, nikolay mykola, nikita mykyta, konstantin kostiantyn, elena olena, yelena olena, anna hanna, "
        "nadezhda nadiia, filipp pylyp, николаи микола, никита микита, константин костянтин, елена олена, анна ганна, "
        "надежда надія, филипп пилип"
    ).split(", ")
    for other, twin in (pair.split(), reversed(pair.split()))
}
_EASTERN = frozenset("ru ua by".split())


def _in_the_other_language(tokens: list[str], countries: Sequence[str]) -> list[list[str]]:
    """A Russian's name as Ukrainian writes it and the other way round: Nikolai Patrushev is Микола Патрушев. Belarusian
    family names end in a where the press has an o: Lukashenka, Lukashenko."""
    if countries and _EASTERN.isdisjoint(countries):
        return []
    twins = [_TWIN_NAMES.get(token, token) for token in tokens]
    found = [twins] if twins != tokens else []
    if "by" in countries and tokens[-1].endswith(("enka", "енка", "анка")) and len(tokens[-1]) > 6:
        found += [[*each[:-1], each[-1][:-1] + ("o" if each[-1].isascii() else "о")] for each in (tokens, *found)]
    return found


def _servant_names(tokens: list[str]) -> list[list[str]]:
    """The same name with its "Abd al-" parted otherwise: "abdulrahman" as "abdul rahman", "abd al rahman" …; of the
    first such name in it."""
    for at, part in enumerate(tokens):
        after = tokens[at + 1 : at + 3]
        of, end = "", at + 2
        if joined := _SERVANT.fullmatch(part):
            of, end = joined.group(2), at + 1
        elif part in _SERVANT_OF and after:
            of = after[0]
        elif part == "abd" and len(after) == 2 and after[0] in _ARABIC_ARTICLES:
            of, end = after[1], at + 3
        elif part == _SERVANT_IN_ARABIC and after and after[0].startswith("ال"):
            return [[*tokens[:at], part + after[0], *tokens[end:]]]
        elif part.startswith(_SERVANT_IN_ARABIC + "ال") and len(part) > 6:
            return [[*tokens[:at], _SERVANT_IN_ARABIC, part[3:], *tokens[at + 1 :]]]
        if len(of) > 3:
            ways = [["abdul" + of], ["abdul", of], ["abd", "al", of]]
            ways += [["abdu" + of[0] + of]] if of[0] in _SUN_LETTERS else []
            return [other for way in ways if (other := [*tokens[:at], *way, *tokens[end:]]) != tokens]
    return []


def _add_person_tokens(forms: _Forms, tokens: list[str], family: list[str], source: str) -> None:
    given = forms.terms.given
    units = _units(tokens)
    countries = set(forms.entity.countries)
    patronymic = _patronymic_at(units, family, countries)
    kept = [unit for at, unit in enumerate(units) if at != patronymic]
    words = [token for token in tokens if token not in forms.terms.given]
    nickname = (
        len(source.split()) > 1
        and (len(words) == len(tokens) or tokens[0] == "the")
        and forms.terms.nobody.issuperset(words)
    )
    forms.add(tokens, Strength.WEAK if nickname and source != forms.entity.caption else Strength.STRONG, "name", source)
    if nickname and source != forms.entity.caption:
        return
    if len(kept) < 2:
        kept = units
    first, last, middle = kept[0], kept[-1], kept[1:-1]
    pairs: list[list[list[str]]] = [kept, [first, last], [last, first], [last, *kept[:-1]]]
    if middle:
        pairs += [kept[-2:]] if len(kept) == 3 else []
        pairs += [kept[: at + 1] for at in range(1, len(kept) - 1) if kept[at][-1] not in given]
        pairs += [[first, unit] for unit in middle if unit[-1] not in given]
        pairs += [[first, kept[-2]], [*kept[:-1]]] if _has_two_family_names(kept, countries) else []
        pairs += [kept[1:-1], kept[1:]] if len(kept) > 3 and countries & _SPANISH else []
        pairs += [[first, unit, last] for unit in middle] if len(kept) > 3 else []
        for size in range(3, len(kept)):  # "El Tahir Mohamed El Awad", who has one name more
            _add_with_articles(
                forms,
                [token for unit in kept[:size] for token in unit],
                Strength.STRONG,
                "without the last of its names",
                source,
            )
    for pair in pairs:
        flat = [token for unit in pair for token in unit]
        whole = pair is kept
        if not whole and flat[0] == "the":
            continue  # "the German" of "Abu Talha the German"
        vague = not whole and all(unit[-1] in given for unit in pair)
        vague = vague and not (pair[-1] is kept[-2] and _has_two_family_names(kept, countries))
        _add_with_articles(
            forms,
            flat,
            Strength.WEAK if vague else Strength.STRONG,
            "name" if whole else "given and family name",
            source,
        )
    rare = first[-1] not in given and first[-1] not in forms.terms.family_first
    if middle and middle[0][-1] in given and (rare or countries & _FATHERS_NAME_SECOND):
        forms.add([*first, *middle[0]], Strength.WEAK, "given and father's name", source)
    flat = [token for unit in kept for token in unit]
    for at in range(len(flat) - 1):
        if len(flat) > 2 and len(flat[at]) + len(flat[at + 1]) <= 13:
            forms.add(
                [*flat[:at], flat[at] + flat[at + 1], *flat[at + 2 :]], Strength.STRONG, "written together", source
            )
    if len(first[0]) > 1 and len(last[-1]) > 2:
        forms.add([first[0][0], *last], Strength.WEAK, "initial and family name", source)
        if middle:
            _add_initials(forms, [first[0][0], middle[0][0][0]], last, source)
    if patronymic is not None and patronymic == len(units) - 1:
        family = family or kept[0]
    if patronymic is not None:
        name, surname = (kept[1], kept[0]) if patronymic == len(units) - 1 else (first, last)
        _add_initials(forms, [name[0][0], units[patronymic][0][0]], surname, source, behind=True)
    _add_surname(forms, kept, family, countries, source)


def _add_initials(forms: _Forms, initials: list[str], family: list[str], source: str, *, behind: bool = False) -> None:
    """ "S. V. Chemezov", and "S.V. Chemezov", whose initials the fold joins; `behind` it too: "Chemezov S.V."."""
    terms, joined = forms.terms, "".join(initials)
    if len(family[-1]) < 3:
        return
    written = [initials]
    if not any(joined in words for words in (terms.plain, terms.titles, terms.particles)):  # "Dr Chemezov"
        written.append([joined])
    common = family[-1] in terms.common_surnames
    for letters in written:
        for tokens in ([*letters, *family], [*family, *letters])[: 2 if behind else 1]:
            strength = Strength.WEAK if common else Strength.STRONG
            forms.add(tokens, strength, "initials and family name", source, alone=not common)


def _patronymic_at(units: list[list[str]], family: list[str], countries: set[str]) -> int | None:
    """Which part is a patronymic: "Arkady Romanovich Rotenberg". The last is one where the family name comes first,
    "Serbin Andrei Ivanovich"; else it is a family name that looks like one: "Bezalel Yoel Smotrich"."""
    found = [
        at
        for at, unit in enumerate(units)
        if at > 0 and len(units) > 2 and _PATRONYMIC.match(unit[-1]) and unit[-1] not in family
    ]
    if not found or found[0] < len(units) - 1:
        return found[0] if found else None
    given = load_terms().given
    family_first = units[0][-1] not in given and (not countries or bool(countries & _PATRONYMICS))
    return found[0] if family_first else None


def _add_with_articles(forms: _Forms, tokens: list[str], strength: Strength, how: str, source: str) -> None:
    """With and without the Arabic article ("Yahya al-Sinwar", "Yahya Sinwar", "Yahya Alsinwar"), al- and el- alike."""
    forms.add(tokens, strength, how, source)
    if _ARABIC_ARTICLES.isdisjoint(tokens[:-1]):
        return
    bare = [token for token in tokens if token not in _ARABIC_ARTICLES]
    if len(bare) > 1:
        forms.add(bare, strength, how, source)
    for other in ("al", "el"):
        forms.add([other if token in _ARABIC_ARTICLES else token for token in tokens], strength, how, source)
    glued: list[str] = []
    for token in tokens:
        if glued and glued[-1] in _ARABIC_ARTICLES:
            glued[-1] += token
        else:
            glued.append(token)
    if len(glued) > 1:
        forms.add(glued, strength, how, source)


def _has_two_family_names(kept: list[list[str]], countries: set[str]) -> bool:
    """Is the last but one a Spanish family name too, although it may be a given name elsewhere: "Rodríguez"?"""
    if len(kept) < 3 or not countries & _SPANISH:
        return False
    return len(kept) > 3 or kept[-2][-1] in load_terms().common_surnames


def _surname_units(kept: list[list[str]], family: list[str], countries: set[str]) -> list[list[str]]:
    terms = load_terms()
    if family:
        return [[token for token in family if token not in ("jr", "sr")]]
    if countries & _FAMILY_FIRST and kept[0][-1] in terms.family_first:
        return [kept[0]]
    if len(kept) >= 3 and countries & _SPANISH:
        if kept[-2][-1] not in terms.given:
            return [kept[-2], [*kept[-2], *kept[-1]]]
        if _has_two_family_names(kept, countries):
            return [kept[-2], [*kept[-2], *kept[-1]], kept[-1]]
    return [kept[-1]]


def _add_surname(forms: _Forms, kept: list[list[str]], family: list[str], countries: set[str], source: str) -> None:
    terms = forms.terms
    for unit in _surname_units(kept, family, countries):
        core = [token for token in unit if token not in _ARABIC_ARTICLES] or unit
        words = [token for token in core if token not in _JOINED]
        alone = (
            all(terms.is_distinctive(token) and token not in terms.common_surnames for token in words)
            and len("".join(core)) >= 4
        )
        for tokens in dict.fromkeys((tuple(core), tuple(unit))):
            forms.add(tokens, Strength.WEAK, "surname", source, alone=alone)


def _add_single(forms: _Forms, tokens: list[str], source: str) -> None:
    """A person known by one name: "Khomeini", "Mondo". Distinctive ones are strong."""
    core = [token for token in tokens if token not in _ARABIC_ARTICLES] or tokens
    strong = core != tokens or (forms.terms.is_distinctive(core[-1]) and len(core[-1]) >= 5)
    forms.add(tokens, Strength.STRONG if strong else Strength.WEAK, "alias of one word", source)
    if core != tokens and forms.terms.is_distinctive(core[-1]):
        forms.add(core, Strength.STRONG, "alias of one word", source)


# ---------------------------------------------------------------- organisations and vessels


def _is_acronym(name: str) -> bool:
    letters = re.sub(r"[\W_]", "", name)
    return (
        1 < len(letters) <= 6
        and letters.isascii()
        and (letters.isupper() or sum(map(str.isupper, letters)) >= len(letters) - 1 > 1)
    )


_ALSO_WORDS = frozenset("as at se sa ca company".split())  # legal forms, and words of a name as well


_PART_OF_A_FIRM = frozenset("branch filial filiala division unit office subsidiary".split())


def strip_legal_form(tokens: list[str]) -> list[str]:
    """A body's folded name without its legal form, which may stand at either end; never empty."""
    legal, tokens = load_terms().legal_forms, _without_legal_phrase(tokens)
    if tokens[-3:] == ["public", "company", "limited"] and len(tokens) > 3:
        tokens = tokens[:-3]
    end, start = len(tokens), 0
    if end > 3 and tokens[-1] in load_terms().places and tokens[-2] in legal - _ALSO_WORDS:
        end -= 1  # "Velkom Trade d.o.o. Beograd"
    elif end > 4 and tokens[-3] in legal - _ALSO_WORDS and len(tokens[-3]) > 1 and _may_be_a_seat(tokens[-2:]):
        end -= 2  # "Naftna Industrija Srbije a.d. Novi Sad"
    while end > 1 and (tokens[end - 1] in legal or tokens[end - 1] == "and"):
        end -= 1
    # A legal form in front is Russian or Ukrainian: "OOO Gefest-M", "PJSC Sovcomflot".
    while start < end - 1 and tokens[start] in legal and len(tokens[start]) > 1 and tokens[start] not in _ALSO_WORDS:
        start += 1
    return tokens[start:end]


def _may_be_a_seat(tokens: list[str]) -> bool:
    """ "Novi Sad", and not the "Asset Management" of a bank."""
    return _PART_OF_A_FIRM.isdisjoint(tokens) and load_terms().trailing.isdisjoint(tokens)


def _without_legal_phrase(tokens: list[str]) -> list[str]:
    """Without a legal form of several words at either end, as rigour knows them: "Joint Stock Company Kronshtadt"."""
    for phrase, _ in extract_org_types(" ".join(tokens)):
        size = phrase.count(" ") + 1
        if 1 < size < len(tokens):
            written = phrase.split()
            if tokens[:size] == written:
                return tokens[size:]
            if tokens[-size:] == written:
                return tokens[:-size]
    return tokens


def _add_organisation(forms: _Forms, name: str, source: str = "") -> None:
    source = source or name
    inline = fold_key(_BRACKETS.sub(r" \1 ", name)).split()
    bare = fold_key(_BRACKETS.sub(" ", name)).split()
    for written in (inline, bare):
        tokens = written[1:] if written[:1] == ["the"] and len(written) > 1 else written
        if not tokens or forms.terms.small_words.issuperset(tokens):
            continue
        core = strip_legal_form(tokens)
        forms.add(tokens, _organisation_strength(forms, tokens, name), "name", source, upper=_is_acronym(name))
        if core != tokens:
            forms.add(
                core,
                _organisation_strength(forms, core, name),
                "without legal form",
                source,
                alone=not _says_nothing(core),
                upper=len(core) == 1 and _is_acronym(core[0].upper()) and core[0].upper() in name and len(core[0]) <= 4,
            )
        _add_shortened(forms, core, source, whole=tokens)
        _add_without_kind(forms, core, source)
        _add_without_phrase(forms, core, source)
        _add_without_purpose(forms, core, source)
        _add_behind_kind(forms, core, source)
        _add_without_lead(forms, core, source)
        _add_country_forms(forms, core, source)
        _add_respaced(forms, core, name, source)
        _add_declined(forms, core, name, source)
        _add_other_spelling(forms, core, source)


def _says_nothing(core: list[str]) -> bool:
    """Is what is left without a legal form a word that anybody uses: "EU" of "E.U. S.A.S.", "Center" of an LLC?"""
    terms = load_terms()
    word = core[0]
    is_word = word in terms.very_common or word in terms.kinds or word in terms.trailing
    return len(core) == 1 and (is_word or (len(word) < 4 and word in terms.country_of))


def _organisation_strength(forms: _Forms, tokens: list[str], name: str) -> Strength:
    terms = forms.terms
    if forms.entity.schema is Schema.PUBLIC_BODY and " ".join(tokens) in terms.country_of:
        return Strength.STRONG
    if len(tokens) == 1:
        token = tokens[0]
        if _is_acronym(name):
            return Strength.STRONG if len(token) >= 4 and terms.is_distinctive(token) else Strength.WEAK
        return Strength.STRONG if terms.is_distinctive(token) and len(token) >= 4 else Strength.WEAK
    if len(tokens) == 2 and all(
        token in terms.titles or token in terms.calendar or token in terms.particles for token in tokens
    ):
        return Strength.WEAK
    return Strength.STRONG


_BEFORE_ITS_PLACE = frozenset("of de du di in en da do".split())


def _add_shortened(forms: _Forms, core: list[str], source: str, *, whole: list[str]) -> None:
    """Without generic words and places at its end, step by step: "Dandong Zhicheng Metallic", "Dandong Zhicheng";
    then what is distinctive alone, "Zhicheng", which needs the full name nearby if more of the name is distinctive."""
    terms = forms.terms
    tokens = list(core)
    while len(tokens) > 1 and (
        tokens[-1] in terms.trailing
        or tokens[-1] in terms.legal_forms
        or (tokens[-1] in terms.places and tokens[-2] not in _BEFORE_ITS_PLACE)
    ):
        cut = tokens[-1]
        tokens = tokens[:-1]
        while len(tokens) > 1 and tokens[-1] in ("and", "of", "for", "the", "de", "y"):
            tokens = tokens[:-1]
        distinctive = [token for token in tokens if terms.is_distinctive(token)]
        if len(tokens) == 1:
            break
        if cut in terms.places and not distinctive and terms.places.isdisjoint(tokens):
            break  # every country has a "Ministry of Finance": see _add_country_forms
        strong = bool(distinctive) or len(tokens) > 2
        if len(tokens) == 2 and (tokens[0] in terms.titles or tokens[0] in terms.given):
            strong = False  # "Imam Hosseini Foundation" is not Imam Hosseini
        forms.add(
            tokens,
            Strength.STRONG if strong else Strength.WEAK,
            "shortened name",
            source,
            alone=strong or core[len(tokens) :] in (["group"], ["holding"], ["holdings"]),
        )
    if len(whole) < 2 or not core:
        return
    head, rest = core[0], core[1:]
    if len(head) == 3 and head.upper() in source.split() and not source.isupper() and terms.trailing.issuperset(rest):
        forms.add([head], Strength.WEAK, "first word", source, upper=True)  # "VTB" of "VTB Bank PJSC"
    lead = next((token for token in core if token not in terms.places), core[0])
    has_plus = lead.endswith("+")  # "En+", "Canal+" are seldom anything else
    if terms.is_distinctive(lead) and (len(lead) >= 4 or has_plus) and lead in core[:2]:
        rest = core[core.index(lead) + 1 :]
        forms.add(
            [lead],
            Strength.WEAK,
            "first distinctive word",
            source,
            alone=(len(lead) >= 5 or has_plus or lead.isalpha() or lead.upper() in source)
            and not any(map(terms.is_distinctive, rest)),
        )
    elif len(core) > 1 and lead == core[0] and len(lead) >= 4 and lead not in terms.places:
        forms.add([lead], Strength.WEAK, "first word", source, alone=False)


def _add_without_kind(forms: _Forms, core: list[str], source: str) -> None:
    """ "VTB" of "Bank VTB", "ВТБ" of "Банк ВТБ". Only what is written in capitals: a bank may be called by any word, as
    Bank Rossiya is by Russia's."""
    if len(core) != 2 or core[0] not in ("bank", "банк") or source.isupper() or not 3 <= len(core[1]) <= 5:
        return
    acronyms = [fold_key(word) for word in source.split() if word.isupper()]
    if core[1] in (*acronyms, *map(to_latin, acronyms)):
        forms.add([core[1]], Strength.WEAK, "without what it is", source, upper=True)


def _add_without_phrase(forms: _Forms, core: list[str], source: str) -> None:
    """ "Germes-Metiz" of "Torgovy Dom Germes-Metiz"; one word only if it is distinctive."""
    terms = forms.terms
    size = max((len(each) for each in terms.phrases_before if tuple(core[: len(each)]) == each), default=0)
    rest = core[size:]
    if not size or not rest or not terms.is_distinctive(rest[0]):
        return
    if len(rest) > 1:
        forms.add(rest, Strength.STRONG, "without what it is", source)
        _add_shortened(forms, rest, source, whole=rest)
    elif len(rest[0]) >= 5:
        forms.add(rest, Strength.WEAK, "without what it is", source)


def _add_without_purpose(forms: _Forms, core: list[str], source: str) -> None:
    """ "Zelkov Institute" of "Zelkov Institute for Regional Change": what it is for, not whose it is, is left out."""
    terms = forms.terms
    head = core[: core.index("for")] if "for" in core else []
    told = any(terms.is_distinctive(token) or token in terms.given for token in head[:-1])
    if told and len(head) > 1 and head[-1] in terms.kinds:
        forms.add(head, Strength.STRONG, "without what it is for", source)


def _add_behind_kind(forms: _Forms, core: list[str], source: str) -> None:
    """ "Rosatom" of "State Atomic Energy Corporation Rosatom": what is distinctive behind ordinary words of which the
    last says what it is."""
    terms = forms.terms
    at = next((at for at, token in enumerate(core) if terms.is_distinctive(token)), 0)
    rest = core[at:]
    if at < 2 or core[at - 1] not in terms.kinds_before or len(rest) > 2 or not all(map(terms.is_distinctive, rest)):
        return
    if len(rest) > 1:
        forms.add(rest, Strength.STRONG, "without what it is", source)
    elif len(rest[0]) >= 5:
        forms.add(rest, Strength.WEAK, "without what it is", source)


_GERMAN_ADJECTIVE = re.compile(r"(deutsch|\w+(?:isch|ational|entral|lich|deral))e[rsnm]?")


def _add_declined(forms: _Forms, core: list[str], name: str, source: str) -> None:
    """German adjectives take other endings in a sentence: "Deutscher Presserat", "Der Deutsche Presserat"."""
    stems = [_GERMAN_ADJECTIVE.fullmatch(token) for token in core[:-1]]
    if not any(stems):
        return
    for ending in ("e", "en", "er", "es", "em"):
        written = [stem.group(1) + ending if stem else token for stem, token in zip(stems, core, strict=False)]
        written.append(core[-1])
        forms.add(written, _organisation_strength(forms, written, name), "declined", source)


def _add_other_spelling(forms: _Forms, core: list[str], source: str) -> None:
    """ "Atomic Energy Organization" and "… Organisation"."""
    spellings = forms.terms.spellings
    if spellings.keys().isdisjoint(core):
        return
    for form in list(forms.found.values()):
        if form.source == source and not spellings.keys().isdisjoint(form.tokens):
            written = [spellings.get(token, token) for token in form.tokens]
            if written[-1] == "st":
                continue  # a street; and a saint is not called so without his name
            forms.add(written, form.strength, form.how, source, alone=form.alone, upper=form.upper)


# Letters of an acronym that are one in Cyrillic too: "VTB" is ВТБ, "FSB" ФСБ.
_CYRILLIC_LETTERS = str.maketrans("abvgdeziklmnoprstufh", "абвгдезиклмнопрстуфх")
_CYRILLIC_WRITERS = frozenset("ru ua by kz kg tj bg rs mk md".split())


def _add_in_cyrillic(forms: _Forms) -> None:
    """Acronyms in Cyrillic letters, which no comparison by sound would find."""
    if _CYRILLIC_WRITERS.isdisjoint(forms.entity.countries):
        return
    for form in list(forms.found.values()):
        letters = form.text.translate(_CYRILLIC_LETTERS)
        if form.upper and form.text.isascii() and form.text.isalpha() and not re.search("[a-z]", letters):
            forms.add([letters], form.strength, form.how, form.source, alone=form.alone, upper=True)


_SHORT = 5  # letters of a word that no comparison by sound looks for, see names.py


def _add_cases(forms: _Forms) -> None:
    """The cases of a short Cyrillic name: "СОГАЗом", "Редута", "Юрием Бойко"."""
    for form in list(forms.found.values()):
        if form.how == "surname" or not has_cyrillic(form.text) or not form.alone:
            continue
        tokens = form.tokens
        is_short = (
            4 <= len(form.text) <= _SHORT if len(tokens) == 1 else len("".join(map(skeleton, tokens)).strip()) < 4
        )
        if is_short and len(tokens) < 3:
            for way in declined(tokens):
                forms.add(way, form.strength, form.how, form.source)


_LEADING_ARTICLES = frozenset("the la el los las le les der die das il al".split())


def _add_without_lead(forms: _Forms, core: list[str], source: str) -> None:
    """Without what stands in front: an article ("Familia Michoacana"), a place ("Luqing Petrochemical"), a country
    that the article must then name ("Morality Police")."""
    terms = forms.terms
    if len(core) >= 3 and core[0] in _LEADING_ARTICLES:
        forms.add(core[1:], Strength.STRONG, "without its article", source)
    elif len(core) == 2 and core[0] in _LEADING_ARTICLES and core[0] != "al" and terms.is_distinctive(core[1]):
        forms.add(core[1:], Strength.STRONG, "without its article", source)  # "Die Weltwoche"
    if len(core) >= 3 and core[-1].isdigit() and len(core[-1]) >= 3:
        forms.add(core[-2:], Strength.STRONG, "shortened name", source)
    for size in (3, 2, 1):
        lead = " ".join(core[:size])
        if lead in terms.country_of and len(core) - size >= 2:
            generic = not any(terms.is_distinctive(token) for token in core[size:])
            forms.add(
                core[size:],
                Strength.WEAK if generic else Strength.STRONG,
                "without its country" if generic else "without its place",
                source,
            )
            return
    if core[:1] == ["islamic"] and len(core) > 2:  # "Iran's Revolutionary Guards"
        parts = core[1:-1] if core[-1] == "corps" else core[1:]
        for written in (core[1:], parts, [*parts[:-1], parts[-1] + "s"]):
            if len(written) > 1:
                forms.add(written, Strength.WEAK, "without its country", source)
    if len(core) > 3 and core[0] in terms.places and terms.is_distinctive(core[1]):
        forms.add(core[:2], Strength.STRONG, "place and first word", source)  # "Xiamen Limbach"
    if len(core) > 2 and core[0] in terms.places and not any(map(terms.is_distinctive, core[1:])):
        for between in ("of", "in"):  # "the Central Prison of Shiraz"
            forms.add([*core[1:], between, core[0]], Strength.STRONG, "its place behind", source)
    if core[0] in terms.places:
        for at in (1, 2):
            rest = core[at:]
            if len(rest) >= 2 and terms.is_distinctive(rest[0]):
                forms.add(rest, Strength.STRONG, "without its place", source)
                _add_shortened(forms, rest, source, whole=core)


_NUMBERED = re.compile(r"([A-Z]{2,5})[ -]?(\d{2,5})")


def _add_respaced(forms: _Forms, core: list[str], name: str, source: str) -> None:
    """ "JPMorgan" is also "J.P. Morgan", "Silver Star" also "Silverstar", "Shipyard Vympel" also "Vympel Shipyard"."""
    split = fold_key(re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])", " ", name)).split()
    split = strip_legal_form(split) if split else []
    if len(split) > len(core):
        # "OnTime" is also "on time", but those words say so of anything.
        strength = Strength.WEAK if forms.terms.common.issuperset(split) else Strength.STRONG
        forms.add(split, strength, "written apart", source)
        if "".join(split[:2]) == core[0]:
            strength = Strength.WEAK if forms.terms.common.issuperset(split[:2]) else Strength.STRONG
            forms.add(split[:2], strength, "written apart", source)
    if len(core) == 2 and all(len(token) > 2 for token in core):
        forms.add(["".join(core)], Strength.STRONG, "written together", source)
    if len(core) == 2 and core[0] in forms.terms.kinds_before and forms.terms.is_distinctive(core[1]):
        forms.add([core[1], core[0]], Strength.STRONG, "what it is behind its name", source)  # "Vympel Shipyard"
    if len(core) > 2 and core[0] == "cartel" and core[1] in ("de", "del", "of"):
        forms.add([*core[2:], "cartel"], Strength.STRONG, "what it is behind its name", source)  # "Sinaloa cartel"
    if len(core) > 2 and core[0] == "ministry" and core[1] in ("of", "for"):
        other = "for" if core[1] == "of" else "of"
        forms.add([core[0], other, *core[2:]], Strength.STRONG, "another word in its name", source)
    if numbered := _NUMBERED.fullmatch(name):  # "APT39" is also "APT 39"
        forms.add(fold_key(" ".join(numbered.groups())).split(), Strength.STRONG, "written apart", source)
        forms.add([fold_key("".join(numbered.groups()))], Strength.WEAK, "written together", source, upper=True)


_STATE_WORDS = frozenset(
    "the republic islamic people peoples democratic federal federative kingdom state of socialist arab".split()
)


def _country_in(tokens: list[str]) -> str | None:
    """The country that the end of a name tells, "the Republic of Belarus" like "Belarus"."""
    country_of = load_terms().country_of
    for at in range(len(tokens)):
        if all(token in _STATE_WORDS for token in tokens[:at]):
            code = country_of.get(" ".join(tokens[at:]))
            if code is not None:
                return code
    return None


def _of_country(core: list[str]) -> tuple[list[str], str] | None:
    """A name without the country that it tells, and that: "Central Bank of Iran", "Danish Ministry of Defence"."""
    for at in range(1, len(core) - 1):
        if core[at] == "of" and (code := _country_in(core[at + 1 :])) is not None:
            return core[:at], code
    for size in (3, 2, 1):
        code = load_terms().country_of.get(" ".join(core[:size]))
        if code is not None and len(core) - size >= 2:
            return core[size:], code
    return None


def _heads(head: list[str]) -> list[list[str]]:
    """ "Ministry of Finance" is also "Finance Ministry", "Ministry of Foreign Affairs" "Foreign Ministry"."""
    if head[:2] not in (["ministry", "of"], ["ministry", "for"]) or len(head) < 3 or "of" in head[2:]:
        return [head]
    subject = head[2:]
    if subject[0] == "the":
        subject = subject[1:]
    other = (
        [[*subject, "ministry"], [*subject[:-1], "ministry"]] if subject[-1] == "affairs" else [[*subject, "ministry"]]
    )
    return [head, *(each for each in other if len(each) > 1)]


def _add_country_forms(forms: _Forms, core: list[str], source: str) -> None:
    """ "Central Bank of Iran" is also "Iran's central bank", "Iranian Central Bank"; beside Iran, "Central Bank"."""
    terms = forms.terms
    found = _of_country(core) if len(core) >= 3 else None
    if found is None or found[1] not in terms.countries:
        return
    whole, code = found
    if whole == core[-len(whole) :] and "of" not in whole:
        return  # "Iranian Airlines"
    for head in _heads(whole):
        for name in (*terms.countries[code], *terms.peoples[code]):
            forms.add(
                [*name.split(), *head],
                Strength.STRONG if len(head) > 1 else Strength.WEAK,
                "country's name first",
                source,
            )
        for name in terms.countries[code]:
            forms.add([*head, "of", *name.split()], Strength.STRONG, "another name of the country", source)
            forms.add([*head, "of", "the", *name.split()], Strength.STRONG, "another name of the country", source)
        public = forms.entity.schema is Schema.PUBLIC_BODY
        if len(head) > 1:
            alone = public or len(head) > 2
            forms.add(head, Strength.WEAK, "without its country", source, alone=alone)


def _add_vessel(forms: _Forms, name: str, source: str) -> None:
    tokens = fold_key(_VESSEL_PREFIX.sub("", name)).split()
    if not tokens:
        return
    plain = len(tokens) == 1 and not (forms.terms.is_distinctive(tokens[0]) and len(tokens[0]) >= 5)
    forms.add(tokens, Strength.WEAK if plain else Strength.STRONG, "name", source)
    if 1 < len(tokens) < 4 and all(token.isalpha() and len(token) > 2 for token in tokens):
        together = "".join(tokens)  # "Tae Dong Gang" is also "Taedonggang"
        if forms.terms.is_distinctive(together):
            forms.add([together], Strength.STRONG, "written together", source)
