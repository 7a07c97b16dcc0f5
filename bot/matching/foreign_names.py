"""Names in Latin letters as Chinese and Korean write them by their sound: 德里帕斯卡 and 데리파스카 are Deripaska,
트랜스아틀란틱 파트너스 is Transatlantic Partners. Chinese names as the characters that they are: 鲁清石化 is Luqing
Petrochemical, 王学清 Wang Xueqing.

Such a writing tells less than the name does: l and r are one in Chinese, p and f in Korean. So of each word all the
consonants are made that it may stand for, the index is asked for each, and what it has is compared sound by sound.
No form of a name is kept for this, and a page without these scripts pays nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice, product
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


def _way(written: str) -> _Way:
    """ "sh:s" is the letters sh with the consonant s of a skeleton; without a colon both are the same."""
    letters, _, bones = written.partition(":")
    return _Way(bones if ":" in written else letters, letters)


# ---------------------------------------------------------------- the words of a page against the index


class _Span(NamedTuple):
    """A word by sound: tokens first..last of the page."""

    first: int
    last: int
    word: str


class _Ranked(NamedTuple):
    """A hit, of how many words it is, and how much these sound alike."""

    words: int
    like: float
    hit: Hit


_FEWEST_BONES = 3  # consonants of a single word
_SHORTEST = 3  # syllables of one
_FEWEST_LETTERS = 6  # of a single word
_SHORT_FAMILY = 5  # letters: "Zheng", but also "Meng" of Wanzhou
_SURE, _SURE_OF_ONE, _SURE_OF_SHORT = 76.0, 85.0, 91.0  # how alike several words must sound, and one


def _hits(
    spans: Sequence[_Span], ways: Callable[[str], Sequence[_Way]], index: NameIndex
) -> Iterator[_Ranked]:
    """Hits of names that are these words one behind another."""
    each = [ways(span.word) for span in spans]
    if len(spans) == 1:
        each = [[way for way in each[0] if len(way.bones) >= _FEWEST_BONES]]
    letters: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for parts in _known_starts(each, index):
        letters.setdefault(tuple(part.bones for part in parts), []).append(tuple(part.letters for part in parts))
    for bones, written in letters.items():
        for key, form in index.find_sounding(bones):
            like = max(_likeness(one, form.tokens) for one in written)
            if like >= (_SURE if len(spans) > 1 else _sure_of(spans[0].word)) and _is_told_by_sound(form):
                form = _as_written("".join(span.word for span in spans), form, is_weak=len(bones) == 1)
                yield _Ranked(len(spans), like, Hit(spans[0].first, spans[-1].last, key, form, variant=True))


def _sure_of(word: str) -> float:
    return _SURE_OF_ONE if len(word) > _SHORTEST else _SURE_OF_SHORT


def _is_told_by_sound(form: NameForm) -> bool:
    """Not a short word, nor a name from Korea or China: of those each syllable is somebody's, see far_eastern.py."""
    tokens = form.tokens
    if len(tokens) == 1:
        return len(form.text) >= _FEWEST_LETTERS and not is_pinyin(form.text)
    families = load_terms().family_first
    return not any(token in families and len(token) <= _SHORT_FAMILY for token in (tokens[0], tokens[-1]))


def _likeliest(ranked: Iterable[_Ranked]) -> Iterator[Hit]:
    """Of those that begin together, for each entity the one of most words, and of these the one most alike: "채프먼은" is
    Chapman with a particle."""
    best: dict[tuple[str, int], _Ranked] = {}
    for each in ranked:
        place = each.hit.entity, each.hit.first
        if place not in best or each[:2] > best[place][:2]:
            best[place] = each
    return (each.hit for each in best.values())


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


def _likeness(written: Sequence[str], name: Sequence[str]) -> float:
    """0 to 100: how much words by sound are those of a name, of which each must be alike."""
    if any(_is_another(one, other) for one, other in zip(written, name, strict=True)):
        return 0.0
    likes = [_alike(one, other) for one, other in zip(written, name, strict=True)]
    if min(likes) < _LEAST_OF_EACH:
        return 0.0
    sizes = [len(other) for other in name]
    return sum(like * size for like, size in zip(likes, sizes, strict=True)) / sum(sizes)


def _is_another(written: str, name: str) -> bool:
    """푸틴 is not Potanin, whose last two consonants a skeleton has as one, nor Putina."""
    return _count_consonants(written) != _count_consonants(name) or (written[-1:] == "a") != (name[-1:] == "a")


_VOWEL = re.compile("([aeiouy])")


@lru_cache(maxsize=20_000)
def _count_consonants(word: str) -> int:
    return len(skeleton(_VOWEL.sub(r"\1|", word)).replace("|", ""))


_LEAST_OF_EACH = 60.0
_COARSE = (
    ("tch", "ch"), ("sch", "sh"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("ck", "k"), ("qu", "kv"), ("q", "k"), ("x", "ks"),
    ("ts", "z"), ("tz", "z"), ("w", "v"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ea", "i"), ("yu", "u"), ("ya", "a"), ("y", "i"),
    ("j", "z"), ("zh", "z"),
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
    "ㄱ": "g:k", "ㄲ": "k", "ㄴ": "n", "ㄷ": "d:t", "ㄸ": "t", "ㄹ": "r l", "ㅁ": "m", "ㅂ": "b v:f", "ㅃ": "p b", "ㅅ": "s",
    "ㅆ": "s", "ㅇ": ":", "ㅈ": "j:s g:k", "ㅉ": "ts z:s", "ㅊ": "ch:k ts z:s", "ㅋ": "k", "ㅌ": "t", "ㅍ": "p f", "ㅎ": "h:",
}  # fmt: skip
_VOWELS = "a a ya ya e e yo ye o wa wa oe yo u wo we wi yu  ui i".split(" ")
_FINALS = {0: ":", 1: "k", 4: "n", 8: "l r", 16: "m", 17: "p b", 19: "t", 21: "n ng:nk"}
_MAY_HIDE_R = frozenset(("a", "e", "o", "u"))  # vowels behind which Korean leaves out the r of English
_HANGUL = re.compile("[가-힣]{2,12}")


@lru_cache(maxsize=4_096)
def _ways_in_hangul(word: str) -> tuple[_Way, ...]:
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
            ends = [_Way("l", "l")]
        elif final == 0 and vowel in _MAY_HIDE_R and not next_is_l and hidden < 2 and at + 1 >= len(word) - 2:
            ends = [_Way("", ""), _Way("r", "r")]
            hidden += 1
        sounds.append([_Way(way.bones + end.bones, way.letters + end.letters) for way in ways for end in ends])
    return _ways_of(sounds)


_MOST_WORDS = 4
_BETWEEN_WORDS = re.compile("[ ·・‧]|-")
_MOST_TAIL = 6


def _in_hangul(page: Page, index: NameIndex) -> Iterator[_Ranked]:
    words = _hangul_words(page)
    for at in range(len(words)):
        spans: list[_Span] = []
        for behind in words[at : at + _MOST_WORDS]:
            if spans and not (
                behind.first == spans[-1].last + 1 and _BETWEEN_WORDS.fullmatch(page.words[spans[-1].last].gap)
            ):
                break
            for end in _ends_of(behind.word):
                span = _Span(behind.first, behind.first + end - 1, behind.word[:end])
                if _may_be_a_name([*spans, span]):
                    yield from _hits([*spans, span], _ways_in_hangul, index)
            if behind.word in _NO_NAMES:
                break
            spans.append(behind)


def _may_be_a_name(spans: Sequence[_Span]) -> bool:
    """Have the words enough syllables, foreign ones among them?"""
    words = [span.word for span in spans]
    if len(words) == 1:
        return len(words[0]) >= _SHORTEST and _looks_foreign(words[0])
    return sum(map(len, words)) >= _FEWEST_OF_SEVERAL and any(map(_looks_foreign, words)) and words[-1] not in _NO_NAMES


# Syllables that Korean has for foreign sounds, and in few words of its own.
_FOREIGN = frozenset(
    "스크트프브르즈츠흐드므블플클글틀슬를츨흘릭닉믹빅픽틱킥넷펫렛벳셋텍펙벡렉섹켄텐펜벤첸렌센베벨텔렐켈셀젤델헬펠넬멜네레메"
    "테케페체제젠세데뉴듀튜쿠투푸루누키티피카타파코토포커터퍼캐태패쉬셰츄빌킨틴핀칸탄판란콘톤론콥콜톨폴킬틸필칼탈팔달"
    "덴뎀넘덤럼펀턴런킹팅핑링딩닝밍버너러머퍼니노비바보빈벅컬켓콤콰퀸팜퓨플폰풀핀핌헐휴윈윌웰엘엔엠앤앙욘빙"
) - frozenset("를제세보비바니노")
# Words that Korean has of places and things, which are no name though they sound like one.
_NO_NAMES = tuple(
    "우크라이나 모스크바 캐나다 베이징 벨기에 그리스 네덜란드 핀란드 폴란드 리스트 블랙리스트 프로그램 네트워크 미사일 컨테이너 달러"
    " 유로 테러 사이버 캄보디아 시리아 카타르 쿠바 터키 튀르키예 프랑스 스위스 스페인 스웨덴 덴마크 노르웨이 이탈리아 포르투갈 루마니아"
    " 불가리아 헝가리 체코 슬로바키아 슬로베니아 크로아티아 세르비아 벨라루스 몰도바 조지아 아르메니아 카자흐스탄 우즈베키스탄"
    " 키르기스스탄 타지키스탄 파키스탄 아프가니스탄 이스라엘 팔레스타인 레바논 예멘 리비아 이집트 수단 에티오피아 케냐 베네수엘라"
    " 브라질 아르헨티나 콜롬비아 멕시코 니카라과 파나마 말레이시아 싱가포르 인도네시아 베트남 필리핀 미얀마 뉴질랜드 오스트레일리아"
    " 브뤼셀 워싱턴 런던 파리 베를린 제네바 두바이 테헤란 키이우 다마스쿠스 라이베리아 마셜제도 바하마 키프로스 몰타 에스토니아"
    " 라트비아 리투아니아 아일랜드 룩셈부르크 오스트리아 블라디보스토크 나홋카 상하이 홍콩 마카오 타이베이 하얼빈 그룹 센터 인터넷"
    " 데이터 시스템 서비스 프로젝트 프로세스 파트너 에너지 코로나 비트코인 텔레그램 페이스북 트위터 포스트 타임스 트랜스 드론 컴퓨터"
    " 마찬가지 보고서 리포트 인터뷰 크렘린 유튜브 카카오 네이버 스포츠 리그 클럽".split()
)
_FEWEST_OF_SEVERAL = 4  # syllables of two words or more


def _looks_foreign(word: str) -> bool:
    return not word.startswith(_NO_NAMES) and not _FOREIGN.isdisjoint(word)


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

# Those with which foreign names are written. Of all others hardly any is.
_FOR_SOUND = frozenset(
    "阿埃艾爱安昂奥澳巴拜班邦保鲍贝本比彼毕宾波伯博勃布庞佩皮平珀普帕派潘朋恰昌彻茨楚川次达代戴丹当道德登邓迪蒂丁东杜敦顿"
    "多朵都厄恩尔法凡范方菲费芬芙佛弗夫福富盖甘冈高戈哥格葛根贡古瓜圭郭哈海罕汉豪赫黑亨洪胡华怀惠霍吉季加贾简姜杰金津京居"
    "卡凯坎康考柯科克肯孔库夸奎昆拉莱兰朗劳勒雷黎里理莉丽利立连廉良列林琳伦隆娄卢鲁路露吕罗洛萝马玛迈麦曼芒毛茅梅门蒙孟米"
    "密敏明缪摩莫墨默姆穆慕纳娜乃奈南内嫩能尼妮涅宁纽农努诺欧彭蓬匹蒲奇齐钱乔切钦琴青琼丘曲茜让热日荣茹瑞萨塞赛桑瑟森沙莎"
    "珊山尚绍舍申沈生圣施什史士舒朔斯丝思司松苏孙索所塔泰坦汤唐陶特腾滕提惕田铁廷通图屯托陀脱瓦万旺威韦维魏温文翁沃乌吴武"
    "伍西希锡席夏香肖萧谢辛欣兴休许逊雪雅亚延扬耶叶伊衣依易因殷英永尤于约宰赞泽曾扎詹张哲珍芝治朱卓兹滋宗佐俄庇尤卜盾杨麥"
)
_OF_INITIALS = {
    "b": "b", "p": "p", "m": "m", "f": "f", "d": "d:t", "t": "t", "n": "n", "l": "l r", "g": "g:k", "k": "k", "h": "h:",
    "j": "j:s g:k", "q": "ch:k", "x": "s sh:s h:", "zh": "j:s ch:k", "ch": "ch:k", "sh": "sh:s", "r": "r zh:s", "z": "z:s ts",
    "c": "ts s", "s": "s", "y": ":", "w": "v:f", "": ":",
}  # fmt: skip
_PINYIN = re.compile("([zcs]h|[bpmfdtnlgkhjqxrzcsyw]?)(.+)")
# Finals that are written otherwise than they sound in foreign names.
_OF_FINALS = {
    "ao": "au", "uo": "o", "ou": "o", "iu": "iu", "ian": "ian", "ia": "ia", "ie": "ie", "ui": "ui", "ong": "ong", "v": "u", "ue": "ue",
}  # fmt: skip
_SILENT = frozenset("斯丝思司兹滋茨次什施史士日特德克格布普弗夫赫勒姆恩奇切图杜卜治芝".strip())
_DOTS = re.compile("[·•・‧．.]")
_LONGEST = 9  # characters of a word alone


@cache
def _readings() -> dict[str, str]:
    """Each of the 6,700 characters of simplified Chinese -> how it is read, in pinyin without tones."""
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
    vowels = final.rstrip("ng")
    ends = [_Way("", "")]
    if final.endswith("ng"):
        ends = [_Way("n", "n"), _Way("m", "m"), _Way("nk", "ng")]
    elif final.endswith("n"):
        ends = [_Way("n", "n"), _Way("m", "m")]
    elif final in ("e", "a", "o", "ei"):
        ends = [_Way("", "")]
    return tuple(_Way(way.bones + end.bones, way.letters + vowels + end.letters) for way in ways for end in ends)


@lru_cache(maxsize=8_192)
def _ways_in_han(word: str) -> tuple[_Way, ...]:
    return _ways_of([_sounds_of(char) for char in word])


def _in_han(page: Page, index: NameIndex) -> Iterator[_Ranked]:
    lows = page.words.lows
    runs = list(_runs(page))
    for run in runs:
        words = [span for span in run if span.last - span.first + 1 <= _LONGEST + 3]
        if len(run) > 1 and len(words) == len(run):
            # The dot tells where a name is parted, not where it begins and ends.
            for first in range(len(run)):
                for last in range(first + 1, min(len(run), first + _MOST_WORDS)):
                    for begin in _begins(run[first]) if first == 0 else (run[first],):
                        for end in _ends(run[last]) if last == len(run) - 1 else (run[last],):
                            yield from _hits([begin, *run[first + 1 : last], end], _ways_in_han, index)
            continue
        for span in run:
            for word in _alone_in(span):
                yield from _hits([word], _ways_in_han, index)


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
            if end - first <= _LONGEST and not any(place in chars[first:end] for place in _PLACES):
                yield _Span(span.first + first, span.first + end - 1, chars[first:end])


_PLACES = (
    "莫斯科 德黑兰 乌克兰 吉尔吉斯 格鲁吉亚 伊斯兰 马绍尔 布鲁塞尔 俄罗斯 爱尔兰 芬兰 波兰 荷兰 伊朗 伊拉克 巴基斯坦 阿富汗 以色列 巴勒斯坦"
    " 叙利亚 利比亚 土耳其 阿塞拜疆 亚美尼亚 摩尔多瓦 塞尔维亚 克罗地亚 斯洛文尼亚 斯洛伐克 罗马尼亚 保加利亚 爱沙尼亚 拉脱维亚 立陶宛"
    " 意大利 西班牙 葡萄牙 卢森堡 埃塞俄比亚 肯尼亚 巴拿马 古巴 尼加拉瓜 哥伦比亚 墨西哥 加拿大 澳大利亚 马来西亚 印度尼西亚 菲律宾 柬埔寨"
    " 卢旺达 索马里 突尼斯 阿尔及利亚 摩洛哥 尼日利亚 加沙 基辅 明斯克 华盛顿 伦敦 巴黎 柏林 维也纳 日内瓦 迪拜 大马士革 贝鲁特 香格里拉"
    " 格林尼治 哈萨克 乌兹别克 塔吉克 土库曼 日本"
).split()


def _begins(span: _Span) -> Iterator[_Span]:
    """A word that begins where it does, or later: 和 before it may be one for sound."""
    for cut in range(min(4, len(span.word) - 1)):
        yield _Span(span.first + cut, span.last, span.word[cut:])


def _ends(span: _Span) -> Iterator[_Span]:
    for cut in range(min(4, len(span.word) - 1)):
        yield _Span(span.first, span.last - cut, span.word[: len(span.word) - cut])


def _runs(page: Page) -> Iterator[list[_Span]]:
    """Characters for sound one behind another, with dots between the words of a name."""
    words, lows = page.words, page.words.lows
    run: list[_Span] = []
    at = 0
    while at < len(lows):
        if lows[at] not in _FOR_SOUND:
            if run:
                yield run
            run, at = [], at + 1
            continue
        first = at
        while at + 1 < len(lows) and lows[at + 1] in _FOR_SOUND and not words[at].gap:
            at += 1
        run.append(_Span(first, at, "".join(lows[first : at + 1])))
        if not (_DOTS.fullmatch(words[at].gap) and at + 1 < len(lows) and lows[at + 1] in _FOR_SOUND):
            yield run
            run = []
        at += 1
    if run:
        yield run


# ---------------------------------------------------------------- Chinese names as they are read

# What Chinese firms are, as papers write it: the words with which their English names end.
_KINDS = {
    "石化": "petrochemical petrochemicals", "石油化工": "petrochemical petrochemicals", "化工": "chemical chemicals",
    "化学": "chemical chemicals", "石油": "petroleum oil", "油品": "oil_products", "能源": "energy", "贸易": "trading trade",
    "商贸": "trading trade", "国际": "international", "物流": "logistics logistic", "科技": "technology technologies tech",
    "技术": "technology technologies", "电子": "electronics electronic", "实业": "industrial industry", "工业": "industrial industry",
    "集团": "group", "航运": "shipping", "海运": "shipping marine", "船务": "shipping", "船舶": "ship shipping",
    "船舶管理": "ship_management", "供应链": "supply_chain", "码头": "terminal", "港": "port", "银行": "bank", "仓储": "storage",
    "网络": "network", "信息": "information", "材料": "material materials", "发展": "development", "开发": "development",
    "投资": "investment", "进出口": "import_export import_and_export", "木业": "timber wood", "精密": "precision", "光电": "photoelectric",
    "半导体": "semiconductor", "航空": "aviation", "机械": "machinery", "设备": "equipment", "管理": "management", "运输": "transportation",
    "农村商业银行": "rural_commercial_bank", "农商银行": "rural_commercial_bank", "农商行": "rural_commercial_bank", "清洁能源": "clean_energy",
    "炼化": "refining refinery", "炼油": "refinery", "卫星": "satellite", "原油": "crude_oil", "检验": "inspection", "检验认证": "inspection_and_certification",
    "网络科技": "network_technology", "信息技术": "information_technology", "国际物流": "international_logistics", "国际贸易": "international_trade international_trading",
}  # fmt: skip
_VAGUE = frozenset("international group development investment management port storage equipment".split())
_LONGEST_KIND = max(map(len, _KINDS))
_MOST_OF_FIRM = 7  # tokens of its Latin name
_FAMILY_CHARS = 2


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
    for tokens in ([family, "".join(given)], ["".join(given), family], [family, *given]):
        for key, form in index.find_whole(" ".join(tokens)):
            if index.entities[key].schema is Schema.PERSON:
                written = "".join(page.words.lows[at : at + 3])
                yield Hit(at, at + 2, key, _as_written(written, form, is_weak=True), variant=False)


def _firms_at(page: Page, at: int, index: NameIndex) -> Iterator[Hit]:
    """A word of two or three characters, or several, and what the firm is."""
    for end, tokens in _firm_words(page, at, index, ()):
        for key, form in index.find_whole(" ".join(tokens)):
            if index.entities[key].schema is not Schema.PERSON and not _VAGUE.issuperset(tokens[1:]):
                written = "".join(page.words.lows[at:end])
                yield Hit(at, end - 1, key, _as_written(written, form, is_weak=False), variant=False)


def _firm_words(page: Page, at: int, index: NameIndex, before: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where the Chinese name that begins with the words `before` may end, and its words in Latin letters."""
    for size in (2, 3) if len(before) < _MOST_OF_FIRM else ():
        parts = _reading(page, at, size)
        if parts is not None:
            words = (*before, "".join(parts).replace("v", "u"))
            if index.may_begin(words):
                yield from _firm_words(page, at + size, index, words)
    for size in range(1, _LONGEST_KIND + 1) if before else ():
        for kind in _KINDS.get("".join(page.words.lows[at : at + size]), "").split():
            words = (*before, *kind.split("_"))
            yield at + size, words
            if index.may_begin(words):
                yield from _firm_words(page, at + size, index, words)
