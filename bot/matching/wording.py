"""Evidence in a person's words: 'standing.target' -> 'said to be under sanctions already: “since 2018”'.

Only phrases of vocabulary/wording.toml and the article's own words are shown, never a pattern. Decides nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from importlib.resources import files
from typing import Any

from bot.model import Cue, Verdict

MOST_REASONS = 4
_CLEARLY = 0.7  # of an event's score: what makes it the article's
_LONGEST = 80  # characters of the article's words in one reason


def told(name: str, text: str = "") -> str:
    """A piece of evidence as a phrase, with the article's words if there are any. `name` may carry the rule that read
    it, in brackets: that is not shown. An unknown name is told by its own words."""
    phrase = _phrase(name.partition(" (")[0])
    return f"{phrase}: “{_shortened(text)}”" if text.strip() else phrase


def told_reasons(cues: Sequence[Cue]) -> tuple[str, ...]:
    """What spoke for a verdict, with the article's own words first."""
    speaking = [cue for cue in cues if cue.weight > 0]
    quoted = {_kind(cue) for cue in speaking if cue.text}
    above_all = {f"top.{kind}" for kind in quoted}  # the sentence itself says it better
    return _phrases(cue for cue in speaking if ".".join(cue.rule.split(".")[:2]) not in above_all)


def told_against(cues: Sequence[Cue]) -> tuple[str, ...]:
    """What spoke against a verdict; how a name stands is not told again where it spoke for it too."""
    stances = {_stance(cue) for cue in cues if cue.weight > 0} - {""}
    speaking = _phrases(cue for cue in cues if cue.weight > 0)
    against = _phrases((cue for cue in cues if cue.weight < 0), stances)
    return tuple(one for one in against if not any(other.startswith(one) for other in speaking))


def told_events(scores: Mapping[str, float]) -> str:
    """'new sanctions; in passing: possible sanctions', the strongest first; "" if there are none."""
    events = _wording()["events"]
    ranked = sorted((kind for kind in scores if kind in events), key=lambda kind: -scores[kind])
    main = [events[kind] for kind in ranked if scores[kind] >= _CLEARLY]
    passing = [events[kind] for kind in ranked if scores[kind] < _CLEARLY]
    return "; ".join(filter(None, [", ".join(main), f"in passing: {', '.join(passing)}" if passing else ""]))


def told_sense(sense: str) -> str:
    """Why an article is about something else than sanctions in our sense."""
    wording = _wording()
    return str(wording["senses"].get(sense) or wording["senses"]["other"])


def told_change(verdict: Verdict, odds: Mapping[Verdict, float]) -> str:
    """What would have made it another verdict: new sanctions if it is not that, else the next most probable."""
    new = Verdict.NEW_SANCTIONS
    second = max((other for other in odds if other is not verdict), key=lambda other: odds[other])
    wanted = second if verdict is new else new
    change = f"{_wording()['change'][wanted]}, the verdict would be {_word(wanted)}"
    if wanted is new and odds[new] > odds[verdict]:
        return f"{change}; that is the most probable even so ({_percent(odds[new])}), but too unsure for an alert"
    percent = _percent(odds[second])
    as_it_stands = f"as it stands {percent} probable" if second is wanted else f"next: {_word(second)}, {percent}"
    return f"{change} ({as_it_stands})"


def _word(verdict: Verdict) -> str:
    return verdict.replace("_", " ")


def _percent(share: float) -> str:
    return f"{round(100 * share)} %" if share >= 0.01 else "less than 1 %"


# ---------------------------------------------------------------- several pieces together


def _kind(cue: Cue) -> str:
    return cue.rule.partition(".")[0]


def _stance(cue: Cue) -> str:
    """How a name of which no act is told stands in its sentences: the third part of silent.EVENT.STANCE …"""
    head, *rest = cue.rule.split(".")
    return rest[1] if head == "silent" and len(rest) > 1 and rest[1] in _wording()["stances"] else ""


def _phrases(cues: Iterable[Cue], told_stances: AbstractSet[str] = frozenset()) -> tuple[str, ...]:
    """Each thing once: the quoted first, a stance with all its signs, a mere kind of name only if there is no more."""
    cues = sorted(cues, key=lambda cue: not cue.text)
    stances = dict.fromkeys(filter(None, map(_stance, cues)))
    said = dict.fromkeys(told(cue.rule, cue.text) for cue in cues if not _stance(cue) and not _is_schema(cue))
    for stance in stances:
        said |= dict.fromkeys([_told_stance(stance, [cue for cue in cues if _stance(cue) == stance], told_stances)])
    phrases = [one for one in said if one and not any(other != one and other.startswith(one) for other in said)]
    return tuple(phrases or [told(cue.rule) for cue in cues if _is_schema(cue)])[:MOST_REASONS]


def _is_schema(cue: Cue) -> bool:
    head, *rest = cue.rule.split(".")
    return head == "silent" and len(rest) == 1 and rest[0] in _wording()["schemas"]


def _told_stance(stance: str, cues: Sequence[Cue], told_stances: AbstractSet[str]) -> str:
    signs = dict.fromkeys(sign for cue in cues for sign in cue.rule.split(".")[3:])
    marks = "".join(_wording()["signs"].get(sign, "") for sign in signs)
    return marks.removeprefix(", ") if stance in told_stances else str(_wording()["stances"][stance]) + marks


# ---------------------------------------------------------------- one piece


@cache
def _wording() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = tomllib.loads(
        (files("bot.matching") / "vocabulary" / "wording.toml").read_text(encoding="utf-8")
    )
    return loaded


@cache
def _phrase(name: str) -> str:
    wording = _wording()
    if name in wording["whole"]:
        return str(wording["whole"][name])
    head, *rest = name.split(".")
    composed = {"article": _article, "top": _top, "silent": _silent, "discourse": _discourse}.get(head, _sentence)
    return composed(name, rest) or name.replace(".", " ").replace("_", " ").strip() or "no reason is known"


def _discourse(_name: str, rest: Sequence[str]) -> str:
    wording = _wording()
    place, *kinds = rest
    if place == "does":
        return str(wording["deeds"].get(kinds[0] if kinds else "", ""))
    said = wording["said"].get({"old": "earlier", "none": "other"}.get(kinds[0], kinds[0])) if kinds else None
    phrase = wording["discourse"].get(place, "")
    return str(phrase.format(said=said)) if said or not kinds else ""


def _article(_name: str, rest: Sequence[str]) -> str:
    wording = _wording()
    event = wording["events"].get(rest[0]) if len(rest) == 1 else None
    return wording["article"].format(event=event) if event else ""


def _top(_name: str, rest: Sequence[str]) -> str:
    wording = _wording()
    said = wording["said"].get(rest[0]) if rest else None
    event = wording["events"].get(rest[1]) if len(rest) == 2 else None
    if said is None:
        return ""
    where = wording["top_event"].format(event=event) if event and rest[1] not in ("other", rest[0]) else ""
    return str(wording["top"].format(said=said) + where)


def _sentence(name: str, rest: Sequence[str]) -> str:
    """KIND.PLACE, KIND.PLACE.weak"""
    wording = _wording()
    weak = wording["weak"] if rest[-1:] == ["weak"] else ""
    if weak and name.removesuffix(".weak") in wording["whole"]:
        return str(wording["whole"][name.removesuffix(".weak")] + weak)
    said, place = wording["said"].get(name.split(".")[0]), wording["places"].get(rest[0]) if rest else None
    return str(place.format(said=said) + weak) if said and place else ""


def _silent(_name: str, rest: Sequence[str]) -> str:
    """silent.EVENT, silent.SCHEMA, silent.EVENT.title, silent.EVENT.STANCE[.SCHEMA][.SIGN …]"""
    wording = _wording()
    match rest:
        case [schema] if schema in wording["schemas"]:
            return str(wording["silent_schema"].format(schema=wording["schemas"][schema]))
        case [event] if event in wording["events"]:
            return str(wording["silent"].format(event=wording["events"][event]))
        case [event, "title"] if event in wording["events"]:
            return str(wording["silent_title"].format(event=wording["events"][event]))
        case [_, stance, *signs] if stance in wording["stances"]:
            return str(wording["stances"][stance] + "".join(wording["signs"].get(sign, "") for sign in signs))
        case _:
            return ""


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    if len(words) <= _LONGEST:
        return words
    return words[: _LONGEST - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
