"""How a verb stands in its sentence: passive, active, as a participle, an adjective or a noun, or as no verb at all.

Goes by the forms of the verb and the words around it; the few words in here are those of English grammar.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.matching.cues import Grammar, Vocabulary
from bot.matching.readings import Sentence
from bot.matching.words import Kind, Token

_BEFORE_NOUNS = frozenset("'s and or new more further fresh economic international financial".split())
_OPEN_OBJECTS = frozenset(
    """him her it them two three four five six seven eight nine ten dozens more nearly over around what those""".split()
)
_OPEN_NO_OBJECTS = frozenset(
    "and or but as together yesterday today since because also this last again earlier too".split()
)
_BEFORE_INFINITIVES = frozenset("to do did does not n't and or they we who that".split())
_NO_PLURALS = frozenset("this its his 's was is has".split())
_LIKE_PAST = frozenset("put hit cut shut bar".split())  # base forms that are read as a past form may be


def voice_of(sentence: Sentence, index: int, vocabulary: Vocabulary) -> str:
    """How a verb stands: passive, active, participle, adjective, noun ("the listing of"); "" if it is no verb."""
    tokens, grammar = sentence.tokens, vocabulary.grammar
    form = _form_of(tokens[index].low, vocabulary)
    back = index - 1
    while back >= 0 and _is_adverb(tokens[back], grammar):
        back -= 1
    before = tokens[back] if back >= 0 else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if before is not None and (voice := _voice_behind_auxiliary(tokens, back, form, grammar)):
        return voice
    if form == "ing":
        return "noun" if after is not None and after.low == "of" else "active"
    starts_clause = before is None or before.kind is Kind.PUNCTUATION
    is_finite = index in sentence.structure.finite and _starts_object(after, grammar)
    if form == "s":
        return "active" if (is_finite and starts_clause) or _can_be_verb(before, after, grammar) else ""
    if form == "base" and tokens[index].low not in _LIKE_PAST:
        return "active" if _is_base_of_verb(before, after, grammar) else ""
    if is_finite and form == "past":
        return "active"
    if starts_clause or before is None:
        return "participle"
    if before.low in ("and", "or", "but") and after is not None:
        return "active" if _starts_object(after, grammar) else _voice_after_and(sentence, back, vocabulary)
    if before.low == "those":
        return "participle"
    if before.low in grammar["determiners"] or before.low in grammar["prepositions"] or before.low == "'s":
        plural = before.low == "the" and after is not None and after.low.endswith("s")
        return "plural adjective" if plural else "adjective"
    return "active" if _starts_object(after, grammar) or before.kind is Kind.AUTHORITY else "participle"


def _form_of(low: str, vocabulary: Vocabulary) -> str:
    """ "base", "s", "past" or "ing": as the vocabulary knows it, else by its ending."""
    form = vocabulary.verb_forms.get(low) or (
        "past" if low.endswith("ed") else "ing" if low.endswith("ing") else "base"
    )
    return "s" if form == "base" and low.endswith("s") else form


def _voice_behind_auxiliary(tokens: Sequence[Token], back: int, form: str, grammar: Grammar) -> str:
    """ "is listing", "was listed", "has listed", if token `back` is such a word; else ""."""
    low = tokens[back].low
    if low in grammar["be"] | {"'s"} and form != "s":
        is_possessive = low == "'s" and form == "past" and back and tokens[back - 1].kind is Kind.MENTION
        if not is_possessive:
            return "active" if form == "ing" else "passive"
    return "active" if low in grammar["have"] and form == "past" else ""


def _is_base_of_verb(before: Token | None, after: Token | None, grammar: Grammar) -> bool:
    """ "to list", "they list"; "US list banks" and "ministers list banks" only where an object follows."""
    if before is None:
        return False
    if before.low in grammar["modals"] or before.low in _BEFORE_INFINITIVES:
        return True
    plural = before.kind is Kind.WORD and before.low.endswith("s") and before.low not in _NO_PLURALS
    return (plural or before.kind is Kind.AUTHORITY) and _starts_object(after, grammar)


def _voice_after_and(sentence: Sentence, back: int, vocabulary: Vocabulary) -> str:
    """A participle after "and" is like the one before it: "was arrested and sanctioned"."""
    window = sentence.tokens[max(0, back - 12) : back]
    return "passive" if any(token.low in vocabulary.grammar["be"] for token in window) else "participle"


def _is_adverb(token: Token, grammar: Grammar) -> bool:
    low = token.low
    return low in grammar["subject_adverbs"] or low in grammar["negations"] or (low.endswith("ly") and len(low) > 4)


def _can_be_verb(before: Token | None, after: Token | None, grammar: Grammar) -> bool:
    if before is None or after is None or before.kind is Kind.PUNCTUATION:
        return False
    if any(before.low in words for words in (grammar["determiners"], grammar["prepositions"], _BEFORE_NOUNS)):
        return False
    if before.low.endswith(("al", "ic", "ed", "ing", "ive", "ary")) and before.kind is Kind.WORD:
        return False
    if not _starts_object(after, grammar) and not (after.capital or after.kind is Kind.MENTION):
        return after.kind is Kind.WORD and after.low.endswith("s") and before.kind is Kind.AUTHORITY
    return True


def _starts_object(token: Token | None, grammar: Grammar) -> bool:
    if token is None or token.kind is Kind.PUNCTUATION:
        return False
    if token.kind in (Kind.MENTION, Kind.NUMBER, Kind.AUTHORITY):
        return True
    if token.low in grammar["determiners"] or token.low in _OPEN_OBJECTS:
        return True
    ends = (grammar["prepositions"], grammar["be"], _OPEN_NO_OBJECTS)
    return not any(token.low in words for words in ends) and not token.low.endswith("ly")
