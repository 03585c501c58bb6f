"""A page as a browser would take it apart: elements with their attributes, text and place.

Here: `HtmlPage`, which also refuses what is not well nested. Not here: what a report must say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VOID = frozenset({"meta", "link", "br", "wbr", "col", "img", "input", "hr"})


@dataclass
class Element:
    """One element; `text` is that of its descendants too."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    children: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())

    def descendants(self, tag: str | None = None) -> Iterator[Element]:
        for child in self.children:
            if tag is None or child.tag == tag:
                yield child
            yield from child.descendants(tag)

    def has_class(self, name: str) -> bool:
        return name in self.attributes.get("class", "").split()


class HtmlPage(HTMLParser):
    """A parsed page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.source = text
        self.root = Element("", {}, None)
        self._open = self.root
        self.feed(text)
        self.close()
        assert self._open is self.root, f"<{self._open.tag}> is not closed"

    @classmethod
    def read(cls, path: Path) -> HtmlPage:
        return cls(path.read_text(encoding="utf-8"))

    def all(self, tag: str | None = None) -> list[Element]:
        return list(self.root.descendants(tag))

    def by_id(self, id_: str) -> Element:
        return next(each for each in self.root.descendants() if each.attributes.get("id") == id_)

    def table(self, caption: str) -> list[list[str]]:
        """The cells of the rows of the first table whose caption begins so."""
        tables = [each for each in self.all("table") if any(c.text.startswith(caption) for c in each.descendants("caption"))]
        rows = [row for body in tables[0].descendants("tbody") for row in body.descendants("tr")]
        return [[cell.text for cell in row.children] for row in rows]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in _VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.children.append(Element(tag, {name: value or "" for name, value in attrs}, self._open))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self._open.tag, f"</{tag}> closes <{self._open.tag}> at {self.getpos()}"
        assert self._open.parent is not None
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        element: Element | None = self._open
        while element is not None:
            element.parts.append(data)
            element = element.parent
