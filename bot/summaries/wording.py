"""What the wording of a sentence tells about its worth as a key point: supposition, hedge, act, reason.

Each pattern has a line or more for each language: English, Russian and Ukrainian, Spanish, German, French, Chinese,
Korean. They only rank and leave out; what an article says of a name is judged elsewhere, with a far richer vocabulary.
"""

from __future__ import annotations

import re

from bot.text.acts import tells_of_acting

_MOVED = (
    r"(?:up|down|flat|steady|rose|fell|gained|slipped|edged|jumped|climbed|dropped|weakened|strengthened|firmed|eased)"
)
_MOVED_ELSEWHERE = (
    r"(?:вырос\w*|упал\w*|подешевел\w*|подорожал\w*|зріс\w*|впал\w*|подешевш\w*|подорожч\w*|subi\w+|cay\w+|bajó|stieg\w*|fiel\w*|sank\w*"
    r"|grimp\w+|recul\w+|chut\w+)"
)
_PRICES = re.compile(
    rf"""\b(?:brent|wti|urals\s(?:crude|blend)|btc|the\s(?:dollar|euro|pound|rouble|ruble|rial|yuan|lira|rupee))\b[^.]{{0,50}}\b{_MOVED}\b[^.]{{0,30}}\d
    |\bshares\b[^.]{{0,50}}\b{_MOVED}\b[^.]{{0,30}}(?:%|per\scent|percent)
    |\b(?:brent|wti)\b[^.]{{0,40}}\$\s?\d|\b(?:btc|eth)\b:?(?:\s\w+:)?\s\$\d
    |\b(?:нефт[ьи]|нафт[аи]|рубль|доллар|долар|petróleo|pétrole|rohöl|ölpreis|rubel)\b[^.]{{0,50}}\b{_MOVED_ELSEWHERE}\b[^.]{{0,30}}\d
    |(?:布伦特|原油期货|比特币|브렌트유|비트코인).{{0,30}}(?:涨|跌|上升|下降|상승|하락)""",
    re.IGNORECASE | re.VERBOSE,
)
_CONDITION = (
    r"(?:if|unless|suppos\w+|imagine|were\s(?:he|she|it|they|washington)|should\s(?:the|washington|congress|he|it|they)"
    r"|had\s(?:the|he|she|it|they|washington))"
)
_WOULD = r"(?:would|could|might|may|will|can|['’](?:d|ll))"
_SUPPOSES = re.compile(
    rf"""(?:\b{_CONDITION}\b.*(?:\b|(?=['’])){_WOULD}\b|\b{_WOULD}\b.*\b{_CONDITION}\b|\bif\b[^,.]{{0,40}}\bever\b|\bwhat\sif\b
    |\bесли\b|\bякщо\b|\bякби\b
    |\b(?:si|falls|wenn)\b.*\b(?:podría\w*|pourrai\w*|serai\w*|würden?|könnten?)\b|\b(?:podría\w*|pourrai\w*|serai\w*|würden?|könnten?)\b.*\b(?:si|falls|wenn)\b
    |如果|假如|倘若|만약|다면\s)""",
    re.IGNORECASE | re.VERBOSE,
)
_FANCIES = re.compile(
    r"^\W*(?:suppose|imagine|if|had|were|should|если|якби|якщо|si|falls|wenn)\b|\bif\b[^,.]{0,40}\bever\b|^\W*如果|^\W*만약",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"""\b(?:would|could|might|considering|mulling|weighing|propose[sd]|threatened|expected\sto|is\slikely|urge[sd]?|calls?\sfor|wants?\sto
    |plans?\sto|draft|bill|may\sbe|will\sbe\snext
    |может|могут|може|можуть|podría\w*|propone|pourrai\w*|serai\w*|envisage\w*|würden?|könnten?|sollten?|erwägt|plant)\b|拟|考虑|검토""",
    re.IGNORECASE | re.VERBOSE,
)
_REASON = re.compile(
    r"""\b(?:accus|alleg|for\s(?:his|her|its|their|helping|providing)\b|because|role\sin|over\s(?:his|her|its|their)\b|according\sto|said\sto
    |responsib|tied\sto|linked\sto|helped|acus|según|weil|wegen|reproch|pour\s(?:leur|son|sa)\b)|обвин|звинувач|指控|혐의""",
    re.IGNORECASE | re.VERBOSE,
)
_AUTHORITY = re.compile(
    r"""\b(?:treasury|ofac|state\sdepartment|department\sof\sstate|white\shouse|washington|united\sstates|u\.?s\.?|america(?:ns)?|foreign\soffice|ofsi
    |foreign\ssecretary|london|britain|uk|united\skingdom|european\sunion|eu|brussels|council|security\scouncil|un|canada|ottawa|australia|canberra
    |japan|tokyo|switzerland|bern|seco|beijing|china|commerce\sministry|foreign\sministry|moscow|kyiv|kiev|zelensk\w+|president|new\szealand
    |минфин|сша|евросоюз\w*|ес|єс|великобритан\w+|рнбо|указ|зеленськ\w+|tesoro|tresor|ue|eeuu|ee\.\suu|usa)\b|财政部|外交部|商务部|美国|欧盟|정부|외교부|미국""",
    re.IGNORECASE | re.VERBOSE,
)
_HOW_MANY = re.compile(
    r"""\b(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen
    |twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|dozens?)(?:-\w+|\sof)?\s(?:(?!(?:million|billion|of|are|is|were|was|have|had|in)\b)[\w'’-]+\s){0,3}?
    (?:individuals?|people|persons|entities|companies|firms|banks|lenders|refiners?|refineries|traders|vessels|ships|tankers|hulls|aircraft|officials
    |organi[sz]ations|institutions|businesses|businessmen|executives|groups|nationals|networks|names|entries|targets|wallets|addresses|listings
    |designations|generals|commanders|officers|judges|prosecutors|lawmakers|ministers|settlers|men|women|brothers|subsidiaries|affiliates
    |(?-i:[A-Z][a-z]+(?:ans|ians|ese|ish|is|ns)))\b
    |\b(?:\d+(?:st|nd|rd|th)|first|second|third|\w+(?:teen|ie)th)\s(?:package|round|tranche|batch)\b|\bpackage\s\d+""",
    re.IGNORECASE | re.VERBOSE,
)
_EFFECT = re.compile(
    r"""\bassets?\b.*\b(?:frozen|freeze|blocked)|\b(?:asset\sfreezes?|travel\sbans?|visa\sbans?|wind[\s-]?down|no\slonger|must\s(?:block|stop|end|be\sblocked)
    |(?:may|can)(?:\snot|not|\sno)|barred|forbid|prohibit|off[\s-]limits|secondary\ssanctions|general\slicen[cs]e|have\suntil|has\suntil)""",
    re.IGNORECASE | re.VERBOSE,
)
LEGAL_TAILS = (  # what a company's name may end in, also behind a comma
    r"co|ltd|limited|llc|llp|lp|inc|incorporated|corp|corporation|plc|p?jsc|[oc]jsc|gmbh|ag|kg|mbh|s\.?a\.?s?|s\.?a\.?r\.?l|sal"
    r"|s\.?r\.?l|s\.?p\.?a|b\.?v|n\.?v|a\.?s|a\.?ş|oy|ab|fze|fzco?|fz-?llc|dmcc|pte|pty|pvt|bhd|tbk|ltda|eirl|d\.?o\.?o|o\.?o\.?d"
    r"|sti|şti|est|kft|zrt|sia|uab|oü|z\s?o\.?o|c\.?v|ооо|п?ао|оао|зао|тоо|тов|прат|пат"
)
_LEGAL_FORM = re.compile(  # in front it is Russian or Ukrainian
    rf"(?:ooo|p?ao|oao|zao|p?jsc|[oc]jsc|llc|ооо|п?ао|оао|зао|тоо|тов|прат|пат)\s+\S.*|.*\S,?\s+(?:{LEGAL_TAILS})\.?",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"""(?:but|however|yet|instead|in\sthe\ssame\sbreath|still,|only|но|однако|але|однак|pero|sin\sembargo|aber|doch|mais|toutefois)\b
    |但|然而|不过|그러나|하지만""",
    re.IGNORECASE | re.VERBOSE,
)
_SILENT = re.compile(
    r"""\b(?:(?:did|does|do|has|have|had)(?:\snot|n['’]t)\s(?:yet\s|immediately\s)*(?:return(?:ed)?\s(?:a|an|any|our|his|her|their|repeated)?\s?(?:phone\s)?(?:calls?|requests?|messages?|e-?mails?)
    |(?:respond|repl|answer)(?:y|ed|ied)?\b|comment(?:ed)?\b)
    |(?:could|can)(?:\snot|n['’]t|not)\s(?:immediately\s)?be\sreached|declin(?:ed|es)\s(?:to\s(?:comment|be\sinterviewed|answer)|comment)
    |(?:had|has|have|made|offered)\sno\s(?:immediate\s)?(?:comment|answer|reply)|not\s(?:immediately\s)?(?:available|reachable)\sfor\scomment
    |(?:rang|went|remained)\sunanswered
    |отказал\w+\sот\sкомментар|не\s(?:ответил|прокомментировал)\w*|відмовил\w+\sвід\sкоментар|не\s(?:відповів|відповіл|прокоментува)\w*
    |(?:declin\w+|rehus\w+)\s(?:hacer\s)?coment\w+|no\s(?:respondi\w+|hizo\scomentarios)|(?:wollte|mochte)\w*\ssich\snicht\säußern
    |nicht\szu\serreichen|refusé\sde\scommenter|n['’]a\spas\s(?:répondu|souhaité\scommenter)|n['’]a\spu\sêtre\sjoint\w*)
    |拒绝置评|未(?:立即)?(?:作出)?(?:回应|回复)|논평을\s거부|답변하지\s않았""",
    re.IGNORECASE | re.VERBOSE,
)
_HIM = re.compile(
    r"\b(?:him|her|his)\b|\b(?:sanctioned|blacklisted|blocked|listed|designated|penali[sz]ed|hit|added|put|named)\s(?:it|them)\b"
)
_SOMEBODY = re.compile(  # or something: a name behind the first word, "a general", "two firms"
    r"(?<=\s)(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)[A-Z]"
    r"|\b(?:an?|two|three|four|five|six|seven|eight|nine|ten|\d+|man|woman|men|women|minister|secretary|people|who|whose)\b",
)
_EARLIER = re.compile(  # a month is taken whole: where it could end anywhere, "janjanjan…" would be tried in every way
    r"""\b(?:since|in|until|from|of|by)\s(?:(?:early|late|mid-?|(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)\w*+)\s?)*+
    ((?:19|20)\d\d)\b|\b(?:last|the\sprevious)\s(?:year|month|spring|summer|autumn|fall|winter)\b
    |\b(?:years?|months?)\s(?:ago|earlier|before)\b|\b(?:already|previously|long\ssince)\b
    |\b(?:с|з|в|у|від|до)\s((?:19|20)\d\d)|\b(?:desde|depuis|seit|en|im\sjahr)\s((?:19|20)\d\d)\b|((?:19|20)\d\d)\s?[年년]
    |\b(?:уже|вже|ранее|раніше|прошл\w+\sгод\w*|торік|ya|el\saño\spasado|bereits|schon|déjà|l['’]an\sdernier)\b|此前|去年|이미|지난해""",
    re.IGNORECASE | re.VERBOSE,
)
_PERSONAL = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|[Yy]ou|[Yy]our)(?:['’]\w+)?\b")
_OPENS_QUOTED = ('"', "“", "«", "„", "”", "»")
_CLOSERS = "\"“”«»'’)）』」"
_SAYING = re.compile(r"(?<![^\W_])[^\W\d_A-ZÀ-ÖØ-ÞА-ЯІЇЄҐ]{2,}|[\u3400-\u9fff\uac00-\ud7af]")
_DENSE = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]")  # a character of these says as much as two letters
_ENDS = (".", "!", "…", "。", "！", "다")


def tells_of_prices(text: str) -> bool:
    """Whether it is a market report: what oil, coins, currencies or shares were worth that day."""
    return bool(_PRICES.search(text))


def has_legal_form(name: str) -> bool:
    """Whether a name is a company's by its form: "Gefest-M LLC", "ООО Гефест"."""
    return bool(_LEGAL_FORM.fullmatch(name))


def is_statement(text: str) -> bool:
    """Not a place and a day alone: "PARIS / LYON, 13 June"."""
    length = len(text) + len(_DENSE.findall(text))
    return length >= 25 and text.rstrip(_CLOSERS).endswith(_ENDS) and bool(_SAYING.search(text))


def is_question(text: str) -> bool:
    return text.rstrip(_CLOSERS).endswith(("?", "？"))


def supposes(text: str) -> bool:
    """Whether a sentence tells what would be if something else were: "If Washington ever …", "unless … would"."""
    return bool(_SUPPOSES.search(text))


def only_fancies(text: str) -> bool:
    """The same for articles about proposals, where "would" is the news: a sentence that begins with its condition."""
    return bool(_FANCIES.search(text))


def is_hedged(text: str) -> bool:
    return bool(_HEDGED.search(text))


def tells_why(text: str) -> bool:
    return bool(_REASON.search(text))


def tells_who_acts(text: str) -> bool:
    return bool(_AUTHORITY.search(text))


def tells_how_many(text: str) -> bool:
    """Whether a sentence counts those who are hit: "more than 500 people and companies", "its 19th package"."""
    return bool(_HOW_MANY.search(text))


def tells_effect(text: str) -> bool:
    """Whether a sentence tells what follows for others: a freeze, a ban on dealings, a day to wind down by."""
    return bool(_EFFECT.search(text))


def tells_of_silence(text: str) -> bool:
    """Whether all it tells is that somebody did not answer the outlet: "The firm could not be reached"."""
    return bool(_SILENT.search(text)) and not tells_of_acting(text)


def takes_back(text: str) -> bool:
    """Whether a sentence limits the one before it: "But …", "In the same breath …"."""
    return bool(_TAKES_BACK.match(text))


def tells_of_earlier(text: str, year: int) -> bool:
    """Whether a sentence tells of another time than that of an article of this year: "since 2014", "already"."""
    return any(int(next(filter(None, found.groups()), 0)) != year for found in _EARLIER.finditer(text))


def means_somebody_before(text: str) -> bool:
    """Whether all that a sentence names before "him" or "his" is who acts: "The Treasury put him and Cryptex on its
    list". What "a general" or "three men" begins has its own "his"."""
    found = _HIM.search(text)
    if not found:
        return False
    before = _AUTHORITY.sub("", text[: found.start()])
    return before != text[: found.start()] and not _SOMEBODY.search(before)


def is_somebodys_own(text: str) -> bool:
    """Whether a sentence is a quotation, or speaks of "I", "we" or "you"."""
    return text.startswith(_OPENS_QUOTED) or bool(_PERSONAL.search(text))
