"""From YAML text to data, one parser event at a time.

The parser of PyYAML is asked for events and nothing else: there is no constructor that a tag could reach, nesting
costs no Python stack, and the reading stops at the first thing that is refused. An alias is the very value of its
anchor (values never change); what all aliases together stand for is bounded, as is the depth they lead to.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn

from vigyc.effects.data.bounds import DEPTH, at_line, too_deep
from vigyc.effects.data.yaml_scalar import plain_value
from vigyc.effects.result import EffectFailed

MOST_ALIASED: Final = 2**20
"""Values and characters that the aliases of a text may stand for in all."""


class _Node:
    """A list or map that is being read; `size` and `height` are those of what is in it."""

    __slots__ = ("anchor", "height", "key", "size", "value")

    def __init__(self, value: Any, anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: str | None = None
        self.size = 1
        self.height = 1


class _Document:
    """What has been read of one document."""

    def __init__(self) -> None:
        self.root = _Node([], None)
        self.stack = [self.root]
        self.anchors: dict[str, _Node] = {}
        self.aliased = 0

    def expects_key(self) -> bool:
        top = self.stack[-1]
        return top.value.__class__ is dict and top.key is None

    def add(self, node: _Node) -> None:
        """Put a complete value where it belongs."""
        if node.anchor is not None:
            self.anchors[node.anchor] = node
        top = self.stack[-1]
        top.size += node.size
        top.height = max(top.height, node.height + 1)
        if top.value.__class__ is dict:
            top.value[top.key] = node.value
            top.key = None
        else:
            top.value.append(node.value)


def documents(yaml: Any, text: str) -> list[object]:
    """The data of each document of `text`; `yaml` is PyYAML. Raises EffectFailed `decode`."""
    found: list[object] = []
    document = _Document()
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(event, yaml.DocumentStartEvent):
                document = _Document()
            elif isinstance(event, yaml.DocumentEndEvent):
                found.extend(document.root.value)
            elif isinstance(event, yaml.NodeEvent):
                _node(yaml, document, event)
            elif isinstance(event, yaml.CollectionEndEvent):
                document.add(document.stack.pop())
    except yaml.reader.ReaderError as error:
        raise EffectFailed("decode", f"{at_line(text, error.position)}: {error.reason}") from None
    except yaml.MarkedYAMLError as error:
        _fail(error.problem_mark, error.problem or str(error.context))
    except UnicodeEncodeError as error:
        raise EffectFailed("decode", f"{at_line(text, error.start)}: half of a surrogate pair") from None
    return found


def _node(yaml: Any, document: _Document, event: Any) -> None:
    if isinstance(event, yaml.AliasEvent):
        _alias(document, event)
        return
    if event.tag is not None:
        _fail(event.start_mark, "tags are not read")
    if event.anchor is not None and event.anchor in document.anchors:
        _fail(event.start_mark, f"anchor `{event.anchor}` is there before")
    if isinstance(event, yaml.ScalarEvent):
        if document.expects_key():
            _key(document, event)
        else:
            _scalar(document, event)
        return
    if document.expects_key():
        _fail(event.start_mark, "a key must be a string")
    if len(document.stack) > DEPTH:
        _fail(event.start_mark, too_deep(DEPTH))
    document.stack.append(_Node({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))


def _key(document: _Document, event: Any) -> None:
    key, top = event.value, document.stack[-1]
    if event.anchor is not None:
        _fail(event.start_mark, "a key must have no anchor")
    if key == "<<" and event.implicit[0]:
        _fail(event.start_mark, "merge keys (<<) are not read")
    if key in top.value:
        _fail(event.start_mark, f"key `{key[:80]}` is there before")
    top.key = key
    top.size += 1 + len(key)


def _scalar(document: _Document, event: Any) -> None:
    try:
        value = plain_value(event.value) if event.implicit[0] else event.value
    except ValueError as error:
        _fail(event.start_mark, str(error))
    node = _Node(value, event.anchor)
    node.size += len(event.value)
    document.add(node)


def _alias(document: _Document, event: Any) -> None:
    node = document.anchors.get(event.anchor)
    if node is None:
        _fail(event.start_mark, f"there is no anchor `{event.anchor}` before")
    if document.expects_key():
        _fail(event.start_mark, "a key must be a string")
    document.aliased += node.size
    if document.aliased > MOST_ALIASED:
        _fail(event.start_mark, f"the aliases stand for more than {MOST_ALIASED} values and characters")
    if len(document.stack) + node.height > DEPTH + 2:
        _fail(event.start_mark, too_deep(DEPTH))
    again = _Node(node.value, None)
    again.size, again.height = node.size, node.height
    document.add(again)


def _fail(mark: Any, why: str) -> NoReturn:
    raise EffectFailed("decode", f"line {mark.line + 1}, column {mark.column + 1}: {why}")
