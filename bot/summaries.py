"""Key points of an article: up to four bullets, facts first, made of the article's own words and checked against them.

A bullet is one or more neighbouring sentences of the article, shortened at a clause where they are long, or a list of those newly
sanctioned, named as the article names them. Which sentences: those that decided the findings first, then those that add most names,
amounts and counts to what is told already. Left out: bylines, captions and links; questions; and, where sanctions were imposed,
what only supposes ("if Washington ever …").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.folding import fold_key
from bot.model import Article, BlockKind, Entity, Finding, Judgement, Verdict

__all__ = ["MAX_BULLETS", "MAX_LENGTH", "key_points"]

MAX_BULLETS = 4
MAX_LENGTH = 240
_MAX_BLOCKS, _MAX_BLOCK_LENGTH = 200, 6000  # what an article of any honest length has; the rest of a longer one is not read
_LEAST_GAIN = 1.0
_LEAST_RELEVANCE = 0.35
_DECISIVE = 3.0  # the bonus of a sentence that decided a finding of the article's event
_LEAD = 4  # sentences
_TOLD = (Verdict.NEW_SANCTIONS, Verdict.RELIEF, Verdict.RENEWAL, Verdict.ENFORCEMENT, Verdict.POSSIBLE, Verdict.BACKGROUND)


def key_points(article: Article, judgement: Judgement, entities: Mapping[str, Entity]) -> tuple[str, ...]:
    """0 to 4 bullets of at most 240 characters; every name and number of one occurs in the article's title, summary or body.

    None for an article that reports no sanctions event. Never raises, whatever the text.
    """
    findings = tuple(finding for finding in judgement.findings if finding.entity in entities)
    event = Verdict.NEW_SANCTIONS if any(f.verdict is Verdict.NEW_SANCTIONS for f in findings) else judgement.event
    if event is None or event in (Verdict.ABSENT, Verdict.UNRELATED, Verdict.BYSTANDER):
        return ()
    reading = _Reading(article, findings, event, judgement.counts)
    return tuple(candidate.text for candidate in _in_order(_choose(list(_candidates(reading)))))


# ---------------------------------------------------------------- sentences

_STOP = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[”’」』）]*|\n+")
_SHORT_WORDS = frozenset(
    """mr mrs ms dr prof gen lt col maj brig capt adm sgt sen rep gov hon rev st jr sr inc ltd co corp plc no vs jan feb mar apr
    jun jul aug sep sept oct nov dec dept approx est pte pvt nr bzw usw ca ee uu sra srta tel art al mm тыс млн млрд руб долл
    тис грн вул им г гг""".split()
)
_LAST_WORD = re.compile(r"([^\W_]+(?:\.[^\W_]+)*)\.$")
_UPPER = "A-ZÀ-ÖØ-ÞА-ЯІЇЄҐ"
_DATELINE = re.compile(
    rf"^(?:[{_UPPER}][{_UPPER}.,'’&/ -]{{2,40}}|[{_UPPER}][\w.'’-]{{2,20}}(?: and [{_UPPER}][\w.'’-]{{2,20}})?)"  # LONDON, Laos
    r"(?:,? \w{3,9}\.? \d{1,2}(?:, \d{4})?)?\s*(?:\([^()]{2,40}\)\s*)?(?:--|//|\s[–—―-]|—)\s+"
)
_DATELINE_COLON = re.compile(rf"^(?:[{_UPPER}]{{4,}}(?: [{_UPPER}]+)*[.:]|[(（][^()（）]{{2,24}}[)）]|(?:本报|新华社|中新社)\S{{2,14}}[讯电])\s*(?:[–—-]\s+)?")
_CLOCK = re.compile(r"^\(?\d{1,2}[:.]\d{2}(?:\s?[ap]\.?m\.?)?(?:\s?(?:GMT|UTC|[A-Z]{2,4}T))?\)?\s*[-–—:]?\s+")
_BULLET = re.compile(r"^[•–—*·●▪◦-]\s*")


def _split(text: str) -> Iterator[str]:
    """The sentences of a text. A full stop after an abbreviation or an initial, or before a small letter, ends none."""
    start = 0
    for stop in _STOP.finditer(text):
        if stop.group()[0] == "." and not _ends(text, start, stop):
            continue
        if sentence := text[start : stop.end()].strip():
            yield sentence
        start = stop.end()
    if sentence := text[start:].strip():
        yield sentence


def _ends(text: str, start: int, stop: re.Match[str]) -> bool:
    following = text[stop.end() : stop.end() + 3].lstrip(" \"'“‘«(")
    if following[:1].islower():
        return False
    last = _LAST_WORD.search(text, max(start, stop.start() - 20), stop.start() + 1)
    if last is None or len(stop.group().rstrip(")]")) > 1:
        return True
    word = last.group(1).lower()
    if word.isdigit() and len(word) < 3:  # "1. First item", "am 3. Mai"
        opening = _WORD.match(text, stop.end() + 1)
        return opening is not None and opening.group().lower() in _COMMON
    return not (len(word) == 1 or "." in word or word in _SHORT_WORDS)


def _plain(text: str) -> str:
    """One line, printable, without a dateline, a clock or a list mark before it."""
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    text = _CLOCK.sub("", _BULLET.sub("", text), count=1)
    for opening in (_DATELINE, _DATELINE_COLON):
        rest = opening.sub("", text, count=1)
        if rest and rest[0].upper() == rest[0]:
            text = rest
    return text


# ---------------------------------------------------------------- what is no fact

_FURNITURE = re.compile(
    r"""^(?:by\s[A-Z]|photo|picture|image|video|watch:|watch\snow|listen|read\s(?:more|also|next)|related|see\salso|also\sread|more\s(?:on|from)
    |tags?\b|filed\sunder|follow|subscribe|sign\sup|share\b|advertisement|disclosure|contacts?\b|copyright|©|all\srights|updated?\b[:\s(]
    |corrections?\b|editing\sby|reporting\sby|additional\sreporting|reporting\swas|with\s(?:files|reporting)\sfrom|a\sversion\sof\sthis
    |media\scaption|image\scaption|file\sphoto|unsubscribe|you\sget\sthis|this\snote\sis|attorney|most\sread|in\spictures|key\spoints
    |фото|теги|читайте|редакц|иллюстрац|подпис|foto\b|lea\s|le\spuede|comentarios|redacci|mehr\szum|lesen\ssie|stand:|bild:|über\sdieses\sthema
    |lire\saussi|à\slire|sur\sle\smême|photo\s|编辑|责编|相关阅读|（责编|图|무단|사진|기자\s|\(end\)|\(attn|\#{3,})""",
    re.IGNORECASE | re.VERBOSE,
)
_FURNITURE_ANYWHERE = re.compile(
    r"\S@\S|https?://|www\.|all rights reserved|attorney advertising|getty images|cookies? pol|\|.*\||newsletter|click here|create free account"
    r"|无断|무단전재|subscribe",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(
    r"""\b(?:if|unless|suppose|supposing|imagine|what\sif|were\s(?:he|she|it|they|washington|brussels)\b|should\s(?:the|washington|congress|he|it|they)\b
    |had\s(?:the|he|she|it|they|washington)\s\w+)\b.*\b(?:would|could|might|may|will|'d|’d|'ll|’ll|can)\b
    |\b(?:would|could|might|may|will|can)\b.*\b(?:if|unless|were|should)\b
    |\bif\b[^,.]{0,40}\bever\b
    |\bесли\b|\bякщо\b|\bякби\b|\bsi\s(?:el|la|los|estados|washington|le|les|un|une|l['’])\b|\b(?:falls|wenn|sollte|sollten|würde|würden|könnte|könnten)\b
    |\b(?:podría|podrían|pourrait|pourraient|serait|seraient)\b|如果|若|可能会|만약|경우""",
    re.IGNORECASE | re.VERBOSE,
)
_FANCIES = re.compile(r"^\W*(?:suppose|imagine|if|had|were|should|если|якби|якщо|si|falls|wenn)\b|\bif\b[^,.]{0,40}\bever\b|如果|만약", re.IGNORECASE)
_HEDGED = re.compile(
    r"""\b(?:would|could|might|considering|mulling|weighing|proposed|proposes|threatened|expected\sto|is\slikely|urged?|calls?\sfor|wants?\sto|plans?\sto
    |draft|bill|may\sbe|может|могут|мож(?:е|уть)|propone|envisage|erwägt|plant|will\sbe\snext)\b|拟|考虑|검토""",
    re.IGNORECASE | re.VERBOSE,
)
_ACTED = re.compile(
    r"""sanction|blacklist|designat|\blist(?:ed|ing|s)?\b|froze|freez|block(?:ed|ing|s)?\b|asset|penalt|punish|\bban(?:s|ned|ning)?\b|\bhit\b|added|named
    |treasury|ofac|magnitsky|delist|remov|waive|licen[cs]e|prolong|renew|extend|annul|fine[ds]?\b|settle|indict|charged
    |санкц|списо|списк|внес|заморо|заблок|обмежен|ограничен|перелік|указ|sancion|lista|bloque|congel|designa|sanktion|liste|gesperrt|einfrier|straf
    |gel[ée]|inscri|visé|制裁|反制|清单|名单|冻结|列入|제재|지정|명단|동결|incluíd""",
    re.IGNORECASE | re.VERBOSE,
)
_REASON = re.compile(
    r"\b(?:accus|alleg|for (?:his|her|its|their|the|helping|providing)|because|role in|over (?:the|his|her|its)|according to|said to|responsible|tied to|linked to|helped)"
    r"|обвин|звинувач|acus|por su|según|weil|wegen|soll|reproch|accus|pour (?:leur|son|sa)|因|指控|혐의|도운",
    re.IGNORECASE,
)
_LEANING = re.compile(
    r"^(?:[\"“«„'‘]*)(?:he|she|it|they|that|this|these|those|his|her|its|their|both|all three|so|nor|neither|but|and|or|here|there|then|yes|no"
    r"|он|она|они|это|его|ее|их|він|вона|вони|це|його|él|ella|esto|er|sie|es|das|dies|il|elle|ils|elles|ce|cela)\b",
    re.IGNORECASE,
)
_CONTRASTS = re.compile(r"(?:but|however|yet|instead|in the same breath|still,|only|но|однако|але|однак|pero|sin embargo|aber|doch|mais|toutefois)\b|但|然而|不过|그러나|하지만", re.IGNORECASE)
_QUOTES = "\"“”«»„"
_SPEAKERS_OWN = re.compile(r"\b(?:I|I'm|I’m|we|we've|my|our|you|you're|you’re)\b")


_WRITER = re.compile(r"\bis an? (?:[\w-]+ ){0,3}(?:fellow|writer|columnist|reporter|correspondent|professor|journalist|lecturer|contributor)\b|^the writer\b", re.IGNORECASE)
_CREDIT = re.compile(r"\|\s|\b(?:reuters|getty|afp|ap|epa|afp via|shutterstock|bloomberg|dpa|tass|xinhua|yonhap)\b", re.IGNORECASE)


def _is_furniture(text: str) -> bool:
    return bool(_FURNITURE.match(text) or _FURNITURE_ANYWHERE.search(text) or _WRITER.search(text))


def _is_credit(text: str) -> bool:
    """Whether a paragraph is the credit of a picture, which makes the one before it the caption."""
    return len(text) < 60 and not text.rstrip().endswith((".", "!", "?")) and bool(_CREDIT.search(text))


def _is_sentence(text: str) -> bool:
    return len(text) >= 25 and (text.rstrip(_QUOTES + "'’)）").endswith((".", "!", "…", "。", "！")) or "다." in text[-3:])


def _is_told_item(sentence: _Sentence) -> bool:
    """An item of a list that tells something: "- U.S. persons have until November 23 to wind down"."""
    return bool(_BULLET.match(sentence.raw)) and len(sentence.text.split()) >= 6 and any(word.islower() and len(word) > 3 for word in sentence.text.split())


# ---------------------------------------------------------------- an article, read for its facts

_WORD = re.compile(r"[^\W_][\w'’.&/-]*[^\W_]|[^\W_]")
_NUMBER = re.compile(r"(?:[$€£¥₹]|US\$|HK\$)?\d[\d.,]*")
_MONEY = re.compile(
    r"(?:[$€£¥₹]|US\$|USD|EUR|RUB)\s?\d[\d.,]*(?:\s?(?:m|bn|k|tn|million|billion|trillion))?|\d[\d.,]*\s?(?:%|per ?cent|million|billion|mil?lones|millions"
    r"|Millionen|Milliarden|милл|млн|млрд|亿|万|억|만)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|first|second|third|fourth|sixth|biggest|largest|both)\b", re.IGNORECASE
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_RUN = re.compile(r"[\u3400-\u9fff]{2,}|[\uac00-\ud7af]{2,}")
_COMMON = frozenset(
    """the a an in on at of and or but for with from by to as it its he she they this that these those there here when while after
    before since if so no not all both his her their our we you i who what why how some many most other another according among under
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november
    december mr mrs ms""".split()
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    block: int
    ordinal: int  # among the sentences of the article
    kind: BlockKind
    raw: str


@dataclass(frozen=True)
class _Reading:
    article: Article
    findings: tuple[Finding, ...]
    event: Verdict
    counts: tuple[str, ...] = ()

    @cached_property
    def source(self) -> str:
        """All a bullet may draw on, for the check."""
        return _check_form(" ".join(block.text for block in self.article.blocks))

    @cached_property
    def sentences(self) -> tuple[_Sentence, ...]:
        found: list[_Sentence] = []
        blocks = self.article.blocks[:_MAX_BLOCKS]
        for number, block in enumerate(blocks):
            following = blocks[number + 1].text if number + 1 < len(blocks) else ""
            if block.kind is BlockKind.TITLE or (block.kind is BlockKind.PARAGRAPH and _is_credit(following)):
                continue
            for raw in _split(block.text[:_MAX_BLOCK_LENGTH]):
                if text := _plain(raw):
                    found.append(_Sentence(text, number, len(found), block.kind, raw))
        return tuple(found)

    @cached_property
    def evidence(self) -> Mapping[str, float]:
        """How much a sentence decided, by its plain text."""
        weights: dict[str, float] = {}
        for finding in self.findings:
            if finding.verdict in _TOLD and finding.evidence:
                worth = 3.0 if finding.verdict is self.event else 0.8
                key = fold_key(_plain(finding.evidence))
                weights[key] = min(6.0, weights.get(key, 0.0) + worth)
        return weights

    @cached_property
    def title_words(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in _WORD.findall(self.article.title) if len(word) > 3) | frozenset(_cjk_pairs(self.article.title))

    @cached_property
    def names(self) -> Mapping[str, float]:
        """Words of tracked names, folded, and what telling them is worth; the words of a name newly sanctioned most."""
        worth: dict[str, float] = {}
        for finding in self.findings:
            value = 3.0 if finding.verdict is self.event else 1.6 if finding.verdict in _TOLD else 0.4
            for surface in {mention.surface for mention in finding.mentions}:
                for word in _WORD.findall(surface):
                    if len(word) > 2 and word.casefold() not in _COMMON:
                        worth[word.casefold()] = max(worth.get(word.casefold(), 0.0), value / max(1, len(surface.split()) - 1) ** 0.5)
        return worth

    def after(self, sentence: _Sentence) -> str:
        """The sentence that follows in the same paragraph, or ""."""
        place = sentence.ordinal + 1
        return self.sentences[place].text if place < len(self.sentences) and self.sentences[place].block == sentence.block else ""

    @cached_property
    def targets(self) -> frozenset[str]:
        """The words, folded, of the names that the event is about."""
        surfaces = {m.surface for f in self.findings if f.verdict is self.event for m in f.mentions}
        words = {word.casefold() for surface in surfaces for word in _WORD.findall(surface)}
        return frozenset(word for word in words if len(word) > 2 and word not in _COMMON)

    @cached_property
    def target_blocks(self) -> frozenset[int]:
        told = {m.block for f in self.findings if f.verdict is self.event for m in f.mentions}
        decided = {s.block for s in self.sentences if any(key and key in fold_key(s.text) for key in self.evidence)}
        return frozenset(told | decided) - {0}

    @cached_property
    def usual_small(self) -> frozenset[str]:
        """Words that the article also writes with a small letter: no names, even where they open a sentence."""
        return frozenset(word for sentence in self.sentences for word in _WORD.findall(sentence.text) if word[:1].islower())


def _cjk_pairs(text: str) -> Iterator[str]:
    for run in _CJK_RUN.findall(text):
        yield from (run[i : i + 2] for i in range(len(run) - 1))


def _facts(text: str, reading: _Reading) -> dict[str, float]:
    """The facts of a text (names, amounts, counts), each with its worth."""
    facts: dict[str, float] = {}
    for number, word in enumerate(_WORD.findall(text)):
        folded = word.casefold()
        if folded in reading.names:
            facts[folded] = reading.names[folded]
        elif word[0].isupper() and folded not in _COMMON and len(word) > 1 and not (number == 0 and folded in reading.usual_small):
            facts[folded] = 0.7
    for amount in _MONEY.findall(text):
        facts[amount.casefold()] = 1.6
    for amount in _NUMBER.findall(text):
        facts.setdefault(amount.rstrip(".,"), 0.6 if len(amount) < 3 or amount[:2] in ("19", "20") else 1.2)
    for count in _COUNT.findall(text):
        facts.setdefault(count.casefold(), 1.0)
    if _CJK.search(text):
        for surface in (m.surface for f in reading.findings for m in f.mentions):
            if surface in text:
                facts[surface] = 3.0
        facts.update({pair: 0.12 for pair in _cjk_pairs(text)})
    folded_text = text.casefold()
    facts.update({count.casefold(): 1.6 for count in reading.counts if count.casefold() in folded_text})
    for word in list(facts):
        if word in reading.title_words:
            facts[word] *= 1.5
    return facts


# ---------------------------------------------------------------- candidates


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    place: float  # where it stands in the article; orders the bullets
    quality: float
    bonus: float
    facts: Mapping[str, float] = field(default_factory=dict)
    sentences: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()

    @property
    def is_lead(self) -> bool:
        return 0 <= self.place < _LEAD


def _candidates(reading: _Reading) -> Iterator[_Candidate]:
    usable = [sentence for sentence in reading.sentences if _is_usable(sentence, reading)]
    for number, first in enumerate(usable):
        run = [first]
        yield from _candidate(run, reading)
        for following in usable[number + 1 : number + 3]:
            if following.block != first.block or following.ordinal != run[-1].ordinal + 1 or first.kind is BlockKind.KEY_POINT:
                break
            if _relevance(following, reading) < _LEAST_RELEVANCE:
                break
            run = [*run, following]
            if sum(len(sentence.text) + 1 for sentence in run) > MAX_LENGTH:
                break
            yield from _candidate(run, reading)
    yield from _named(reading, [sentence.text for sentence in usable])


def _is_usable(sentence: _Sentence, reading: _Reading) -> bool:
    text = sentence.text
    if _is_furniture(text) or text.endswith(("?", "？", ":")):
        return False
    if sentence.kind is not BlockKind.KEY_POINT and not _is_sentence(text) and not _is_told_item(sentence):
        return False
    if (_FANCIES if reading.event is Verdict.POSSIBLE else _SUPPOSES).search(text):
        return False
    return len(text) <= 4 * MAX_LENGTH


def _candidate(run: Sequence[_Sentence], reading: _Reading) -> Iterator[_Candidate]:
    text = _shorten(_join([sentence.text for sentence in run]))
    if text and _is_grounded(text, reading.source):
        yield _Candidate(
            text=text,
            place=float(run[0].ordinal),
            quality=sum(_quality(sentence, reading, lead=sentence is run[0], last=sentence is run[-1]) for sentence in run) / len(run),
            bonus=sum(_bonus(sentence, reading) for sentence in run),
            facts=_facts(text, reading),
            sentences=frozenset(sentence.ordinal for sentence in run),
            words=_words_of(text),
        )


def _join(sentences: Sequence[str]) -> str:
    return ("" if sentences[0].endswith(("。", "！", "”")) and _CJK.search(sentences[0]) else " ").join(sentences)


def _quality(sentence: _Sentence, reading: _Reading, *, lead: bool, last: bool) -> float:
    text = sentence.text
    quality = _relevance(sentence, reading)
    quality *= 1.1 if _REASON.search(text) else 1.0
    quality *= 1.5 if sentence.kind is BlockKind.KEY_POINT else 1.0
    quality *= 1.2 if sentence.ordinal < 5 else 1.0 if sentence.ordinal < 12 else 0.85
    if lead and _LEANING.match(text):
        quality *= 0.55
    if last and _CONTRASTS.match(reading.after(sentence)):
        quality *= 0.6  # what comes next takes something back
    if text[0] in _QUOTES or _SPEAKERS_OWN.search(text):
        quality *= 0.5
    if reading.event is not Verdict.POSSIBLE and sentence.kind is not BlockKind.KEY_POINT and _HEDGED.search(text):
        quality *= 0.6
    return quality


def _relevance(sentence: _Sentence, reading: _Reading) -> float:
    """How near a sentence is to the act: it tells of acting, names a target, or stands beside one that does."""
    words = {word.casefold() for word in _WORD.findall(sentence.text)}
    names_target = not words.isdisjoint(reading.targets) or any(target in sentence.text for target in reading.targets if _CJK.search(target))
    distance = min((abs(sentence.block - block) for block in reading.target_blocks), default=0)
    relevance = 1.3 if _ACTED.search(sentence.text) else 1.0 if names_target else 0.75 if _REASON.search(sentence.text) else 0.6
    return relevance * (1.0 if distance <= 2 else 0.85 if distance <= 4 else 0.6 if distance <= 8 else 0.4)


def _bonus(sentence: _Sentence, reading: _Reading) -> float:
    own = fold_key(sentence.text)
    if sentence.kind is BlockKind.KEY_POINT:
        return 3.0
    return max((worth for key, worth in reading.evidence.items() if key and (key in own or own in key)), default=0.0)


_LIST_LABELS = {
    "en": "On the list: ", "ru": "В списке: ", "uk": "У списку: ", "es": "En la lista: ", "de": "Auf der Liste: ",
    "fr": "Sur la liste : ", "pt": "Na lista: ", "zh": "名单：", "ko": "명단: ",
}  # fmt: skip


def _named(reading: _Reading, told: Sequence[str]) -> Iterator[_Candidate]:
    """Those newly sanctioned, as the article names them, where there are several and no one sentence tells them all."""
    if reading.event is not Verdict.NEW_SANCTIONS:
        return
    names = list(dict.fromkeys(_list_heads(reading)))
    if len(names) < 3 or any(len(text) <= MAX_LENGTH and all(name in text for name in names) for text in told):
        return
    language = reading.article.language.partition("-")[0].lower()
    label = _LIST_LABELS.get(language, "")
    if not _is_grounded(label, reading.source):
        label = ""
    comma = "、" if language == "zh" else ", "
    text = label + names[0]
    for name in names[1:]:
        if len(text) + len(comma) + len(name) <= MAX_LENGTH:
            text += comma + name
    if len(text) <= MAX_LENGTH and _is_grounded(text, reading.source):
        yield _Candidate(text, place=-1.0, quality=1.15, bonus=1.0, facts=_facts(text, reading), words=_words_of(text))


def _list_heads(reading: _Reading) -> Iterator[str]:
    """The longest surface of each name newly sanctioned, in the article's order, and the items beside it in its list."""
    blocks = reading.article.blocks
    verdict_of = {finding.entity: finding.verdict for finding in reading.findings}
    other_blocks = {
        mention.block for finding in reading.findings if verdict_of[finding.entity] is not Verdict.NEW_SANCTIONS for mention in finding.mentions
    }
    found: list[tuple[int, int, str]] = []
    for finding in reading.findings:
        mentions = [m for m in finding.mentions if 0 <= m.block < len(blocks)]
        if finding.verdict is Verdict.NEW_SANCTIONS and mentions:
            best = max(mentions, key=lambda mention: len(mention.surface))
            found.append((best.block, best.start, " ".join(best.surface.split())))
            for mention in mentions:
                found += [(block, 0, head) for block, head in _siblings(blocks[mention.block].text, mention.block, reading) if block not in other_blocks]
    known: list[str] = []
    for _, _, name in sorted(found):
        if not any(fold_key(name) in fold_key(other) or fold_key(other) in fold_key(name) for other in known):
            known.append(name)
            yield name


def _siblings(text: str, block: int, reading: _Reading) -> Iterator[tuple[int, str]]:
    """The items next to an item of a list, as far as the list goes: what stands before their first comma or colon."""
    if _item_head(text) is None:
        return
    blocks = reading.article.blocks
    for step in (-1, 1):
        place = block + step
        while 0 <= place < len(blocks) and blocks[place].kind is BlockKind.PARAGRAPH and (head := _item_head(blocks[place].text)) is not None:
            if abs(place - block) > 30:
                break
            yield place, head
            place += step


_ITEM_END = re.compile(r"\s*[,:;(（–—]|\s-\s")


def _item_head(text: str) -> str | None:
    text = _plain(text[:300])
    if not 3 < len(text) < 140 or text[-1] in ".!?:" or _is_furniture(text):
        return None
    head = _ITEM_END.split(text, maxsplit=1)[0].removeprefix("the ").strip()
    words = head.split()
    is_name = bool(words) and len(words) <= 8 and sum(word[:1].isupper() for word in words) * 2 > len(words)
    return head if is_name and 3 < len(head) < 80 else None


# ---------------------------------------------------------------- shortening and checking

_CLAUSE_END = re.compile(
    r"\s*(?:;|[–—]|\s-\s|,\s(?=(?:which|who|whose|where|while|and|but|as|after|because|with|including|among|whom|when|although|according|saying|in"
    r"|along|together|plus|котор\w+|что|чтобы|а|и|но|який|яка|яке|які|що|та|que|quien|y|cuyo|der|die|das|und|aber|wobei|qui|dont|où|et|mais)\b)|[，；])"
    r"|\s(?=(?:as (?:he|she|it|they|the)|after|because|while|when|where|which|whose|although|according|accusing|including|in (?:response|answer) to)\s)"
)
# An insertion that can go without a change of meaning: "(…)", "– … –", ", who …," and ", a confidant of …," before a verb or a preposition.
_GOES_ON = (
    r"(?=\s(?:is|are|was|were|has|have|had|will|would|can|may|did|does|said|says|told|along|together|plus|with|on|for|to|at|in|from|by|into|over|after)\b)"
)
_INSERTION = re.compile(
    rf"\s\([^()]{{3,120}}\)|\s[–—]\s[^–—]{{3,120}}\s[–—](?=\s)|,\s(?:which|who|whose|where|whom)\s[^,;:]{{3,120}},{_GOES_ON}"
    rf"|(?<=[^\W\d_]),\s(?:an?|the)\s(?:[a-z][\w'’-]*\s){{1,4}}[^,;:]{{3,110}},{_GOES_ON}"
)
_DANGLING = frozenset(
    """such without with and or hours days weeks months minutes of the a an even only just not well soon shortly long more less than known to in by for
    at on from und oder mit von y o de con et ou à i и или с та або з""".split()
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|may|can|could|might|did|does|said|says|told|put|hit|took|made|led|froze|cut|gave|got|went|came|became"
    r"|let|sent|kept|left|ran|sold|bought|paid|owns|runs|remains|faces|wants|means|includes|denies|calls|holds|[a-z]{2,}ed)\b"
)
_TURNS = re.compile(r"\b(?:unless|except|if|pending|subject to|denie[sd]|salvo|excepto|außer|sofern|sauf|если|кроме|якщо|крім)\b|除非|외에", re.IGNORECASE)
_ATTRIBUTED = re.compile(
    r",\s((?:[^,]{3,50}\s)?(?:said|says|reported|reports|officials say)(?:\s[^,.]{2,30})?\.|(?:according to|so)\s[^,.]{3,60}\.)$"
)


def _shorten(text: str) -> str:
    """A text of at most 240 characters: whole; or without its insertions; or up to the end of a clause, with "…" and the attribution
    that closed it. "" if none of these will do, or if what goes would turn the meaning."""
    if len(text) <= MAX_LENGTH:
        return text
    for without in _without_insertions(text):
        if len(without) <= MAX_LENGTH:
            return without
        text = without
    attributed = _ATTRIBUTED.search(text)
    tail = ", " + attributed.group(1) if attributed else ""
    for match in reversed(list(_CLAUSE_END.finditer(text, 0, MAX_LENGTH - len(tail) - 2))):
        piece = text[: match.start()].rstrip(" ,;:–—-")
        if len(piece) < 70:
            break
        if _is_whole(piece) and not _TURNS.search(text[match.start() :]):
            return f"{piece}{tail}" if tail else f"{piece} …"
    return ""


def _without_insertions(text: str) -> Iterator[str]:
    """The text with one insertion less each time, the last first; those that hold figures stay."""
    for match in reversed(list(_INSERTION.finditer(text))):
        if not re.search(r"\d", match.group()) and not _TURNS.search(match.group()):
            closing = "," if match.group().endswith(",") and text[match.end() :].lstrip().split(" ", 1)[0] in ("along", "together", "including") else ""
            text = text[: match.start()] + closing + text[match.end() :]
            yield text


def _is_whole(piece: str) -> bool:
    """Whether the beginning of a sentence can stand alone: nothing open or dangling at its end, no subject that has lost its verb."""
    if not _is_balanced(piece) or piece.rsplit(None, 1)[-1].casefold() in _DANGLING:
        return False
    clause = piece.rsplit(" that ", 1)[-1]
    relative = re.search(r",\s(?:who|whom|whose|which)\s[^,]*$", clause)
    return not clause.isascii() or bool(_FINITE.search(clause[: relative.start()] if relative else clause))


def _is_balanced(text: str) -> bool:
    """Whether every quotation and bracket that opens also closes: nobody's words may run on into ours."""
    pairs = all(text.count(a) == text.count(b) for a, b in ("“”", "«»", "()", "（）"))
    return pairs and text.count('"') % 2 == 0


_CHECKED = re.compile(r"\d[\d.,]*\d|\d|\b[^\W\d_][\w'’-]+")


def _check_form(text: str) -> str:
    return " ".join(text.split()).casefold()


def _is_grounded(text: str, source: str) -> bool:
    """Whether every number and every word with a capital occurs in the article."""
    words = (token for token in _CHECKED.findall(text) if token[0].isdigit() or token[0].isupper())
    return all(token.casefold().strip("'’") in source for token in words)


# ---------------------------------------------------------------- choosing


def _choose(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Greedily the candidates that add most to what is told; of two that tell the same only one."""
    chosen: list[_Candidate] = []
    told: set[str] = set()
    while len(chosen) < MAX_BULLETS:
        rest = [c for c in candidates if not _repeats(c, chosen)]
        if not chosen:
            rest = [c for c in rest if c.bonus >= _DECISIVE and c.sentences] or [c for c in rest if c.sentences] or rest
        best = max(rest, key=lambda candidate: (_gain(candidate, told) * (1.3 if candidate.is_lead and not chosen else 1.0), -candidate.place), default=None)
        if best is None or (chosen and _gain(best, told) < _LEAST_GAIN):
            break
        chosen.append(best)
        told |= set(best.facts)
    return chosen


def _in_order(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """The most telling sentence first, then the list of names, then the rest as the article has them."""
    telling = sorted((c for c in chosen if c.bonus >= _DECISIVE and c.sentences), key=lambda candidate: candidate.place)
    head = next((c for c in telling if c.is_lead or c is chosen[0]), chosen[0] if chosen else None)
    return sorted(chosen, key=lambda candidate: (candidate is not head, candidate.place))


def _gain(candidate: _Candidate, told: Iterable[str]) -> float:
    known = set(told)
    fresh = sum(worth for fact, worth in candidate.facts.items() if fact not in known)
    return candidate.quality * fresh + candidate.bonus


def _repeats(candidate: _Candidate, chosen: Sequence[_Candidate]) -> bool:
    if any(candidate.sentences & other.sentences for other in chosen):
        return True
    return any(
        len(candidate.words & other.words) >= 0.65 * max(1, min(len(candidate.words), len(other.words))) for other in chosen
    )


def _words_of(text: str) -> frozenset[str]:
    words = {word.casefold() for word in _WORD.findall(text) if len(word) > 2 and word.casefold() not in _COMMON}
    return frozenset(words | set(_cjk_pairs(text)))
