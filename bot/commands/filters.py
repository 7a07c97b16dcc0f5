"""Filters of subscriptions, as people write them and read them: 'with relief', 'only new sanctions', 'official only',
'from 80%', 'without relief', 'without filters'."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.commands.asking import cmd
from bot.counted import joined, shortened
from bot.delivery import told_words
from bot.errors import CommandError
from bot.model import NO_FILTERS, Filters, Tier, Verdict
from bot.text.folding import asked_key, fold_key

# Those that may be told at all; the other verdicts say that there is nothing to tell.
TOLD = (Verdict.NEW_SANCTIONS, Verdict.RELIEF, Verdict.RENEWAL, Verdict.ENFORCEMENT, Verdict.POSSIBLE)
_WORDS = {
    Verdict.NEW_SANCTIONS: "new sanctions|new_sanctions|new",
    Verdict.RELIEF: "relief|delistings?|easing|eased",
    Verdict.RENEWAL: "renewals?|renewed",
    Verdict.ENFORCEMENT: "enforcement|fines?|fined",
    Verdict.POSSIBLE: "possible|proposals?|proposed",
}
_SAID = {
    Verdict.NEW_SANCTIONS: "new sanctions",
    Verdict.RELIEF: "relief",
    Verdict.RENEWAL: "renewals",
    Verdict.ENFORCEMENT: "enforcement",
    Verdict.POSSIBLE: "what is only proposed",
}
_AND = r"(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s+or\s+|\s*\+\s*)"
_VERDICT = "(?:" + "|".join(_WORDS.values()) + ")"
_VERDICTS = rf"{_VERDICT}(?:{_AND}{_VERDICT})*"
_TIER = "(?:" + "|".join(Tier) + ")"
_TIERS = rf"{_TIER}(?:{_AND}{_TIER})*"
_BEFORE, _AFTER = r"(?:^|(?<=\s))", r"(?=\s|$)"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(_BEFORE + text + _AFTER, re.I)


_BARE = re.compile(rf"(?:{_VERDICTS}|all verdicts)\Z", re.I)
_WITH = _pattern(rf"with\s+(?P<said>{_VERDICTS}|all|all verdicts)")
# "topic relief only renewals": the last word that may be one names the verdicts.
_ONLY = _pattern(rf"(?:only\s+(?P<said>{_VERDICTS})|(?P<too>{_VERDICTS})\s+only(?!\s+{_VERDICT}))")
_NO_RELIEF = _pattern(rf"without\s+(?:any\s+)?(?:{_WORDS[Verdict.RELIEF]})")
_BY = _pattern(
    rf"(?:(?:only\s+)?(?P<said>{_TIERS})\s+(?:sources\s+)?only|only\s+(?P<too>{_TIERS})(?:\s+sources)?"
    rf"|from\s+(?P<also>{_TIERS})\s+sources)"
)
_ANY_SOURCE = _pattern(r"(?:from\s+)?any\s+sources?")
_SURE = _pattern(r"(?:from|at least|least)\s*(?P<said>\d+)\s*%(?:\s+sure)?")
_BY_NAME = _pattern(r"(?:by\s+name\s+(?:only|alone)|(?:only\s+)?by\s+name)")
_CLOSE_TOO = _pattern(r"(?:also|with)\s+(?:by\s+)?(?:ties|adjacency)")
_ANY_WORDS = _pattern(r"(?:with\s+)?any\s+words?")
_WORDS_BEGIN = re.compile(rf"{_BEFORE}(?:(?:and|but)\s+)?(?P<how>with|without)\s+words?:?\s+(?=\S)", re.I)
_NO_WORDS = re.compile(rf"{_BEFORE}(?P<begin>with(?:out)?\s+words?):?\s*$", re.I)
# Where a list of words ends: at the next filter, unless it is in quotes.
_WORDS_END = re.compile(
    rf"\"[^\"]{{1,80}}\"|(?P<end>(?:^|(?<=[\s,]))(?:with|without|only|from|at\s+least|least|also|by\s+name"
    rf"|any\s+(?:source|word)s?|{_TIERS}\s+(?:sources\s+)?only|{_VERDICTS}\s+only|\d+\s*%)(?=\s|$))",
    re.I,
)
_WORD = re.compile(
    r"\"(?P<phrase>[^\"]{1,80})\"|(?P<parts>[,;]|(?:and|or)(?=\s|$))|(?P<word>[^\s,;\"]+)|(?P<odd>\")", re.I
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_IN_QUOTES = frozenset("and or with without only from at least also by any".split())  # as words that are asked for
_LEAST_BEGUN = 3
_BEGINNING = re.compile(rf"[^*]*[^\W_]{{{_LEAST_BEGUN},}}\*")
MOST_WORDS, MOST_WORD = 20, 60  # in one list; characters of one
_NO_FILTER = re.compile(
    r"(?:^|\s)(?:(?:with|without|only|from|at least|least|except|unless|by name|also)(?:\s+\S.*)?|\S+\s+only"
    r"|\S*\d\s*%.*)$",
    re.I,
)
FILTERS_THERE = (
    "There are: with relief (or renewals, enforcement, possible), only relief, without relief, official only (or wire, "
    "news, trade), from 80%, by name only, with words oil, tanker*, without words court, without filters."
)
_NONE = _pattern(r"without\s+(?:any\s+)?filters?")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the words ask for; None: nothing is said of that. `added` are verdicts beside those there are; `no_relief`:
    neither relief nor, of what was told, that it is eased or lifted."""

    only: tuple[Verdict, ...] | None = None
    added: tuple[Verdict, ...] = ()
    tiers: tuple[Tier, ...] | None = None
    confidence: float | None = None
    by_name: bool | None = None
    words: tuple[str, ...] | None = None
    without: tuple[str, ...] | None = None
    no_relief: bool = False
    is_reset: bool = False

    def applied(self, filters: Filters) -> Filters:
        """Raises CommandError if nothing is left to be told."""
        before = NO_FILTERS if self.is_reset else filters
        wanted = {*(before.verdicts if self.only is None else self.only), *self.added}
        if self.no_relief:
            wanted.discard(Verdict.RELIEF)
        if not wanted and self.no_relief:
            raise CommandError(f"Without relief nothing is left of it. To end it, send: {cmd('unsubscribe relief')}")
        return replace(
            before,
            eased=not self.no_relief and (before.eased or Verdict.RELIEF in wanted),
            verdicts=tuple(verdict for verdict in TOLD if verdict in wanted),
            tiers=before.tiers if self.tiers is None else self.tiers,
            confidence=before.confidence if self.confidence is None else self.confidence,
            by_name=before.by_name if self.by_name is None else self.by_name,
            words=before.words if self.words is None else self.words,
            without=before.without if self.without is None else self.without,
        )


def read_bare(words: str) -> tuple[Verdict, ...]:
    """The verdicts where the words are nothing else: 'relief and renewals'; () otherwise."""
    return _verdicts(words) if _BARE.match(words.strip()) else ()


def read_wish(words: str) -> tuple[Wish, str]:
    """(what the words ask to be filtered, the rest of them). Raises CommandError."""
    wish, rest = _read_words(words)
    if found := _ANY_WORDS.search(rest):
        wish, rest = replace(wish, words=wish.words or (), without=wish.without or ()), _without(rest, found)
    if found := _NONE.search(rest):
        wish, rest = replace(wish, is_reset=True), _without(rest, found)
    if found := _ANY_SOURCE.search(rest):
        wish, rest = replace(wish, tiers=()), _without(rest, found)
    if found := _NO_RELIEF.search(rest):
        wish, rest = replace(wish, no_relief=True), _without(rest, found)
    if found := _ONLY.search(rest):
        wish, rest = replace(wish, only=_verdicts(_said(found))), _without(rest, found)
    if found := _WITH.search(rest):
        wish, rest = replace(wish, added=_verdicts(_said(found))), _without(rest, found)
    if found := _BY.search(rest):
        wish, rest = replace(wish, tiers=_tiers(_said(found))), _without(rest, found)
    for pattern, by_name in ((_BY_NAME, True), (_CLOSE_TOO, False)):
        if found := pattern.search(rest):
            wish, rest = replace(wish, by_name=by_name), _without(rest, found)
    if found := _SURE.search(rest):
        if int(found["said"]) > 100:
            raise CommandError(f"“{found[0].strip()}”: how sure goes from 0% to 100%. Send, say: from 80%")
        wish, rest = replace(wish, confidence=int(found["said"]) / 100), _without(rest, found)
    return wish, rest.strip(" ,;")


def _read_words(words: str) -> tuple[Wish, str]:
    """(the wish of 'with words oil, "crude oil" without words court', the rest of the words)."""
    if nothing := _NO_WORDS.search(words):
        begin = nothing["begin"].casefold()
        raise CommandError(f"The words are missing behind “{begin}”. Name them, as in: {begin} oil, tanker")
    wish, rest = Wish(), words.translate(_QUOTES) if _WORDS_BEGIN.search(words) else words
    while begin := _WORDS_BEGIN.search(rest):
        is_asked = begin["how"].casefold() == "with"
        if (wish.words if is_asked else wish.without) is not None:
            raise CommandError(f"“{begin.group().strip()}” is there twice: name all its words in one list.")
        said = rest[begin.end() :]
        end = next((found.start() for found in _WORDS_END.finditer(said) if found["end"]), len(said))
        asked = _read_list(said[:end], begin.group().strip())
        wish = replace(wish, words=asked) if is_asked else replace(wish, without=asked)
        rest = f"{rest[: begin.start()]} {said[end:]}"
    return wish, " ".join(rest.split())


def _read_list(said: str, begin: str) -> tuple[str, ...]:
    """'oil, "crude oil" or tanker' -> ('oil', 'crude oil', 'tanker'). Raises CommandError."""
    found: dict[str, str] = {}
    is_next = True
    for part in _WORD.finditer(re.sub(r"[\s,;]+(?:and|but)\s*$", "", said, flags=re.IGNORECASE)):
        if part["parts"]:
            is_next = True
            continue
        if part["odd"] or not is_next:
            raise CommandError(
                f"“{begin} {shortened(said.strip(), 60)}”: write a comma between words, and a phrase in quotes: "
                f'{begin} oil, tanker, "crude oil"'
            )
        word, is_next = " ".join((part["phrase"] or part["word"]).split()), False
        if not fold_key(word) or len(word) > MOST_WORD:
            raise CommandError(f"“{shortened(word, 60)}” is no word to look for: at most {MOST_WORD} characters.")
        if "*" in word and not _BEGINNING.fullmatch(word):
            raise CommandError(
                f"“{shortened(word, 60)}”: a * stands at the end of a word, behind {_LEAST_BEGUN} letters or more, "
                "for any ending: tanker* finds tankers."
            )
        found.setdefault(asked_key(word), word)
    if not 0 < len(found) <= MOST_WORDS:
        raise CommandError(f"“{begin}”: name 1 to {MOST_WORDS} words, as in: {begin} oil, tanker")
    return tuple(found.values())


def find_no_filter(rest: str) -> str:
    """What reads like a filter in the words that `read_wish` left over, and is none: 'with banana'; "" without any."""
    found = _NO_FILTER.search(rest)
    return found.group().strip() if found else ""


def is_within(one: Filters, other: Filters) -> bool:
    """Whether all that passes `one` passes `other` too."""
    tiers = not other.tiers or (bool(one.tiers) and set(one.tiers) <= set(other.tiers))
    by_name = one.by_name or not other.by_name
    asked, shut_out = set(map(asked_key, one.words)), set(map(asked_key, one.without))
    words = not other.words or (bool(asked) and asked <= set(map(asked_key, other.words)))
    by_words = words and shut_out >= set(map(asked_key, other.without))
    eased = other.eased or not one.eased or Verdict.NEW_SANCTIONS not in one.verdicts
    return (
        set(one.verdicts) <= set(other.verdicts)
        and eased
        and other.confidence <= one.confidence
        and tiers
        and by_name
        and by_words
    )


def told_verdicts(verdicts: Iterable[Verdict]) -> str:
    """'new sanctions and relief'"""
    return joined(_SAID[verdict] for verdict in verdicts)


def told_conditions(filters: Filters) -> str:
    """', only if 80% sure or more, only once official sources tell of it'; empty where there are none."""
    is_less = not filters.eased and Verdict.NEW_SANCTIONS in filters.verdicts
    parts = [", not if they are eased or lifted"] if is_less else []
    parts += [f", only if {filters.confidence:.0%} sure or more"] if filters.confidence else []
    if filters.tiers:
        parts.append(f", only once {joined(filters.tiers, 'or')} sources tell of it")
    parts += [", only if it is named itself"] if filters.by_name else []
    words = [f"has {told_words(filters.words)}"] if filters.words else []
    words += [f"is without {told_words(filters.without)}"] if filters.without else []
    parts += [f", only once a report of it {' and '.join(words)}"] if words else []
    return "".join(parts)


def words_of(filters: Filters) -> str:
    """What makes a subscription have exactly these filters; empty for those that every new one has."""
    if filters == NO_FILTERS:
        return ""
    return " ".join(["without filters", f"only {','.join(filters.verdicts)}", *_conditions(filters)])


def words_for_new(filters: Filters) -> str:
    """The same for one that is not there yet, which is shorter: a button has little room."""
    only = [] if filters.verdicts == NO_FILTERS.verdicts else [f"only {','.join(filters.verdicts)}"]
    return " ".join([*only, *_conditions(filters)])


def _conditions(filters: Filters) -> list[str]:
    parts = [] if filters.eased else ["without relief"]
    parts += [f"from {round(100 * filters.confidence)}%"] if filters.confidence else []
    parts += [f"{','.join(filters.tiers)} only"] if filters.tiers else []
    parts += ["by name only"] if filters.by_name else []
    parts += [f"with words {','.join(map(_as_said, filters.words))}"] if filters.words else []
    parts += [f"without words {','.join(map(_as_said, filters.without))}"] if filters.without else []
    return parts


def _as_said(word: str) -> str:
    """In quotes where it would not be read as one word without."""
    return word if re.fullmatch(r"\w+\*?", word) and word.casefold() not in _IN_QUOTES else f'"{word}"'


def _said(found: re.Match[str]) -> str:
    return next(said for said in found.groupdict().values() if said)


def _verdicts(text: str) -> tuple[Verdict, ...]:
    if text.casefold() in ("all", "all verdicts"):
        return TOLD
    return tuple(verdict for verdict in TOLD if re.search(rf"\b(?:{_WORDS[verdict]})\b", text, re.I))


def _tiers(text: str) -> tuple[Tier, ...]:
    return tuple(tier for tier in Tier if re.search(rf"\b{tier}\b", text, re.I))


def _without(text: str, found: re.Match[str]) -> str:
    return " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())
