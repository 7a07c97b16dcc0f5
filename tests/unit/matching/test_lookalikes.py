"""A namesake that somebody pointed out is known again; the entity itself is not taken for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.matching.lookalikes import find_likeness, held_reason, is_fuller, told_as
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.model import Article, ChatKey, Entity, Likeness, LookAlike, Mention, Schema, Strength, User

NOW = datetime(2026, 5, 3, 18, tzinfo=UTC)
FORTUNA = Entity("fortuna", Schema.COMPANY, "Fortuna Trading House LLC", ("Fortuna",), (), ("ru",))
PETROV = Entity("petrov", Schema.PERSON, "Ivan Petrov", (), (), ("ru",))
VOLGA = Entity("volga", Schema.COMPANY, "Volga Shipping and Metals JSC", ("Volga Metals",), (), ("ru",))

MINER = (
    "The United States imposed sanctions on a mining group on Friday.",
    "Fortuna, a Peruvian silver miner, was added to the blacklist, the Treasury said. Fortuna declined to comment.",
)
HOCKEY = ("The Treasury imposed sanctions on hockey goalkeeper Ivan Petrov of Omsk on Friday.",)


def article(*paragraphs: str, language: str = "en", key: str = "") -> Article:
    key = key or "\n".join(paragraphs)
    return Article(key, "https://wire.example/a", "Wire", "New sanctions", "", paragraphs, NOW, language=language)


def mentions(of: Entity, where: Article) -> tuple[Mention, ...]:
    return find_mentions(where, NameIndex.compile([of]))


def pointed_out(of: Entity, where: Article, *known_as: str) -> LookAlike:
    likeness = find_likeness(where, mentions(of, where), of, known_as)
    return LookAlike(of.key, likeness, "e1", User("telegram", "7", "Ana"), NOW, ChatKey("telegram", "7"))


def is_held(look_alike: LookAlike, of: Entity, where: Article) -> bool:
    found = mentions(of, where)
    assert found, "the case is worth nothing if nobody is found"
    return held_reason(look_alike, where, found, of) is not None


def test_the_description_is_what_is_remembered() -> None:
    likeness = pointed_out(FORTUNA, article(*MINER)).likeness
    assert likeness.called == ("Fortuna",)
    assert likeness.longer == ()
    assert set(likeness.words) == {"peruvian", "miner"}


LONGER = {
    "it goes on after": ("Volga Metals Kazakhstan", "Volga Metals Kazakhstan"),
    "with a small word": ("Volga Metals of Kazakhstan", "Volga Metals of Kazakhstan"),
    "it goes on before": ("JSC Volga Metals Service", "JSC Volga Metals Service"),
    "a hyphen": ("Volga Metals-Invest", "Volga Metals-Invest"),
    "only its legal form": ("Volga Metals LLC", ""),
    "a day": ("Volga Metals Friday", ""),
    "another name after a comma": ("Volga Metals, Kazakhstan", ""),
}


@pytest.mark.parametrize(("written", "longer"), LONGER.values(), ids=LONGER)
def test_a_longer_name_is_remembered(written: str, longer: str) -> None:
    where = article(f"The Treasury on Friday imposed sanctions on {written}, adding the firm to its blacklist.")
    assert pointed_out(VOLGA, where).likeness.longer == tuple(filter(None, [longer]))


def test_another_article_with_the_longer_name_is_held() -> None:
    kazakh = pointed_out(VOLGA, article("The Treasury on Friday imposed sanctions on Volga Metals Kazakhstan."))
    assert is_held(
        kazakh, VOLGA, article("Sanctions hit Volga Metals Kazakhstan.", "Volga Metals was founded in 2001.")
    )
    assert not is_held(kazakh, VOLGA, article("Sanctions hit Volga Metals.", "It was founded in 2001."))


NEXT = {
    "the same story": (MINER, True),
    "another outlet that describes it alike": (
        ("The Treasury blacklisted Fortuna, the Peruvian miner, on Friday.",),
        True,
    ),
    "the entity under its own full name": (("The Treasury added Fortuna Trading House LLC to its blacklist.",), False),
    "the entity in full, and a miner from Peru": (
        ("The Treasury blacklisted Fortuna Trading House LLC on Friday. Fortuna, a Peruvian miner, is another.",),
        False,
    ),
    "the short name with another description": (
        ("The Treasury imposed sanctions on Fortuna, a Moscow grain trader, on Friday.",),
        False,
    ),
    "the short name alone": (("The Treasury added Fortuna to its blacklist on Friday, it said.",), False),
    "one word in common is chance": (("The Treasury blacklisted Fortuna, the Peruvian bank, on Friday.",), False),
}


@pytest.mark.parametrize(("paragraphs", "held"), NEXT.values(), ids=NEXT)
def test_a_later_article_is_held_only_if_it_is_the_look_alike(paragraphs: tuple[str, ...], held: bool) -> None:
    assert is_held(pointed_out(FORTUNA, article(*MINER)), FORTUNA, article(*paragraphs)) is held


def test_a_namesake_with_the_same_full_name_is_told_apart_by_its_description() -> None:
    goalkeeper = pointed_out(PETROV, article(*HOCKEY))
    again = article("OFAC on Monday also named the Omsk goalkeeper Ivan Petrov in its sanctions list.")
    banker = article("OFAC on Monday added Ivan Petrov, deputy finance minister, to its sanctions list.")
    assert is_held(goalkeeper, PETROV, again)
    assert not is_held(goalkeeper, PETROV, banker)


def test_the_paragraph_speaks_too_if_more_of_it_agrees() -> None:
    first = (
        "The Treasury added Fortuna to its blacklist. The smelter in Arequipa, run by Quispe, sells zinc to Glencore."
    )
    look_alike = pointed_out(FORTUNA, article(first))
    assert (look_alike.likeness.words, "quispe" in look_alike.likeness.around) == ((), True)
    told_alike = "Britain added Fortuna to its list. Quispe, whose smelter buys from Glencore, called it unfair."
    assert is_held(look_alike, FORTUNA, article(told_alike))
    elsewhere = ("Britain added Fortuna to its list.", "Quispe, whose smelter buys from Glencore, is another matter.")
    assert not is_held(look_alike, FORTUNA, article(*elsewhere)), "another paragraph says nothing of it"
    assert not is_held(look_alike, FORTUNA, article("Britain added Fortuna to its list. Quispe and Glencore were not."))


def test_small_words_of_scripts_without_a_list_of_common_words_prove_nothing() -> None:
    volga = replace(VOLGA, aliases=("Волга Металлс",))
    first = (
        "Минфин США внёс компанию Волга Металлс в санкционный список, сообщило ведомство. Её владелец Квиспе молчит."
    )
    likeness = pointed_out(volga, article(first, language="ru")).likeness
    assert set(likeness.words) | set(likeness.around) <= {"квиспе", "сша"}


def test_the_article_itself_is_held_even_where_nothing_tells_the_two_apart() -> None:
    bare = "The Treasury added Fortuna to its blacklist on Friday, it said."
    look_alike = pointed_out(FORTUNA, article(bare, key="a1"))
    assert (look_alike.likeness.longer, look_alike.likeness.words) == ((), ())
    assert is_held(look_alike, FORTUNA, article(bare, key="a1"))
    assert not is_held(look_alike, FORTUNA, article(bare, key="a2"))
    judged_again = article("The Treasury added Fortuna Trading House LLC to its blacklist on Friday.", key="a1")
    assert not is_held(look_alike, FORTUNA, judged_again)


def test_who_it_is_may_be_told() -> None:
    bare = article("The Treasury added Fortuna to its blacklist on Friday, it said.")
    told = pointed_out(FORTUNA, bare, "Fortuna Silver Mines", "Fortuna")
    assert told.likeness.longer == ("Fortuna Silver Mines",), "a name that is no longer one says nothing"
    later = article("Fortuna was blacklisted on Monday.", "FORTUNA SILVER MINES runs a pit in Peru, under sanctions.")
    mention = Mention("fortuna", 2, 0, 7, "Fortuna", Strength.STRONG, "fortuna")
    assert held_reason(told, later, (mention,), FORTUNA)


def test_an_identifier_is_the_entity() -> None:
    look_alike = pointed_out(FORTUNA, article(*MINER))
    by_number = Mention("fortuna", 3, 0, 7, "9187629", Strength.IDENTIFIER, "9187629")
    assert held_reason(look_alike, article(*MINER), (by_number,), FORTUNA) is None


def test_a_surname_alone_is_no_fuller_name() -> None:
    goalkeeper = pointed_out(PETROV, article(*HOCKEY))
    surname = Mention("petrov", 2, 0, 7, "Petrov", Strength.STRONG, "petrov", "surname")
    assert not is_fuller(surname, goalkeeper.likeness)


def test_the_reason_says_who_said_what_and_when() -> None:
    where = article("The Treasury on Friday imposed sanctions on Volga Metals Kazakhstan.")
    look_alike = pointed_out(VOLGA, where)
    told = "Ana said on 3 May 2026 that this is another “Volga Metals” (Volga Metals Kazakhstan)"
    assert told_as(look_alike) == told
    assert held_reason(look_alike, where, mentions(VOLGA, where), VOLGA) == f"held: {told}"
    nameless = replace(look_alike, by=User("slack", "U1"), likeness=Likeness(()))
    assert told_as(nameless) == "slack:U1 said on 3 May 2026 that this is another “volga”"


@pytest.mark.parametrize("language", ["de", "zh", "ru"])
def test_texts_whose_capitals_say_nothing_give_no_longer_name_and_raise_no_error(language: str) -> None:
    texts = {
        "de": "Das Finanzministerium setzte Fortuna Aktien am Freitag auf die Sanktionsliste.",
        "zh": "美国周五将 Fortuna 列入制裁名单。",
        "ru": "Минфин США внёс Fortuna в санкционный список.",
    }
    where = article(texts[language], language=language)
    mention = Mention("fortuna", 2, 0, 7, "Fortuna", Strength.STRONG, "fortuna")
    assert find_likeness(where, (mention,), FORTUNA).longer == ()
