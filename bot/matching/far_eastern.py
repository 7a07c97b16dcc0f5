"""Korean, Chinese and Japanese people whose names are tracked in Latin letters, as Korean, Russian and Ukrainian write
them: Kim Chol Min is 김철민 and Ким Чхоль Мин, Chen Zhi is 천즈 and Чэнь Чжи, Takaichi is 다카이치 and Такаити. Russian
names in Hangul, too: Kozlov is 코즐로프.

Each script has rules for them of its own (Kontsevich, Palladius, Polivanov; Seoul's for Chinese and Japanese), so that
no comparison by sound finds them. Of a Latin syllable that may be several Korean ones all are made that names have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice, product

from bot.matching.spelling import cases_of
from bot.matching.terms import load_terms
from bot.text.folding import fold_key

__all__ = ["chinese_word", "is_pinyin", "korean_body", "may_be_korean", "russian_in_hangul", "written_in_the_east"]

_MOST = 48  # ways to write one name; the likeliest come first
_KOREAN_COUNTRIES = frozenset(("kp", "kr"))
_Word = Sequence[str]


def written_in_the_east(tokens: Sequence[str], countries: Iterable[str]) -> Iterator[list[str]]:
    """A person's folded name, family name first, in Hangul and in Cyrillic letters: as tokens. Nothing where it is no
    Korean, Chinese or Japanese name."""
    homes = set(countries)
    if not 2 <= len(tokens) <= 4 or not all(token.isascii() and token.isalpha() for token in tokens):
        return
    if homes & _KOREAN_COUNTRIES:
        yield from _korean(tokens)
    elif not homes and may_be_korean(tokens):
        yield from _korean(tokens)
        yield from _chinese(tokens)
    elif "jp" in homes:
        for order in (tokens, [*tokens[1:], tokens[0]]):
            yield from _japanese(order)
    elif tokens[0] in load_terms().family_first or "cn" in homes:
        yield from _chinese(tokens)


def chinese_word(token: str) -> Iterator[list[str]]:
    """The word of a Chinese firm, "hengli", in Hangul and in Cyrillic."""
    parts = _chinese_parts(token)
    if parts is not None and len(parts) > 1:
        yield list(_in_hangul(parts))
        yield from ([fold_key(way)] for way in _in_cyrillic(parts))


def is_pinyin(token: str) -> bool:
    """May it be a Chinese word: "zhongtai"?"""
    return _chinese_parts(token) is not None


_DECLINED = re.compile("[бвгджзклмнпрстфхцчшщиьая]$")


def _in_its_cases(tokens: list[str], language: str) -> Iterator[list[str]]:
    """Of a man's name the last part takes endings: "Чан Гук Чхоля"."""
    last = tokens[-1]
    if language == "uk" and last.endswith("ь"):  # a man's: cases_of has those of "Русь"
        yield from ([*tokens[:-1], last[:-1] + ending] for ending in ("ь", "я", "ю", "єві", "єм", "ем", "і"))
        return
    ways = cases_of(last, language) if _DECLINED.search(last) and len(last) > 1 else ()
    yield from ([*tokens[:-1], way] for way in dict.fromkeys((last, *ways)))


_UKRAINIAN = str.maketrans("эы", "еи")
_SOFT_AS_I = re.compile("(?<![жчш])и")


def _as_ukrainian(russian: str) -> str:
    return _SOFT_AS_I.sub("і", russian).translate(_UKRAINIAN)


def _in_both(words: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    """ "Ким Чен Ын" in Russian, "Кім Чен Ин" in Ukrainian."""
    yield list(words), "ru"
    yield [*map(_as_ukrainian, words)], "uk"


# ---------------------------------------------------------------- Korean

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
# How Pyongyang, Seoul and the United Nations write each in Latin letters.
_LATIN_INITIALS = {
    "ㄱ": "k g", "ㄴ": "n", "ㄷ": "t d", "ㄹ": "r l", "ㅁ": "m", "ㅂ": "p b", "ㅅ": "s sh", "ㅆ": "ss", "ㅇ": "",
    "ㅈ": "j", "ㅊ": "ch", "ㅋ": "k", "ㅌ": "t", "ㅍ": "p", "ㅎ": "h",
}  # fmt: skip
_LATIN_MEDIALS = {
    "ㅏ": "a", "ㅐ": "ae", "ㅑ": "ya", "ㅓ": "o eo", "ㅔ": "e", "ㅕ": "yo yeo you yu", "ㅖ": "ye", "ㅗ": "o",
    "ㅘ": "wa", "ㅚ": "oe oi", "ㅛ": "yo", "ㅜ": "u oo", "ㅝ": "wo", "ㅟ": "wi", "ㅠ": "yu yoo", "ㅡ": "u eu",
    "ㅢ": "ui", "ㅣ": "i",
}  # fmt: skip
_LATIN_FINALS = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ng"}
_KONTSEVICH_INITIALS = {
    "ㄱ": "к г", "ㄴ": "н", "ㄷ": "т д", "ㄹ": "р л", "ㅁ": "м", "ㅂ": "п б", "ㅅ": "с", "ㅆ": "сс", "ㅇ": "",
    "ㅈ": "ч чж", "ㅊ": "чх ч", "ㅋ": "кх", "ㅌ": "тх", "ㅍ": "пх", "ㅎ": "х",
}  # fmt: skip
_KONTSEVICH_MEDIALS = {
    "ㅏ": "а", "ㅐ": "э", "ㅑ": "я", "ㅓ": "о", "ㅔ": "е", "ㅕ": "ё", "ㅖ": "е", "ㅗ": "о", "ㅘ": "ва", "ㅚ": "ве",
    "ㅛ": "ё", "ㅜ": "у", "ㅝ": "во", "ㅟ": "ви", "ㅠ": "ю", "ㅡ": "ы", "ㅢ": "ый", "ㅣ": "и",
}  # fmt: skip
_KONTSEVICH_FINALS = {"": "", "ㄱ": "к", "ㄴ": "н", "ㄹ": "ль", "ㅁ": "м", "ㅂ": "п", "ㅇ": "н"}
# Syllables that names are made of, those that begin so many names first.
_IN_NAMES = (
    "김리이박최정강조윤장임림한오서신권황안송전홍유류고문양손배백허남심노로하곽성차주우구민라나진지엄채원"
    "천방공현함변염여려추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부가복태목형피두감"
    "호철열영혁일광룡학춘수미순희숙화향련해동훈만범욱웅환흥휘혜효후헌렬량령례록률걸건곤관교규균근겸계군귀"
    "극난녀년대덕돈락란래력료루륜륙린망매면묵무병보본빈삼상생섭세솔승시식실아애언업엽완외요운월율융의익자"
    "재절점종죽준중즙직찬창책척청초총충치칠쾌택통팔평필행협흔흠득벽쌍억존증징탄탈토판팽포풍품"
)
_IN_FIRMS = _IN_NAMES + "산합압록북"  # which are called after mountains and rivers
# Family names that are seldom written as they sound.
_KOREAN_FAMILIES = {
    "lee": "이 리", "yi": "이", "rhee": "이", "park": "박", "choi": "최", "kang": "강", "cho": "조", "jo": "조",
    "chung": "정", "jung": "정", "jeong": "정", "chang": "장", "jang": "장", "yoon": "윤", "yun": "윤", "moon": "문",
    "shin": "신", "ahn": "안", "kwon": "권", "woo": "우", "roh": "노 로", "no": "노 로", "ryu": "류 유", "yoo": "유",
    "yu": "유", "u": "우", "o": "오", "oh": "오", "koo": "구", "hur": "허", "kim": "김", "yim": "임", "lim": "임 림",
    "im": "임", "paik": "백", "baek": "백", "paek": "백", "han": "한", "ri": "리 이", "rim": "림 임", "ro": "로 노",
}  # fmt: skip
# As English readers hear them.
_BY_EAR = {"sun": "선", "jung": "정", "chung": "정", "suk": "석", "hee": "희", "kun": "건"}
_KIM = {"김": ("ким",), "이": ("ли", "и"), "리": ("ри", "ли"), "정": ("чон", "чжон", "чен"), "최": ("чхве", "цой")}


def _letters(syllable: str) -> tuple[str, str, str]:
    number = ord(syllable) - 0xAC00
    return _INITIALS[number // 588], _MEDIALS[number % 588 // 28], _FINALS[number % 28]


def _syllables() -> dict[str, tuple[str, ...]]:
    return _by_latin(_IN_NAMES)


@cache
def _by_latin(korean: str) -> dict[str, tuple[str, ...]]:
    """Latin syllable -> the Korean ones that it may be, likely ones first."""
    found: dict[str, dict[str, None]] = {}
    for syllable in korean:
        first, middle, last = _letters(syllable)
        if middle not in _LATIN_MEDIALS or last not in _LATIN_FINALS:
            continue
        ways = product(
            _LATIN_INITIALS[first].split() or [""], _LATIN_MEDIALS[middle].split(), _LATIN_FINALS[last].split() or [""]
        )
        for way in map("".join, ways):
            found.setdefault(way, {})[syllable] = None
    for latin, syllable in _BY_EAR.items():
        found.setdefault(latin, {})[syllable] = None
    return {latin: tuple(syllables) for latin, syllables in found.items()}


def _korean_parts(token: str) -> _Word | None:
    """The Latin syllables of a name: "jaemyung" is jae and myung; None where it has others."""
    known = _syllables()
    if token in _KOREAN_FAMILIES or token in known:
        return [token]
    for size in range(min(6, len(token) - 1), 0, -1):
        if token[:size] in known and token[size:] in known:
            return [token[:size], token[size:]]
    return None


def may_be_korean(tokens: Sequence[str]) -> bool:
    """A family name and two syllables, all as Koreans have them: "Kim Ung Sun", "Lee Jae-myung"."""
    if len(tokens) not in (2, 3) or tokens[0] not in _FAMILIES:
        return False
    words = [_korean_parts(token) for token in tokens]
    return all(words) and sum(len(word or ()) for word in words) == _SYLLABLES_OF_A_NAME


_SYLLABLES_OF_A_NAME = 3
_FAMILIES = _KOREAN_FAMILIES.keys() | frozenset(
    "pak choe jong an sin so mun ho hwang hong myong song chon jon kye ju ji chu ko won cha min".split()
    + "ryang ra om ok tae kwak paek".split()
)

# What a Korean firm is, by its English words behind what is its own: Hangul, the likeliest first.
_KINDS_IN_HANGUL = {
    "trading": "무역 무역회사 무역총회사", "trading corporation": "무역회사 무역총회사 무역",
    "trading company": "무역회사 무역", "general trading corporation": "무역총회사 총무역회사 무역회사",
    "general corporation": "총회사 무역총회사", "corporation": "회사 총회사 무역회사", "company": "회사",
    "shipping and trading": "선박무역회사 해운무역회사", "shipping trading": "선박무역회사 해운무역회사",
    "trading general corporation": "무역총회사 총무역회사 무역회사", "import export": "수출입회사 수출입",
    "shipping": "해운 선박 선박회사 해운회사", "shipping company": "해운 선박회사 해운회사 선박", "bank": "은행",
    "credit bank": "신용은행", "development bank": "개발은행", "commercial bank": "상업은행",
    "joint bank": "합영은행", "industrial bank": "산업은행", "trade bank": "무역은행", "technology": "기술",
    "technology company": "기술회사 기술", "technology corporation": "기술회사 기술",
    "computer technology company": "컴퓨터기술회사", "information technology company": "정보기술회사",
    "network technology": "네트워크기술 네트워크기술회사 네트워크기술유한공사",
    "import export corporation": "수출입회사", "technology trading corporation": "기술무역회사",
    "ship management": "선박관리", "university": "대학 대학교", "economic trading corporation": "경제무역회사",
    "insurance": "보험", "airlines": "항공",
}  # fmt: skip
_R_AS_N = re.compile("(?<=ng)n|(?<=m)n")  # 승리 is spoken, and often written, sungni
_KOREA = frozenset(("korea", "koryo", "choson"))
_NO_KIND = frozenset("co ltd limited inc llc and of the".split())
_FEWEST = 4  # syllables of a firm's whole name


def korean_body(tokens: Sequence[str]) -> Iterator[str]:
    """A Korean firm in Hangul: "Chilsong Trading Corporation" is 칠성무역회사, "Korea Pugang Trading" 조선부강무역."""
    is_korea = tokens[:1] != [] and tokens[0] in _KOREA
    places = load_terms().places
    own = [token for token in tokens[is_korea:] if token not in _NO_KIND]
    own = own[1:] if len(own) > 2 and own[0] in places and not is_korea else own
    kinds, words = _kinds(own[1:]), _korean_words(_R_AS_N.sub("r", own[0])) if own else []
    if not kinds and len(own) > 2:  # "Dong Hung Shipping" is 동흥선박
        kinds, words = _kinds(own[2:]), _korean_words("".join(own[:2]))
    words = words if kinds else []
    before = ("조선", "고려", "") if is_korea else ("", "조선", "고려")
    for parts in words:
        for way in islice(product(*(_by_latin(_IN_FIRMS)[part][:4] for part in parts)), _MOST // len(words)):
            for kind in kinds:
                yield from (each for first in before if len(each := first + "".join(way) + kind) >= _FEWEST)


def _korean_words(token: str) -> list[list[str]]:
    """The Latin syllables that a word of two to four may be made of: "chonsurim" of chon, su and rim; "mangyongdae"
    of man, gyong and dae, or of mang, yong and dae."""
    if not 4 <= len(token) <= 20:
        return []
    ways: list[list[list[str]]] = [[[]]]  # of its last letters, ever more of them
    for left in range(1, len(token) + 1):
        rest = token[-left:]
        sizes = [size for size in range(1, min(6, left) + 1) if rest[:size] in _by_latin(_IN_FIRMS)]
        found = [[rest[:size], *behind] for size in sizes for behind in ways[left - size] if len(behind) < 4]
        ways.append(sorted(found, key=len)[:_WORDS])
    return [parts for parts in ways[-1] if len(parts) > 1]


def _kinds(words: Sequence[str]) -> list[str]:
    return _KINDS_IN_HANGUL.get(" ".join(words), "").split()


_WORDS = 4  # in how many ways a word is parted


def _korean_in_hangul(part: str) -> _Word:
    return _KOREAN_FAMILIES[part].split() if part in _KOREAN_FAMILIES else _syllables()[part]


@cache
def _korean_in_cyrillic(part: str) -> _Word:
    written: dict[str, None] = {}
    for syllable in dict.fromkeys((*_korean_in_hangul(part), *_syllables().get(part, ()))):
        first, middle, last = _letters(syllable)
        ways = product(
            _KONTSEVICH_INITIALS[first].split() or [""],
            [_KONTSEVICH_MEDIALS[middle]],
            [_KONTSEVICH_FINALS[last]],
        )
        written |= dict.fromkeys((*_KIM.get(syllable, ()), *map("".join, ways)))
    return tuple(written)


def _korean(tokens: Sequence[str]) -> Iterator[list[str]]:
    words = [_korean_parts(token) for token in tokens]
    if not all(words) or len(words[0] or ()) > 1:
        return
    family, *given = (part for word in words for part in word or ())
    if not 1 <= len(given) <= 3:
        return
    for way in islice(product(*map(_korean_in_hangul, (family, *given))), _MOST):
        yield list("".join(way))
    for name in _korean_in_cyrillic(family):
        for way in islice(product(*map(_korean_in_cyrillic, given)), _MOST):
            for written in dict.fromkeys((("".join(way),), way)):
                for each, language in _in_both([name, *written]):
                    yield from _in_its_cases([fold_key(part) for part in each], language)


# ---------------------------------------------------------------- Chinese

# Pinyin initials and finals: as Seoul writes them, and Palladius.
_PINYIN_INITIALS = {
    "zh": ("ㅈ", "чж"), "ch": ("ㅊ", "ч"), "sh": ("ㅅ", "ш"), "b": ("ㅂ", "б"), "p": ("ㅍ", "п"), "m": ("ㅁ", "м"),
    "f": ("ㅍ", "ф"), "d": ("ㄷ", "д"), "t": ("ㅌ", "т"), "n": ("ㄴ", "н"), "l": ("ㄹ", "л"), "g": ("ㄱ", "г"),
    "k": ("ㅋ", "к"), "h": ("ㅎ", "х"), "j": ("ㅈ", "цз"), "q": ("ㅊ", "ц"), "x": ("ㅅ", "с"), "r": ("ㄹ", "ж"),
    "z": ("ㅉ", "цз"), "c": ("ㅊ", "ц"), "s": ("ㅆ", "с"), "y": ("ㅇ", ""), "w": ("ㅇ", ""), "": ("ㅇ", ""),
}  # fmt: skip
_PINYIN_FINALS = {  # final: Hangul letters, Palladius
    "a": ("ㅏ", "а"), "o": ("ㅗ", "о"), "e": ("ㅓ", "э"), "ai": ("ㅏㅇㅣ", "ай"), "ei": ("ㅔㅇㅣ", "эй"),
    "ao": ("ㅏㅇㅗ", "ао"), "ou": ("ㅓㅇㅜ", "оу"), "an": ("ㅏㄴ", "ань"), "en": ("ㅓㄴ", "энь"),
    "ang": ("ㅏㅇ", "ан"), "eng": ("ㅓㅇ", "эн"), "ong": ("ㅜㅇ", "ун"), "i": ("ㅣ", "и"), "ia": ("ㅑ", "я"),
    "ie": ("ㅖ", "е"), "iao": ("ㅑㅇㅗ", "яо"), "iu": ("ㅠ", "ю"), "ian": ("ㅖㄴ", "янь"), "in": ("ㅣㄴ", "инь"),
    "iang": ("ㅑㅇ", "ян"), "ing": ("ㅣㅇ", "ин"), "iong": ("ㅠㅇ", "юн"), "u": ("ㅜ", "у"), "ua": ("ㅘ", "уа"),
    "uo": ("ㅝ", "о"), "uai": ("ㅘㅇㅣ", "уай"), "ui": ("ㅜㅇㅣ", "уй"), "uan": ("ㅘㄴ", "уань"), "un": ("ㅜㄴ", "унь"),
    "uang": ("ㅘㅇ", "уан"), "ue": ("ㅞ", "юэ"), "v": ("ㅟ", "юй"), "van": ("ㅟㅇㅏㄴ", "юань"), "vn": ("ㅟㄴ", "юнь"),
}  # fmt: skip
_PINYIN_WHOLE = {  # those that are written otherwise than by their parts
    "zhi": ("즈", "чжи"), "chi": ("츠", "чи"), "shi": ("스", "ши"), "ri": ("르", "жи"), "zi": ("쯔", "цзы"),
    "ci": ("츠", "цы"), "si": ("쓰", "сы"), "er": ("얼", "эр"), "yi": ("이", "и"), "ya": ("야", "я"), "ye": ("예", "е"),
    "yao": ("야오", "яо"), "you": ("유", "ю"), "yan": ("옌", "янь"), "yin": ("인", "инь"), "yang": ("양", "ян"),
    "ying": ("잉", "ин"), "yong": ("융", "юн"), "yu": ("위", "юй"), "yue": ("웨", "юэ"), "yuan": ("위안", "юань"),
    "yun": ("윈", "юнь"), "wu": ("우", "у"), "wa": ("와", "ва"), "wo": ("워", "во"), "wai": ("와이", "вай"),
    "wei": ("웨이", "вэй"), "wan": ("완", "вань"), "wen": ("원", "вэнь"), "wang": ("왕", "ван"), "weng": ("웡", "вэн"),
    "hui": ("후이", "хуэй"), "lie": ("례", "ле"), "bo": ("보", "бо"), "po": ("포", "по"), "mo": ("모", "мо"),
    "fo": ("포", "фо"),
}  # fmt: skip
_ROUNDED = frozenset("jqx")  # behind which u is ü
_WITHOUT_Y = str.maketrans("ㅑㅠㅛㅖ", "ㅏㅜㅗㅔ")


def _hangul_of(letters: str) -> str:
    """Syllables of Korean letters: ㅊㅓㄴ is 천, ㅌㅔㄴㅇㅠ 텐유."""
    return re.sub(
        f"([{_INITIALS}])([{_MEDIALS}])([ㄴㅇ](?![{_MEDIALS}]))?",
        lambda syllable: chr(
            0xAC00
            + _INITIALS.index(syllable[1]) * 588
            + _MEDIALS.index(syllable[2]) * 28
            + _FINALS.index(syllable[3] or "")
        ),
        letters,
    )


@cache
def _pinyin() -> dict[str, tuple[str, str]]:
    """Every syllable that an initial and a final of pinyin make, some of them no Chinese word: Hangul, Cyrillic."""
    known = {
        initial + final: _of_parts(initial, final)
        for initial in _PINYIN_INITIALS
        for final in _PINYIN_FINALS
        if initial not in ("", "y", "w") and (final[0] != "v" or initial in ("n", "l"))
    }
    for whole in ("a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang"):
        known[whole] = _of_parts("", whole)
    return known | _PINYIN_WHOLE


def _of_parts(initial: str, final: str) -> tuple[str, str]:
    korean, cyrillic = _PINYIN_INITIALS[initial]
    is_rounded = initial in _ROUNDED and final in ("u", "uan", "un")
    letters, sound = _PINYIN_FINALS["v" + final[1:] if is_rounded else final]
    if korean in "ㅈㅊ":  # 자, 주, 젠 for jia, jiu, jian
        letters = letters.translate(_WITHOUT_Y)
    return _hangul_of(korean + letters), cyrillic + sound


def _chinese_parts(token: str) -> _Word | None:
    """The syllables of pinyin that a word is made of, the longest first: "tianyou" is tian and you."""
    parts: list[_Word | None] = [[]]  # of its last letters, ever more of them: a word can be parted in very many ways
    for left in range(1, len(token) + 1):
        rest = token[-left:]
        ways = (
            [rest[:size], *behind]
            for size in range(min(6, left), 0, -1)
            if rest[:size] in _pinyin() and (behind := parts[left - size]) is not None
        )
        parts.append(next(ways, None))
    return parts[-1]


def _chinese(tokens: Sequence[str]) -> Iterator[list[str]]:
    family, *given = map(_chinese_parts, tokens)
    parts = [part for word in given for part in word or ()]
    if family is None or None in given or len(family) > 2 or not 1 <= len(parts) <= 3:
        return
    yield list(_in_hangul([*family, *parts]))
    for name, own, language in zip(_in_cyrillic(family), _in_cyrillic(parts), ("ru", "uk"), strict=True):
        yield from _in_its_cases([fold_key(name), fold_key(own)], language)


def _in_hangul(parts: Iterable[str]) -> str:
    return "".join(_pinyin()[part][0] for part in parts)


def _in_cyrillic(parts: Iterable[str]) -> tuple[str, str]:
    """As Palladius has it, and as Ukrainian does: Си Цзиньпин, Сі Цзіньпін."""
    russian = "".join(_pinyin()[part][1] for part in parts)
    return russian, _as_ukrainian(russian)


# ---------------------------------------------------------------- Japanese

_MORAE = {  # Hepburn: Hangul at the beginning, Hangul later, Polivanov
    "a": "아 아 а", "i": "이 이 и", "u": "우 우 у", "e": "에 에 э", "o": "오 오 о",
    "ka": "가 카 ка", "ki": "기 키 ки", "ku": "구 쿠 ку", "ke": "게 케 кэ", "ko": "고 코 ко",
    "sa": "사 사 са", "shi": "시 시 си", "su": "스 스 су", "se": "세 세 сэ", "so": "소 소 со",
    "ta": "다 타 та", "chi": "지 치 ти", "tsu": "쓰 쓰 цу", "te": "데 테 тэ", "to": "도 토 то",
    "na": "나 나 на", "ni": "니 니 ни", "nu": "누 누 ну", "ne": "네 네 нэ", "no": "노 노 но",
    "ha": "하 하 ха", "hi": "히 히 хи", "fu": "후 후 фу", "he": "헤 헤 хэ", "ho": "호 호 хо",
    "ma": "마 마 ма", "mi": "미 미 ми", "mu": "무 무 му", "me": "메 메 мэ", "mo": "모 모 мо",
    "ya": "야 야 я", "yu": "유 유 ю", "yo": "요 요 ё", "ra": "라 라 ра", "ri": "리 리 ри", "ru": "루 루 ру",
    "re": "레 레 рэ", "ro": "로 로 ро", "wa": "와 와 ва", "ga": "가 가 га", "gi": "기 기 ги", "gu": "구 구 гу",
    "ge": "게 게 гэ", "go": "고 고 го", "za": "자 자 дза", "ji": "지 지 дзи", "zu": "즈 즈 дзу", "ze": "제 제 дзэ",
    "zo": "조 조 дзо", "da": "다 다 да", "de": "데 데 дэ", "do": "도 도 до", "ba": "바 바 ба", "bi": "비 비 би",
    "bu": "부 부 бу", "be": "베 베 бэ", "bo": "보 보 бо", "pa": "파 파 па", "pi": "피 피 пи", "pu": "푸 푸 пу",
    "pe": "페 페 пэ", "po": "포 포 по", "sha": "샤 샤 ся", "shu": "슈 슈 сю", "sho": "쇼 쇼 сё", "cha": "자 차 тя",
    "chu": "주 추 тю", "cho": "조 초 тё", "ja": "자 자 дзя", "ju": "주 주 дзю", "jo": "조 조 дзё", "kya": "갸 캬 кя",
    "kyu": "규 큐 кю", "kyo": "교 쿄 кё", "ryu": "류 류 рю", "ryo": "료 료 рё", "gyo": "교 교 гё", "hyo": "효 효 хё",
    "myo": "묘 묘 мё", "nyo": "뇨 뇨 нё", "n": "ㄴ ㄴ н",
}  # fmt: skip


def _morae(token: str) -> _Word | None:
    token = re.sub(r"([oeu])h(?![aeiou])|(?<=o)u|(?<=o)o|(?<=u)u", r"\1", token)  # "Ohno", "Youko"
    found = re.findall(r"[kgsztdnhbpmyrwcjf]?[shy]?h?[aiueo]|n", token)
    return found if found and "".join(found) == token and all(mora in _MORAE for mora in found) else None


def _japanese(tokens: Sequence[str]) -> Iterator[list[str]]:
    """Family name first in Hangul; either way round in Cyrillic."""
    words = [_morae(token) for token in tokens]
    if len(tokens) != 2 or not all(words):
        return
    hangul, cyrillic = [], []
    for word in words:
        parts = [_MORAE[mora].split() for mora in word or ()]
        hangul.append("".join(part[0 if not at else 1] for at, part in enumerate(parts)))
        cyrillic.append(re.sub("(?<=[аоуиеэ])и$", "й", "".join(part[2] for part in parts)))
    yield list("".join(map(_with_finals, hangul)))
    for way in (cyrillic, cyrillic[::-1]):
        for each in dict.fromkeys((tuple(way), tuple(word.replace("э", "е") for word in way))):
            yield from _in_its_cases([fold_key(word) for word in each], "ru")


def _with_finals(hangul: str) -> str:
    """A ㄴ of its own goes below the syllable in front."""
    out = ""
    for char in hangul:
        out = out[:-1] + chr(ord(out[-1]) + _FINALS.index("ㄴ")) if char == "ㄴ" and out else out + char
    return out


# ---------------------------------------------------------------- Russian names in Hangul

_RUSSIAN = re.compile("shch|[skz]h|ch|ts|y[aeou]|[a-z]")
_RUSSIAN_INITIALS = {
    "b": "ㅂ", "v": "ㅂ", "g": "ㄱ", "d": "ㄷ", "zh": "ㅈ", "z": "ㅈ", "k": "ㅋ", "l": "ㄹ", "m": "ㅁ", "n": "ㄴ",
    "p": "ㅍ", "r": "ㄹ", "s": "ㅅ", "t": "ㅌ", "f": "ㅍ", "kh": "ㅎ", "h": "ㅎ", "ts": "ㅊ", "ch": "ㅊ", "sh": "ㅅ",
    "shch": "ㅊ",
}  # fmt: skip
_RUSSIAN_MEDIALS = {
    "a": "ㅏ", "e": "ㅔ", "i": "ㅣ", "o": "ㅗ", "u": "ㅜ", "y": "ㅣ", "ya": "ㅑ", "ye": "ㅖ", "yo": "ㅛ", "yu": "ㅠ",
}  # fmt: skip
# Without a vowel: before a voiced consonant, and otherwise.
_ALONE = {
    "b": "브프", "v": "브프", "g": "그크", "d": "드트", "z": "즈스", "zh": "즈시", "k": "크크", "p": "프프",
    "t": "트트", "s": "스스", "f": "프프", "kh": "흐흐", "h": "흐흐", "r": "르르", "ts": "츠츠", "ch": "치치",
    "sh": "시시", "shch": "시시",
}  # fmt: skip
_VOICED = frozenset("b v g d z zh l m n r".split())
_BELOW = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ"}  # these go below the syllable in front
_AFTER_SH = str.maketrans("ㅏㅔㅗㅜ", "ㅑㅖㅛㅠ")


def russian_in_hangul(token: str) -> str:
    """A word of a Russian name: "kozlov" is 코즐로프; "" where it has other letters than transliterations have."""
    token = re.sub("(?<=[iy])y$", "", token).replace("x", "ks")
    sounds = _RUSSIAN.findall(token)
    if "".join(sounds) != token or not all(one in _RUSSIAN_INITIALS or one in _RUSSIAN_MEDIALS for one in sounds):
        return ""
    out = ""
    for at, sound in enumerate(sounds):
        before, after = (sounds[at - 1] if at else ""), (sounds[at + 1] if at + 1 < len(sounds) else "")
        if sound in _RUSSIAN_MEDIALS:
            medial = _RUSSIAN_MEDIALS[sound]
            if before == "sh":
                medial = medial.translate(_AFTER_SH)
            elif sound == "e" and before not in _RUSSIAN_INITIALS:  # at the beginning, and behind a vowel
                medial = "ㅖ"
            out += _hangul_of(_RUSSIAN_INITIALS.get(before, "ㅇ") + medial)
        elif after in _RUSSIAN_MEDIALS:
            if sound == "shch":
                out += "시"
            if sound == "l":
                out = _with_below(out, "ㄹ")
        elif sound in _BELOW:
            out = _with_below(out, _BELOW[sound]) or out
        elif sound == "k" and after:
            out = _with_below(out, "ㄱ")
        else:
            out += _ALONE[sound][after not in _VOICED]
    return out


def _with_below(written: str, final: str) -> str:
    """With a final consonant below the last syllable, if it has none."""
    if not written or (ord(written[-1]) - 0xAC00) % 28:
        return written
    return written[:-1] + chr(ord(written[-1]) + _FINALS.index(final))
