"""How like two names of organisations or vessels are: what legal forms, generic words, places and numbers weigh."""

from __future__ import annotations

from collections.abc import Sequence

from rigour.names import Alignment, Name, NamePart, NamePartTag, SymbolCategory

from bot.lookups.weighing import How, Read, Weighing, first_letters, most_by_sound, most_of_one_word


class OrganisationWeighing(Weighing):
    """Legal forms count next to nothing, generic words ("bank", "trading") a little, places and numbers much; what is a
    name of its own must fit."""

    def __init__(self, one: Read, other: Read, *, is_thing: bool) -> None:
        super().__init__(one, other)
        self.is_thing = is_thing
        self.kinds = one.kinds, other.kinds
        self.acronyms = one.acronyms, other.acronyms

    def takes(self, alignment: Alignment) -> bool:
        return alignment.symbol is not None and alignment.symbol.category != SymbolCategory.INITIAL

    def add_symbol(self, alignment: Alignment) -> None:
        left, right, symbol = alignment.qps, alignment.rps, alignment.symbol
        assert symbol is not None
        how = self.how(left, right)
        weight = _SYMBOL_WEIGHTS.get(symbol.category.value, 1.0) * max(1, min(len(left), len(right)))
        what = "place" if symbol.category == SymbolCategory.LOCATION else ""
        if how is How.EQUAL:
            self.part(left, right, How.EQUAL, 1.0, weight, what)
        elif symbol.category == SymbolCategory.ORG_CLASS:
            self.part(left, right, How.LEGAL, 1.0, 0.15)
        elif symbol.category == SymbolCategory.NUMERIC:
            self.part(left, right, How.NUMBER, 1.0, weight)
        elif max(len(left), len(right)) > 2 * min(len(left), len(right)) + 1:
            self.part(left, right, How.ACRONYM, 0.9, 1.0)
        else:
            self.part(left, right, How.TRANSLITERATED if how is How.TRANSLITERATED else How.WORD, 0.95, weight, what)

    def add_likeness(self, left: Sequence[NamePart], right: Sequence[NamePart], score: float, how: How) -> None:
        kinds = [self.kinds[0].get(part.index, "") for part in left] + [
            self.kinds[1].get(part.index, "") for part in right
        ]
        if any(part.numeric for part in (*left, *right)) and how is not How.EQUAL:
            self.part(left, right, How.DIFFERENT, 0.0, 1.5, "number")
            self.sum.bound(0.65)
            return
        if how is How.SPELLING:
            score *= first_letters(left, right)
        weight = min(_WEIGHTS.get(kind, 1.0) for kind in kinds) * max(1, min(len(left), len(right)))
        if len(left) == len(right) == 1 and min(len(left[0].comparable), len(right[0].comparable)) == 1:
            weight = 0.4
        self.part(left, right, how, score, weight, "place" if "LOC" in kinds else "")

    def judge_rest(self) -> None:
        self.pair_acronym()
        self.drop_own_acronyms()
        self.pair_shortened()
        left = [(part, self.kinds[0].get(part.index, "")) for part in self.left]
        right = [(part, self.kinds[1].get(part.index, "")) for part in self.right]
        for kind, what in (
            ("NUM", "number"),
            ("LOC", "place"),
            ("", "name"),
            ("generic", "word"),
            ("formal", "word"),
            ("LEGAL", "legal form"),
        ):
            self.judge_kind(kind, what, [p for p, k in left if k == kind], [p for p, k in right if k == kind])
        for side, parts in ((0, left), (1, right)):
            for part, kind in parts:
                if kind == "STOP":
                    self.missing(side, part, 0.02, "")
        self.set_bounds()

    def judge_kind(self, kind: str, what: str, left: list[NamePart], right: list[NamePart]) -> None:
        if not left and not right:
            return
        both = min(len(left), len(right))
        for one, other in zip(left[:both], right[:both], strict=True):
            self.part([one], [other], How.DIFFERENT, 0.0, _DIFFERING[kind], what)
            if kind in _DIFFERING_MOST:
                self.sum.bound(_DIFFERING_MOST[kind])
        for side, parts in ((0, left[both:]), (1, right[both:])):
            many = sum(part.score >= 0.8 and part.weight >= 1 for part in self.sum.parts) >= 2
            for part in parts:
                self.missing(side, part, (_MISSING_OF_MANY if many else _MISSING)[kind], what)
                if kind == "NUM":
                    self.sum.bound(0.75)

    def pair_acronym(self) -> None:
        """'VTB' and 'Vneshtorgbank' is beyond us; 'NIOC' and 'National Iranian Oil Company' is not. Two words of
        capitals mean many things, so it needs support: another part that fits, or five letters."""
        for side, parts in enumerate((self.left, self.right)):
            rest = self.right if side == 0 else self.left
            for part in list(parts) if self.acronyms[side] else ():
                spelt = _initials_of(part, rest) if part.index in self.acronyms[side] else []
                if spelt:
                    has_support = any(found.score >= 0.8 and found.weight >= 0.4 for found in self.sum.parts)
                    score = 0.85 if has_support or len(spelt) >= 5 else 0.7
                    one, other = ([part], spelt) if side == 0 else (spelt, [part])
                    self.pair(one, other, score, How.ACRONYM)
                    return

    def drop_own_acronyms(self) -> None:
        """'UAC United Aircraft Corporation': the acronym says nothing new."""
        for side, (parts, name) in enumerate(((self.left, self.one), (self.right, self.other))):
            for part in [part for part in parts if part.index in self.acronyms[side]]:
                if _initials_of(part, [other for other in name.parts if other is not part]):
                    parts.remove(part)
                    self.missing(side, part, 0.05, "acronym")

    def pair_shortened(self) -> None:
        """'Air' and 'Airlines', 'Tech' and 'Technologies', 'Iran' and 'Iranian'."""
        for part in list(self.left):
            for other in list(self.right):
                short, long = sorted((part.comparable, other.comparable), key=len)
                kinds = {self.kinds[0].get(part.index, ""), self.kinds[1].get(other.index, "")}
                is_word = len(short) >= 3 and long.startswith(short) and kinds & {"generic", "formal"}
                is_place = (
                    "LOC" in kinds and len(long) - len(short) <= 3 and long.startswith(short[: max(4, len(short) - 1)])
                )
                if is_word or is_place:
                    self.pair([part], [other], 0.9, How.WORD)
                    break

    def set_bounds(self) -> None:
        """A name of its own must fit: generic words alone make no firm."""
        parts = self.sum.parts
        own = [part for part in parts if part.score >= 0.6 and part.weight >= 0.7]
        lost = [part for part in parts if part.score == 0 and part.what == "name"]
        if not own and lost:
            self.sum.bound(0.5)
        self.sum.bound(most_of_one_word(own))
        self.sum.bound(most_by_sound([part for part in parts if part.score >= 0.6 and part.weight >= 0.4]))
        if self.is_thing and any(part.score == 0 and part.weight > 0.3 for part in parts):
            self.sum.bound(0.7)


# Symbols of rigour's for what is nearly a legal form.
_FORMAL = frozenset({"CO", "CORP", "GRP", "GOV", "HOLDING", "ENTERPRISE", "PRIVATE", "PUBLIC"})
_SYMBOL_WEIGHTS = {"ORGCLS": 0.15, "DOMAIN": 0.5, "SYMBOL": 0.4, "LOC": 0.8, "NUM": 1.0, "NAME": 1.0}

# What rigour has no symbol for.
_GENERIC_WORDS = frozenset(
    "material materials metallic tool tools commodity commodities foods textile textiles garment garments component "
    "components instrument instruments contracting software tanker tankers refinery refining cement freight "
    "comercializadora importadora exportadora operadora".split()
)

_WEIGHTS = {"LEGAL": 0.15, "STOP": 0.1, "formal": 0.2, "generic": 0.5, "LOC": 0.8, "NUM": 1.0, "": 1.0}
_MISSING = {"LEGAL": 0.04, "formal": 0.06, "generic": 0.4, "LOC": 0.3, "NUM": 0.8, "": 0.8}
_MISSING_OF_MANY = _MISSING | {"generic": 0.2, "": 0.5}  # where two names of their own fit
_DIFFERING = {"LEGAL": 0.12, "formal": 0.2, "generic": 0.6, "LOC": 1.6, "NUM": 2.0, "": 1.8}
_DIFFERING_MOST = {"NUM": 0.65, "LOC": 0.7, "": 0.72}


def kinds_of(name: Name) -> dict[int, str]:
    """What each part is: LEGAL, STOP, NUM, LOC, generic; absent: a name of its own."""
    found: dict[int, str] = {}
    for span in name.spans:
        kind = {"DOMAIN": "generic", "SYMBOL": "generic", "LOC": "LOC", "NUM": "NUM", "ORGCLS": "LEGAL"}.get(
            span.symbol.category.value
        )
        if kind:
            kind = "formal" if span.symbol.id in _FORMAL else kind
            for part in span.parts:
                is_sign = kind == "NUM" and len(span.parts) > 1 and not part.numeric  # the "No." of "No. 5"
                found[part.index] = "STOP" if is_sign else found[part.index] if _is_set(found, part) else kind
    for part in name.parts:
        if part.form in _GENERIC_WORDS:
            found.setdefault(part.index, "generic")
        if part.numeric:
            found[part.index] = "NUM"
        elif part.tag == NamePartTag.LEGAL:
            found[part.index] = found.get(part.index, "LEGAL") if found.get(part.index) == "NUM" else "LEGAL"
        elif part.tag == NamePartTag.STOP:
            found[part.index] = "STOP"
    return found


def _is_set(found: dict[int, str], part: NamePart) -> bool:
    return found.get(part.index) in ("formal", "STOP")


def _initials_of(part: NamePart, rest: Sequence[NamePart]) -> list[NamePart]:
    """The words of `rest` that `part`, which is in capitals, is the initials of; none if it is no acronym."""
    letters = part.comparable
    if len(letters) < 3:
        return []
    words = [other for other in rest if other.tag not in (NamePartTag.STOP, NamePartTag.LEGAL)]
    for chosen in (words, [other for other in rest if other.tag != NamePartTag.STOP]):
        if "".join(other.comparable[:1] for other in chosen) == letters:
            return list(chosen)
    return []
