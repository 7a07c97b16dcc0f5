"""Addresses of wallets: which text is one, which are mistyped, which are the same."""

from __future__ import annotations

import pytest
from stdnum.exceptions import ValidationError

from bot.identifiers import numbers_in_name, parse_identifier
from bot.matching.identifiers import is_identifier
from bot.wallets import checked_wallet, is_wallet, normal_wallet

LEGACY = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
BECH32 = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
TAPROOT = "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
ETHEREUM = "0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B"
TRON = "TXk9mP2vQ4sLr8WbN6yZcD3fGhJ5tVa7Ue"
LITECOIN = "ltc1qg42tkwuuxefutzxezdkdel39gfstuap288mfea"
MONERO = "4" + "4AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"[:94]
ADDRESSES = ["0x" + "aB" * 20, LEGACY, BECH32, BECH32.upper(), TAPROOT, ETHEREUM, TRON, LITECOIN, MONERO]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_known_by_its_form_in_texts_and_in_watchlists(address: str) -> None:
    assert is_wallet(address)
    assert is_identifier(f" {address} ")
    assert numbers_in_name(address) == ("", (f"wallet:{address}",))
    assert checked_wallet(address).casefold() == address.casefold()


@pytest.mark.parametrize(
    "name", ["Volga Metals", "0xAb58", "bc1", "TheVeryLongNameHasNoDigitsWhatever", "3M", f"{LEGACY} of Orlan", ""]
)
def test_a_name_is_none(name: str) -> None:
    assert not is_wallet(name)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (LEGACY[:-1] + "U", "check digit"),
        (BECH32[:-1] + "p", "check digit"),
        (BECH32.upper()[:-1] + "P", "check digit"),
        (TAPROOT[:-1] + "p", "check digit"),
        (BECH32[:-1] + "1", "form"),
        (ETHEREUM[:-1], "40 hexadecimal digits"),
    ],
)
def test_a_mistyped_address_is_refused(address: str, told: str) -> None:
    with pytest.raises(ValidationError):
        checked_wallet(address)
    with pytest.raises(ValueError, match=told):
        parse_identifier(f"wallet:{address}")


def test_capitals_tell_addresses_apart_where_they_are_of_base58() -> None:
    for address in (ETHEREUM, BECH32, LITECOIN):
        assert normal_wallet(address.upper().replace("0X", "0x")) == normal_wallet(address) == address.lower()
    assert normal_wallet(LEGACY) == LEGACY
    assert normal_wallet(f" {TRON[:10]} {TRON[10:]}") == TRON
    assert normal_wallet("Orlan Works") == ""
