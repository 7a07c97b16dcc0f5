"""Every way that an article may write a person's name: without the patronymic, with initials, the family name alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from bot.matching.forms import Forms
from bot.matching.other_languages import kind_in_other_languages
from bot.matching.spelling import UKRAINIAN_GIVEN, has_cyrillic, to_latin
from bot.matching.terms import Terms, load_terms
from bot.model import Strength
from bot.text.folding import fold_key

_PATRONYMIC = re.compile(
    r"^.{2,}(?:ov|ev|yev|iev|ich)(?:ich|na)$|^.{3,}(?:ich|ovna|evna|ichna)$|^.{2,}(?:ович|евич|йович|ович|евна|овна|івна|ивна|ична|ич)$"
)
ARABIC_ARTICLES = frozenset("al el as ash ad ar an at az".split())
_JOINED = ARABIC_ARTICLES.union(
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
_PATRONYMICS = frozenset("ru ua by kz kg uz tj tm am az ge md lt lv ee bg su".split())  # where people have one
# Where the second of three names is the father's, which may serve as a family name: "Getachew Reda Kahsay".
_FATHERS_NAME_SECOND = frozenset("et er so cd cg cf rw bi ug ke tz ss td cm ga ng gh ml bf gn sl lr mz ao zw".split())
_LONGEST_JOINED = 13  # letters
_FAMILY_FIRST = frozenset("cn tw hk mo sg kp kr vn kh jp hu mm".split())


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


def add_person(forms: Forms, name: str, source: str) -> None:
    """The forms under which articles name a person. `source`: the name as the watchlist has it."""
    tokens, family = _ordered(name)
    if not tokens:
        return
    if len(tokens) == 2 and tokens[0] in forms.terms.reign and tokens[1] in forms.terms.given:
        forms.add(tokens, Strength.STRONG, "name", source)
        for title in kind_in_other_languages(tokens[0]):
            forms.add([title, tokens[1]], Strength.STRONG, "in another language", source)
        forms.add(tokens[1:], Strength.WEAK, "given name under a title", source)
        return
    if len(_units(tokens)) == 1:
        _add_single(forms, tokens, source)
        return
    _add_person_tokens(forms, tokens, family, source)
    for other in (*_servant_names(tokens), *_in_the_other_language(tokens, forms.entity.countries)):
        _add_person_tokens(forms, other, [], source)
    for short in forms.terms.short_given.get(tokens[0], ()):
        forms.add([short, *_units(tokens)[-1]], Strength.STRONG, "short given name", source)
    if has_cyrillic(" ".join(tokens)):
        latin = [to_latin(token) for token in tokens]
        if len(_units(latin)) == 1:  # "Бен Али", whose "ben" is a particle in Latin letters
            _add_single(forms, latin, source)
        else:
            _add_person_tokens(forms, latin, [to_latin(token) for token in family], source)


# Given names that Russian and Ukrainian have each in its own way, beyond what letters tell.
_TWIN_NAMES = {
    other: twin
    for pair in (
        "nikolai mykola, nikolay mykola, nikita mykyta, konstantin kostyantyn, konstantin kostyantin, "
        "konstantin kostiantyn, herman герман, elena olena, yelena olena, anna hanna, "
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
    if "g" in tokens[-1] and ("ua" in countries or tokens[0] in UKRAINIAN_GIVEN):
        found += [[*tokens[:-1], tokens[-1].replace("g", "h")]]  # "Zhevago" is "Zhevaho"
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
        elif part == "abd" and len(after) == 2 and after[0] in ARABIC_ARTICLES:
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


def _add_person_tokens(forms: Forms, tokens: list[str], family: list[str], source: str) -> None:
    units = _units(tokens)
    countries = set(forms.entity.countries)
    patronymic = _patronymic_at(units, family, countries)
    kept = [unit for at, unit in enumerate(units) if at != patronymic]
    if not countries and _looks_spanish(kept):
        countries = {"es"}
    if source != forms.entity.caption and _is_nickname(tokens, source):
        forms.add(tokens, Strength.WEAK, "name", source)
        return
    forms.add(tokens, Strength.STRONG, "name", source)
    if len(kept) < 2:
        kept = units
    _add_parts(forms, kept, countries, source)
    first, last, middle = kept[0], kept[-1], kept[1:-1]
    is_rare = first[-1] not in forms.terms.given and first[-1] not in forms.terms.family_first
    if middle and middle[0][-1] in forms.terms.given and (is_rare or countries & _FATHERS_NAME_SECOND):
        forms.add([*first, *middle[0]], Strength.WEAK, "given and father's name", source)
    _add_joined(forms, _flat(kept), source)
    if len(first[0]) > 1 and len(last[-1]) > 2:
        forms.add([first[0][0], *last], Strength.WEAK, "initial and family name", source)
        if middle:
            _add_initials(forms, [first[0][0], middle[0][0][0]], last, source)
    if patronymic is not None:
        is_family_first = patronymic == len(units) - 1
        name, surname = (kept[1], kept[0]) if is_family_first else (first, last)
        family = family or (surname if is_family_first else [])
        _add_initials(forms, [name[0][0], units[patronymic][0][0]], surname, source, behind=True)
    _add_surname(forms, kept, family, countries, source)


def _flat(units: Iterable[list[str]]) -> list[str]:
    return [token for unit in units for token in unit]


def _is_nickname(tokens: Sequence[str], source: str) -> bool:
    """ "The Tiger": words that name nobody."""
    terms = load_terms()
    words = [token for token in tokens if token not in terms.given]
    return (
        len(source.split()) > 1 and (len(words) == len(tokens) or tokens[0] == "the") and terms.nobody.issuperset(words)
    )


def _add_parts(forms: Forms, kept: list[list[str]], countries: set[str], source: str) -> None:
    """The whole name, and those of its parts that name the person: "Andrei Serbin", "Serbin Andrei", "Reda Kahsay"."""
    given, first, last, middle = forms.terms.given, kept[0], kept[-1], kept[1:-1]
    has_two_family_names = _has_two_family_names(kept, countries)
    parts: list[list[list[str]]] = [kept, [first, last], [last, first], [last, *kept[:-1]]]
    if middle:
        parts += [kept[-2:]] if len(kept) == 3 else []
        parts += [kept[: at + 1] for at in range(1, len(kept) - 1) if kept[at][-1] not in given]
        parts += [[first, unit] for unit in middle if unit[-1] not in given]
        parts += [[first, middle[0]]] if _has_western_name(kept, forms.terms) or _may_be_spanish(kept) else []
        parts += [[first, kept[-2]], kept[:-1]] if has_two_family_names else []
        parts += [kept[1:-1], kept[1:]] if len(kept) > 3 and countries & _SPANISH else []
        parts += [[first, unit, last] for unit in middle] if len(kept) > 3 else []
    for size in range(3, len(kept)):  # "El Tahir Mohamed El Awad", who has one name more
        _add_with_articles(forms, _flat(kept[:size]), Strength.STRONG, "without the last of its names", source)
    for part in parts:
        if part is kept:
            _add_with_articles(forms, _flat(part), Strength.STRONG, "name", source)
        elif part[0][0] != "the":  # "the German" of "Abu Talha the German"
            ends_in_family = has_two_family_names and part[-1] is kept[-2]
            is_vague = all(unit[-1] in given for unit in part) and not ends_in_family
            strength = Strength.WEAK if is_vague else Strength.STRONG
            _add_with_articles(forms, _flat(part), strength, "given and family name", source)


def _add_joined(forms: Forms, tokens: list[str], source: str) -> None:
    """Two neighbours as one: "Abu Bakr", "Abubakr"."""
    for at, (one, other) in enumerate(pairwise(tokens)):
        if len(tokens) > 2 and len(one) + len(other) <= _LONGEST_JOINED:
            forms.add([*tokens[:at], one + other, *tokens[at + 2 :]], Strength.STRONG, "written together", source)


def _add_initials(forms: Forms, initials: list[str], family: list[str], source: str, *, behind: bool = False) -> None:
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


def _add_with_articles(forms: Forms, tokens: list[str], strength: Strength, how: str, source: str) -> None:
    """With and without the Arabic article ("Yahya al-Sinwar", "Yahya Sinwar", "Yahya Alsinwar"), al- and el- alike."""
    forms.add(tokens, strength, how, source)
    if ARABIC_ARTICLES.isdisjoint(tokens[:-1]):
        return
    bare = [token for token in tokens if token not in ARABIC_ARTICLES]
    if len(bare) > 1:
        forms.add(bare, strength, how, source)
    for other in ("al", "el"):
        forms.add([other if token in ARABIC_ARTICLES else token for token in tokens], strength, how, source)
    glued: list[str] = []
    for token in tokens:
        if glued and glued[-1] in ARABIC_ARTICLES:
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


def _looks_spanish(kept: list[list[str]]) -> bool:
    """Two given names and two family names, or a common family name between, of somebody whose country is not known:
    "Carlos Mauricio Funes Cartagena", "Bruno Rodríguez Parrilla"."""
    terms, names = load_terms(), [unit[-1] for unit in kept]
    if len(names) == 3:
        return names[0] in terms.spanish_given and names[1] in terms.common_surnames
    if len(names) != 4:
        return False
    return names[0] in terms.spanish_given or (names[0] in terms.given and names[1] in terms.spanish_given)


def _has_western_name(kept: list[list[str]], terms: Terms) -> bool:
    """ "Gerald Yin Zhiyao": a Western given name before a whole Chinese one, whose family name comes first."""
    if len(kept) != 3:
        return False
    western, family, own = (unit[-1] for unit in kept)
    is_western = western in terms.given and western not in terms.family_first
    return is_western and family in terms.family_first and own not in terms.given and own not in terms.family_first


def _may_be_spanish(kept: list[list[str]]) -> bool:
    """ "Nicolás Petro Burgos", whose family name is a given name in Ukraine: is the second of three no Spanish one?"""
    terms, names = load_terms(), [unit[-1] for unit in kept]
    return len(names) == 3 and names[0] in terms.spanish_given and names[1] in terms.given - terms.spanish_given


def _surname_units(kept: list[list[str]], family: list[str], countries: set[str]) -> list[list[str]]:
    terms = load_terms()
    if family:
        return [[token for token in family if token not in ("jr", "sr")]]
    if countries & _FAMILY_FIRST and kept[0][-1] in terms.family_first:
        return [kept[0]]
    if len(kept) == 3 and countries & _FATHERS_NAME_SECOND and terms.is_distinctive(kept[1][-1]):
        return [kept[1], kept[2]]  # Salva Kiir Mayardit is "President Kiir"
    if len(kept) >= 3 and countries & _SPANISH:
        if kept[-2][-1] not in terms.given:
            return [kept[-2], [*kept[-2], *kept[-1]]]
        if _has_two_family_names(kept, countries):
            return [kept[-2], [*kept[-2], *kept[-1]], kept[-1]]
    return [kept[-1]]


def _add_surname(forms: Forms, kept: list[list[str]], family: list[str], countries: set[str], source: str) -> None:
    terms = forms.terms
    for unit in _surname_units(kept, family, countries):
        core = [token for token in unit if token not in ARABIC_ARTICLES] or unit
        words = [token for token in core if token not in _JOINED]
        alone = (
            all(terms.is_distinctive(token) and token not in terms.common_surnames for token in words)
            and len("".join(core)) >= 4
        )
        for tokens in dict.fromkeys((tuple(core), tuple(unit))):
            forms.add(tokens, Strength.WEAK, "surname", source, alone=alone)
        if len(unit) == 2 and unit[0] == "de" and alone:
            forms.add(unit[1:], Strength.WEAK, "surname", source)  # Alexandre de Moraes is "Moraes"


def _add_single(forms: Forms, tokens: list[str], source: str) -> None:
    """A person known by one name: "Khomeini", "Mondo". Distinctive ones are strong."""
    core = [token for token in tokens if token not in ARABIC_ARTICLES] or tokens
    strong = core != tokens or (forms.terms.is_distinctive(core[-1]) and len(core[-1]) >= 5)
    forms.add(tokens, Strength.STRONG if strong else Strength.WEAK, "alias of one word", source)
    if core != tokens and forms.terms.is_distinctive(core[-1]):
        forms.add(core, Strength.STRONG, "alias of one word", source)
