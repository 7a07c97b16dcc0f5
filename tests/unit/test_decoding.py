"""Bytes to text, whatever they claim to be."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trafilatura.utils import detect_encoding

from bot.text.decoding import decode_text

RUSSIAN = "Минфин США внёс в санкционный список три компании и двух граждан. " * 3
CHINESE = "美国财政部宣布制裁一家石油公司及其负责人"
JAPANESE = "経済産業省は制裁対象の団体を追加した。" * 5


def xml(text: str, declared: str, used: str) -> bytes:
    return f'<?xml version="1.0" encoding="{declared}"?><rss>{text}</rss>'.encode(used)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (xml(RUSSIAN, "utf-8", "utf-8"), "text/xml", RUSSIAN),
        (xml(RUSSIAN, "windows-1251", "windows-1251"), "text/xml", RUSSIAN),
        (xml(RUSSIAN, "KOI8-R", "koi8-r"), "text/xml; charset=ISO-8859-1", RUSSIAN),
        (xml(RUSSIAN, "windows-1251", "utf-8"), "", RUSSIAN),
        (xml(RUSSIAN, "utf-8", "windows-1251"), "text/xml; charset=windows-1251", RUSSIAN),
        (xml(RUSSIAN, "utf-8", "windows-1251"), "", RUSSIAN),
        (xml(RUSSIAN, "utf-8", "utf-8"), "text/xml; charset=windows-1251", RUSSIAN),
        (xml(RUSSIAN, "utf-16", "utf-16"), "", RUSSIAN),
        (xml(RUSSIAN, "utf-16", "utf-16-le"), "", RUSSIAN),
        (xml(RUSSIAN, "utf-8", "utf-8-sig"), "", RUSSIAN),
        (xml(JAPANESE, "Shift_JIS", "shift_jis"), "", JAPANESE),
        (xml(JAPANESE, "ISO-2022-JP", "iso2022_jp"), "", JAPANESE),
        (xml("Crédit Agricole à Genève", "iso-8859-1", "latin-1"), "", "Crédit Agricole à Genève"),
        (xml("“curly” – quotes", "iso-8859-1", "cp1252"), "", "“curly” – quotes"),
        (f'<html><head><meta charset="windows-1251"></head>{RUSSIAN}'.encode("cp1251"), "text/html", RUSSIAN),
        (f'<meta http-equiv="X" content="text/html; charset=koi8-r">{RUSSIAN}'.encode("koi8-r"), "", RUSSIAN),
        (xml(RUSSIAN, "windows-1251", "cp1251") + b"\x98", "", RUSSIAN),
        (xml(f"{CHINESE}朱镕基", "gb2312", "gbk") + b"\xc1", "", f"{CHINESE}朱镕基"),
        (xml(f"{JAPANESE}①髙", "Shift_JIS", "cp932"), "", f"{JAPANESE}①髙"),
        (xml(RUSSIAN, "x-user-defined-nonsense", "utf-8"), "text/xml; charset=nonsense", RUSSIAN),
    ],
    ids=[
        "UTF-8", "windows-1251", "the prolog before a server's default", "UTF-8 that claims windows-1251",
        "windows-1251 that claims UTF-8, and the header knows", "windows-1251 that claims UTF-8, and nobody knows",
        "UTF-8 before a wrong header",
        "UTF-16 with BOM", "UTF-16 without", "UTF-8 with BOM", "Shift-JIS", "ISO-2022-JP",
        "Latin-1", "Windows-1252 that claims Latin-1", "a page with meta charset", "a page with http-equiv",
        "windows-1251 with a byte that it has not", "GBK that claims GB 2312, cut within a character",
        "Windows-932 that claims Shift-JIS",
        "encodings that do not exist",
    ],
)  # fmt: skip
def test_reads(body: bytes, content_type: str, expected: str) -> None:
    assert expected in decode_text(body, content_type, detect_encoding)


def test_a_few_broken_characters_do_not_make_it_another_encoding() -> None:
    """feedparser takes this for iso-8859-2."""
    body = xml("Crédit Agricole à Genève. " * 20, "utf-8", "utf-8").replace("à".encode(), b"\xe0", 1)
    text = decode_text(body, "", detect_encoding)
    assert text.count("Crédit Agricole à Genève") == 19
    assert text.count("\ufffd") == 1


@given(st.binary(max_size=400), st.text(max_size=30))
def test_never_fails(body: bytes, content_type: str) -> None:
    assert isinstance(decode_text(body, content_type), str)


@pytest.mark.parametrize("name", ["zip", "base64", "hex", "rot13", "idna", "punycode", "unicode_escape", "undefined"])
def test_codecs_that_are_no_character_sets_are_not_used(name: str) -> None:
    assert "é" in decode_text(f'<?xml version="1.0" encoding="{name}"?><t>é\\x41</t>'.encode("cp1252"))


def _by_1252(text: str) -> str:
    """As a browser takes UTF-8 for Windows-1252: a byte that this has not stays itself."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


TWICE = {
    "Latin letters": "Bern froze the assets of Želimir Kovačević-Šarić, a broker – “of shells”.",
    "Cyrillic": "Минфин США внёс в список три компании.",
    "Arabic": "فرضت وزارة الخزانة عقوبات على الطيب عثمان",
    "Chinese": CHINESE,
    "quotes alone": "“We’re after every link in the chain,” it said. There’s no hiding place.",
}


@pytest.mark.parametrize("text", TWICE.values(), ids=TWICE)
def test_what_was_encoded_twice_is_read_twice(text: str) -> None:
    assert decode_text(_by_1252(text).encode()) == text
    assert decode_text(text.encode().decode("latin-1").encode()) == text
    page = f"<nav>Über uns · Čeština</nav><p>{_by_1252(text)}</p><p>Zürich</p>"
    assert decode_text(page.encode()) == f"<nav>Über uns · Čeština</nav><p>{text}</p><p>Zürich</p>"


def test_a_letter_that_was_lost_on_the_way_keeps_no_others_from_being_read() -> None:
    text = "“Želimir Kovačević-Šarić” – a Serb"
    lost = text.encode().decode("cp1252", "replace")
    assert "\ufffd" in lost
    assert "Želimir" in decode_text(lost.encode())


@pytest.mark.parametrize(
    "text",
    [
        "LE CAFÉ\u00a0» ET LE MARCHÉ\u00a0» DU DÉPUTÉ\u00a0»",
        "LE CAFÉ» ET LE MARCHÉ» DU DÉPUTÉ» PRÈS DE L'ÉTÉ",
        "São Paulo: AÇÃO, NÃO à corrupção",
        "It wrote â€™ once, and Ã© too.",
        RUSSIAN,
        CHINESE,
    ],
)
def test_what_is_right_stays(text: str) -> None:
    assert decode_text(text.encode()) == text


def test_tags_that_never_end_cost_no_minutes() -> None:
    """A million of them, behind letters that were encoded twice, kept the whole program for five."""
    before = time.process_time()
    assert decode_text(("Å½elimir " * 3 + "<" * 200_000).encode()).startswith("Želimir Želimir Želimir <")
    assert time.process_time() - before < 3
