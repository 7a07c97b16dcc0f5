"""Which forms of a name are searched, how strong they are, and that the index finds them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching.identifiers import identifiers_of, is_imo_number
from bot.matching.names import NameForm, NameIndex, name_forms
from bot.model import Entity, Identifier, Schema, Strength
from bot.text.folding import fold, fold_key


def entity(schema: Schema, caption: str, *aliases: str, countries: tuple[str, ...] = ()) -> Entity:
    return Entity(fold(caption).text, schema, caption, aliases, countries=countries)


def forms(schema: Schema, caption: str, *aliases: str, countries: tuple[str, ...] = ()) -> dict[str, NameForm]:
    return {form.text: form for form in name_forms(entity(schema, caption, *aliases, countries=countries))}


STRONG = [
    (Schema.PERSON, "Mikhail Yur'evich Pisklin", (), "mikhail pisklin", "a Russian patronymic is left out"),
    (Schema.PERSON, "Михаил Юрьевич Писклин", (), "mikhail pisklin", "a Cyrillic name in Latin letters"),
    (Schema.PERSON, "SERBIN, Andrei Vladimirovich", (), "andrei serbin", "family name first, with a comma"),
    (Schema.PERSON, "Karim HADDAD", (), "haddad karim", "family name first in the text"),
    (
        Schema.PERSON,
        "Ernesto Javier Vidal Rojas",
        ("ve",),
        "ernesto vidal",
        "two Spanish family names: the first counts",
    ),
    (Schema.PERSON, "Tariq al-Masoudi", (), "tariq masoudi", "the Arabic article left out"),
    (Schema.PERSON, "Tariq al-Masoudi", (), "tariq el masoudi", "… or written otherwise"),
    (Schema.PERSON, "Ali Reza Kamrani", (), "alireza kamrani", "two given names written together"),
    (Schema.COMPANY, "Hefei Lanzhou Optics Co., Ltd.", (), "hefei lanzhou optics", "without its legal form"),
    (Schema.COMPANY, "OOO Severnaya Verf", (), "severnaya verf", "a legal form in front"),
    (Schema.COMPANY, "Banco del Oriente, C.A.", ("ve",), "banco del oriente", "a legal form of Venezuela"),
    (Schema.COMPANY, "Minera del Sur S.A.C.", ("pe",), "minera del sur", "a legal form of Peru"),
    (Schema.COMPANY, "Comercial del Norte S.L.", ("es",), "comercial del norte", "a legal form of Spain"),
    (Schema.COMPANY, "ОДО «Белый Парус»", ("by",), "белыи парус", "a legal form of Belarus"),
    (Schema.COMPANY, "CA Oriente Bank", (), "ca oriente bank", "… that is a name's own word in front"),
    (Schema.COMPANY, "Dandong Zhicheng Metallic Material Co., Ltd.", (), "dandong zhicheng", "without generic words"),
    (Schema.COMPANY, "Shandong Kaiyue Petrochemical Group", (), "kaiyue petrochemical", "without its province"),
    (Schema.COMPANY, "Baltic Bunkering (Tallinn) OU", (), "baltic bunkering", "without its brackets"),
    (Schema.COMPANY, "JPMorgan Chase & Co.", (), "jp morgan", "a capital inside parts a word"),
    (Schema.COMPANY, "Rosneft Oil Company PJSC", ("Rosneft",), "rosneft", "one distinctive word"),
    (Schema.PUBLIC_BODY, "Central Bank of Iran", ("ir",), "iranian central bank", "a country's adjective in front"),
    (Schema.PUBLIC_BODY, "Central Bank of Iran", ("ir",), "iran central bank", "a possessive country in front"),
    (Schema.VESSEL, "M/T Ocean Harrier", (), "ocean harrier", "a ship's prefix is no name"),
    (Schema.COMPANY, "广州腾跃化工有限公司", (), "广 州 腾 跃 化 工", "a Chinese legal form is left out"),
]


@pytest.mark.parametrize(("schema", "caption", "more", "text", "why"), STRONG, ids=[case[4] for case in STRONG])
def test_a_form_that_counts_by_itself(schema: Schema, caption: str, more: tuple[str, ...], text: str, why: str) -> None:
    aliases = tuple(each for each in more if len(each) > 2)
    countries = tuple(each for each in more if len(each) == 2)
    found = forms(schema, caption, *aliases, countries=countries)
    assert found[text].strength is Strength.STRONG, why
    assert found[text].alone


WEAK = [
    (Schema.COMPANY, "Orange Polska S.A.", "Orange", "orange", "a common word"),
    (Schema.COMPANY, "Global Exports Bureau", "GEB", "geb", "an acronym of three letters"),
    (Schema.PERSON, "Hassan Mirzaei", "Hassan", "hassan", "a given name alone"),
    (Schema.PERSON, "Hassan Mirzaei", "", "mirzaei", "a family name alone"),
    (Schema.PERSON, "Hassan Mirzaei", "", "h mirzaei", "an initial"),
    (Schema.PERSON, "Rico Valdano", "Gold Finger", "gold finger", "a nickname of common words"),
    (Schema.VESSEL, "HOPE", "", "hope", "a ship called by a common word"),
    (Schema.COMPANY, "Jordan", "", "jordan", "a firm called as a country"),
    (Schema.PERSON, "Oleg Petrovich Ivanov", "", "op ivanov", "initials before a common family name"),
]


@pytest.mark.parametrize(("schema", "caption", "alias", "text", "why"), WEAK, ids=[case[4] for case in WEAK])
def test_a_form_that_needs_more(schema: Schema, caption: str, alias: str, text: str, why: str) -> None:
    found = forms(schema, caption, *((alias,) if alias else ()))
    assert found[text].strength is Strength.WEAK, why


@pytest.mark.parametrize(
    ("caption", "initials"),
    [("David Romanovich Lukomsky", "dr"), ("Anton Lvovich Lukomsky", "al"), ("Ugo Ksavierovich Lukomsky", "uk")],
)
def test_initials_that_are_a_word_are_not_written_together(caption: str, initials: str) -> None:
    found = forms(Schema.PERSON, caption)
    assert f"{initials} lukomsky" not in found
    assert f"{initials[0]} {initials[1]} lukomsky" in found


def test_weak_aliases_are_weak_whatever_they_are() -> None:
    tracked = Entity("k", Schema.COMPANY, "Zeltransgaz", weak_aliases=("Distinctivo",))
    assert {form.text: form.strength for form in name_forms(tracked)}["distinctivo"] is Strength.WEAK


def test_a_word_of_very_many_syllables_takes_no_longer_than_others() -> None:
    started = time.process_time()
    assert forms(Schema.COMPANY, f"{'an' * 22}q Ltd", countries=("cn",))  # each syllable more would double it
    assert time.process_time() - started < 1.0


def test_forms_have_one_order() -> None:
    """Whatever the process: of "al-Assad" the name without its article is looked for first."""
    forms = name_forms(Entity("x", Schema.PERSON, "Samer Kamal al-Assad"))
    assert [form.text for form in forms if form.how == "surname"] == ["assad", "al assad"]


@pytest.mark.parametrize(("name", "latin"), [("Бен Али", "ben ali"), ("Абу Ахмед", "abu akhmed")])
def test_a_cyrillic_name_that_opens_with_a_particle_is_one_name_in_latin_letters(name: str, latin: str) -> None:
    found = forms(Schema.PERSON, name)
    assert found[fold_key(name)].strength is Strength.STRONG
    assert [text for text in found if text.isascii()] == [latin]


def test_a_common_surname_never_stands_alone() -> None:
    assert not forms(Schema.PERSON, "Oleg Ivanov")["ivanov"].alone
    assert forms(Schema.PERSON, "Oleg Deripaska")["deripaska"].alone


@pytest.mark.parametrize(
    ("number", "valid"), [("9116412", True), ("9116413", False), ("911641", False), ("9١16412", False)]
)
def test_an_imo_number_has_its_check_digit(number: str, valid: bool) -> None:
    assert is_imo_number(number) is valid


def test_identifiers_come_from_names_too() -> None:
    wallet = "TXk9mP2vQ4sLr8WbN6yZcD3fGhJ5tVa7Ue"
    tracked = Entity("v", Schema.VESSEL, "GRACE", ("IMO 9116412",), identifiers=(Identifier("mmsi", "572-469-210"),))
    assert set(identifiers_of(tracked)) == {"9116412", "572469210"}
    assert identifiers_of(Entity("w", Schema.CRYPTO_WALLET, wallet)) == (wallet,)
    assert identifiers_of(Entity("0", Schema.CRYPTO_WALLET, "0x" + "aB" * 20)) == ("0X" + "AB" * 20,)


# ---------------------------------------------------------------- the index


def found(index: NameIndex, text: str) -> set[str]:
    folded = fold(text).text
    return {hit.entity for hit in index.find(folded) if hit.form.strength is not Strength.WEAK}


VARIANTS = [
    ("Andrey Serbin", "Андрея Сербина", "Cyrillic with case endings"),
    ("Евгений Пригожин", "Yevgeny Prigozhin", "a Cyrillic name in a Latin text"),
    ("Oleg Deripaska", "Олегу Дерипаске", "another case"),
    ("Mohammad Hosseini Nejad", "Mohammed Hoseini Nejad", "vowels and double letters"),
    ("Youssef Fenianos", "Yusuf Finyanus", "French and English transliteration"),
    ("Esmail Khatib", "Ismail Chatib", "German transliteration"),
    ("Ayman Jawad Karimi", "Ayman Dschawad Karimi", "German dsch"),
    ("Ali Khamenei", "Alí Jamenei", "Spanish transliteration"),
]


@pytest.mark.parametrize(("name", "written", "why"), VARIANTS, ids=[case[2] for case in VARIANTS])
def test_another_spelling_is_found(name: str, written: str, why: str) -> None:
    index = NameIndex.compile([Entity("k", Schema.PERSON, name)])
    assert found(index, f"x {written} y") == {"k"}, why


@pytest.mark.parametrize(
    ("name", "written"),
    [("Hassan Karimi", "Hossein Karimi"), ("Kim Chol Nam", "Kim Chol Min"), ("Ali Rahimi", "Ala Rahimi")],
)
def test_another_given_name_is_no_spelling(name: str, written: str) -> None:
    assert found(NameIndex.compile([Entity("k", Schema.PERSON, name)]), f"x {written} y") == set()


def test_an_edit_needs_no_new_index() -> None:
    index = NameIndex.compile([Entity("a", Schema.COMPANY, "Zeltransgaz"), Entity("b", Schema.COMPANY, "Morvanta")])
    edited = index.with_changes(
        [Entity("a", Schema.COMPANY, "Polkanta"), Entity("c", Schema.COMPANY, "Quelloro")], ["b"]
    )
    assert found(index, "Zeltransgaz Morvanta Polkanta") == {"a", "b"}
    assert found(edited, "Zeltransgaz Morvanta") == set()
    assert found(edited, "Polkanta and Quelloro") == {"a", "c"}
    assert found(edited.with_changes(removed=["c"]), "Polkanta and Quelloro") == {"a"}


def test_an_edited_entity_is_found_by_its_new_names_and_identifiers_only() -> None:
    ship = Entity("v", Schema.VESSEL, "Grace Harwich", identifiers=(Identifier("imoNumber", "9116412"),))
    index = NameIndex.compile([ship, Entity("p", Schema.PERSON, "Oleg Deripaska")])
    text = "Grace Harwich (9116412, 9256602) of Oleg Deripaska, Олега Дерипаски"
    edited = index.with_changes([replace(ship, caption="Polkanta", identifiers=(Identifier("imoNumber", "9256602"),))])
    edited = edited.with_changes([Entity("p", Schema.PERSON, "Artem Lukomsky")])
    assert found(edited, text) == set()
    assert [key for _, _, key in edited.find_identifiers(text)] == ["v"]
    assert text[slice(*next(edited.find_identifiers(text))[:2])] == "9256602"
    assert found(edited, "Polkanta, Artema Lukomskiy") == {"v", "p"}
    assert edited.entities["p"].caption == "Artem Lukomsky"
    assert edited.changes == 2


def test_a_removed_entity_is_found_again_when_it_is_added_again() -> None:
    tracked = Entity("a", Schema.COMPANY, "Zeltransgaz")
    gone = NameIndex.compile([tracked]).with_changes(removed=["a", "never there"])
    assert (found(gone, "Zeltransgaz"), dict(gone.entities), len(gone.entities)) == (set(), {}, 0)
    assert found(gone.with_changes([tracked]), "Zeltransgaz") == {"a"}


WORDS = "Oleg Olga Zeltrans Bank of Morvanta al Khatib Дерипаска 9116412 Trading LLC Hope".split()
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
TRACKED = st.builds(
    Entity,
    key=st.sampled_from("abcdef"),
    schema=st.sampled_from(list(Schema)),
    caption=NAMES,
    aliases=st.lists(NAMES, max_size=2).map(tuple),
    identifiers=st.sampled_from([(), (Identifier("imoNumber", "9116412"),)]),
)
EDITS = st.lists(st.tuples(st.lists(TRACKED, max_size=3), st.lists(st.sampled_from("abcdef"), max_size=2)), max_size=4)


@settings(deadline=None)  # eleven indexes for one example
@given(
    st.lists(TRACKED, max_size=5), EDITS, st.lists(st.sampled_from([*WORDS, "Olgi", ","]), max_size=30).map(" ".join)
)
def test_an_edited_index_finds_what_a_new_one_finds(
    tracked: list[Entity], edits: list[tuple[list[Entity], list[str]]], text: str
) -> None:
    index, known = NameIndex.compile(tracked), {entity.key: entity for entity in tracked}
    for changed, removed in edits:
        index = index.with_changes(changed, removed)
        known = {key: entity for key, entity in known.items() if key not in removed}
        known |= {entity.key: entity for entity in changed}
    fresh, folded = NameIndex.compile(known.values()), fold(text).text
    assert dict(index.entities) == known
    assert len(index.entities) == len(known)
    assert sorted(index.find_exact(folded)) == sorted(fresh.find_exact(folded))
    assert sorted(index.find_identifiers(text)) == sorted(fresh.find_identifiers(text))
    if len(known) < 2:  # of overlapping names in another spelling one is taken, in each layer
        assert sorted(index.find(folded)) == sorted(fresh.find(folded))


# What rules of names turn on, in any order: random letters seldom meet a particle behind another.
TURNED_ON = """al el bin abu абу бен аль ібн van de la dos фон y и und & of St. Али Ахмед Ivanovich Иванович Mac O'Neill
Bank Банк The Group ООО ПАО ТОВ LLC GmbH Co S.A. d.o.o. Jr. III Dr. Sheikh A. Б. - , ( ) « » 王 明 김 محمد بن ال IMO
9116412""".split()


@given(
    st.lists(
        st.text(max_size=30) | st.lists(st.sampled_from(TURNED_ON), min_size=1, max_size=5).map(" ".join), max_size=4
    ),
    st.sampled_from(list(Schema)),
)
def test_any_name_compiles(names: list[str], schema: Schema) -> None:
    tracked = Entity("k", schema, names[0] if names else "", tuple(names[1:]), countries=("ru", "zz"))
    index = NameIndex.compile([tracked])
    for form in name_forms(tracked):
        assert form.text == " ".join(form.text.split())
        assert form.source in (tracked.caption, *tracked.aliases)
    assert list(index.find_exact(fold("nothing to see").text)) is not None
