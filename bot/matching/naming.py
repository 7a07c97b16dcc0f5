"""Every way that an article may write an entity's names: of people, bodies, vessels, aircraft, in every script.

A form tells how strong it is; whether one that is found is a mention is decided in mentions.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.matching.body_forms import add_body
from bot.matching.far_eastern import chinese_word, korean_body, may_be_korean, russian_in_hangul, written_in_the_east
from bot.matching.forms import AMONG_BANKS, BRACKETS, CJK, Forms, NameForm, is_acronym
from bot.matching.identifiers import is_identifier
from bot.matching.other_languages import BETWEEN_NAMES, well_known_in_the_east
from bot.matching.person_forms import add_person
from bot.matching.spelling import declined, has_cyrillic, is_spelling_of, looks_slavic, skeleton, to_latin
from bot.matching.terms import load_terms
from bot.model import Entity, Schema, Strength
from bot.text.asides import read_written
from bot.text.folding import fold_key

_CJK_LEGAL = re.compile(
    r"(?:股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|公司|株式会社|주식회사)$|^(?:株式会社|주식회사)"
)
# Where a Chinese firm is, which papers leave out: 山东鲁远石化 is 鲁远石化.
_CHINESE_PLACE = re.compile(
    "^(?:山[东東西]|河[北南]|[辽遼][宁寧]|江[苏蘇西]|浙江|[广廣][东東州西]|深圳|上海|北京|天津|大[连連]|青[岛島]|香港|四川|福建|湖[北南]"
    "|安徽|[陕陝]西|黑[龙龍]江|吉林|重[庆慶]|[东東]莞|[宁寧]波|舟山|日照)(?:省|市)?"
)
_GROUP = re.compile("(?:集[团團])$")
_FEWEST_CHINESE = 4
_CJK_PARTS = re.compile(r"[\s·・•‧．]+")
_LETTERS_OF_ONE, _BONES_OF_MORE = 6, 4  # at least: letters of one word, consonants of several, to seek them by sound
_LETTERS_OF_ANY, _SYLLABLES_OF_ANY = 10, 4  # of a whole name that is hardly anybody else's
_VESSEL_PREFIX = re.compile(r"^(?:M[/.]?[VTY]|MT|MV|F/V|LPG/C)\.?\s+", re.IGNORECASE)


def name_forms(entity: Entity) -> tuple[NameForm, ...]:
    """Every way to write this entity's names that is searched, strongest first. Identifiers: `identifiers_of`."""
    forms = Forms(entity)
    for name in dict.fromkeys((entity.caption, *entity.aliases)):
        if not is_identifier(name):
            _add_name(forms, name)
    for name in entity.weak_aliases:
        if tokens := fold_key(name).split():
            forms.add(tokens, Strength.WEAK, "weak alias", name, upper=is_acronym(name))
    _add_with_acronym(forms)
    _add_in_cyrillic(forms)
    _add_cases(forms)
    _add_in_the_east(forms)
    _drop_needless(forms)
    return tuple(sorted(forms.found.values(), key=lambda form: (form.strength is Strength.WEAK, not form.alone)))


def _add_with_acronym(forms: Forms) -> None:
    """ "IRGC Aerospace Force" of "Islamic Revolutionary Guard Corps Aerospace Force", which is also "IRGC ASF": the
    letters of the body above, and its own name in full."""
    entity = forms.entity
    above = [fold_key(alias).split()[0] for alias in entity.aliases if _TWO_ACRONYMS.fullmatch(alias)]
    if entity.schema is Schema.PERSON or not above:
        return
    for name in (entity.caption, *entity.aliases):
        tokens = fold_key(name).split()
        counted = [at for at, token in enumerate(tokens) if token not in forms.terms.small_words]
        initials = "".join(tokens[at][0] for at in counted)
        for letters in above:
            if initials.startswith(letters) and len(initials) > len(letters):
                own = tokens[counted[len(letters)] :]
                forms.add([letters, *own], Strength.STRONG, "with its acronym", name)


_TWO_ACRONYMS = re.compile(r"[A-Z]{3,6}[ -][A-Z]{2,5}")
_NUMBER_IN_BRACKETS = re.compile(r"[(\[][^)\]]*\d{3}[^)\]]*[)\]]")


def _add_name(forms: Forms, name: str) -> None:
    if _NUMBER_IN_BRACKETS.search(name):  # "b 1975" of "Ivan Petrov (b. 1975)" is no name of his
        written = read_written(name)
        name = written.name if written.born or written.numbers else name
    bare = BRACKETS.sub(" ", name)
    if CJK.search(name) and not re.search(r"[A-Za-z]{3}", name):
        _add_cjk(forms, name)
    elif forms.entity.schema is Schema.PERSON:
        add_person(forms, bare, name)
        for nick in BRACKETS.findall(name):
            if len(fold_key(nick).split()) > 1:
                add_person(forms, nick, name)
    elif forms.entity.schema is Schema.VESSEL:
        _add_vessel(forms, bare, name)
    elif forms.entity.schema is Schema.AIRPLANE:
        if tokens := fold_key(bare).split():
            forms.add(tokens, Strength.STRONG, "name", name, upper=True)
            forms.add(["".join(tokens)], Strength.STRONG, "name", name, upper=True)
    else:
        add_body(forms, name)
        if forms.entity.schema is Schema.LEGAL_ENTITY and _may_be_person(bare):
            add_person(forms, bare, name)
        if has_cyrillic(fold_key(name)):
            add_body(forms, to_latin(fold_key(name)).title(), source=name)


def _may_be_person(name: str) -> bool:
    """Lists that do not say what an entry is have people as well: a given name and two or three words of no firm, or
    "Iyamuremye, Gaston"."""
    family, comma, given = name.partition(",")
    terms, tokens = load_terms(), fold_key(f"{given} {family}").split()
    others = (terms.common, terms.places, terms.kinds, terms.trailing, terms.legal_forms)
    is_named = len(tokens) in ((2, 3, 4) if comma else (3, 4)) and tokens[0] in terms.given
    return is_named and not any(token in other for token in tokens[1:] for other in others if token not in terms.given)


def _add_cjk(forms: Forms, name: str) -> None:
    """A name in Chinese, Japanese or Korean characters: whole, without its legal form, with and without what stands
    in brackets. Two characters of a person are weak; a firm's must stand apart, see cjk.py."""
    bare = _CJK_PARTS.sub(" ", BRACKETS.sub(" ", name)).strip()
    inline = _CJK_PARTS.sub(" ", BRACKETS.sub(r" \1 ", name)).strip()
    for text in dict.fromkeys((bare, _CJK_LEGAL.sub("", bare).strip(), inline, _CJK_LEGAL.sub("", inline).strip())):
        tokens = fold_key(text).split()
        if len(tokens) >= 2:
            long_enough = len(tokens) >= 3 or forms.entity.schema is not Schema.PERSON
            forms.add(tokens, Strength.STRONG if long_enough else Strength.WEAK, "name", name)
    if forms.entity.schema is not Schema.PERSON:
        own = _GROUP.sub("", _CJK_LEGAL.sub("", _CHINESE_PLACE.sub("", bare)))
        if own != bare and len(own) >= _FEWEST_CHINESE:
            forms.add(fold_key(own).split(), Strength.STRONG, "without its place", name)
    parts = _CJK_PARTS.split(bare)
    if forms.entity.schema is Schema.PERSON and len(parts) > 1:  # "马尔科·鲁比奥" is later "鲁比奥"
        family = fold_key(parts[-1]).split()
        if len(family) > 1:
            forms.add(family, Strength.WEAK, "surname", name, alone=len(family) > 2)


def _add_vessel(forms: Forms, name: str, source: str) -> None:
    tokens = fold_key(_VESSEL_PREFIX.sub("", name)).split()
    if not tokens:
        return
    plain = len(tokens) == 1 and not (forms.terms.is_distinctive(tokens[0]) and len(tokens[0]) >= 5)
    forms.add(tokens, Strength.WEAK if plain else Strength.STRONG, "name", source)
    if 1 < len(tokens) < 4 and all(token.isalpha() and len(token) > 2 for token in tokens):
        together = "".join(tokens)  # "Tae Dong Gang" is also "Taedonggang"
        if forms.terms.is_distinctive(together):
            forms.add([together], Strength.STRONG, "written together", source)


# Letters of an acronym that are one in Cyrillic too: "VTB" is ВТБ, "FSB" ФСБ.
_CYRILLIC_LETTERS = str.maketrans("abvgdeziklmnoprstufh", "абвгдезиклмнопрстуфх")
_CYRILLIC_WRITERS = frozenset("ru ua by kz kg tj bg rs mk md".split())


def _writes_cyrillic(entity: Entity) -> bool:
    """By its country; where the watchlist has none, by its names."""
    if entity.countries:
        return not _CYRILLIC_WRITERS.isdisjoint(entity.countries)
    words = fold_key(" ".join((entity.caption, *entity.aliases))).split()
    return looks_slavic(words if entity.schema is Schema.PERSON else [word for word in words if has_cyrillic(word)])


def _add_in_cyrillic(forms: Forms) -> None:
    """Acronyms in Cyrillic letters, which no comparison by sound would find: "ВТБ", "Рен-ТВ"."""
    is_theirs = _writes_cyrillic(forms.entity)
    if not is_theirs and forms.entity.countries:
        return
    for form in list(forms.found.values()):
        letters = form.text.translate(_CYRILLIC_LETTERS)
        fewest = 2 if is_theirs else 5  # letters: whose country is not told may be anybody
        bare = form.text.replace(" ", "")
        is_told = form.upper and len(bare) >= fewest and bare.isascii() and bare.isalpha()
        if is_told and not re.search("[a-z]", letters):
            forms.add([letters], form.strength, form.how, form.source, alone=form.alone, upper=True)


def _drop_needless(forms: Forms) -> None:
    """Not every "Душанбе Сити" must stand among banks where "Dushanbe City" is a strong form and sounds alike."""
    short = [form for form in forms.found.values() if form.how == AMONG_BANKS]
    strong = [form for form in forms.found.values() if form.strength is not Strength.WEAK] if short else []
    for form in short:
        if any(is_sought_by_sound(one, forms.entity) and is_spelling_of(form.tokens, one.tokens) for one in strong):
            del forms.found[form.text]


_CHINESE_HOMES = frozenset(("cn", "hk"))


def _add_in_the_east(forms: Forms) -> None:
    """Korean, Chinese and Japanese names as Korean, Russian and Ukrainian write them. Short ones are weak: several
    names are written alike, so they count where an article speaks of sanctions."""
    entity, family_first = forms.entity, forms.terms.family_first
    if entity.schema is Schema.PERSON:
        _add_well_known(forms)
        for name in dict.fromkeys((entity.caption, *entity.aliases)):
            tokens = fold_key(BRACKETS.sub(" ", name)).split()
            is_given_first = "," not in name and "kp" not in entity.countries and not may_be_korean(tokens)
            if is_given_first and tokens and tokens[0] not in family_first and tokens[-1] in family_first:
                tokens = [tokens[-1], *tokens[:-1]]
            for written in written_in_the_east(tokens, entity.countries):
                is_long = len("".join(written)) >= (_LETTERS_OF_ANY if len(written[-1]) > 1 else _SYLLABLES_OF_ANY)
                forms.add(written, Strength.STRONG if is_long else Strength.WEAK, "in another script", name)
        if _writes_cyrillic(entity):
            _add_russian_in_hangul(forms)
        return
    if not entity.countries or "kp" in entity.countries:
        for name in dict.fromkeys((entity.caption, *entity.aliases)):
            for hangul in korean_body(fold_key(BRACKETS.sub(" ", name)).split()):
                forms.add(list(hangul), Strength.STRONG, "in another script", name)
    if not _CHINESE_HOMES.isdisjoint(entity.countries):
        for form in list(forms.found.values()):
            if form.how in _DISTINCTIVE and form.alone and " " not in form.text and form.text.isascii():
                for written in chinese_word(form.text):
                    forms.add(written, Strength.WEAK, "in another script", form.source)


def _add_well_known(forms: Forms) -> None:
    """ "Vladimir Putin" is 普京, in Taiwan 普丁, and 푸틴."""
    for form in list(forms.found.values()):
        for written in well_known_in_the_east(form.text) if form.strength is not Strength.WEAK else ():
            is_whole = bool(BETWEEN_NAMES.search(written))
            how, strength = ("name", Strength.STRONG) if is_whole else ("surname", Strength.WEAK)
            forms.add(fold_key(written).split(), strength, how, form.source)


def _add_russian_in_hangul(forms: Forms) -> None:
    """ "Sergey Kozlov" is 세르게이 코즐로프, later 코즐로프 alone; "Gennady" 겐나디 or 게나디."""
    families = {form.tokens[-1] for form in forms.found.values() if form.how == "surname"}
    for form in list(forms.found.values()):
        tokens = form.tokens
        is_family = form.how == "surname" and len(form.text) > _LETTERS_OF_ONE
        is_whole = form.how in ("name", "given and family name") and len(tokens) in (2, 3)
        if is_family or (is_whole and tokens[-1] in families):  # the family name comes last in Korean, too
            *given, family = tokens
            bare = [_DOUBLE.sub(r"\1", token) for token in tokens]
            for way in (tokens, bare, [*given, family.replace("eye", "eiye")]):
                written = [russian_in_hangul(token) for token in way if token.isascii()]
                if len(written) == len(tokens) and all(len(word) > 1 for word in written):
                    strength = Strength.STRONG if len(written) > 1 else Strength.WEAK
                    alone = form.alone and len(written) > 1
                    forms.add(list("".join(written)), strength, "in another script", form.source, alone=alone)


_DOUBLE = re.compile(r"([a-z])\1")
_DISTINCTIVE = ("name", "without legal form", "first distinctive word", "without its place")


@lru_cache(maxsize=4_096)  # an entity has a word in many forms
def _bones(token: str) -> str:
    return skeleton(token)


def _count_bones(tokens: Iterable[str]) -> int:
    return sum(len(_bones(token)) for token in tokens)


def is_sought_by_sound(form: NameForm, entity: Entity) -> bool:
    """Other spellings are looked for only where enough consonants speak."""
    if not form.alone or form.how == "in another script" or CJK.search(form.text):
        return False
    tokens, bones = form.tokens, _count_bones(form.tokens)
    if form.upper:  # "RUSAL" is «Русал» in Cyrillic, and declined; "VTB" is no word
        return len(tokens) == 1 and len(form.text) >= 5 and bones >= 3 and form.strength is not Strength.WEAK
    if len(tokens) > 1:
        fewest = _BONES_OF_MORE - (len(form.text) > _LETTERS_OF_ANY and _writes_cyrillic(entity))
        return bones >= fewest and form.strength is not Strength.WEAK
    return (
        len(form.text) >= _LETTERS_OF_ONE
        and bones >= 3
        and (form.strength is not Strength.WEAK or form.how in ("surname", "first distinctive word"))
    )


def _add_cases(forms: Forms) -> None:
    """The cases of a Cyrillic name that is too short to be sought by sound: "СОГАЗом", "Редута", "Юрием Бойко"."""
    for form in list(forms.found.values()):
        if form.how == "surname" or not has_cyrillic(form.text) or not form.alone:
            continue
        tokens = form.tokens
        if len(tokens) == 1:
            is_short = 4 <= len(form.text) < _LETTERS_OF_ONE
        else:
            is_short = len(tokens) == 2 and _count_bones(tokens) < _BONES_OF_MORE
        if is_short:
            for way in declined(tokens):
                forms.add(way, form.strength, form.how, form.source)
