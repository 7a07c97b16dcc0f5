"""Names in Latin letters as Chinese and Korean write them by their sound: 德里帕斯卡 and 데리파스카 are Deripaska,
트랜스아틀란틱 파트너스 is Transatlantic Partners. Chinese names as the characters that they are: 鲁清石化 is Luqing
Petrochemical, 王学清 Wang Xueqing.

Such a writing tells less than the name does: l and r are one in Chinese, p and f in Korean. So of each word all the
consonants are made that it may stand for, the index is asked for each, and what it has is compared sound by sound.
No form of a name is kept for this, and a page without these scripts pays nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice, pairwise, product
from typing import NamedTuple

from rapidfuzz.fuzz import ratio

from bot.matching.cjk import particles_behind
from bot.matching.far_eastern import is_pinyin
from bot.matching.forms import NameForm
from bot.matching.names import Hit, NameIndex
from bot.matching.pages import Page
from bot.matching.spelling import skeleton
from bot.matching.terms import load_terms
from bot.model import Schema, Strength
from bot.text.folding import fold_key
from bot.text.patterns import read_table

__all__ = ["hits_by_sound"]


def hits_by_sound(page: Page, index: NameIndex) -> Iterator[Hit]:
    """Hits on a page in Chinese or Korean of names that are tracked in Latin letters."""
    if page.low.isascii():
        return
    lows = page.words.lows
    if any("가" <= low <= "힣" for low in lows):
        yield from _likeliest(_in_hangul(page, index))
    if any("一" <= low <= "鿿" for low in lows):
        yield from _likeliest(_in_han(page, index))
        yield from _read_in_chinese(page, index)


class _Data(NamedTuple):
    """names_data/by_sound.toml."""

    chinese: frozenset[str]
    places: Sequence[str]
    korean: frozenset[str]
    no_names: frozenset[str]
    kinds: Mapping[str, str]
    foreign_kinds: Mapping[str, str]
    korean_kinds: Mapping[str, str]
    customary: Mapping[str, tuple[str, ...]]


@cache
def _data() -> _Data:
    table = read_table("matching/names_data/by_sound.toml")
    chinese, korean = table["chinese"], table["korean"]
    return _Data(
        frozenset("".join(chinese["for_sound"].split())),
        chinese["places"].split(),
        frozenset("".join(korean["for_sound"].split())),
        frozenset(korean["no_names"].split()),
        table["kinds"],
        table["foreign_kinds"],
        table["korean_kinds"],
        _by_writing(table["customary"]),
    )


def _by_writing(names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What Chinese and Korean write -> the names in Latin letters that it is by custom."""
    found: dict[str, tuple[str, ...]] = {}
    for latin, written in names.items():
        for each in written.split():
            found[each] = (*found.get(each, ()), *latin.split(", "))
    return found


class _Way(NamedTuple):
    """What a word may stand for: its consonants as a skeleton has them, and its letters."""

    bones: str
    letters: str


_MOST_WAYS = 160  # of one word


def _ways_of(sounds: Sequence[Sequence[_Way]]) -> tuple[_Way, ...]:
    """All ways to read a word, the likeliest first; one for each skeleton that it may have and each letters."""
    found: dict[_Way, None] = {}
    for parts in islice(product(*sounds), _MOST_WAYS):
        bones = _DOUBLED.sub(r"\1", "".join(part.bones for part in parts))
        found[_Way(bones, "".join(part.letters for part in parts))] = None
    return tuple(found)


_DOUBLED = re.compile(r"(.)\1+")


def _exact_ways(names: Iterable[str]) -> tuple[_Way, ...]:
    return tuple(_Way(skeleton(name), name) for name in names)


def _way(written: str) -> _Way:
    """ "sh:s" is the letters sh with the consonant s of a skeleton; without a colon both are the same."""
    letters, _, bones = written.partition(":")
    return _Way(bones if ":" in written else letters, letters)


# ---------------------------------------------------------------- the words of a page against the index


class _Span(NamedTuple):
    """A word by sound: tokens first..last of the page. `written`: how it stands there, where `word` is in Latin letters
    and no sound needs comparing."""

    first: int
    last: int
    word: str
    written: str | None = None


class _Ranked(NamedTuple):
    """A hit, of how many words it is, and how much these sound alike."""

    words: int
    like: float
    hit: Hit


_FEWEST_BONES = 3  # consonants of a single word
_SHORTEST = 3  # syllables of one
_FEWEST_LETTERS = 6  # of a single word
_SHORT_FAMILY = 5  # letters: "Zheng", but also "Meng" of Wanzhou
_SURE, _SURE_OF_ONE, _SURE_OF_SHORT = 80.0, 85.0, 91.0  # how alike several words must sound, and one


def _hits(spans: Sequence[_Span], ways: Callable[[str], Sequence[_Way]], index: NameIndex) -> Iterator[_Ranked]:
    """Hits of names that are these words one behind another."""
    each = [ways(span.word) for span in spans]
    if len(spans) == 1:
        each = [[way for way in each[0] if len(way.bones) >= _FEWEST_BONES]]
    letters: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for parts in _known_starts(each, index):
        letters.setdefault(tuple(part.bones for part in parts), []).append(tuple(part.letters for part in parts))
    by_sound = [span.written is None for span in spans]
    for bones, letters_of in letters.items():
        for key, form in index.find_sounding(bones):
            like = max(_likeness(one, form.tokens, by_sound) for one in letters_of)
            if like >= _sure_of(spans) and _is_told_by_sound(form) and _is_foreign(form, by_sound):
                written = _as_written(_written(spans), form, is_weak=len(bones) == 1)
                yield _Ranked(len(spans), like, Hit(spans[0].first, spans[-1].last, key, written, variant=True))


def _is_foreign(form: NameForm, by_sound: Sequence[bool]) -> bool:
    """东方科技 only sounds like Tongfang Technology: Chinese words beside translated ones are read, see _firms_at."""
    return all(by_sound) or not any(
        is_pinyin(token) for token, sounds in zip(form.tokens, by_sound, strict=True) if sounds
    )


def _written(spans: Sequence[_Span]) -> str:
    return "".join(span.word if span.written is None else span.written for span in spans)


def _sure_of(spans: Sequence[_Span]) -> float:
    sounds = [span.word for span in spans if span.written is None]
    if len(sounds) != 1:
        return _SURE
    shortest = _SHORTEST if len(spans) == 1 else _SHORTEST - 1  # what the firm is speaks for it, too
    return _SURE_OF_ONE if len(sounds[0]) > shortest else _SURE_OF_SHORT


def _is_told_by_sound(form: NameForm) -> bool:
    """Not a short word, nor a name from Korea or China: of those each syllable is somebody's, see far_eastern.py."""
    tokens = form.tokens
    if len(tokens) == 1:
        return len(form.text) >= _FEWEST_LETTERS and not is_pinyin(form.text)
    families = load_terms().family_first
    return not any(token in families and len(token) <= _SHORT_FAMILY for token in (tokens[0], tokens[-1]))


def _likeliest(ranked: Iterable[_Ranked]) -> Iterator[Hit]:
    """Of those that begin or end together, for each entity the one of most words, and of these the one most alike:
    "채프먼은" is Chapman with a particle, 主席卡罗琳 Carolyn behind 席."""
    best: Iterable[_Ranked] = ranked
    for of_end in (False, True):
        placed: dict[tuple[str, int], _Ranked] = {}
        for each in best:
            place = each.hit.entity, each.hit.last if of_end else each.hit.first
            if place not in placed or each[:2] > placed[place][:2]:
                placed[place] = each
        best = placed.values()
    return (each.hit for each in best)


def _as_written(written: str, form: NameForm, *, is_weak: bool) -> NameForm:
    """The form as the page has it. One word by sound proves little, as do three characters of a person."""
    how = form.how if form.how == "surname" else "in another script"
    strength = Strength.WEAK if is_weak else form.strength
    return replace(form, text=" ".join(fold_key(written).split()), strength=strength, how=how)


def _known_starts(each: Sequence[Sequence[_Way]], index: NameIndex) -> Iterator[tuple[_Way, ...]]:
    """The ways to read these words with which a name of the index may begin, at every step."""
    known: list[tuple[_Way, ...]] = [()]
    for ways in each:
        known = [
            (*before, way)
            for before in known
            for way in ways
            if way.bones and index.may_sound([*(part.bones for part in before), way.bones])
        ]
    yield from known


def _likeness(written: Sequence[str], name: Sequence[str], by_sound: Iterable[bool]) -> float:
    """0 to 100: how much the words by sound are those of a name, of which each must be alike."""
    pairs = [pair for pair, sounds in zip(zip(written, name, strict=True), by_sound, strict=True) if sounds]
    if any(_is_another(one, other) for one, other in pairs):
        return 0.0
    likes = [_alike(one, other) for one, other in pairs]
    if min(likes, default=100.0) < _LEAST_OF_EACH:
        return 0.0
    sizes = [len(other) for _, other in pairs]
    return sum(like * size for like, size in zip(likes, sizes, strict=True)) / sum(sizes) if sizes else 100.0


def _is_another(written: str, name: str) -> bool:
    """푸틴 is not Potanin, whose last two consonants a skeleton has as one, nor Putina."""
    return _count_consonants(written) != _count_consonants(name) or (written[-1:] == "a") != (name[-1:] == "a")


_VOWEL = re.compile("([aeiouy])")
_SILENT_W = re.compile("(?<=[aeo])w(?![aeiouy])")


@lru_cache(maxsize=20_000)
def _count_consonants(word: str) -> int:
    spoken = _SILENT_W.sub("", word).replace("kh", "h")
    return len(skeleton(_VOWEL.sub(r"\1|", spoken)).replace("|", ""))


_LEAST_OF_EACH = 66.0
_COARSE = (
    ("tch", "ch"), ("sch", "sh"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("ck", "k"), ("qu", "kv"), ("q", "k"),
    ("x", "ks"), ("ts", "z"), ("tz", "z"), ("w", "v"), ("ou", "u"), ("oo", "u"), ("ee", "i"),
    ("ea", "i"), ("yu", "u"), ("ya", "a"), ("y", "i"), ("j", "z"), ("zh", "z"),
)  # fmt: skip
_SOFT_C = re.compile("c(?=[eiy])")
_HARD_C = re.compile("c(?!h)")
_E = re.compile("e$")


@lru_cache(maxsize=20_000)
def _coarse(word: str) -> str:
    word = _HARD_C.sub("k", _SOFT_C.sub("s", word))
    for letters, sound in _COARSE:
        word = word.replace(letters, sound)
    return _DOUBLED.sub(r"\1", word)


_FOLDED = str.maketrans("eo", "iu")


def _alike(written: str, name: str) -> float:
    one, other = _coarse(written), _coarse(name)
    best = max(ratio(one, other), ratio(one, _E.sub("", other)))
    return max(best, ratio(one.translate(_FOLDED), other.translate(_FOLDED)) - 4)


# ---------------------------------------------------------------- Hangul

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_SOUNDS = {  # of initials
    "ㄱ": "g:k", "ㄲ": "k", "ㄴ": "n", "ㄷ": "d:t", "ㄸ": "t", "ㄹ": "r l", "ㅁ": "m", "ㅂ": "b v:f", "ㅃ": "p b",
    "ㅅ": "s", "ㅆ": "s", "ㅇ": ":", "ㅈ": "j:s g:k", "ㅉ": "ts z:s", "ㅊ": "ch:k ts z:s", "ㅋ": "k",
    "ㅌ": "t", "ㅍ": "p f", "ㅎ": "h:",
}  # fmt: skip
_VOWELS = "a a ya ya e e yo ye o wa wa oe yo u wo we wi yu  ui i".split(" ")
_FINALS = {0: ":", 1: "k", 4: "n", 8: "l r", 16: "m", 17: "p b", 19: "t", 21: "n ng:nk"}
_MAY_HIDE_R = frozenset(("a", "e", "o", "u"))  # vowels behind which Korean leaves out the r of English
_HANGUL = re.compile("[가-힣]{2,12}")


@lru_cache(maxsize=4_096)
def _ways_in_hangul(word: str) -> tuple[_Way, ...]:
    """A word of several: by custom, too."""
    if word.isascii():
        return _exact_ways([word])
    return (*_exact_ways(_data().customary.get(word, ())), *_by_syllables(word))


@lru_cache(maxsize=4_096)
def _by_syllables(word: str) -> tuple[_Way, ...]:
    sounds: list[list[_Way]] = []
    hidden = 0
    for at, char in enumerate(word):
        number = ord(char) - 0xAC00
        initial, vowel, final = _INITIALS[number // 588], _VOWELS[number % 588 // 28], number % 28
        if final not in _FINALS:
            return ()
        ways = [_way(each) for each in _SOUNDS[initial].split()]
        if initial == "ㄹ" and at and (ord(word[at - 1]) - 0xAC00) % 28 == 8:
            ways = [_Way("", "")]  # of two ㄹ the one below the syllable before speaks
        if char == "스":
            ways = [_Way("s", "s"), _Way("t", "t")]
        if vowel[:1] == "w":
            ways = [_Way(way.bones + "f", way.letters + vowel) for way in ways] + [
                _Way(way.bones, way.letters + vowel) for way in ways
            ]
        else:
            ways = [_Way(way.bones, way.letters + vowel) for way in ways]
        next_is_l = at + 1 < len(word) and (ord(word[at + 1]) - 0xAC00) // 588 == 5
        ends = [_way(each) for each in _FINALS[final].split()]
        if final == 8 and next_is_l:
            ends = [_Way("l", "l"), _Way("rl", "rl")]  # "Kimberly" is 킴벌리
        elif final == 0 and vowel in _MAY_HIDE_R and not next_is_l and hidden < 2:
            ends = [_Way("", ""), _Way("r", "r")]
            hidden += 1
        sounds.append([_Way(way.bones + end.bones, way.letters + end.letters) for way in ways for end in ends])
    return _ways_of(sounds)


_MOST_WORDS = 4
_BETWEEN_WORDS = re.compile("[ ·・‧]|-")
_MOST_TAIL = 6


def _in_hangul(page: Page, index: NameIndex) -> Iterator[_Ranked]:
    words = _hangul_words(page)
    for at, head in product(range(len(words)), (False, True)):
        spans: list[_Span] = _latin_head(page, words[at]) if head else []
        if head and not spans:
            continue
        for behind in words[at : at + _MOST_WORDS]:
            if spans and not (
                behind.first == spans[-1].last + 1 and _BETWEEN_WORDS.fullmatch(page.words[spans[-1].last].gap)
            ):
                break
            for end in _ends_of(behind.word):
                span = _Span(behind.first, behind.first + end - 1, behind.word[:end])
                if _may_be_a_name([*spans, span]):
                    yield from _hits([*spans, span], _ways_in_hangul if spans else _by_syllables, index)
                yield from _with_kind([*spans, span], index)
            if _is_no_name(behind.word):
                break
            spans.append(behind)


def _latin_head(page: Page, span: _Span) -> list[_Span]:
    """The word in Latin letters right before: "EMG 유니버설 오토"."""
    word = page.words[span.first - 1] if span.first else None
    if word is None or word.gap != " " or not word.capital or not _LATIN_HEAD.fullmatch(word.low):
        return []
    return [_Span(span.first - 1, span.first - 1, word.low, word.low)]


def _with_kind(spans: Sequence[_Span], index: NameIndex) -> Iterator[_Ranked]:
    """타이머은행 is Timer Bank: what a firm is may be tied to its name."""
    *before, last = spans
    size = len(last.word) - 2
    kind = _data().korean_kinds.get(last.word[size:])
    if kind is not None and size >= _SHORTEST and _looks_foreign(last.word[:size]):
        stem = _Span(last.first, last.first + size - 1, last.word[:size])
        tied = _Span(stem.last + 1, last.last, kind, last.word[size:])
        yield from _hits([*before, stem, tied], _ways_in_hangul, index)


def _may_be_a_name(spans: Sequence[_Span]) -> bool:
    """Have the words enough syllables, foreign ones among them?"""
    words = [span.word for span in spans]
    if len(words) == 1:
        return len(words[0]) >= _SHORTEST and _looks_foreign(words[0])
    return sum(map(len, words)) >= _FEWEST_OF_SEVERAL and any(map(_looks_foreign, words)) and not _is_no_name(words[-1])


_FEWEST_OF_SEVERAL = 4  # syllables of two words or more


def _looks_foreign(word: str) -> bool:
    return not _is_no_name(word) and not _data().korean.isdisjoint(word)


@lru_cache(maxsize=4_096)
def _is_no_name(word: str) -> bool:
    """With or without particles."""
    return any(word[:size] in _data().no_names and particles_behind(word, size) for size in range(2, len(word) + 1))


def _hangul_words(page: Page) -> list[_Span]:
    """What stands between blanks, in Hangul."""
    found = []
    for match in _HANGUL.finditer(page.text):
        first, last = page.word_at(match.start()), page.word_at(match.end() - 1)
        if last - first + 1 == len(match[0]):
            found.append(_Span(first, last, match[0]))
    return found


def _ends_of(word: str) -> Iterator[int]:
    """Where the name in a word may end: particles may be tied to it."""
    for end in range(len(word), max(1, len(word) - _MOST_TAIL), -1):
        if end == len(word) or particles_behind(word, end):
            yield end


# ---------------------------------------------------------------- Chinese characters, by their sound

_OF_INITIALS = {
    "b": "b", "p": "p", "m": "m", "f": "f", "d": "d:t", "t": "t", "n": "n", "l": "l r", "g": "g:k", "k": "k",
    "h": "h:",
    "j": "j:s g:k", "q": "ch:k", "x": "s sh:s h:",
    "zh": "j:s ch:k", "ch": "ch:k", "sh": "sh:s", "r": "r zh:s", "z": "z:s ts",
    "c": "ts s", "s": "s", "y": ":", "w": "v:f", "": ":",
}  # fmt: skip
_PINYIN = re.compile("([zcs]h|[bpmfdtnlgkhjqxrzcsyw]?)(.+)")
# Finals that are written otherwise than they sound in foreign names.
_OF_FINALS = {
    "ao": "au", "uo": "o", "ou": "o", "v": "u",
}  # fmt: skip
_SILENT = frozenset("斯丝思司兹滋茨次什施史士日特德克格布普弗夫赫勒姆恩奇切图杜卜治芝")  # vowels
_DOTS = re.compile("[·•・‧．.]")
_LONGEST = 9  # characters of a word alone


@cache
def _readings() -> dict[str, str]:
    """Each of the 6,700 characters of GB 2312 -> how it is read, in pinyin without tones: as pypinyin (MIT) has it, and
    as family names are read (单 is Shan)."""
    lines = (files("bot") / "text" / "pinyin.txt").read_text(encoding="utf-8").splitlines()
    return {char: reading for reading, chars in (line.split() for line in lines) for char in chars}


@cache
def _sounds_of(char: str) -> tuple[_Way, ...]:
    if char == "尔":
        return tuple(map(_way, ("r", "l", ":")))
    reading = _readings().get(char, "")
    parted = _PINYIN.fullmatch(reading)
    if parted is None:
        return ()
    initial, final = parted.groups()
    final = _OF_FINALS.get(final, final)
    ways = [_way(each) for each in _OF_INITIALS[initial].split()]
    if initial == "w" and final == "u":  # 乌
        return (_Way("", "u"), _Way("f", "v"))
    if char in "斯思司":
        return (_Way("s", "s"), _Way("t", "t"))
    if char == "恩":
        return (_Way("n", "n"), _Way("n", "en"))
    if char in _SILENT:
        final = ""
    elif char in "科柯戈":  # which stand for ko and go
        final = "o"
    elif char == "埃":  # Eric is 埃里克, Elbit 埃尔比特
        final = "e"
    vowels = final.rstrip("ng")
    ends = [_Way("", "")]
    if final.endswith("ng"):
        ends = [_Way("n", "n"), _Way("m", "m"), _Way("nk", "ng")]
    elif final.endswith("n"):
        ends = [_Way("n", "n"), _Way("m", "m")]
    return tuple(_Way(way.bones + end.bones, way.letters + vowels + end.letters) for way in ways for end in ends)


@lru_cache(maxsize=8_192)
def _ways_in_han(word: str) -> tuple[_Way, ...]:
    return _ways_of([_sounds_of(char) for char in word])


@lru_cache(maxsize=8_192)
def _ways_beside_others(word: str) -> tuple[_Way, ...]:
    """A word of several may be written by custom, 约翰 for John, and leave out what English hardly speaks: the r of
    默克, Merck. It may be Latin letters, or what a firm is."""
    if word.isascii():
        return _exact_ways([word])
    named = _exact_ways(_data().customary.get(word, ()))
    if len(word) == 1:
        return named  # by its sound one character is too many names
    latin = _LATIN_HEAD.match(word)
    if latin is not None:  # "L3哈里斯" is L3Harris
        head, ways = _exact_ways([latin[0]])[0], _ways_in_han(word[latin.end() :])
        return tuple(_Way(head.bones + way.bones, head.letters + way.letters) for way in ways)
    sounds = [_sounds_of(char) for char in word]
    for at, ways in enumerate(sounds[:-1]):
        if word[at] in _MAY_HIDE_R_HERE:
            sounds[at] = (*ways, *(_Way(way.bones + "r", way.letters + "r") for way in ways))
    if word[-1] in _MAY_END_IN_ER:
        sounds[-1] = (*sounds[-1], *(_Way(way.bones + "r", way.letters + "er") for way in sounds[-1]))
    for at, char in enumerate(word):
        if char in _MAY_BE_TH:
            sounds[at] = (*sounds[at], *(_Way("t" + way.bones[1:], "th" + way.letters[1:]) for way in sounds[at]))
    return tuple(dict.fromkeys((*named, *_ways_in_han(word), *_ways_of(sounds))))


_LATIN_HEAD = re.compile("[a-z0-9]+")
_MAY_HIDE_R_HERE = frozenset("默查沃瓦巴博伯马卡哈珀莫弗帕福科戈多托萨索诺")
_MAY_END_IN_ER = frozenset("特得德克格沃弗伯珀勒莱瑟舍泽纳默瑞")
_MAY_BE_TH = frozenset("塞森丝瑟萨")


def _in_han(page: Page, index: NameIndex) -> Iterator[_Ranked]:
    runs = list(_runs(page))
    for one, other in pairwise(runs):
        yield from _joined(page, one, other, index)
    for run in runs:
        words = [span for span in run if span.last - span.first + 1 <= _LONGEST + 3]
        if len(run) > 1 and len(words) == len(run):
            # The dot tells where a name is parted, not where it begins and ends.
            for first in range(len(run)):
                for last in range(first + 1, min(len(run), first + _MOST_WORDS)):
                    for begin in _begins(run[first]) if first == 0 else (run[first],):
                        for end in _ends_before_words(run[last]) if last == len(run) - 1 else (run[last],):
                            yield from _hits([begin, *run[first + 1 : last], end], _ways_beside_others, index)
        else:
            for span in run:
                for word in _alone_in(span):
                    yield from _hits([word], _ways_in_han, index)
        yield from _firms_by_sound(page, run, index)
    yield from _firms_in_latin(page, index)


_AND = frozenset("与和及")


def _joined(page: Page, one: Sequence[_Span], other: Sequence[_Span], index: NameIndex) -> Iterator[_Ranked]:
    """吉布斯与考克斯 is Gibbs & Cox."""
    at = one[-1].last + 1
    if len(one) > 1 or len(other) > 1 or other[0].first != at + 1 or page.words.lows[at] not in _AND:
        return
    if not page.words[at - 1].gap and not page.words[at].gap:
        for begin in _begins(one[0]):
            for end in _ends(other[0]):
                joint = _Span(at, at, "and", page.words.lows[at])
                yield from _hits([begin, joint, end], _ways_beside_others, index)


def _firms_by_sound(page: Page, run: Sequence[_Span], index: NameIndex) -> Iterator[_Ranked]:
    """Words by sound and what the firm is: 埃尔比特系统 is Elbit Systems, L3哈里斯海事服务 is L3Harris Maritime
    Services."""
    *before, last = run
    for end in _ends(last):  # 海 of 海事 may be a character for sound, too
        words = [*before, end]
        for kinds in _kinds_behind(page, end.last + 1, ()):
            for begin in _begins(words[0]):
                if len(begin.word) >= _FEWEST_OF_FIRM:
                    yield from _hits([begin, *words[1:], *kinds], _ways_beside_others, index)
            first = words[0]
            latin = _latin_before(page, first.first)
            if latin:
                headed = _Span(first.first - 1, first.last, latin + first.word)
                yield from _hits([headed, *words[1:], *kinds], _ways_beside_others, index)


def _firms_in_latin(page: Page, index: NameIndex) -> Iterator[_Ranked]:
    """S3航空防务 is S3 AeroDefense: only what the firm is, is translated."""
    for at, low in enumerate(page.words.lows):
        if low in _first_of_kinds() and (latin := _latin_before(page, at)):
            for kinds in _kinds_behind(page, at, ()):
                yield from _hits([_Span(at - 1, at - 1, latin, latin), *kinds], _ways_beside_others, index)


@cache
def _first_of_kinds() -> frozenset[str]:
    return frozenset(kind[0] for kind in _data().foreign_kinds)


def _latin_before(page: Page, at: int) -> str:
    """The word in Latin letters that stands right before a character, "" if none does."""
    word = page.words[at - 1] if at else None
    return word.low if word is not None and not word.gap and _LATIN_HEAD.fullmatch(word.low) else ""


_FEWEST_OF_FIRM = 2  # characters by sound, with what the firm is


def _kinds_behind(page: Page, at: int, before: tuple[_Span, ...]) -> Iterator[tuple[_Span, ...]]:
    """What the characters from here on say that a firm is, as its English words: all ways of one word and more."""
    for size in range(_LONGEST_KIND, 1, -1):
        chars = page.words[at : at + size]
        if len(chars) < size or (at and page.words[at - 1].gap) or any(word.gap for word in chars[:-1]):
            continue
        for kind in _data().foreign_kinds.get("".join(word.low for word in chars), "").split():
            parts = kind.split("_")
            first = _Span(at, at + size - 1, parts[0], "".join(word.low for word in chars))
            spans = (*before, first, *(first._replace(word=part, written="") for part in parts[1:]))
            yield spans
            if len(spans) < _MOST_WORDS:
                yield from _kinds_behind(page, at + size, spans)


# Characters for sound that also end a word before a name (总理, 人士, 报道), or begin one behind it.
_BEFORE_A_NAME = frozenset("理士道因于约曾当让里方所内")
_BEHIND_A_NAME = frozenset("于因曾当让所方约")


def _alone_in(span: _Span) -> Iterator[_Span]:
    """The words that a run of characters may be: all of it, or without what is of other words."""
    chars = span.word
    for first in range(min(3, len(chars))):
        if first and chars[first - 1] not in _BEFORE_A_NAME:
            break
        for end in range(len(chars), max(first + _SHORTEST, len(chars) - 2) - 1, -1):
            if end < len(chars) and chars[end] not in _BEHIND_A_NAME:
                break
            if end - first <= _LONGEST and not any(place in chars[first:end] for place in _data().places):
                yield _Span(span.first + first, span.first + end - 1, chars[first:end])


def _begins(span: _Span) -> Iterator[_Span]:
    """A word that begins where it does, or later: 和 before it may be one for sound."""
    for cut in range(max(1, min(4, len(span.word) - 1))):  # 金 is King
        yield _Span(span.first + cut, span.last, span.word[cut:])


def _ends(span: _Span) -> Iterator[_Span]:
    for cut in range(max(1, min(4, len(span.word) - 1))):  # 金 is King
        yield _Span(span.first, span.last - cut, span.word[: len(span.word) - cut])


_BEHIND_A_WHOLE_NAME = _BEHIND_A_NAME | frozenset("都通本连尚立明提能日里内申易")


def _ends_before_words(span: _Span) -> Iterator[_Span]:
    """Only where what is left out may be another word: 迈克尔·卡诺维尔 is no 卡诺."""
    for end in _ends(span):
        if end.last == span.last or span.word[len(end.word)] in _BEHIND_A_WHOLE_NAME:
            yield end


def _runs(page: Page) -> Iterator[list[_Span]]:
    """Characters for sound one behind another, with dots between the words of a name."""
    words, lows, for_sound = page.words, page.words.lows, _data().chinese
    customary = _customary_at(page)
    run: list[_Span] = []
    at = 0
    while at < len(lows):
        if lows[at] not in for_sound and at not in customary:
            if run:
                yield run
            run, at = [], at + 1
            continue
        first = at
        while at + 1 < len(lows) and (lows[at + 1] in for_sound or at + 1 in customary) and not words[at].gap:
            at += 1
        run.append(_Span(first, at, "".join(lows[first : at + 1])))
        if not (_DOTS.fullmatch(words[at].gap) and at + 1 < len(lows)):
            yield run
            run = []
        at += 1
    if run:
        yield run


def _customary_at(page: Page) -> set[int]:
    """Where the characters of names by custom stand beside a dot: the 得 of 彼得·金 is none for sound elsewhere."""
    words, lows, names = page.words, page.words.lows, _data().customary
    found: set[int] = set()
    for at, word in enumerate(words[:-1]):
        if word.gap and word.low >= "一" and _DOTS.fullmatch(word.gap):
            for size in range(2, _LONGEST_CUSTOMARY + 1):
                for first in (at + 1 - size, at + 1):
                    if first >= 0 and "".join(lows[first : first + size]) in names:
                        found.update(range(first, first + size))
    return found


_LONGEST_CUSTOMARY = 4  # characters


# ---------------------------------------------------------------- Chinese names as they are read

_VAGUE = frozenset("international group development investment management port storage equipment".split())
_LONGEST_KIND = 6  # characters
_MOST_OF_FIRM = 7  # tokens of its Latin name


def _read_in_chinese(page: Page, index: NameIndex) -> Iterator[Hit]:
    """Chinese firms and people whose names in Latin letters are how these characters are read."""
    lows, readings = page.words.lows, _readings()
    for at, low in enumerate(lows):
        if low in readings:
            yield from _people_at(page, at, index)
            yield from _firms_at(page, at, index)


def _reading(page: Page, first: int, count: int) -> list[str] | None:
    """How some characters are read that stand side by side."""
    words = page.words[first : first + count]
    known = [_readings().get(word.low, "") for word in words]
    if len(known) < count or not all(known) or any(word.gap for word in words[:-1]):
        return None
    return known


def _people_at(page: Page, at: int, index: NameIndex) -> Iterator[Hit]:
    """A family name and two characters: with fewer, too many are read alike."""
    parts = _reading(page, at, 3)
    if parts is None or parts[0] not in load_terms().family_first:
        return
    family, *given = (part.replace("v", "u") for part in parts)
    of_taiwan = [*map(_wade_giles, (family, *given))]
    orders = ([family, "".join(given)], ["".join(given), family], [family, *given])
    for tokens in dict.fromkeys(map(tuple, (*orders, of_taiwan, [*of_taiwan[1:], of_taiwan[0]]))):
        for key, form in index.find_whole(" ".join(tokens)):
            if index.entities[key].schema is Schema.PERSON:
                written = "".join(page.words.lows[at : at + 3])
                yield Hit(at, at + 2, key, _as_written(written, form, is_weak=True), variant=False)


# How Taiwan writes a syllable of pinyin, without its apostrophes: 志强 is Chih-chiang.
_WADE_GILES_INITIALS = {
    "b": "p", "d": "t", "g": "k", "j": "ch", "q": "ch", "x": "hs", "zh": "ch", "r": "j", "z": "ts", "c": "ts",
}  # fmt: skip
_WADE_GILES_FINALS = {"ong": "ung", "ian": "ien", "ie": "ieh", "ue": "ueh"}
_WADE_GILES = {
    "zhi": "chih", "chi": "chih", "shi": "shih", "ri": "jih", "zi": "tzu", "ci": "tzu", "si": "ssu", "yan": "yen",
    "ye": "yeh", "yue": "yueh", "you": "yu", "yong": "yung", "ge": "ko", "ke": "ko", "he": "ho", "duo": "to",
    "tuo": "to", "luo": "lo", "nuo": "no", "zhuo": "cho", "ruo": "jo", "zuo": "tso", "cuo": "tso", "suo": "so",
    "gui": "kuei", "kui": "kuei",
}  # fmt: skip


@cache
def _wade_giles(syllable: str) -> str:
    parted = _PINYIN.fullmatch(syllable)
    if syllable in _WADE_GILES or parted is None:
        return _WADE_GILES.get(syllable, syllable)
    initial, final = parted.groups()
    return _WADE_GILES_INITIALS.get(initial, initial) + _WADE_GILES_FINALS.get(final, final)


def _firms_at(page: Page, at: int, index: NameIndex) -> Iterator[Hit]:
    """A word of two or three characters, or several, and what the firm is."""
    for end, tokens in _firm_words(page, at, index, ()):
        for key, form in index.find_whole(" ".join(tokens)):
            if index.entities[key].schema is not Schema.PERSON and not _VAGUE.issuperset(tokens[1:]):
                written = "".join(page.words.lows[at:end])
                yield Hit(at, end - 1, key, _as_written(written, form, is_weak=False), variant=False)


def _firm_words(
    page: Page, at: int, index: NameIndex, before: tuple[str, ...]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where the Chinese name that begins with the words `before` may end, and its words in Latin letters."""
    for size in (2, 3) if len(before) < _MOST_OF_FIRM else ():
        parts = _reading(page, at, size)
        if parts is not None:
            words = (*before, "".join(parts).replace("v", "u"))
            if index.may_begin_with(*words):
                yield from _firm_words(page, at + size, index, words)
    for size in range(1, _LONGEST_KIND + 1) if before else ():
        for kind in _data().kinds.get("".join(page.words.lows[at : at + size]), "").split():
            words = (*before, *kind.split("_"))
            yield at + size, words
            if index.may_begin_with(*words):
                yield from _firm_words(page, at + size, index, words)
