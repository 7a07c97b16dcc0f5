"""Where Chinese and Korean characters are a name, and where they are parts of other words. Knows no names.

Chinese has no blanks: 中信 also stands in 其中 信息. Korean has them, and ties particles to a word: 한화 stands in 북한
화물선. Two characters are by chance in other words so often that what stands beside them must speak; three seldom are.
"""

from __future__ import annotations

import re

from bot.matching.terms import load_terms

__all__ = ["goes_on_as_another", "is_inside_a_word", "particles_behind", "stands_apart"]

_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SHORT = 2  # characters

# What may be tied to a Korean name: what it is, how one is addressed, and particles.
_TIED = re.compile(
    r"(?:그룹|측|씨|등|들|호)?"
    r"(?:(?:은|는|이|가|을|를|의|나|이나|(?:와|과|랑|이랑|하고)(?:의|는|도)?|(?:으)?로(?:서|써|부터)?(?:의|는|도|만)?"
    r"|에(?:서|게(?:서)?)?(?:의|는|도|만|까지|부터)?|한테(?:서)?(?:는|도)?|께(?:서)?(?:는|도)?|(?:까지|부터|처럼|보다|마저|조차|만|도)(?:은|는|도|의|이|을)?"
    r"|이?라[는고며]|이?란|이?며|이?고|인데?|이?다|였다|이었다|였던|이었던|입니다|임))?(?![\uac00-\ud7a3])"
)

# Behind a body's name these make another body of it, kinds only behind a longer one: 汇丰银行 is HSBC.
_FIRM = re.compile(
    r"[\u4e00-\u9fff]{0,6}?(?:公司|银行|大学|基金会|协会|研究所|学院|工厂)|[\uac00-\ud7a3]{0,4}?(?:회사|은행|대학)"
)
_ANOTHER = re.compile(r"大学|学院|研究所|研究院|医院|协会|基金会|监督|监管|管理(?:委员会|局|总局)|委员会|业(?![务绩])")
_KIND = re.compile(r"银行|保险|证券|信托|基金")


def is_inside_a_word(text: str, start: int, end: int) -> bool:
    """Is a short Korean or Japanese name at [start, end) only a part of a word there?"""
    if end - start > _SHORT:
        return False
    before = text[start - 1] if start else ""
    if _HANGUL.match(text, start):
        return _HANGUL.match(before) is not None or _TIED.match(text, end) is None
    return _KANA.match(text, start) is not None and bool(_KANA.match(before) or _KANA.match(text, end))


def particles_behind(text: str, end: int) -> bool:
    """Is what follows at `end` in a Korean word only what is tied to a name?"""
    return _TIED.match(text, end) is not None


def stands_apart(text: str, start: int, end: int) -> bool:
    """Does what is beside a Chinese name of two characters show that it is no part of other words? True of others."""
    if end - start != _SHORT or not _HAN.match(text, start):
        return True
    before, after = text[max(0, start - 3) : start], text[end : end + 3]
    if not _HAN.match(before[-1:]) or not _HAN.match(after):
        return True
    terms = load_terms()
    begins = before.endswith(terms.chinese_before) and before[-1] + text[start] not in terms.chinese_words
    return begins or (after.startswith(terms.chinese_behind) and text[end - 1] + after[0] not in terms.chinese_words)


def goes_on_as_another(text: str, start: int, end: int, *, of_a_firm: bool) -> bool:
    """Does what follows a body's name make another body of it: 拉撒路企业公司, 中国银行业监督管理委员会? A firm's may
    go on as its own: 中兴公司."""
    if not of_a_firm and _FIRM.match(text, end):
        return True
    return _ANOTHER.match(text, end) is not None or (end - start > _SHORT and _KIND.match(text, end) is not None)
