"""Transliteration and spelling: Cyrillic in Latin letters, consonant skeletons, and whether two spellings are one name.

A skeleton keeps what transliterations agree on: `Mohammad`, `Muhammed` and `Мухаммада` are all `mt`. It only proposes;
`is_spelling_of` decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import product

from rapidfuzz.fuzz import ratio

__all__ = [
    "UKRAINIAN_GIVEN",
    "as_german_sounds",
    "cases_of",
    "declined",
    "hard_h",
    "has_cyrillic",
    "is_declined",
    "is_spelling_of",
    "looks_slavic",
    "names_of_kin",
    "nominatives",
    "skeleton",
    "to_latin",
    "with_j",
    "with_more_j",
    "with_z",
    "without_d",
    "without_m",
]

# Cyrillic after folding (й is и, ї is і, ё is е): the commonest English transliteration of each letter.
_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z", "и": "i", "і": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ђ": "dj", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz", "ѓ": "g", "ќ": "k", "ѕ": "dz",
}  # fmt: skip
_TO_LATIN = str.maketrans(_LATIN)
_CYRILLIC = re.compile("[а-џ]")
# Russian and Ukrainian case endings that bring a consonant; those of vowels alone fall out of a skeleton anyway.
# Not "ов", which ends a plural too, but far more often a family name; nor where a given name ends so itself: "Максим".
_END_IN_NAMES = (
    "макс вад арт ибраг кар рах сал хал герас анис евдок троф каз хак сел исл бахр баир руст акр хиш лл".split()
)
_CASE_ENDING = re.compile(
    "".join(f"(?<!{stem})" for stem in _END_IN_NAMES)
    + r"(?<=[а-џ]{3})(?:ого|его|ому|ему|ыми|ими|ами|ями|ым|им|ом|ем|ои|еи|ою|ею|ах|ях|ам|ям|их|ых"
    r"|ові|еві|єві|єм|єю|ии|ыи)(?= |$)"
)
_BARE_ENDING = re.compile(
    r"(?:ого|его|ому|ему|ыми|ими|ами|ями|ым|им|ом|ем|єм|ои|еи|ою|ею|єю|ах|ях|ам|ям|их|ых|ові|еві|єві|[аеєиіоуыюяьй])$"
)

_CLASSES = {
    **dict.fromkeys("aeiouyh'", None), "b": "b", "p": "p", "v": "f", "w": "f", "f": "f", "d": "t", "t": "t",
    "g": "k", "k": "k", "c": "k", "q": "k", "s": "s", "z": "s", "j": "s", "l": "l", "m": "m", "n": "n", "r": "r",
}  # fmt: skip
_SKELETON = str.maketrans(
    {
        **_CLASSES,
        **{
            letter: "".join(_CLASSES.get(c) or "" for c in latin.replace("kh", "h")) for letter, latin in _LATIN.items()
        },
    }
)
_DIGRAPHS = (
    ("x", "ks"), ("ph", "f"), ("dsch", "j"), ("tsch", "ch"), ("tch", "ch"), ("sch", "sh"), ("dzh", "j"), ("dj", "j"),
)  # fmt: skip
# Germans and Slavs write a "y" before a vowel as j, and a "ye" that begins a name, which others write "e".
_GLIDE = re.compile(r"y(?=[aeou])|^(?=e[^aeiou])")
_SOFT_GLIDE = re.compile(r"(?<![aeiouyj])i(?=[aou])")
_HARD_H = re.compile(r"(?<![kzcstgp])h")
_GERMAN_CH = re.compile("(?<!s)ch(?!s)")
_M_ENDING = re.compile(r"(?<=\w{3})[aeiouy]{1,2}m$|(?<=\w{3})[eo]vi$")
_LAST_GLIDE = re.compile(r"(?<=[aeiouy])j(?= |$)")  # "Sergej", "Nikolaj", "Selenskyj" are Sergei, Nikolai, Zelensky
_DOUBLES = tuple((letter * 2, letter) for letter in "bpftkslmnr")
_DOUBLE = re.compile(r"([bpftkslmnr])\1")


def has_cyrillic(text: str) -> bool:
    return not text.isascii() and _CYRILLIC.search(text) is not None


def to_latin(text: str) -> str:
    """Folded Cyrillic in Latin letters; other letters stay."""
    return text.translate(_TO_LATIN)


def with_j(token: str) -> str:
    """A folded Latin token as German writes it: "yevgeny", "evgeny" are "jevgeny", "podolyaka" is "podoljaka"."""
    return _GLIDE.sub("j", token)


def with_more_j(token: str) -> str:
    """The same where other transliterations write an i, or nothing: "podoliaka" is "podoljaka", "kureev" "kurejev", but
    "yulia" may stay "julia"."""
    return _SOFT_GLIDE.sub("j", with_j(token.replace("ee", "eje")))


def with_z(token: str) -> str:
    """A "ts" as Germans write it: "kuznetsov" is "kusnezow", "tsivilyov" "ziwiljow"."""
    return token.replace("ts", "z")


def hard_h(token: str) -> str:
    """A Ukrainian or Belarusian name with the г that its "h" is in Cyrillic, and a "g" in Russian: "ihor" is "igor"."""
    return _HARD_H.sub("g", token)


def as_german_sounds(token: str) -> str:
    """A German name as Cyrillic letters have its sounds: "ulrich" is Ульрих, "merz" Мерц."""
    return _GERMAN_CH.sub("h", token).replace("tz", "z").replace("z", "ts")


def without_d(token: str) -> str:
    """A "dch" as others write it: "medvedchuk" is also "medvetchuk", German "Medwetschuk"."""
    return token.replace("dch", "ch")


_SLAVIC_NAME = re.compile(
    r"(?:[oe]va?|sk(?:y|i|iy|yi|ii|aya)|enko|chuk|[iy]uk)$|(?:ovich|evich|ovych|evych|ovna|evna|ivna)$"
)

# Given names in Latin letters that are Ukrainian, and written with an h where Russian has a g.
UKRAINIAN_GIVEN = frozenset(
    """kostyantyn kostyantin kostiantyn oleksandr oleksii oleksiy volodymyr mykola serhii serhiy andrii andriy dmytro
    yevhen yevhenii oleh ihor mykhailo vasyl viktoriia olha iryna nataliia pavlo petro yurii yuriy vitalii vitaliy
    hryhorii ruslan""".split()
)


def looks_slavic(tokens: Sequence[str]) -> bool:
    """Do the folded words of a person's name end as Russian and Ukrainian ones do, are they Cyrillic, or is the first
    a given name of Ukraine?"""
    if any(map(has_cyrillic, tokens)) or not UKRAINIAN_GIVEN.isdisjoint(tokens[:1]):
        return True
    return any(len(token) > 4 and _SLAVIC_NAME.search(token) for token in tokens)


def without_m(token: str) -> str:
    """What is left of "gazprom", "eurokhim", "kulevi" where their ends are taken for those of a case."""
    return _M_ENDING.sub("", token)


def nominatives(token: str) -> frozenset[str]:
    """What a declined Cyrillic given name may be in Latin letters: "германа" is "german", "никиты" is "nikita"."""
    stem = _BARE_ENDING.sub("", token)
    return frozenset(to_latin(way) for way in (token, stem, stem + "а", stem + "я", stem + "и", stem + "еи"))


def names_of_kin(token: str) -> tuple[str, ...]:
    """A given or family name as it stands, and what a declined Cyrillic one may be: "олександра" is "олександр" and
    "oleksandr", "мария" is "maria"."""
    if not has_cyrillic(token):
        return tuple(dict.fromkeys((token, token.replace("x", "ks"), token.replace("ks", "x"))))  # "Alexandra"
    stem = _BARE_ENDING.sub("", token)
    ways = dict.fromkeys((token, stem, stem + "а", stem + "я", stem + "и", stem + "еи", stem + "ь"))
    latin = [to_latin(way) for each in ways for way in (each, each.replace("и", "ы"))]  # which is y in Ukrainian
    return tuple(dict.fromkeys((*ways, *latin, *(way.replace("iya", "ia") for way in latin))))


# What Russian and Ukrainian put in place of a word's last letters, by what those are (й is и here, ї is і): how many
# go, and what comes in the genitive, dative, accusative, instrumental and locative.
_ENDINGS = (
    (re.compile("[бвгджзклмнпрстфхцчшщ]$"), 0, ("а", "у", "а", "ом", "е"), ("а", "ові", "а", "ом", "і")),
    (re.compile("[иіеаэую]и$"), 1, ("я", "ю", "я", "ем", "е"), ("я", "єві", "я", "єм", "і")),
    (re.compile("ь$"), 1, ("я", "ю", "я", "ем", "е"), ("и", "и", "ь", "ью", "и")),
    (re.compile("о$"), 1, ("а", "у", "а", "ом", "і"), ("о", "о", "о", "о", "о")),
    (re.compile("а$"), 1, ("ы", "е", "у", "ои", "е"), ("и", "і", "у", "ою", "і")),
    (re.compile("я$"), 1, ("и", "е", "ю", "еи", "е"), ("і", "і", "ю", "єю", "і")),
)


def declined(tokens: Sequence[str]) -> list[list[str]]:
    """Folded Cyrillic tokens in the other cases, all of them in one: "редут" is "редута", "редуту", "редутом" …"""
    ways = (way for case in zip(*map(_cases, tokens), strict=True) for way in product(*case))
    return [list(way) for way in dict.fromkeys(ways) if way != tuple(tokens)]


def cases_of(token: str, language: str) -> list[str]:
    """A folded Cyrillic token in the other cases of Russian ("ru") or Ukrainian."""
    return [ways[0 if language == "ru" else -1] for ways in _cases(token)]


def _cases(token: str) -> list[tuple[str, ...]]:
    """For each case the word as Russian and as Ukrainian have it."""
    for last, cut, *endings in _ENDINGS:
        if last.search(token):
            stem = token[: len(token) - cut]
            return [tuple(dict.fromkeys(stem + ending for ending in case)) for case in zip(*endings, strict=True)]
    return [(token,)] * 5


def skeleton(folded: str) -> str:
    """The consonant skeleton of a folded text, token by token: its blanks stay, so tokens can be counted."""
    return _bare_skeleton(_CASE_ENDING.sub("", folded) if has_cyrillic(folded) else folded)


def _bare_skeleton(folded: str) -> str:
    folded = folded.replace("дж", "ж")
    for pair, single in _DIGRAPHS:
        folded = folded.replace(pair, single)
    if "j" in folded:
        folded = _LAST_GLIDE.sub("", folded)
    out = folded.translate(_SKELETON)
    if _DOUBLE.search(out) is not None:
        for pair, single in _DOUBLES:
            out = out.replace(pair, single).replace(pair, single)
    return out


_PHONETIC = (
    ("dsch", "j"), ("tsch", "ch"), ("tch", "ch"), ("sch", "sh"),
    ("kh", "h"), ("gh", "g"), ("q", "k"), ("ck", "k"), ("ph", "f"),
    ("dzh", "j"), ("dj", "j"), ("ou", "u"), ("oo", "u"), ("ee", "i"),
    ("ey", "ei"), ("ay", "ai"), ("iy", "i"), ("yy", "i"), ("ij", "i"), ("y", "i"), ("ii", "i"), ("w", "v"), ("x", "ks"),
    ("ts", "c"), ("tz", "c"),
)  # fmt: skip
_VOWEL = re.compile(r"([aeiouyаеиоуыэюяіє])")
_HARD_C = re.compile("c(?![eihky])")
_REPEATED = re.compile(r"(.)\1+")


@lru_cache(maxsize=50_000)
def _phonetic(token: str) -> str:
    for written, sound in _PHONETIC:
        token = token.replace(written, sound)
    return _REPEATED.sub(r"\1", token)


def _similarity(written: str, name: str, *, by_vowels: bool, hard_c: bool = False) -> float:
    """0 to 100 for two folded tokens of equal skeleton; a Cyrillic one may carry a case ending. `hard_c`: a c may be
    its к, "Cavcaliuc" Кавкалюк; of single words it proves too little, Віктор is no Victory."""
    if written == name or written == _without_h(name):  # "Șor" is Shor, "Şahin" Shahin
        return 100.0
    if _consonants(written).isdisjoint(_consonants(name)):
        return 0.0
    if hard_c and has_cyrillic(written) and "c" in name:
        name = _HARD_C.sub("k", name)
    plain = _phonetic(to_latin(name))
    best = ratio(_phonetic(to_latin(written)), plain)
    if "j" in written and "j" not in name:
        best = max(
            best, ratio(_phonetic(written.removeprefix("j")), plain), ratio(_phonetic(written.replace("j", "y")), plain)
        )
    elif "j" in name and "j" not in written:
        best = max(best, ratio(_phonetic(to_latin(written)), _phonetic(to_latin(name).replace("j", "y"))))
    if by_vowels:
        best = max(best, ratio(_vowels(written), _vowels(name)))
    if has_cyrillic(written) and best < 100.0:
        if written.startswith("льв") and to_latin(name) == "lev":  # the one given name that loses its vowel
            return 100.0
        stem = _phonetic(to_latin(_BARE_ENDING.sub("", written)))
        best = max(
            best,
            ratio(stem, plain),
            ratio(stem, _phonetic(to_latin(_BARE_ENDING.sub("", name)))),
            ratio(stem, plain[: len(stem)]) - 5,
        )
    return best


def _without_h(name: str) -> str:
    """What a name is without the marks of letters that stand for sh, ch and zh: "Șor", "Šakić", "Živković"."""
    return name.replace("sh", "s").replace("ch", "c").replace("zh", "z")


@lru_cache(maxsize=50_000)
def _vowels(token: str) -> str:
    """As it sounds where e is i and o is u, as in Arabic names: "Hizbollah", "Hezbollah"."""
    return _REPEATED.sub(r"\1", _phonetic(to_latin(token)).replace("ei", "ai").replace("e", "i").replace("o", "u"))


@lru_cache(maxsize=50_000)
def _consonants(token: str) -> frozenset[str]:
    """Skeletons in which two like consonants with a vowel between stay two: "Potanin" is not "Putin"."""
    bare = _CASE_ENDING.sub("", token) if has_cyrillic(token) else token
    bare = bare.removesuffix("ов") if token.endswith("ов") and len(token) > 7 else bare
    ways = {token, bare, *(bare.replace("kh", sound) for sound in ("h", "j")), bare.replace("sh", "ch")}
    if token.startswith("chr"):
        ways.add("h" + token[2:])
    if token.isascii():
        ways |= {with_j(token), with_more_j(token), token.replace("j", "y"), hard_h(token)}
        ways |= {with_z(way) for way in ways} if "ts" in token else set()
        ways |= {without_d(way) for way in ways} if "dch" in token else set()
        ways |= {as_german_sounds(token)}
    return frozenset(_bare_skeleton(_VOWEL.sub(r"|\1", way)).replace("|", "") for way in ways)


def _ending(token: str) -> str:
    """The last vowel, where it makes another name: "Karami" is not "Karam", "Putina" not "Putin"."""
    last = token.rstrip("h'")[-1:].replace("y", "i").replace("j", "i")
    return last if last in ("a", "i") and len(token) > 3 else ""


def is_spelling_of(written: Sequence[str], name: Sequence[str]) -> bool:
    """Are the folded tokens that a text has a spelling of these name tokens? Their skeletons are known to be equal."""
    if len(written) != len(name):
        return False
    total, declined = 0.0, any(map(has_cyrillic, written))
    if not declined and not has_cyrillic(name[-1]) and _ending(written[-1]) != _ending(name[-1]):
        return False
    for have, want in zip(written, name, strict=True):
        size = min(len(have), len(want))
        by_vowels = size > 7 if len(name) == 1 else size <= 5
        similar = _similarity(have, want, by_vowels=by_vowels, hard_c=len(name) > 1)
        if similar < (99.0 if size <= 3 else 62.0 if declined else 65.0 if size > 5 else 80.0):
            return False
        total += similar * len(want)
    return total / sum(map(len, name)) >= (75.0 if len(name) > 1 else 84.0 if declined else 92.0)


_LAST_VOWEL = re.compile(r"[aeiouy]+$|[аеєиіоуыюяь]+$")


def is_declined(written: Sequence[str], name: Sequence[str]) -> bool:
    """Are Cyrillic tokens those of a name, letter by letter but for an ending: "Мечела" of Мечел and of Mechel?"""
    if len(written) != len(name) or not all(map(has_cyrillic, written)):
        return False
    return all(map(_is_declined_word, written, name))


def _is_declined_word(written: str, name: str) -> bool:
    own = written if has_cyrillic(name) else to_latin(written)
    if own == name:
        return True
    stem = _BARE_ENDING.sub("", written)
    bare = _LAST_VOWEL.sub("", name)
    return len(stem) > 2 and (stem if has_cyrillic(name) else to_latin(stem)) in (name, bare)


_FIRST_VOWEL = re.compile("[aeiou]")


def begins_otherwise(written: str, name: str) -> bool:
    """Has a Cyrillic word о where the Latin name that was made of a Cyrillic one has u, or the other way round, as
    first vowel? "Роснефть" is no RussNeft. Of names from Arabic or Persian it says nothing: Osama is Усама."""
    if not has_cyrillic(written) or has_cyrillic(name):
        return False
    first = [found[0] if (found := _FIRST_VOWEL.search(to_latin(word))) else "" for word in (written, name)]
    return set(first) == {"o", "u"}
