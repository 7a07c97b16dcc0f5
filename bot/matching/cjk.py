"""Where Chinese and Korean characters are a name, and where they are parts of other words. Knows no names.

Chinese has no blanks: 中信 also stands in 其中 信息. Korean has them, and ties particles to a word: 한화 stands in 북한
화물선. Two characters are by chance in other words so often that what stands beside them must speak; three seldom are.
"""

from __future__ import annotations

import re

__all__ = ["goes_on_as_another", "is_inside_a_word", "stands_apart"]

_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SHORT = 2  # characters

# What may be tied to a Korean name: what it is, how one is addressed, and particles.
_TIED = re.compile(
    r"(?:그룹|측|씨|등|들|호)?"
    r"(?:은|는|이|가|을|를|의|도|만|나|이나|(?:와|과)(?:의|는|도)?|(?:으)?로(?:서|써|부터|의|는|도)?|에(?:서|게)?(?:는|도|만)?"
    r"|까지|부터|처럼|보다|마저|조차|께서|이?라[는고며]|이?란|이?며|이?다|였다|이었다)?(?![\uac00-\ud7a3])"
)

# Beside two Chinese characters: words and characters that show where they begin or end. Such a character shows
# nothing in a word that it makes itself: 和 in 和平安全.
_BEFORE = (
    *"制裁 公司 集团 集團 企业 企業 商人 总裁 總裁 董事长 董事長 主席 经理 經理 部长 部長 官员 官員 名为 名為 包括 以及 分别 分別 巨头 巨頭 针对 針對 "
    "关于 關於 指控 起诉 起訴 追问 追問 厂商 廠商 生产商 制造商 製造商 供应商 运营商 发言人 發言人 代表 总统 總統 首相 大臣 大使 议员 議員 分析师 分析師 "
    "研究员 研究員 主任 公民 总理 總理 律师 律師 记者 記者 教授 专家 專家 男子 女子 帮助 支持 指责 批评 要求 认为".split(),
    *"的对對向由与與和及或被把将將以从從在是给給让讓使等称稱据據因并並叫致至为為国國",
)
_AFTER = (
    *"公司 集团 集團 企业 企業 控股 股份 宣布 表示 发布 發布 回应 回應 否认 否認 声明 聲明 发言人 發言人 列入 加入 纳入 納入 实施 實施 制裁 总部 總部 "
    "旗下 设备 設備 产品 產品 芯片 创始人 創始人 高管 董事 先生 女士 提供 遭到 受到 涉嫌 科技 国际 國際 总裁 總裁 指出 重申 解释 解釋 认为 認為 没有 沒有 "
    "所在 采取 採取 银行 銀行 保险 证券 工厂 工廠 手机 手機 案 所".split(),
    *"的在对對将將与與和及或被把向从從由等是因未也已曾则則称稱说說于於为為并並有正不就还還",
)
_WORDS = frozenset(
    "和平 和解 和谐 和约 对外 对方 对话 对手 对象 对于 对华 对立 将来 将军 将会 将近 将士 与会 与其 与此 被告 被捕 被动 的确 的士 由于 由此 从此 从而 在于 "
    "在场 在线 因此 因为 因素 以及 以来 以后 以前 以为 以上 以下 是否 为了 为何 为止 为此 为期 国家 国内 国际 国会 国防 国务 国外 国有 国民 国企 国债 国产 国旗 国王 国安 "
    "国力 国土 国籍 国营 国库 国药 国泰 等待 等级 等于 据此 据称 据悉 给予 使用 使得 使馆 至今 至少 至于 并且 并非 并未 叫做 称为 向来 及时 及其 或许 或者 或是 "
    "现在 存在 正在 实在 所在 内在 目的 真的 有的 原因 起因 基因 小说 据说 学说 听说 名称 简称 声称 宣称 自称 即将 总和 温和 缓和 饱和 共和 中和 而已 不已 平等 高等 同等 认为 成为 "
    "作为 行为 但是 可是 就是 只是 于是 若是 还是 参与 给与 赋予 未必 未来 没有 只有 所有 具有 拥有 公正 改正 真正 修正 反对 面对 针对 应对 相对 绝对 方向 动向 走向 自由 理由 经由 服从 "
    "关于 对于 由于 位于 属于 用于 处于 终于 至于 等于 基于 合并 不断 不同 不能 不会 不仅 不得 不过 不满 不明 不足 不少 不久 也许 曾经 已经 有关 有限 有效 有人 有意 有罪 有权 还有 就此 就业 "
    "不安 不平".split()
)

# Behind a body's name these make another body of it. The short name of a bank or an insurer often has its kind behind it.
_FIRM = re.compile(
    r"[\u4e00-\u9fff]{0,6}?(?:公司|银行|大学|基金会|协会|研究所|学院|工厂)|[\uac00-\ud7a3]{0,4}?(?:회사|은행|대학)"
)
_ANOTHER = re.compile(
    r"大学|学院|研究所|研究院|医院|协会|基金会|监督|监管|管理(?:委员会|局|总局)|委员会|业(?![务绩])"
)
_KIND = re.compile(r"银行|保险|证券|信托|基金")


def is_inside_a_word(text: str, start: int, end: int) -> bool:
    """Is a short Korean or Japanese name at [start, end) only a part of a word there?"""
    if end - start > _SHORT:
        return False
    before = text[start - 1] if start else ""
    if _HANGUL.match(text, start):
        return _HANGUL.match(before) is not None or _TIED.match(text, end) is None
    return _KANA.match(text, start) is not None and bool(_KANA.match(before) or _KANA.match(text, end))


def stands_apart(text: str, start: int, end: int) -> bool:
    """Does what is beside a Chinese name of two characters show that it is no part of other words? True of others."""
    if end - start != _SHORT or not _HAN.match(text, start):
        return True
    before, after = text[max(0, start - 3) : start], text[end : end + 3]
    if not _HAN.match(before[-1:]) or not _HAN.match(after):
        return True
    begins = before.endswith(_BEFORE) and before[-1] + text[start] not in _WORDS
    return begins or (after.startswith(_AFTER) and text[end - 1] + after[0] not in _WORDS)


def goes_on_as_another(text: str, start: int, end: int, *, of_a_firm: bool) -> bool:
    """Does what follows a body's name make another body of it: 拉撒路企业公司, 中国银行业监督管理委员会? A firm's name may
    go on as its own: 中兴公司."""
    if not of_a_firm and _FIRM.match(text, end):
        return True
    return _ANOTHER.match(text, end) is not None or (end - start > _SHORT and _KIND.match(text, end) is not None)
