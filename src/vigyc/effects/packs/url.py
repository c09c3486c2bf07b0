"""From URLs to their parts and back: the pack `url`.

URLs are read as the network operations read them: a host in its normal form (lower case, IDNA, no dot at the end), and
none that two programs could read differently. A URL with a user is refused.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urljoin

from vigyc.effects.data.bounds import check_items, check_text
from vigyc.effects.data.web_address import built, check_characters, decoded, parts_of
from vigyc.effects.operation import NO_OPTIONS, Options
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.faults import native_fault
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.printer import display
from vigyc.runtime.values import kind_of

_OWN_HOST: Final = re.compile(r"//|[A-Za-z][A-Za-z0-9+.-]*:")

PACK: Final = Pack("url", "URLs, queries, percent-encoding.")


@PACK.pure(
    "url-parse",
    result=True,
    example='(get (ok-value (url-parse "HTTPS://Example.org./a?b=1#c")) :host) => "example.org"',
)
def url_parse(text: str) -> object:
    """The parts of a URL: :scheme :host :port :path :query :fragment.

    :port is the usual one of http, https, ws and wss where none is written; what there is not, is nil. Path, query and
    fragment stay encoded. Error `decode`.
    """
    try:
        parts = parts_of(text)
    except ValueError as error:
        raise EffectFailed("decode", str(error)) from None
    return {keyword(name): part for name, part in parts.items()}


@PACK.pure(
    "url-build",
    options={
        "scheme": ("str", "https"),
        "host": ("str", ""),
        "port": ("int", None),
        "path": ("str", "/"),
        "query": ("object", None),
        "fragment": ("object", None),
    },
    example='(url-build (hash-map :host "a.org" :path "/x y" :query (hash-map "q" "é"))) => "https://a.org/x%20y?q=%C3%A9"',
)
def url_build(parts: Options) -> str:
    """The URL of parts as `url-parse` gives them; what may not stand in one is encoded, what is encoded stays.

    :query is a string as it stands in a URL, or a map for `url-query`.
    """
    query, fragment = parts["query"], parts["fragment"]
    if query.__class__ is not str and query is not None:
        query = PACK.functions["url-query"](query)
    if fragment.__class__ is not str and fragment is not None:
        raise TickError("type-mismatch", f"`url-build`: :fragment must be a string, got {kind_of(fragment)}")
    check_text("url-build", 12 * (len(parts["path"]) + len(query or "") + len(fragment or "")))
    try:
        return built({**parts, "query": query, "fragment": fragment})
    except ValueError as error:
        raise native_fault("url-build", str(error)) from None


@PACK.pure(
    "url-join", result=True, example='(url-join "https://a.org/x/y" "../z?q") => {:ok #t, :value "https://a.org/z?q"}'
)
def url_join(base: str, reference: str) -> str:
    """Where a reference on the page at `base`, a http or https URL, leads. Error `decode`."""
    try:
        check_characters(reference)
        if parts_of(base)["scheme"] not in {"http", "https"}:
            raise ValueError("it is not a http or https URL")
        # What names a host of its own is taken as it stands: Python passes over one that is empty.
        joined = urljoin(base, reference) if not _OWN_HOST.match(reference) else _absolute(base, reference)
        parts_of(joined)
    except ValueError as error:
        raise EffectFailed("decode", str(error)) from None
    return joined


def _absolute(base: str, reference: str) -> str:
    return base.partition("//")[0] + reference if reference.startswith("//") else reference


@PACK.pure("url-encode", example='(url-encode "a b/é") => "a%20b%2F%C3%A9"')
def url_encode(text: str) -> str:
    """The string percent-encoded as part of a path or query; letters, digits and - . _ ~ stay."""
    check_text("url-encode", 3 * len(text))
    try:
        encoded = quote(text, safe="")
    except UnicodeEncodeError:
        raise native_fault("url-encode", "half of a surrogate pair in the text") from None
    check_text("url-encode", len(encoded))
    return encoded


@PACK.pure("url-decode", result=True, example='(url-decode "a%20b") => {:ok #t, :value "a b"}')
def url_decode(text: str) -> str:
    """What a percent-encoded string says; a plus stays one. Error `decode`."""
    try:
        return decoded(text)
    except ValueError as error:
        raise EffectFailed("decode", str(error)) from None


@PACK.pure("url-query", example='(url-query (hash-map "q" "a b" "n" (list 1 2))) => "q=a%20b&n=1&n=2"')
def url_query(values: dict[str, object]) -> str:
    """The query of a map from names to strings, numbers or booleans, or lists of them (the name comes again).

    In the map's order; what is nil is left out.
    """
    pairs = []
    size = 0
    for name, value in values.items():
        for each in items(value) if is_list(value) else [value]:
            if each is not None:
                pairs.append(f"{url_encode(name)}={url_encode(_text(name, each))}")
                size += len(pairs[-1]) + 1
                check_text("url-query", size)
    return "&".join(pairs)


def _text(name: str, value: object) -> str:
    if value.__class__ is str:
        return str(value)
    if value.__class__ is bool:
        return "true" if value else "false"
    if value.__class__ is int or value.__class__ is float:
        return display(value)
    raise TickError(
        "type-mismatch", f"`url-query`: {name} must be a string, a number or a boolean, got {kind_of(value)}"
    )


@PACK.pure(
    "url-parse-query",
    result=True,
    options={"repeated": ("bool", False)},
    example='(url-parse-query "q=a+b&x=%31") => {:ok #t, :value {"q" "a b", "x" "1"}}',
)
def url_parse_query(text: str, options: Options = NO_OPTIONS) -> object:
    """The map of a query (without its question mark) or form, from names to strings; a plus is a blank.

    A name that comes twice is an error, unless `:repeated #t` makes a list of every value. Error `decode`.
    """
    check_items("url-parse-query", text.count("&"))
    found: dict[object, object] = {}
    for part in filter(None, text.split("&")):
        name, value = (_decoded(half.replace("+", " ")) for half in part.partition("=")[::2])
        if options["repeated"]:
            found.setdefault(name, []).append(value)  # type: ignore[attr-defined]
        elif name in found:
            raise EffectFailed("decode", f"`{name[:80]}` comes twice")
        else:
            found[name] = value
    return found


def _decoded(text: str) -> str:
    try:
        return decoded(text)
    except ValueError as error:
        raise EffectFailed("decode", str(error)) from None
