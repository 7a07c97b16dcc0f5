"""Who may be tracked twice: on one watchlist, by two spellings of one name.

"ORLENKO, John Mark" and John Mark Orlenko, Роснефть and PJSC Rosneft, Surgutneftegas and Surgutneftegaz. What an
article says of one holds for the other too: else whoever asked for the other would be told nothing. Where a kind, a
country, a number or a link tells two apart, they are none. A name that is a part of another, Gazprom of Gazprom Neft,
makes no twin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.fuzz import ratio
from rigour.names import extract_org_types

from bot.identifiers import LIST_ID
from bot.matching.forms import BRACKETS, NameForm
from bot.matching.legal_forms import core_of
from bot.matching.names import Hit, NameIndex
from bot.matching.spelling import to_latin
from bot.model import Entity, Schema, Strength
from bot.text.folding import fold_key

_WHOLE = ("name", "without legal form", "written together")  # forms that are the name itself
_TWO_OF_MORE = "given and family name"
_AS_LIKE = 85  # of 100: RussNeft is 80 like Rosneft, Surgutneftegaz 93 like Surgutneftegas
_BODIES = frozenset((Schema.COMPANY, Schema.ORGANIZATION, Schema.PUBLIC_BODY, Schema.LEGAL_ENTITY))
_CRAFT = frozenset((Schema.VESSEL, Schema.AIRPLANE))  # of which many have nearly one name
_ANYBODY = frozenset((Schema.PERSON, Schema.LEGAL_ENTITY))
# Legal forms, as rigour calls them, that one firm has in one language or another: ООО Foo is Foo LLC and Foo Ltd. Foo
# GmbH and Foo B.V. are two.
_TRANSLATED = frozenset("ao oao zao pao jsc ojsc pjsc cjsc ooo too tov llc ltd coltd".split())
_ONE_OF_EACH = frozenset(("imoNumber", "leiCode", "innCode", "ogrnCode"))  # nobody has two


def find_twins(key: str, index: NameIndex) -> tuple[str, ...]:
    """The keys of those on its watchlist who may be this entity of `index` by another spelling of its name."""
    known = index.twins.get(key)
    if known is None:
        known = index.twins[key] = tuple(dict.fromkeys(_find_twins(index.entities[key], index)))
    return known


def _find_twins(entity: Entity, index: NameIndex) -> Iterator[str]:
    for form in index.forms_of(entity.key).values():
        if not _is_whole(form, entity):
            continue
        for key, theirs in _spelt_so(form.text, index):
            other = index.entities[key]
            # "Andrey Guryev" is a part of the names of father and son, and of neither the whole
            is_full = _is_full(form) or _is_full(theirs)
            if is_full and _is_whole(theirs, other) and may_be_twins(entity, other):
                yield key


def _is_whole(form: NameForm, entity: Entity) -> bool:
    """How its own name is searched for, in other scripts too; not what a surname, initials or a first word make of it,
    which namesakes share."""
    if form.strength is not Strength.STRONG or form.upper or form.source != entity.caption:
        return False
    if entity.schema in _CRAFT:
        return form.how == "name"  # "Fly Free" and "Flyfree" are two ships
    in_brackets = fold_key(" ".join(BRACKETS.findall(entity.caption))).split()  # "Foo (Beijing) Ltd." is not Foo Ltd.
    return (form.how in _WHOLE or _is_turned(form)) and set(in_brackets) <= set(form.tokens)


def _is_full(form: NameForm) -> bool:
    """Whether nothing but its legal form is left out."""
    return len(form.tokens) >= len(core_of(form.source))


def _is_turned(form: NameForm) -> bool:
    """ "Orlenko Oleg", of Oleg Orlenko."""
    return form.how == _TWO_OF_MORE and sorted(form.tokens) == sorted(fold_key(form.source).split())


def _spelt_so(name: str, index: NameIndex) -> Iterator[tuple[str, NameForm]]:
    tokens = name.split()
    for hit in index.find(name):
        is_other = hit.variant and index.entities[hit.entity].schema in _CRAFT
        if (hit.first, hit.last) == (0, len(tokens) - 1) and not is_other and is_called(hit, tokens):
            yield hit.entity, hit.form


def is_called(hit: Hit, written: Sequence[str]) -> bool:
    """Whether what is written is the hit's name, or what one calls it by, and for one word much like it."""
    form = hit.form
    is_first_word = form.how == "first distinctive word" and form.alone and not hit.variant
    if not (form.how in (*_WHOLE, _TWO_OF_MORE) or is_first_word):
        return False
    return len(written) > 1 or not hit.variant or ratio(to_latin(written[0]), to_latin(form.text)) >= _AS_LIKE


def may_be_twins(one: Entity, other: Entity) -> bool:
    """Whether nothing but the name speaks on it, or what does is the same."""
    if one.key == other.key or one.watchlist != other.watchlist or not _are_of_a_kind(one.schema, other.schema):
        return False
    if one.countries and other.countries and set(one.countries).isdisjoint(other.countries):
        return False
    if any(link.other == b.key for a, b in ((one, other), (other, one)) for link in a.links):
        return False
    forms, others = _legal_forms(one.caption), _legal_forms(other.caption)
    if forms and others and forms.isdisjoint(others):
        return False
    return not _have_other_numbers(one, other)


def _legal_forms(name: str) -> frozenset[str]:
    name = name.casefold()
    kinds = dict(extract_org_types(name, generic=True))
    return frozenset(kinds[word] if form in _TRANSLATED else form for word, form in extract_org_types(name))


def _are_of_a_kind(one: Schema, other: Schema) -> bool:
    kinds = {one, other}
    return len(kinds) == 1 or kinds <= _BODIES or kinds <= _ANYBODY


def _have_other_numbers(one: Entity, other: Entity) -> bool:
    """ "Ocean Star" of two IMO numbers, or two entries of one official list."""
    ours, theirs = dict(_numbers(one)), dict(_numbers(other))
    return any(ours[kind] != theirs[kind] for kind in ours.keys() & theirs.keys())


def _numbers(entity: Entity) -> Iterable[tuple[str, str]]:
    for identifier in entity.identifiers:
        if identifier.kind in _ONE_OF_EACH:
            yield identifier.kind, identifier.value
        elif identifier.kind == LIST_ID:
            yield identifier.value.partition(":")[0], identifier.value
