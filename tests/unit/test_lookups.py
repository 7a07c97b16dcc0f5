"""How like two names are, and the words for it."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.lookups import (
    DEFAULT_THRESHOLD,
    Named,
    compare,
    compare_names,
    entity_from_listing,
)
from bot.lookups.halves import as_half, count_bearers, half_of
from bot.lookups.keys import keys_of, query_keys
from bot.lookups.spelling import latin_reading, skeleton
from bot.model import Identifier, Listing, Schema

PERSON, COMPANY, VESSEL = Schema.PERSON, Schema.COMPANY, Schema.VESSEL
PAIRS = Path("tests/data/name_pairs.csv")

SAME = (
    (PERSON, "Sergey Ivanov", "Иванов Сергей Борисович", "only in one"),
    (PERSON, "Xi Jinping", "习近平", "Latin letters"),
    (PERSON, "Kim Jong Un", "김정은", "sounds alike"),
    (PERSON, "Muhammad Hussein", "محمد حسين", "transliterated"),
    (PERSON, "Muammar Qadhafi", "معمر القذافي", "sounds alike"),
    (PERSON, "Abdul Malik al-Houthi", "عبد الملك الحوثي", "sounds alike"),
    (PERSON, "Said al-Shihri", "سعيد الشهري", "sounds alike"),
    (PERSON, "Kyriakos Mitsotakis", "Κυριάκος Μητσοτάκης", "transliterated"),
    (PERSON, "J.R.R. Tolkien", "John Ronald Reuel Tolkien", "initial"),
    (PERSON, "John Oppenheimer", "J. Robert Oppenheimer", "initial"),
    (PERSON, "Bill Gates", "William Gates", "nickname"),
    (COMPANY, "Gefest-M LLC", "ООО Гефест М", "legal form"),
    (COMPANY, "Dandong Zhicheng", "丹东至诚金属材料有限公司", "“materials” only in one"),
    (COMPANY, "Dandong Zhicheng", "Dandong Zhicheng Metallic Material Co., Ltd.", "legal form “Co., Ltd” only in one"),
    (COMPANY, "GefestM", "Gefest M", "apart or together"),
    (COMPANY, "Second Academy of Natural Sciences", "2nd Academy of Natural Sciences", "number"),
    (COMPANY, "IRGC", "Islamic Revolutionary Guard Corps", "its initials"),
    (COMPANY, "Huawei Technologies Co., Ltd.", "华为技术有限公司", "Latin letters"),
    (VESSEL, "MV Ocean Star 7", "Ocean Star VII", ""),
)
DIFFERENT = (
    (PERSON, "Vladimir Petrov", "Vladimir P. Kononov", "name “Kononov” only in one"),
    (PERSON, "Medvedev, Dmitri", "Dmitri M. Tolchinskiy", "name “Tolchinskiy” only in one"),
    (PERSON, "Sergei Ivanov", "Andrei Ivanov", "name differs: Sergei / Andrei"),
    (PERSON, "Sergei Borisovich Ivanov", "Sergei Viktorovich Ivanov", "patronymic differs"),
    (PERSON, "Hassan Ali", "Hussein Ali", "name differs"),
    (PERSON, "Ivanov", "Sergei Ivanov", "only in one"),
    (PERSON, "سعيد الشهري", "Saad al-Shihri", "name differs"),
    (COMPANY, "Central Bank of Syria", "Central Bank of Iran", "place differs: Syria / Iran"),
    (COMPANY, "Factory No. 5", "Завод № 6", "number differs: 5 / 6"),
    (COMPANY, "Alpha Trading LLC", "Omega Trading LLC", "name differs: Alpha / Omega"),
    (VESSEL, "Smith", "Smooth", "sounds alike"),
    (COMPANY, "Putin", "Petion", "sounds alike"),
    (PERSON, "J A", "Amanullah J. Khan", "initial"),
    (PERSON, "Mohammed", "Abu Mamadou", "forms of one name"),
    (VESSEL, "Ocean Star 7", "Ocean Star 8", "number differs"),
    (COMPANY, "...", "Bank", "no letter or digit"),
)


@pytest.mark.parametrize(("schema", "left", "right", "why"), SAME)
def test_one_name_written_differently_is_a_hit_and_says_why(schema: Schema, left: str, right: str, why: str) -> None:
    found = compare_names(left, right, schema)
    assert found.score >= DEFAULT_THRESHOLD, found
    assert why in found.explanation


@pytest.mark.parametrize(("schema", "left", "right", "why"), DIFFERENT)
def test_two_names_are_no_hit_and_it_says_why(schema: Schema, left: str, right: str, why: str) -> None:
    found = compare_names(left, right, schema)
    assert found.score < DEFAULT_THRESHOLD, found
    assert why in found.explanation


def _figures(rows: Sequence[dict[str, str]]) -> tuple[float, float]:
    """(precision, recall) at the default threshold."""
    found = [
        (
            row["label"] == "1",
            compare_names(row["name1"], row["name2"], Schema(row["schema"])).score >= DEFAULT_THRESHOLD,
        )
        for row in rows
    ]
    right = sum(label and hit for label, hit in found)
    return right / sum(hit for _label, hit in found), right / sum(label for label, _hit in found)


def test_the_labelled_pairs_are_many_hard_and_told_apart() -> None:
    with PAIRS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    kinds = {row["kind"] for row in rows}
    assert len(rows) >= 400
    assert len(kinds) >= 10
    assert sum(row["label"] == "0" for row in rows) >= len(rows) / 2
    held = [row for row in rows if zlib.crc32(f"{row['name1']}|{row['name2']}".encode()) % 3 == 0]
    precision, recall = _figures(held)  # nothing was tuned on these
    assert precision >= 0.96
    assert recall >= 0.90
    precision, recall = _figures(rows)
    assert precision >= 0.97
    assert recall >= 0.92


@pytest.mark.parametrize(
    ("kind", "ours", "theirs", "country", "same"),
    [
        ("passportNumber", "71 0588123", "710588123", "ru", True),
        ("passportNumber", "710588123", "710588123", "cn", False),
        ("passportNumber", "710588123", "710588123", "", True),  # nothing speaks against
        ("registrationNumber", "123", "123", "ru", False),
        ("publicKey", "1Boat" + "S" * 25, "1boat" + "S" * 25, "ru", False),
    ],
)
def test_a_number_decides_only_where_it_means_one_holder(
    kind: str, ours: str, theirs: str, country: str, same: bool
) -> None:
    left = Named(PERSON, ("Sergei Ivanov",), countries=("ru",), identifiers=(Identifier(kind, ours),))
    right = Named(
        PERSON, ("Anna Lindqvist",), countries=(country,) * bool(country), identifiers=(Identifier(kind, theirs),)
    )
    assert (compare(left, right).score == 1) is same


def test_an_identifier_decides_alone() -> None:
    left = Named(VESSEL, ("Ocean Star",), identifiers=(Identifier("imoNumber", "IMO 918 7629".replace("IMO ", "")),))
    right = Named(VESSEL, ("Blue Whale",), identifiers=(Identifier("imoNumber", "9187629"),))
    found = compare(left, right)
    assert found.score == 1
    assert found.explanation == "the same IMO number 9187629"


def test_what_contradicts_lowers_the_score_and_is_said() -> None:
    left = Named(PERSON, ("Sergei Ivanov",), countries=("ru",), birth_dates=("1953-01-31",))
    same = compare(left, Named(PERSON, ("Sergei Ivanov",), countries=("ru", "by"), birth_dates=("1953",)))
    other = compare(left, Named(PERSON, ("Sergei Ivanov",), countries=("ua",), birth_dates=("1970",)))
    assert same.score == 1
    assert other.score < DEFAULT_THRESHOLD
    assert "countries differ: Russia / Ukraine" in other.explanation
    assert "born 1953-01-31 / 1970" in other.explanation


def test_a_weak_alias_alone_is_no_hit() -> None:
    found = compare(Named(COMPANY, ("Tiger Works",)), Named(COMPANY, ("Meridian Holding",), ("Tiger Works",)))
    assert 0.6 < found.score < DEFAULT_THRESHOLD
    assert "weak alias" in found.explanation


def test_a_person_is_no_firm_of_the_same_name() -> None:
    person, firm = Named(PERSON, ("Viktor Bout",)), Named(COMPANY, ("Viktor Bout",))
    assert compare(person, firm).score < DEFAULT_THRESHOLD
    assert compare(Named(Schema.LEGAL_ENTITY, ("Viktor Bout",)), person).score == 1


def test_a_wallet_is_compared_letter_by_letter() -> None:
    address, coin = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
    assert compare_names(coin, coin, Schema.CRYPTO_WALLET).score == 1
    assert compare_names(coin, coin.lower(), Schema.CRYPTO_WALLET).score == 0
    assert compare_names(address, address.lower(), Schema.CRYPTO_WALLET).score == 1  # hexadecimal
    assert compare_names("", "", Schema.CRYPTO_WALLET).score == 0


@pytest.mark.parametrize(
    ("name", "is_person", "reading"),
    [
        ("习近平", True, "xi jinping"),
        ("欧阳修", True, "ouyang xiu"),
        ("김정은", True, "kim jeong eun"),
        ("华为技术有限公司", False, "huawei technology co ltd"),
        ("سعيد", True, "syd"),
        ("الحوثي", True, "alhuthy"),
        ("Smith", True, "Smith"),
    ],
)
def test_names_are_read_in_latin_letters(name: str, is_person: bool, reading: str) -> None:
    assert latin_reading(name, is_person) == reading


def test_the_consonants_join_transliterations() -> None:
    assert skeleton("Gaddafi") == skeleton("Qadhafi")
    assert skeleton("Putin") != skeleton("Potanin")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(list(Schema)))
def test_any_two_texts_can_be_compared(left: str, right: str, schema: Schema) -> None:
    found = compare_names(left, right, schema)
    assert 0 <= found.score <= 1
    assert isinstance(found.explanation, str)
    assert compare_names(right, left, schema).score == pytest.approx(found.score, abs=0.25)
    keys_of(left, schema)
    query_keys(left, None)


@pytest.mark.parametrize("name", ["", "\x00\x01", "!!! ---", "a" * 10_000, "=cmd()", "\ud800", "(" * 500])
def test_bad_names_are_compared_without_harm(name: str) -> None:
    assert 0 <= compare_names(name, "Bank Melli", COMPANY).score < DEFAULT_THRESHOLD


HALVES = (
    ("all that is lacking is generic", COMPANY, "Velmur", "Velmur Management Pte Ltd", True),
    ("a firm's half", COMPANY, "Evrofinance", "Evrofinance Mosnarbank", True),
    ("a family name", PERSON, "Deripaska", "Oleg Vladimirovich Deripaska", True),
    ("a family name in another script", PERSON, "Дерипаска", "Oleg Deripaska", True),
    ("a vessel's word", VESSEL, "Cliff", "Sea Cliff", False),
    ("a place", COMPANY, "China", "China Telecom", False),
    ("two letters", PERSON, "Li", "Li Wei", False),
    ("a name that lacks nothing", PERSON, "Igor Sechin", "Igor Sechin", False),
    ("a given name and a family name", PERSON, "Maria Lopez", "Maria Fernandez Lopez", False),
    ("the other has a number", COMPANY, "Zaslon", "Zaslon No. 7", False),
    ("something of its own is lacking there", COMPANY, "Gazprom Neft", "Gazprom Bank", False),
    ("less than half", COMPANY, "Khatam", "Khatam Zarrin Sepahan Gostar", False),
)


@pytest.mark.parametrize(("case", "schema", "asked", "name", "is_half"), HALVES, ids=[case for case, *_ in HALVES])
def test_half_a_name_is_known(case: str, schema: Schema, asked: str, name: str, is_half: bool) -> None:
    half = half_of(compare_names(asked, name, schema), schema)
    assert bool(half and half.is_enough) is is_half, case


def test_half_a_name_counts_where_few_bear_it_and_says_so() -> None:
    found = compare_names("Deripaska", "Oleg Deripaska", PERSON)
    half = half_of(found, PERSON)
    assert half
    assert found.score < DEFAULT_THRESHOLD  # two names are not one
    alone = as_half(found, half, 1)
    assert alone.score >= DEFAULT_THRESHOLD
    assert alone.explanation.startswith("half of the name, which nobody else here has; ")
    assert "which 3 here have" in as_half(found, half, 3).explanation
    many = as_half(found, half, 30)
    assert many.score == found.score
    assert "write more of it" in many.explanation


def test_bearers_are_counted_once_however_long_their_names_are() -> None:
    names = ("Arkady Rotenberg", "ROTENBERG, Arkady Romanovich", "Boris Rotenberg", "boris rotenberg")
    assert count_bearers(names) == 2


LISTING = Listing(
    "us_ofac_sdn",
    "22603",
    COMPANY,
    "Velmur Management",
    aliases=("Velmur", "Velmur Management"),
    weak_aliases=("VM",),
    countries=("sg",),
    programmes=("DPRK3",),
    identifiers=(Identifier("registrationNumber", "201401234K"),),
)


def test_a_listing_becomes_an_entity_that_names_its_listing() -> None:
    entity = entity_from_listing(LISTING)
    assert (entity.caption, entity.aliases, entity.weak_aliases) == ("Velmur Management", ("Velmur",), ("VM",))
    assert entity.identifiers == (
        Identifier("registrationNumber", "201401234K"),
        Identifier("listId", "us_ofac_sdn:22603"),
    )
    assert entity.key == "us_ofac_sdn-22603"
    assert entity.countries == ("sg",)
    assert "programme DPRK3" in entity.notes


def test_a_long_or_odd_uid_makes_a_usable_key() -> None:
    key = entity_from_listing(Listing("un_consolidated", "QDi 006/" * 40, COMPANY, "X")).key
    assert len(key) <= 100
    assert not any(char.isspace() for char in key)
