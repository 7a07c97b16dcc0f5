"""How a verb stands in its sentence: passive, active, as a participle, an adjective or a noun, or as no verb at all.

Goes by the forms of the verb and the words around it; the few words in here are those of English grammar.
"""

from __future__ import annotations

from bot.matching.cues import Grammar, Vocabulary
from bot.matching.readings import Sentence
from bot.matching.words import Kind, Token


def voice_of(sentence: Sentence, index: int, vocabulary: Vocabulary) -> str:
    """How a verb stands: passive, active, participle, adjective, noun ("the listing of"); "" if it is no verb."""
    tokens, grammar = sentence.tokens, vocabulary.grammar
    low = tokens[index].low
    form = vocabulary.verb_forms.get(low) or (
        "past" if low.endswith("ed") else "ing" if low.endswith("ing") else "base"
    )
    if low.endswith("s") and form == "base":
        form = "s"
    back = index - 1
    while back >= 0 and _is_adverb(tokens[back], grammar):
        back -= 1
    before = tokens[back] if back >= 0 else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    starts_clause = before is None or before.kind is Kind.PUNCTUATION
    if before is not None and before.low in grammar["be"] | {"'s"} and form != "s":
        if before.low == "'s" and form == "past" and back and tokens[back - 1].kind is Kind.MENTION:
            pass
        elif form == "ing":
            return "active"
        elif form in ("past", "base"):
            return "passive"
    if before is not None and before.low in grammar["have"] and form == "past":
        return "active"
    if form == "ing":
        if after is not None and after.low == "of":
            return "noun"
        return "active"
    if form == "s" and index in sentence.structure.finite and starts_clause and _starts_object(after, grammar):
        return "active"
    if form == "s":
        return "active" if _can_be_verb(before, after, grammar) else ""
    if form == "base" and low not in ("put", "hit", "cut", "shut", "bar"):
        infinitive = before is not None and (
            before.low in grammar["modals"]
            or before.low in ("to", "do", "did", "does", "not", "n't", "and", "or", "they", "we", "who", "that")
        )
        headline = before is not None and before.kind is Kind.AUTHORITY and _starts_object(after, grammar)
        plural = (
            before is not None
            and before.kind is Kind.WORD
            and before.low.endswith("s")
            and before.low not in ("this", "its", "his", "'s", "was", "is", "has")
        )
        return "active" if infinitive or headline or (plural and _starts_object(after, grammar)) else ""
    if index in sentence.structure.finite and form == "past" and _starts_object(after, grammar):
        return "active"
    if starts_clause or before is None:
        return "participle"
    if before.low in ("and", "or", "but") and index + 1 < len(tokens):
        return "active" if _starts_object(after, grammar) else _voice_after_and(sentence, back, vocabulary)
    if before.low == "those":
        return "participle"
    if before.low in grammar["determiners"] or before.low in grammar["prepositions"] or before.low in ("'s",):
        plural = before.low == "the" and after is not None and after.low.endswith("s")
        return "plural adjective" if plural else "adjective"
    if _starts_object(after, grammar):
        return "active"
    return "participle" if before.kind is not Kind.AUTHORITY else "active"


def _voice_after_and(sentence: Sentence, back: int, vocabulary: Vocabulary) -> str:
    """A participle after "and" is like the one before it: "was arrested and sanctioned"."""
    window = sentence.tokens[max(0, back - 12) : back]
    return "passive" if any(token.low in vocabulary.grammar["be"] for token in window) else "participle"


def _is_adverb(token: Token, grammar: Grammar) -> bool:
    low = token.low
    return low in grammar["subject_adverbs"] or low in grammar["negations"] or (low.endswith("ly") and len(low) > 4)


def _can_be_verb(before: Token | None, after: Token | None, grammar: Grammar) -> bool:
    g = grammar
    if before is None or after is None or before.kind is Kind.PUNCTUATION:
        return False
    if (
        before.low in g["determiners"]
        or before.low in g["prepositions"]
        or before.low
        in ("'s", "and", "or", "new", "more", "further", "fresh", "economic", "international", "financial")
    ):
        return False
    if before.low.endswith(("al", "ic", "ed", "ing", "ive", "ary")) and before.kind is Kind.WORD:
        return False
    if not _starts_object(after, g) and not (after.capital or after.kind is Kind.MENTION):
        return after.kind is Kind.WORD and after.low.endswith("s") and before.kind is Kind.AUTHORITY
    return True


def _starts_object(token: Token | None, grammar: Grammar) -> bool:
    g = grammar
    if token is None or token.kind is Kind.PUNCTUATION:
        return False
    if token.kind in (Kind.MENTION, Kind.NUMBER, Kind.AUTHORITY):
        return True
    if token.low in g["determiners"] or token.low in (
        "him",
        "her",
        "it",
        "them",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "dozens",
        "more",
        "nearly",
        "over",
        "around",
        "what",
        "those",
    ):
        return True
    return (
        token.low not in g["prepositions"]
        and token.low not in g["be"]
        and token.low
        not in (
            "and",
            "or",
            "but",
            "as",
            "together",
            "yesterday",
            "today",
            "since",
            "because",
            "also",
            "this",
            "last",
            "again",
            "earlier",
            "too",
        )
        and not token.low.endswith("ly")
    )
