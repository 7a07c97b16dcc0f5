"""Numbers: written once and for all, refused with a reason, found in what somebody looks up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.identifiers import (
    IDENTIFIER_KINDS,
    identifier_key,
    misspelt_number,
    numbers_in,
    parse_identifier,
    told_identifier,
)
from bot.model import Identifier

ADDRESS = "0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B"
BASE58 = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("imoNumber", "IMO 918-7629", "9187629", True),
        ("passportNumber", "71 0588123", "71.0588-123", True),
        ("registrationNumber", "HRB 12345/b", "hrb12345B", True),
        ("swiftBic", "TAMRCNB1XXX", "tamrcnb1", True),
        ("publicKey", ADDRESS, ADDRESS.lower(), True),  # EIP-55: capitals are only a checksum
        ("publicKey", BASE58, BASE58.lower(), False),
        ("listId", "un_sc:QDi.006", "un_sc:qdi.006", False),
        ("taxNumber", "123456", "123457", False),
    ],
)
def test_one_number_has_one_key_however_it_is_written(kind: str, one: str, other: str, same: bool) -> None:
    assert (identifier_key(Identifier(kind, one)) == identifier_key(Identifier(kind, other))) is same


@given(st.sampled_from(IDENTIFIER_KINDS), st.text(max_size=80))
def test_any_text_has_a_key(kind: str, text: str) -> None:
    assert identifier_key(Identifier(kind, text))[0] == kind


def test_a_company_has_an_imo_number_too() -> None:
    assert parse_identifier("imo: IMO 5055293") == Identifier("imoNumber", "5055293")
    with pytest.raises(ValueError, match="check digit"):
        parse_identifier("imo:5055295")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("IMO 9187629", {"imoNumber"}),
        ("imo number: 9187629", {"imoNumber"}),
        ("IMO9187629", {"imoNumber"}),
        ("imoNumber:9187629", {"imoNumber"}),
        ("Passport No. 71 0588123", {"passportNumber"}),
        ("INN 7707083893", {"taxNumber"}),
        ("LEI 529900T8BM49AURSDO55", {"leiCode"}),
        (f"wallet {BASE58}", {"publicKey"}),
        ("9187628", {"passportNumber", "taxNumber", "registrationNumber", "idNumber"}),  # no IMO number: its last digit
        ("71 0588-123", {"passportNumber", "taxNumber", "registrationNumber", "idNumber", "mmsi"}),
        (
            "529900T8BM49AURSDO55",
            {"leiCode", "passportNumber", "taxNumber", "registrationNumber", "idNumber", "publicKey"},
        ),
        ("IMO 9187628", set()),
        ("Ocean Star 7", set()),
        ("Rosneft", set()),
        ("1234", set()),
        ("imo", set()),
        ("", set()),
    ],
)
def test_numbers_are_found_in_what_is_looked_up(text: str, kinds: set[str]) -> None:
    assert {one.kind for one in numbers_in(text)} == kinds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("IMO 9274447", "its check digit is wrong"),
        ("imo: 918-7628", "its check digit is wrong"),
        ("IMO 918762", "an IMO number has seven digits, this one has 6"),
        ("MMSI 27311111", "an MMSI has nine digits, this one has 8"),
        ("LEI 253400V1H6ART1UQ0N97", "its check digit is wrong"),
        ("IMO 9187629", ""),
        ("9187628", ""),
        ("IMO Precision 3000", ""),
        ("BIC Corporation 2", ""),
        ("", ""),
    ],
)
def test_a_number_that_cannot_be_right_is_told(text: str, why: str) -> None:
    found = misspelt_number(text)
    assert (found is not None) == bool(why)
    assert why in (found[1] if found else "")


@given(st.text(max_size=60))
def test_any_text_is_searched_for_numbers(text: str) -> None:
    assert all(told_identifier(one) for one in numbers_in(text))
