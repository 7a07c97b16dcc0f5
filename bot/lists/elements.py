"""The elements of an XML document, one at a time, without namespaces.

XML from outside may declare no document type and no entity, and nothing is fetched for it. A document that is cut, or
whose outermost element is another, is a ListError.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import BinaryIO, cast

from lxml import etree

from bot.errors import ListError
from bot.lists.source import AGAIN, CHANGED, Form, Source, peek_text


def xml_elements(
    source: Source, roots: Collection[str], tags: Collection[str], *, is_top_only: bool = False
) -> Iterator[etree._Element]:
    """The elements of `tags` when they are complete, names without namespace; each is emptied after its turn. The
    document's root must be one of `roots`. `is_top_only`: only children of the root (SECO keeps old copies within).
    Raises ListError where the file is no such document, or not a whole one."""
    source.expect(Form.XML)
    if re.search(r"<!(DOCTYPE|ENTITY)", peek_text(source.head), re.IGNORECASE):
        raise ListError(source.name, "plain XML", "a document type or an entity is declared", AGAIN)
    source.begin_entry()
    root: etree._Element | None = None
    events = etree.iterparse(
        cast(BinaryIO, source),
        events=("end",),
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
        recover=False,
        chunk_size=1 << 16,
    )
    try:
        for _, element in events:
            if root is None:
                root = element.getroottree().getroot()
                _check_root(source.name, root, roots)
            if is_top_only and element.getparent() is not root:
                continue
            _drop_namespaces(element)
            yield element
            _drop(element)
            source.begin_entry()
    except etree.XMLSyntaxError as error:
        raise ListError(
            source.name, "a whole XML document", f"one that is cut or damaged: {error.msg or error}", AGAIN
        ) from error
    if root is None:
        _check_root(source.name, events.root, roots)


def _check_root(name: str, root: etree._Element | None, roots: Collection[str]) -> None:
    found = str(root.tag).rpartition("}")[2] if root is not None else "nothing"
    if root is not None and root.getroottree().docinfo.internalDTD is not None:
        raise ListError(name, "plain XML", "a document type is declared", AGAIN)
    if found not in roots:
        raise ListError(name, f"XML whose outermost element is <{'> or <'.join(roots)}>", f"<{found}>", CHANGED)


def _drop_namespaces(element: etree._Element) -> None:
    if element.tag[0] == "{":
        for node in element.iter("{*}*"):
            # "{*}*" finds those without a namespace too; a damaged name with a colon in it stays, and is nobody's
            name = node.tag.rpartition("}")[2]
            if ":" not in name and node.tag[0] == "{":
                node.tag = name


def _drop(element: etree._Element) -> None:
    """Free what was read: the element and its elder brothers."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def text_of(element: etree._Element, path: str) -> str:
    """The text at a path, stripped; "" if there is none."""
    found = element.findtext(path)
    return found.strip() if found else ""


def texts_of(element: etree._Element, path: str) -> list[str]:
    return [text for node in element.iterfind(path) if node.text and (text := node.text.strip())]
