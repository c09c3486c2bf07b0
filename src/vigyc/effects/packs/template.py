"""From a text with places for values to the text with the values: the pack `template`.

It is the part of Mustache that computes nothing: names, sections, inverted sections, comments (data/template.py). There
are no partials, so nothing is ever read; no functions are called; the text is bounded. Values are *not* escaped unless
`:escape "html"` is given: what is written here are configuration files as often as pages. A secret among the values
makes a secret of the text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from vigyc.effects.data.rendering import Rendering
from vigyc.effects.data.template import Piece, pieces_of
from vigyc.effects.operation import NO_OPTIONS, Options
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.runtime.faults import native_fault

PACK: Final = Pack("template", "Texts with places for values.")


@PACK.pure(
    "template-render",
    result=True,
    options={"strict": ("bool", True), "escape": ("str", "")},
    example='(template-render "{{name}}:{{#ports}} {{.}}{{/ports}}" (hash-map :name "web" :ports (list 80 443))) '
    '=> {:ok #t, :value "web: 80 443"}',
)
def template_render(text: str, data: object, options: Options = NO_OPTIONS) -> object:
    """The template with the values of a map, whose keys are strings or keywords.

    {{name}} and {{a.b}} stand for strings, numbers, booleans, keywords (without colon); {{#xs}}...{{/xs}} is written
    for each element of a list, in which {{.}} is the element, or once for any other value but nil and #f;
    {{^xs}}...{{/xs}} if it would not be; {{! this}} is a comment. `:escape "html"` escapes values except in {{{name}}}.
    Error `missing`: a name has no value; with `:strict #f` it is then empty. Error `decode`: no template. Both tell
    the line and column.
    """
    if options["escape"] not in {"", "html"}:
        raise native_fault("template-render", ':escape must be "" or "html"')
    try:
        pieces = _pieces(text) if len(text) <= 10_000 else pieces_of(text)
    except ValueError as error:
        raise EffectFailed("decode", str(error)) from None
    rendering = Rendering("template-render", text, strict=options["strict"], escape=options["escape"])
    rendering.write(pieces, [data])
    return rendering.text()


@lru_cache(maxsize=64)
def _pieces(text: str) -> list[Piece]:
    return pieces_of(text)
