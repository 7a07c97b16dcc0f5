"""Addresses of cryptocurrency wallets: their forms, their checksums, and how each is written once and for all."""

from __future__ import annotations

import re

from stdnum import bitcoin, exceptions

# Base58 leaves out 0, O, I and l; Bech32 (BIP-173) leaves out 1, b, i and o, and is in small letters or in capitals.
_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # in the order of their values
_ETHEREUM = re.compile(r"0x[0-9a-fA-F]{40}")
_BITCOIN = re.compile(rf"bc1[0-9a-z]+|BC1[0-9A-Z]+|[13]{_BASE58}{{25,34}}")
# Also Litecoin's, and those of Tron, Monero, Solana and others, which are long Base58.
_ANY = re.compile(
    rf"{_ETHEREUM.pattern}|(?:bc1|ltc1)[{_BECH32}]{{25,71}}|(?:BC1|LTC1)[{_BECH32.upper()}]{{25,71}}"
    rf"|[13]{_BASE58}{{25,34}}|{_BASE58}{{32,110}}"
)
_CASELESS = ("0x", "bc1", "ltc1", "bitcoincash:")  # hexadecimal (EIP-55) and Bech32; Base58 tells capitals apart
_BECH32M = 0x2BC830A3  # what the checksum comes to from witness version 1 on (BIP-350): "bc1p…"
_PREFIX = (3, 3, 0, 2, 3)  # "bc", as the checksum reads it


def is_wallet(text: str) -> bool:
    """An address by its form, its checksum right or wrong: no name has it."""
    if not _ANY.fullmatch(text):
        return False
    return is_caseless(text) or any(char.isdigit() for char in text[1:])  # long Base58 may be words, written together


def is_caseless(address: str) -> bool:
    """Whether it is the same address in capitals and in small letters."""
    return address.lower().startswith(_CASELESS)


def checked_wallet(address: str) -> str:
    """The address, if its checksum (Bitcoin) or its form (Ethereum) is right; any other kind's as it is. Raises
    stdnum's ValidationError."""
    if address.startswith("0x"):
        if not _ETHEREUM.fullmatch(address):
            raise exceptions.InvalidFormat("an Ethereum address has 40 hexadecimal digits after 0x")
        return address
    if not _BITCOIN.fullmatch(address):
        return address
    return address.lower() if _is_bech32m(address.lower()) else str(bitcoin.validate(address))


def normal_wallet(text: str) -> str:
    """One writing of an address, so that equal ones are one; "" if it cannot be one of any kind."""
    address = re.sub(r"\s", "", text)
    if not re.fullmatch(r"[0-9A-Za-z:_.]{20,150}", address):
        return ""
    return address.lower() if is_caseless(address) else address


def _is_bech32m(address: str) -> bool:
    """stdnum knows the checksum of version 0 alone."""
    if not re.fullmatch(rf"bc1(?!q)[{_BECH32}]{{13,71}}", address):
        return False
    return bool(bitcoin.bech32_checksum((*_PREFIX, *map(_BECH32.index, address[3:]))) == _BECH32M)
