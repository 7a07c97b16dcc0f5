"""How a name written in one script may be spelt in another: Latin readings, consonants, generic words translated.

rigour reads Cyrillic, Greek, Armenian, Georgian and Hangul letter by letter, and knows 600,000 given and family names
across scripts. What is left is here: Chinese and Korean names without blanks, scripts without vowels, and the generic
words of firms' names in Chinese, Korean and Arabic.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rigour.text.scripts import text_scripts
from rigour.text.translit import ascii_text

from bot.text.folding import simplified

__all__ = [
    "is_abjad",
    "is_han",
    "is_hangul",
    "korean_sound",
    "latin_reading",
    "skeleton",
    "sound",
    "without_article",
]


_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3]+")
_ABJAD = frozenset({"Arabic", "Hebrew", "Syriac"})
# Family names of two characters; all others have one.
_TWO_HAN = frozenset("欧阳 司马 诸葛 上官 司徒 夏侯 皇甫 尉迟 公孙 慕容 令狐 东方 独孤 长孙 宇文 端木 轩辕".split())
_TWO_HANGUL = frozenset("남궁 황보 제갈 선우 독고 사공 서문 동방".split())
# Family names whose reading is not the common one of the character.
_FAMILY_READINGS = {"单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "翟": "zhai", "尉": "wei",
                    "盖": "ge", "华": "hua", "任": "ren", "覃": "qin", "乐": "yue", "朴": "piao",
                    "区": "ou"}  # fmt: skip
_KOREAN_FAMILIES = {"이": "lee", "리": "lee", "박": "park", "최": "choi", "정": "jung", "강": "kang", "조": "cho",
                    "윤": "yoon", "장": "jang", "임": "lim", "림": "lim", "오": "oh", "신": "shin", "권": "kwon",
                    "황": "hwang", "안": "ahn", "유": "yoo", "류": "ryu", "김": "kim", "노": "noh", "로": "noh",
                    "문": "moon", "백": "paek", "우": "woo", "구": "koo"}  # fmt: skip

# Generic words in firms' and bodies' names, longest first where one begins another.
_HAN_WORDS = {
    "股份有限公司": "joint stock company", "有限责任公司": "limited liability company", "有限公司": "co ltd",
    "总公司": "corporation", "分公司": "branch", "公司": "company", "集团": "group", "控股": "holding",
    "银行": "bank", "科技": "technology", "技术": "technology", "国际": "international", "贸易": "trading",
    "进出口": "import export", "进口": "import", "出口": "export", "投资": "investment", "发展": "development",
    "工业": "industry", "实业": "industrial", "电子": "electronics", "电器": "electric", "石油": "petroleum",
    "天然气": "gas", "能源": "energy", "化工": "chemical", "航空": "aviation", "航天": "aerospace", "航运": "shipping",
    "船舶": "shipbuilding", "海运": "marine shipping", "物流": "logistics", "运输": "transport",
    "通信": "communication",
    "通讯": "communication", "半导体": "semiconductor", "机械": "machinery", "材料": "materials", "设备": "equipment",
    "仪器": "instrument", "研究院": "research institute", "研究所": "research institute", "大学": "university",
    "学院": "institute", "中心": "center", "中国": "china", "香港": "hong kong", "北京": "beijing", "上海": "shanghai",
    "深圳": "shenzhen", "广州": "guangzhou", "朝鲜": "korea", "国家": "national", "人民": "people", "第一": "first",
    "第二": "second", "信息": "information", "网络": "network", "软件": "software", "保险": "insurance",
    "证券": "securities", "建设": "construction", "工程": "engineering", "建筑": "construction", "精密": "precision",
    "新材料": "new material", "数码": "digital", "商贸": "trading", "服务": "service", "管理": "management",
    "金属": "metal", "大连": "dalian", "丹东": "dandong", "沈阳": "shenyang", "天津": "tianjin", "重庆": "chongqing",
    "杭州": "hangzhou", "宁波": "ningbo", "苏州": "suzhou", "无锡": "wuxi", "南京": "nanjing", "武汉": "wuhan",
    "成都": "chengdu", "西安": "xian", "青岛": "qingdao", "济南": "jinan", "厦门": "xiamen", "福州": "fuzhou",
    "东莞": "dongguan", "佛山": "foshan", "珠海": "zhuhai", "长沙": "changsha", "郑州": "zhengzhou", "合肥": "hefei",
    "哈尔滨": "harbin", "长春": "changchun", "昆明": "kunming", "烟台": "yantai", "新疆": "xinjiang", "澳门": "macau",
    "台湾": "taiwan", "辽宁": "liaoning", "山东": "shandong", "江苏": "jiangsu", "浙江": "zhejiang",
    "广东": "guangdong", "福建": "fujian", "四川": "sichuan", "湖北": "hubei", "湖南": "hunan", "河北": "hebei",
    "河南": "henan",
}  # fmt: skip
_HANGUL_WORDS = {
    "은행": "bank", "회사": "company", "주식회사": "co ltd", "무역": "trading", "개발": "development", "광업": "mining",
    "조선": "korea", "대한": "korea", "한국": "korea", "총국": "general bureau", "총회사": "general corporation",
    "그룹": "group", "전자": "electronics", "해운": "shipping", "국제": "international", "중앙": "central",
    "공업": "industry", "산업": "industry", "자동차": "motor", "중공업": "heavy industries", "보험": "insurance",
    "항공": "airlines", "석유": "petroleum", "화학": "chemical", "건설": "construction", "대학": "university",
    "무역회사": "trading company", "무역은행": "trade bank", "합작": "joint venture", "금속": "metal",
    "연구소": "research institute", "통신": "communication", "인민": "people",
}  # fmt: skip
_ARABIC_WORDS = {
    "شركة": "company", "شرکت": "company", "بنك": "bank", "بانک": "bank", "مصرف": "bank", "وطنية": "national",
    "وطني": "national", "ملي": "melli", "ملی": "national", "نفط": "oil", "نفت": "oil", "غاز": "gas", "گاز": "gas",
    "عامة": "general", "دولية": "international", "دولي": "international", "صناعات": "industries",
    "صناعة": "industry", "صنایع": "industries", "تجارة": "trading", "تجارية": "trading", "بازرگانی": "trading",
    "مجموعة": "group", "گروه": "group", "ايران": "iran", "ایران": "iran", "ايرانية": "iranian", "سورية": "syria",
    "سوري": "syrian", "عراق": "iraq", "عراقية": "iraqi", "لبنان": "lebanon", "ليبية": "libyan", "مركزي": "central",
    "مرکزی": "central", "اسلامي": "islamic", "اسلامية": "islamic", "اسلامی": "islamic", "طيران": "airlines",
    "نقل": "transport", "بحرية": "marine", "استثمار": "investment", "قابضة": "holding", "محدودة": "ltd",
    "مؤسسة": "foundation", "موسسة": "foundation", "بنیاد": "foundation", "جمعية": "association", "وزارة": "ministry",
    "وزارت": "ministry", "جامعة": "university", "دانشگاه": "university", "تامين": "insurance", "بیمه": "insurance",
    "مقاولات": "contracting", "صرافة": "exchange", "حزب": "hizb", "الله": "allah",
}  # fmt: skip


def is_han(text: str) -> bool:
    return _HAN.search(text) is not None


def is_hangul(text: str) -> bool:
    return _HANGUL.search(text) is not None


def is_abjad(text: str) -> bool:
    return not text.isascii() and bool(text_scripts(text) & _ABJAD)


@lru_cache(maxsize=20_000)
def latin_reading(name: str, is_person: bool) -> str:
    """The name in Latin letters, where rigour leaves it as it is or in one piece. '习近平' -> 'xi jinping'."""
    if is_han(name):
        return _read(_HAN, _han_person if is_person else _han_firm, simplified(name))
    if is_hangul(name):
        return _read(_HANGUL, _hangul_person if is_person else _hangul_firm, name)
    if is_abjad(name):
        return " ".join(_read_abjad(word, is_person) for word in name.split())
    return name if name.isascii() else ascii_text(name)


def _read(script: re.Pattern[str], run_reading: object, name: str) -> str:
    assert callable(run_reading)
    latin = script.sub(lambda run: f" {run_reading(run.group())} ", name.replace("·", " ").replace("・", " "))
    return ascii_text(" ".join(latin.split()))


def _han_person(run: str) -> str:
    """Family name first. One character alone is a part of a name with blanks."""
    split = 2 if run[:2] in _TWO_HAN and len(run) > 2 else 1
    if len(run) == 1 or len(run) > 4:
        return _pinyin(run)
    family = _FAMILY_READINGS.get(run[:split]) or _pinyin(run[:split])
    return f"{family} {_pinyin(run[split:])}"


def _pinyin(run: str) -> str:
    return ascii_text(run).replace(" ", "").replace("'", "").lower() if run else ""


def _han_firm(run: str) -> str:
    return _translated(run, _HAN_WORDS, _pinyin, 6)


def _hangul_person(run: str) -> str:
    split = 2 if run[:2] in _TWO_HANGUL and len(run) > 2 else 1
    if len(run) == 1:
        return _KOREAN_FAMILIES.get(run) or _hangul(run)
    if len(run) > 4:
        return _hangul(run)
    family = _KOREAN_FAMILIES.get(run[:split]) or _hangul(run[:split])
    return f"{family} {' '.join(_hangul(syllable) for syllable in run[split:])}"


def _hangul(run: str) -> str:
    return "".join(ascii_text(syllable) for syllable in run).replace("-", "")


def _hangul_firm(run: str) -> str:
    return _translated(run, _HANGUL_WORDS, _hangul, 4)


def _translated(run: str, words: dict[str, str], spelt: object, longest: int) -> str:
    """Known words translated, what stands between them spelt in Latin letters."""
    assert callable(spelt)
    out: list[str] = []
    rest = ""
    at = 0
    while at < len(run):
        size = next((size for size in range(longest, 1, -1) if run[at : at + size] in words), 0)
        if size:
            out += [spelt(rest), words[run[at : at + size]]]
            rest = ""
        else:
            rest += run[at]
        at += size or 1
    return " ".join(part for part in [*out, spelt(rest)] if part)


# The glottal sounds have no Latin letter: ICU has signs for them, which ASCII lacks, and would part a word in two.
_ARABIC_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ع": "", "ء": ""})
_ARTICLE = re.compile(r"(?<=\s)ال(?!له$)(?=\w{3,}$)")  # of the last word
_LONG_U = re.compile(r"(?<=[^\W\daeiouy])w(?![aeiouyw])")  # between consonants, and at the end


def without_article(name: str) -> str:
    """'معمر القذافي' without the article of the family name, which Latin writing leaves out or sets apart."""
    return _ARTICLE.sub("", name.strip())


def _read_abjad(word: str, is_person: bool) -> str:
    bare = "".join(char for char in unicodedata.normalize("NFKC", word) if unicodedata.category(char) != "Mn")
    bare = bare.translate(_ARABIC_LETTERS)
    if not is_person:
        without_article = bare.removeprefix("ال")
        known = _ARABIC_WORDS.get(bare) or _ARABIC_WORDS.get(without_article)
        if known:
            return known
    return _LONG_U.sub("u", ascii_text(bare).replace("'", ""))


# ---------------------------------------------------------------- sounds

_DIGRAPHS = (
    ("shch", "s"), ("sch", "s"), ("tch", "c"), ("kh", "h"), ("sh", "s"), ("ch", "c"), ("zh", "j"), ("gh", "g"),
    ("ph", "f"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("ts", "s"), ("tz", "s"), ("dj", "j"), ("dzh", "j"),
    ("ks", "x"),
)  # fmt: skip
_CLASSES = str.maketrans({"q": "k", "c": "k", "g": "k", "z": "s", "x": "s", "v": "f", "w": "f", "p": "b"})
_VOWELS = re.compile(r"[aeiouy'`’]")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=100_000)
def skeleton(token: str) -> str:
    """The consonants of a Latin word, those merged that transliterations mix up: 'Gaddafi', 'Qadhafi' -> 'kdf'. A
    vowel at the start is kept as 'a'."""
    word = token.casefold()
    for letters, sound in _DIGRAPHS:
        word = word.replace(letters, sound)
    head = "a" if word[:1] in "aeiouy" and word else ""
    return head + _VOWELS.sub("", _DOUBLED.sub(r"\1", word.translate(_CLASSES)))


_VOWEL_SOUNDS = (
    ("ow", "of"), ("ew", "ef"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ea", "i"), ("ai", "i"), ("ay", "i"),
    ("ei", "i"),
    ("ey", "i"), ("ie", "i"), ("iy", "i"), ("yi", "i"), ("ii", "i"), ("yu", "u"), ("iu", "u"), ("ya", "a"), ("ia", "a"),
    ("yo", "u"), ("io", "u"), ("ye", "i"), ("aa", "a"), ("y", "i"), ("e", "i"), ("o", "u"),
)  # fmt: skip


@lru_cache(maxsize=100_000)
def sound(token: str) -> str:
    """Nearly a skeleton, with the vowels that transliterations tell apart: 'Kamel' and 'Kamil' sound alike, 'Hassan'
    and 'Hussein' do not."""
    word = token.casefold()
    for letters, one in (*_DIGRAPHS, *_VOWEL_SOUNDS):
        word = word.replace(letters, one)
    return _DOUBLED.sub(r"\1", word.translate(_SOUND_CLASSES))


_SOUND_CLASSES = str.maketrans({"q": "k", "c": "k", "z": "s", "w": "v", "'": "", "`": "", "’": ""})
_KOREAN = (
    ("eo", "o"), ("eu", "u"), ("oo", "u"), ("ee", "i"), ("ae", "e"), ("ai", "e"), ("ch", "j"), ("sh", "s"), ("ss", "s"),
    ("y", ""), ("w", ""),
)  # fmt: skip
_KOREAN_CLASSES = str.maketrans({"g": "k", "d": "t", "b": "p", "r": "l", "v": "p", "o": "u"})
_KOREAN_FAMILY_SOUNDS = {
    "yi": "i", "ri": "i", "rhee": "i", "li": "i", "lee": "i", "pak": "pak", "park": "pak", "bak": "pak", "choi": "jui",
    "choe": "jui", "ch'oe": "jui", "jung": "jong", "chong": "jong", "chung": "jong", "jeong": "jong", "rim": "im",
    "lim": "im", "im": "im", "yim": "im", "ryu": "u", "yu": "u", "yoo": "u", "oh": "u", "o": "u", "noh": "nu",
    "ro": "nu", "roh": "nu", "no": "nu", "ahn": "an",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def korean_sound(token: str, is_family: bool = False) -> str:
    """One sound for the romanisations of a Korean name: 'Jong-un', 'Chŏng-ŭn', 'Jeongeun' -> 'junkun'."""
    word = token.casefold()
    if is_family and word in _KOREAN_FAMILY_SOUNDS:
        word = _KOREAN_FAMILY_SOUNDS[word]
    for letters, sound in _KOREAN:
        word = word.replace(letters, sound)
    return _DOUBLED.sub(r"\1", word.translate(_KOREAN_CLASSES))
