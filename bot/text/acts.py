"""Whether the words of a sentence are those of sanctions, in the languages that are read: to rank sentences by. What an
article says of a name is judged elsewhere, with a far richer vocabulary."""

from __future__ import annotations

import re

_ACTED = re.compile(
    r"""sanction|blacklist|designat|\blist(?:ed|ing|s)?\b|fr[oe]+z|block(?:ed|ing|s)?\b|\bassets?\b|penalt|punish|\bban(?:s|ned|ning)?\b|\bhit\b
    |\badded\b|\bnamed\b|treasury|\bofac\b|magnitsky|delist|remov|waive|licen[cs]e|prolong|renew|extend|annul|\bfine[ds]?\b|settle[ds]|indict
    |charged|countermeasure|restrictive\smeasure|unreliable\sentit|export\scontrol|penali[sz]|\bforb[ai]d|\bbar(?:s|red|ring)\b|\bembargo|\boff[\s-]limits
    |\bcut\soff\b|\bvisas?\b|\b(?:may|can)\sno\slonger\b|\bnor\s(?:may|can)\b|\btarget(?:ed|s)?\b|санкц|списо|списк|внес|заморо|заблок|обмежен|ограничен|перелік|перечн|указ\b
    |sancion|\blista\b|bloque|congel|designa|sanktion|liste|gesperrt|eingefror|strafma|\bgel[ée]|inscri|\bvisée?s?\b|incluíd
    |制裁|反制|清单|名单|冻结|列入|제재|지정|명단|동결""",
    re.IGNORECASE | re.VERBOSE,
)


def tells_of_acting(text: str) -> bool:
    return bool(_ACTED.search(text))
