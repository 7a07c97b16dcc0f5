"""The real lists, where they lie beside the checkout: counts, and entries that everybody can look up."""

from __future__ import annotations

import functools
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.lists import LISTS, RefusedRow, name_files
from bot.lists.guards import decide_import
from bot.model import Identifier, Listing, Schema
from tests.unit.lists.samples import REAL, Found, listings, refusals

pytestmark = pytest.mark.skipif(not REAL.exists(), reason="the real lists are not beside the checkout")


@functools.cache
def read(key: str, folder: str) -> Found:
    where = REAL / folder
    names = name_files(key, sorted(path.name for path in where.iterdir()))
    with ExitStack() as stack:
        files = {known: stack.enter_context(Path(where / name).open("rb")) for name, known in names.items()}
        return list(LISTS[key].parse(files))


def by_uid(key: str, folder: str) -> dict[str, Listing]:
    return {one.uid: one for one in listings(read(key, folder))}


@pytest.mark.parametrize(
    ("key", "folder", "count", "refused"),
    [
        ("us_ofac_sdn", "ofac", 8_976, 0),
        ("us_ofac_cons", "ofac", 442, 0),
        ("us_csl", "us_csl", 14_093, 1),
    ],
)
def test_every_row_of_a_real_list_is_read(key: str, folder: str, count: int, refused: int) -> None:
    found = read(key, folder)
    assert (len(listings(found)), len(refusals(found))) == (count, refused)
    assert decide_import(count, refused, count) is None
    assert all(one.caption and one.uid and one.list == key and one.programmes for one in listings(found))


def test_the_names_of_a_firm_and_its_programme() -> None:
    firm = by_uid("us_ofac_sdn", "ofac")["22603"]
    assert firm.caption == "DANDONG ZHICHENG METALLIC MATERIAL CO., LTD."
    assert "DANDONG CHENGTAI" in firm.aliases
    assert len(firm.aliases) == 4
    assert (firm.programmes, firm.countries, firm.schema) == (("DPRK3",), ("cn",), Schema.ORGANIZATION)


def test_the_papers_of_a_person() -> None:
    person = by_uid("us_ofac_sdn", "ofac")["22612"]
    assert (person.caption, person.birth_dates, person.countries) == ("Yupeng CHI", ("1969-05-22",), ("cn",))
    assert Identifier("passportNumber", "E27979708") in person.identifiers
    assert "Linked To: DANDONG ZHICHENG METALLIC MATERIAL CO., LTD" in person.remarks


def test_both_lists_tell_the_same_of_one_party() -> None:
    sdn, csl = by_uid("us_ofac_sdn", "ofac"), by_uid("us_csl", "us_csl")
    for uid in ("22603", "22612"):
        one, other = sdn[uid], csl[f"SDN:{uid}"]
        assert (one.caption, one.aliases, one.identifiers) == (other.caption, other.aliases, other.identifiers)


def test_remarks_that_go_on_in_the_comments_are_one_text() -> None:
    agency = by_uid("us_ofac_sdn", "ofac")["30518"]
    wallets = [one.value for one in agency.identifiers if one.kind == "publicKey"]
    assert "18M8bJWMzWHDBMxoLqjHHAffdRy4SrzkfB" in wallets
    assert "0x7db418b5d567a4e0e8c59ad71be1fce48f3e6107" in wallets
    assert all(len(wallet) > 25 for wallet in wallets)


def test_identifiers_are_found_in_numbers() -> None:
    kinds = Counter(one.kind for listing in listings(read("us_ofac_sdn", "ofac")) for one in listing.identifiers)
    assert kinds["imoNumber"] > 450
    assert kinds["passportNumber"] > 1_500
    assert kinds["taxNumber"] > 1_200
    assert kinds["publicKey"] > 90


def test_the_small_set_has_wallets_under_labels_that_are_not_theirs() -> None:
    found = [one for one in read("us_ofac_sdn", "ofac_small") if not isinstance(one, RefusedRow)]
    wallets = [one.value for listing in found for one in listing.identifiers if one.kind == "publicKey"]
    assert len(wallets) == len(set(wallets)) >= 0
    assert found
