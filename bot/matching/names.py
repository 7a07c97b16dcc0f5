"""What is searched for an entity, and the index that finds it.

`name_forms` makes every way an article may write a name; `NameIndex` finds them in a folded text: exactly, as another
spelling, or as an identifier. Whether a hit is a mention is decided in mentions.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.folding import fold, fold_key
from bot.matching.spelling import has_cyrillic, is_spelling_of, skeleton, skeletons, to_latin
from bot.matching.terms import load_terms
from bot.model import Entity, Schema, Strength

__all__ = ["Hit", "NameForm", "NameIndex", "identifiers_of", "name_forms"]


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


class Hit(NamedTuple):
    """A form found: folded span with its outer blanks, and whose form it is. `variant`: by its skeleton only."""

    start: int
    end: int
    entity: str
    form: NameForm
    variant: bool


# ---------------------------------------------------------------- identifiers

_IMO = re.compile(r"^\s*(?:IMO\s*(?:number|no\.?|#)?:?\s*)(\d{7})\s*$", re.IGNORECASE)
_WALLET = re.compile(r"^(?:0x[0-9a-fA-F]{40}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|ltc1)[0-9a-z]{25,80}|T[1-9A-HJ-NP-Za-km-z]{33}|[1-9A-HJ-NP-Za-km-z]{32,110})$")  # fmt: skip
_DIGITS = re.compile(r"\d[0-9A-Za-z]*")
MIN_IDENTIFIER = 6  # shorter ones are years, amounts and flight numbers


def is_imo_number(digits: str) -> bool:
    """The check digit of an IMO ship number: the sum of the first six times 7 to 2 (IMO resolution A.1117(30))."""
    if len(digits) != 7 or not digits.isascii() or not digits.isdigit():
        return False
    return sum(int(digit) * weight for digit, weight in zip(digits, range(7, 1, -1), strict=False)) % 10 == int(digits[6])


def _identifier_key(value: str) -> str:
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
            found[_identifier_key(value)] = None
    for name in (entity.caption, *entity.aliases, *entity.weak_aliases):
        if imo := _IMO.match(name):
            found[imo.group(1)] = None
        elif _is_wallet(name):
            found[_identifier_key(name)] = None
    return tuple(found)


def _is_wallet(name: str) -> bool:
    return _WALLET.match(name.strip()) is not None and any(char.isdigit() for char in name)


# ---------------------------------------------------------------- forms

_BRACKETS = re.compile(r"[(\[（【]([^()\[\]（）【】]*)[)\]）】]")
_CJK_LEGAL = re.compile(r"(?:股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|公司|株式会社|주식회사)$|^(?:株式会社|주식회사)")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_PATRONYMIC = re.compile(r"^.{2,}(?:ov|ev|yev|iev|ich)(?:ich|na)$|^.{3,}(?:ich|ovna|evna|ichna)$|^.{2,}(?:ович|евич|йович|ович|евна|овна|івна|ивна|ична|ич)$")
_VESSEL_PREFIX = re.compile(r"^(?:M[/.]?[VTY]|MT|MV|F/V|LPG/C)\.?\s+", re.IGNORECASE)
_ARABIC_ARTICLES = frozenset("al el as ash ad ar an at az".split())
_JOINED = frozenset("abd abdul abdel abu abou umm bin ben ibn bint van von der den ter de da dos das do du della del di la le los las ould san".split()) | _ARABIC_ARTICLES  # fmt: skip
_SPANISH = frozenset("es mx co ve cu ni hn gt sv cr pa do ec pe bo py uy ar cl pr".split())
_PORTUGUESE = frozenset("pt br ao mz cv gw".split())
_FAMILY_FIRST = frozenset("cn tw hk mo sg kp kr vn kh jp hu mm".split())


class _Forms:
    """Collects forms; the first, strongest one of each text stays."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.terms = load_terms()
        self.found: dict[str, NameForm] = {}

    def add(self, tokens: Iterable[str], strength: Strength, how: str, source: str, *, alone: bool = True, upper: bool = False) -> None:
        text = " ".join(tokens)
        if len(text) < 2 and not _CJK.match(text):
            return
        form = NameForm(text, strength, how, source, alone, upper)
        kept = self.found.get(text)
        if kept is None or _rank(form) > _rank(kept):
            self.found[text] = form if kept is None or kept.upper else replace(form, upper=False)
        elif kept.upper and not upper:
            self.found[text] = replace(kept, upper=False)


def _rank(form: NameForm) -> tuple[bool, bool]:
    return form.strength is not Strength.WEAK, form.alone


def name_forms(entity: Entity) -> tuple[NameForm, ...]:
    """Every way to write this entity's names that is searched, strongest first. Identifiers are apart (`identifiers_of`)."""
    forms = _Forms(entity)
    for name in dict.fromkeys((entity.caption, *entity.aliases)):
        if not _IMO.match(name) and not _is_wallet(name):
            _add_name(forms, name)
    for name in entity.weak_aliases:
        if tokens := fold_key(name).split():
            forms.add(tokens, Strength.WEAK, "weak alias", name, upper=_is_acronym(name))
    return tuple(sorted(forms.found.values(), key=lambda form: (form.strength is Strength.WEAK, not form.alone)))


def _add_name(forms: _Forms, name: str) -> None:
    bare = _BRACKETS.sub(" ", name)
    if _CJK.search(name) and not re.search(r"[A-Za-z]{3}", name):
        _add_cjk(forms, bare)
    elif forms.entity.schema is Schema.PERSON:
        _add_person(forms, bare, name)
        for nick in _BRACKETS.findall(name):
            if len(fold_key(nick).split()) > 1:
                _add_person(forms, nick, name)
    elif forms.entity.schema is Schema.VESSEL:
        _add_vessel(forms, bare)
    elif forms.entity.schema is Schema.AIRPLANE:
        if tokens := fold_key(bare).split():
            forms.add(tokens, Strength.STRONG, "name", name, upper=True)
            forms.add(["".join(tokens)], Strength.STRONG, "name", name, upper=True)
    else:
        _add_organisation(forms, name)
        if has_cyrillic(fold_key(name)):
            _add_organisation(forms, to_latin(fold_key(name)).title(), source=name)


def _add_cjk(forms: _Forms, name: str) -> None:
    """A name in Chinese, Japanese or Korean characters: whole, and without its legal form. Two characters are weak."""
    bare = re.sub(r"[\s·・]", " ", name).strip()
    for text in dict.fromkeys((bare, _CJK_LEGAL.sub("", bare).strip())):
        tokens = fold_key(text).split()
        if len(tokens) >= 2:
            long_enough = len(tokens) >= 3 or forms.entity.schema is not Schema.PERSON
            forms.add(tokens, Strength.STRONG if long_enough else Strength.WEAK, "name", name)


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
    """The folded tokens of a person's name, given names first, and those that are certainly family names ("SERBIN, Andrei")."""
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
    if len(_units(tokens)) == 1:
        _add_single(forms, tokens, source)
        return
    _add_person_tokens(forms, tokens, family, source)
    if has_cyrillic(" ".join(tokens)):
        _add_person_tokens(forms, [to_latin(token) for token in tokens], [to_latin(token) for token in family], source)


def _add_person_tokens(forms: _Forms, tokens: list[str], family: list[str], source: str) -> None:
    given = forms.terms.given
    units = [unit for unit in _units(tokens)]
    kept = [unit for at, unit in enumerate(units) if not (0 < at and len(units) > 2 and _PATRONYMIC.match(unit[-1]) and unit[-1] not in family)]
    nickname = all(token in forms.terms.nobody and token not in forms.terms.given for token in tokens) and len(source.split()) > 1
    forms.add(tokens, Strength.WEAK if nickname and source != forms.entity.caption else Strength.STRONG, "name", source)
    if nickname and source != forms.entity.caption:
        return
    if len(kept) < 2:
        kept = units
    first, last, middle = kept[0], kept[-1], kept[1:-1]
    pairs: list[list[list[str]]] = [kept, [first, last], [last, first], [last, *kept[:-1]]]
    countries = set(forms.entity.countries)
    if middle:
        pairs += [kept[-2:]] if len(kept) == 3 else []
        pairs += [kept[: at + 1] for at in range(1, len(kept) - 1) if kept[at][-1] not in given]
        pairs += [[first, unit] for unit in middle if unit[-1] not in given]
        pairs += [[first, unit, last] for unit in middle] if len(kept) > 3 else []
    for pair in pairs:
        flat = [token for unit in pair for token in unit]
        whole = pair is kept
        vague = not whole and all(unit[-1] in given for unit in pair)
        _add_with_articles(forms, flat, Strength.WEAK if vague else Strength.STRONG, "name" if whole else "given and family name", source)
    flat = [token for unit in kept for token in unit]
    for at in range(len(flat) - 1):
        if len(flat) > 2 and len(flat[at]) + len(flat[at + 1]) <= 13:
            forms.add([*flat[:at], flat[at] + flat[at + 1], *flat[at + 2 :]], Strength.STRONG, "written together", source)
    if len(first[0]) > 1 and len(last[-1]) > 2:
        forms.add([first[0][0], *last], Strength.WEAK, "initial and family name", source)
        if middle:
            forms.add([first[0][0], middle[0][0][0], *last], Strength.STRONG, "initials and family name", source)
    _add_surname(forms, kept, family, countries, source)


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


def _surname_units(kept: list[list[str]], family: list[str], countries: set[str]) -> list[list[str]]:
    terms = load_terms()
    if family:
        return [[token for token in family if token not in ("jr", "sr")]]
    if countries & _FAMILY_FIRST and kept[0][-1] in terms.family_first:
        return [kept[0]]
    if len(kept) >= 3 and countries & _SPANISH and kept[-2][-1] not in terms.given:
        return [kept[-2], [*kept[-2], *kept[-1]]]
    return [kept[-1]]


def _add_surname(forms: _Forms, kept: list[list[str]], family: list[str], countries: set[str], source: str) -> None:
    terms = forms.terms
    for unit in _surname_units(kept, family, countries):
        core = [token for token in unit if token not in _ARABIC_ARTICLES] or unit
        words = [token for token in core if token not in _JOINED]
        alone = all(terms.is_distinctive(token) and token not in terms.common_surnames for token in words) and len("".join(core)) >= 4
        for tokens in {tuple(unit), tuple(core)}:
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
    return 1 < len(letters) <= 6 and letters.isascii() and (letters.isupper() or sum(map(str.isupper, letters)) >= len(letters) - 1 > 1)


def _strip_legal(tokens: list[str]) -> list[str]:
    legal = load_terms().legal_forms
    end, start = len(tokens), 0
    while end > 1 and (tokens[end - 1] in legal or tokens[end - 1] == "and"):
        end -= 1
    # "A O", "S A L" with blanks for dots are rare; a form in front is Russian or Ukrainian ("OOO Gefest-M", "PJSC Sovcomflot").
    while start < end - 1 and tokens[start] in legal and len(tokens[start]) > 1 and tokens[start] not in ("as", "at", "se", "sa", "company"):
        start += 1
    return tokens[start:end]


def _add_organisation(forms: _Forms, name: str, source: str = "") -> None:
    source = source or name
    inline = fold_key(_BRACKETS.sub(r" \1 ", name)).split()
    bare = fold_key(_BRACKETS.sub(" ", name)).split()
    for tokens in (inline, bare):
        if tokens and tokens[0] == "the" and len(tokens) > 1:
            tokens = tokens[1:]
        if not tokens:
            continue
        core = _strip_legal(tokens)
        forms.add(tokens, _organisation_strength(forms, tokens, name), "name", source, upper=_is_acronym(name))
        if core != tokens:
            forms.add(core, _organisation_strength(forms, core, name), "without legal form", source, upper=len(core) == 1 and _is_acronym(core[0].upper()) and core[0].upper() in name and len(core[0]) <= 4)
        _add_shortened(forms, core, source, whole=tokens)
        _add_without_lead(forms, core, source)
        _add_country_forms(forms, core, source)
        _add_respaced(forms, core, name, source)


def _organisation_strength(forms: _Forms, tokens: list[str], name: str) -> Strength:
    terms = forms.terms
    if forms.entity.schema is Schema.PUBLIC_BODY and " ".join(tokens) in terms.country_of:
        return Strength.STRONG
    if len(tokens) == 1:
        token = tokens[0]
        if _is_acronym(name):
            return Strength.STRONG if len(token) >= 4 and terms.is_distinctive(token) else Strength.WEAK
        return Strength.STRONG if terms.is_distinctive(token) and len(token) >= 4 else Strength.WEAK
    if len(tokens) == 2 and all(token in terms.titles or token in terms.calendar or token in terms.particles for token in tokens):
        return Strength.WEAK
    return Strength.STRONG


def _add_shortened(forms: _Forms, core: list[str], source: str, *, whole: list[str]) -> None:
    """Without the generic words and places at its end, step by step: "Dandong Zhicheng Metallic", "Dandong Zhicheng"; then what is
    distinctive alone, "Zhicheng", which needs the full name nearby unless nothing else is called so."""
    terms = forms.terms
    tokens = list(core)
    while len(tokens) > 1 and (tokens[-1] in terms.trailing or tokens[-1] in terms.legal_forms or (tokens[-1] in terms.places and tokens[-2] not in ("of", "de", "du", "di"))):
        tokens = tokens[:-1]
        while len(tokens) > 1 and tokens[-1] in ("and", "of", "for", "the", "de", "y"):
            tokens = tokens[:-1]
        distinctive = [token for token in tokens if terms.is_distinctive(token)]
        if len(tokens) == 1:
            break
        strong = bool(distinctive) or len(tokens) > 2
        forms.add(tokens, Strength.STRONG if strong else Strength.WEAK, "shortened name", source, alone=bool(distinctive) or len(tokens) > 2)
    if len(whole) < 2 or not core:
        return
    lead = next((token for token in core if token not in terms.places), core[0])
    if terms.is_distinctive(lead) and len(lead) >= 4 and lead in core[:2]:
        rest = core[core.index(lead) + 1 :]
        forms.add([lead], Strength.WEAK, "first distinctive word", source, alone=(len(lead) >= 5 or lead.upper() in source) and not any(map(terms.is_distinctive, rest)))
    elif len(core) > 1 and lead == core[0] and len(lead) >= 4 and lead not in terms.places:
        forms.add([lead], Strength.WEAK, "first word", source, alone=False)


_LEADING_ARTICLES = frozenset("the la el los las le les der die das il al".split())


def _add_without_lead(forms: _Forms, core: list[str], source: str) -> None:
    """Without what stands in front: an article ("Familia Michoacana"), a place ("Luqing Petrochemical" of Shandong), a country
    that the article must then name ("Morality Police")."""
    terms = forms.terms
    if len(core) >= 3 and core[0] in _LEADING_ARTICLES:
        forms.add(core[1:], Strength.STRONG, "without its article", source)
    if len(core) >= 3 and core[-1].isdigit() and len(core[-1]) >= 3:
        forms.add(core[-2:], Strength.STRONG, "shortened name", source)
    for size in (3, 2, 1):
        lead = " ".join(core[:size])
        if lead in terms.country_of and len(core) - size >= 2:
            generic = not any(terms.is_distinctive(token) for token in core[size:])
            forms.add(core[size:], Strength.WEAK if generic else Strength.STRONG, "without its country" if generic else "without its place", source)
            return
    if core[0] in terms.places:
        for at in (1, 2):
            rest = core[at:]
            if len(rest) >= 2 and terms.is_distinctive(rest[0]):
                forms.add(rest, Strength.STRONG, "without its place", source)
                _add_shortened(forms, rest, source, whole=core)


def _add_respaced(forms: _Forms, core: list[str], name: str, source: str) -> None:
    """"JPMorgan" is also "J.P. Morgan", "Silver Star" also "Silverstar"."""
    split = fold_key(re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])", " ", name)).split()
    split = _strip_legal(split) if split else []
    if len(split) > len(core):
        forms.add(split, Strength.STRONG, "written apart", source)
        if "".join(split[:2]) == core[0]:
            forms.add(split[:2], Strength.STRONG, "written apart", source)
    if len(core) == 2 and all(len(token) > 2 for token in core):
        forms.add(["".join(core)], Strength.STRONG, "written together", source)


_STATE_WORDS = frozenset("the republic islamic people peoples democratic federal federative united kingdom state of bolivarian socialist arab".split())


def _country_in(tokens: list[str]) -> str | None:
    """The country that the end of a name tells, "the Republic of Belarus" like "Belarus"."""
    country_of = load_terms().country_of
    for at in range(len(tokens)):
        if all(token in _STATE_WORDS for token in tokens[:at]):
            code = country_of.get(" ".join(tokens[at:]))
            if code is not None:
                return code
    return None


def _add_country_forms(forms: _Forms, core: list[str], source: str) -> None:
    """"Central Bank of Iran" is also "Iran's central bank" and "Iranian Central Bank", and, once Iran is named, "Central Bank"."""
    terms = forms.terms
    if len(core) < 3 or "of" not in core[1:-1]:
        return
    head, code = core, None
    for at in range(1, len(core) - 1):
        if core[at] == "of" and (code := _country_in(core[at + 1 :])) is not None:
            head = core[:at]
            break
    if code is None or code not in terms.countries:
        return
    for name in (*terms.countries[code], *terms.peoples[code]):
        forms.add([*name.split(), *head], Strength.STRONG if len(head) > 1 else Strength.WEAK, "country's name first", source)
    for name in terms.countries[code]:
        forms.add([*head, "of", *name.split()], Strength.STRONG, "another name of the country", source)
        forms.add([*head, "of", "the", *name.split()], Strength.STRONG, "another name of the country", source)
    if len(head) > 1:
        forms.add(head, Strength.WEAK, "without its country", source, alone=len(head) > 2)


def _add_vessel(forms: _Forms, name: str) -> None:
    tokens = fold_key(_VESSEL_PREFIX.sub("", name)).split()
    if not tokens:
        return
    plain = len(tokens) == 1 and not (forms.terms.is_distinctive(tokens[0]) and len(tokens[0]) >= 5)
    forms.add(tokens, Strength.WEAK if plain else Strength.STRONG, "name", name)


# ---------------------------------------------------------------- the index


def _padded(text: str) -> str:
    return f" {text.replace(' ', '  ')} "


def _searched_as_variant(form: NameForm) -> bool:
    """Other spellings are looked for only where enough consonants speak."""
    if not form.alone or form.upper or _CJK.search(form.text):
        return False
    bones = skeleton(_padded(form.text)).replace(" ", "")
    if " " in form.text:
        return len(bones) >= 4 and form.strength is not Strength.WEAK
    return len(form.text) >= 6 and len(bones) >= 3 and (form.strength is not Strength.WEAK or form.how == "surname")


class _Layer:
    """Automata over a set of entities, never changed. Owners are numbers, forms are made again when hit: a million names
    stay small."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self.keys: list[str] = []
        self.entities: list[Entity] = []
        patterns: dict[str, int] = {}
        variants: dict[str, int] = {}
        self.owners: list[int | tuple[int, ...]] = []
        self.variant_owners: list[int | tuple[int, ...]] = []
        self.identifiers: dict[str, tuple[int, ...]] = {}
        for number, entity in enumerate(entities):
            self.keys.append(entity.key)
            self.entities.append(entity)
            for identifier in identifiers_of(entity):
                self.identifiers[identifier] = (*self.identifiers.get(identifier, ()), number)
            for form in name_forms(entity):
                if form.alone:
                    _own(patterns, self.owners, _padded(form.text), number)
                    if _searched_as_variant(form):
                        for bones in skeletons(_padded(form.text)):
                            _own(variants, self.variant_owners, bones, number)
        self.exact = AhoCorasick(patterns) if patterns else None
        self.variants = AhoCorasick(variants, matchkind=MatchKind.LeftmostLongest) if variants else None


def _own(patterns: dict[str, int], owners: list[int | tuple[int, ...]], pattern: str, number: int) -> None:
    at = patterns.setdefault(pattern, len(owners))
    if at == len(owners):
        owners.append(number)
        return
    known = owners[at]
    if isinstance(known, int):
        if known != number:
            owners[at] = (known, number)
    elif known[-1] != number:
        owners[at] = (*known, number)


@lru_cache(maxsize=20_000)
def _forms_by_text(entity: Entity) -> Mapping[str, NameForm]:
    return {form.text: form for form in name_forms(entity)}


@lru_cache(maxsize=20_000)
def _forms_by_skeleton(entity: Entity) -> Mapping[str, tuple[NameForm, ...]]:
    out: dict[str, tuple[NameForm, ...]] = {}
    for form in _forms_by_text(entity).values():
        if _searched_as_variant(form):
            for bones in skeletons(_padded(form.text)):
                out[bones] = (*out.get(bones, ()), form)
    return out


@lru_cache(maxsize=50_000)
def _variant_form(entity: Entity, written: tuple[str, ...]) -> NameForm | None:
    """The entity's form that these folded tokens are another spelling of."""
    text = " ".join(written)
    if text in _forms_by_text(entity):
        return None
    forms = _forms_by_skeleton(entity).get(skeleton(_padded(text)), ())
    return next((form for form in forms if is_spelling_of(written, form.tokens)), None)


class NameIndex:
    """Finds every tracked name in a folded text. Made once for a watchlist; a changed entity goes into a small second
    layer (`with_changes`), so an edit costs no new automaton over all names."""

    def __init__(self, layers: tuple[_Layer, ...], entities: Mapping[str, Entity], where: Mapping[str, int]) -> None:
        self.entities: Mapping[str, Entity] = entities
        self._layers = layers
        self._terms = load_terms()
        self._where = where  # entity key -> the layer that holds its present state

    @classmethod
    def compile(cls, entities: Iterable[Entity]) -> NameIndex:
        known = {entity.key: entity for entity in entities}
        return cls((_Layer(known.values()),), known, dict.fromkeys(known, 0))

    def with_changes(self, changed: Iterable[Entity] = (), removed: Iterable[str] = ()) -> NameIndex:
        """The index after an edit of the watchlist. All changed since `compile` are in one second layer."""
        known = dict(self.entities)
        where = dict(self._where)
        for key in removed:
            known.pop(key, None)
            where.pop(key, None)
        for entity in changed:
            known[entity.key] = entity
            where[entity.key] = 1
        top = _Layer(known[key] for key, layer in where.items() if layer == 1)
        return NameIndex((self._layers[0], top), known, where)

    def forms_of(self, key: str) -> Mapping[str, NameForm]:
        """An entity's forms by their folded text."""
        return _forms_by_text(self.entities[key])

    def find_exact(self, folded: str) -> Iterator[Hit]:
        """Every form in a folded text, those inside longer ones too, for each entity that has it."""
        for number, layer in enumerate(self._layers):
            if layer.exact is None:
                continue
            for pattern, start, end in layer.exact.find_matches_as_indexes(folded, overlapping=True):
                text = folded[start:end].strip().replace("  ", " ")
                for key in self._owners(number, layer.owners[pattern]):
                    form = self.forms_of(key).get(text)
                    if form is not None:
                        yield Hit(start, end, key, form, False)

    def find_variants(self, folded: str) -> Iterator[Hit]:
        """Spans that have a form's consonants, and are to be verified (`spelling.is_spelling_of`)."""
        found: list[tuple[int, int, int, str]] = []
        bones = ""
        for number, layer in enumerate(self._layers):
            if layer.variants is not None:
                bones = bones or skeleton(folded)
                for pattern, start, end in layer.variants.find_matches_as_indexes(bones):
                    first, count = bones.count(" ", 0, start) // 2, bones.count(" ", start, end) // 2
                    found.extend((first, count, number, key) for key in self._owners(number, layer.variant_owners[pattern]))
        if not found:
            return
        tokens = folded.split()
        common, given = self._terms.common, self._terms.given
        ats: list[int] = []
        for first, count, _, key in dict.fromkeys(found):
            written = tokens[first : first + count]
            if len(written) < count or all(token in common and token not in given for token in written):
                continue
            form = _variant_form(self.entities[key], tuple(written))
            if form is not None:
                ats = ats or list(accumulate((len(token) + 2 for token in tokens), initial=0))
                yield Hit(ats[first], ats[first + count], key, form, True)

    def find_identifiers(self, text: str) -> Iterator[tuple[int, int, str]]:
        """(start, end, entity key) of identifiers in an unfolded text. Seven digits need an IMO number's check digit or the word."""
        if not any(layer.identifiers for layer in self._layers):
            return
        end = 0
        for digit in _DIGITS.finditer(text):
            if digit.start() < end:
                continue
            start, end = digit.span()
            while start and text[start - 1].isascii() and text[start - 1].isalnum():
                start -= 1
            if end - start < MIN_IDENTIFIER:
                continue
            value = _identifier_key(text[start:end])
            for number, layer in enumerate(self._layers):
                owners = layer.identifiers.get(value)
                if owners and (len(value) != 7 or not value.isdigit() or is_imo_number(value) or _says_imo(text, start)):
                    for key in self._owners(number, owners):
                        yield start, end, key

    def _owners(self, layer: int, owners: int | tuple[int, ...]) -> Iterator[str]:
        keys = self._layers[layer].keys
        for owner in (owners,) if isinstance(owners, int) else owners:
            key = keys[owner]
            if self._where.get(key) == layer:
                yield key


def _says_imo(text: str, start: int) -> bool:
    return "imo" in text[max(0, start - 24) : start].lower()
