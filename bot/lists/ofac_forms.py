"""Which of OFAC's four forms a file has, by its content: the CSV set, plain, advanced or enhanced XML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from bot.errors import ListError
from bot.lists import ofac, ofac_advanced, ofac_delta
from bot.lists.official import Parse, Parsed
from bot.lists.source import Form, Source


def parse_ofac(list_key: str, main_names: tuple[str, ...], set_names: tuple[str, str, str]) -> Parse:
    """The `parse` of an OFAC list: `main_names` are the CSV and the XML forms of the list itself, `set_names` the CSV
    files of aliases, addresses and comments that go with the first. The `parse` raises ListError."""

    def parse(files: Mapping[str, BinaryIO]) -> Parsed:
        name = next((name for name in main_names if name in files), None)
        if name is None and len(files) == 1:
            name = next(iter(files))
        if name is None:
            raise ListError(main_names[0], f"one of {', '.join(main_names)}", ", ".join(files) or "no file", "add it")
        source = Source(name, files[name])
        source.expect(Form.CSV, Form.XML)
        if source.form is Form.CSV:
            yield from ofac.parse_csv_set(list_key, source, files, set_names)
        elif ofac_advanced.is_advanced(source.head):
            yield from ofac_advanced.parse_advanced_xml(list_key, source)
        elif ofac_delta.is_enhanced(source.head):
            yield from ofac_delta.parse_enhanced_xml(list_key, source)
        else:
            yield from ofac.parse_plain_xml(list_key, source)

    return parse
