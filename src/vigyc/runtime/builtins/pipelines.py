"""From a value through named stages to another, with hooks that see each stage's input and output."""

from __future__ import annotations

from typing import Any

from vigyc.lang.datum import keyword
from vigyc.runtime.builtins.list_library import first, second
from vigyc.runtime.calling import Function, answering
from vigyc.runtime.equality import equal
from vigyc.runtime.lists import walked
from vigyc.runtime.native import native

_RUN, _ON_STAGE, _STAGES, _ANY = keyword("run"), keyword("on-stage"), keyword("stages"), keyword("any-stage")


@native("make-pipeline", 1)
def make_pipeline(stages: object, /) -> Function:
    """A pipeline of stages (name function)."""
    hooks: list[tuple[object, Function]] = []

    def run(value: object, /) -> object:
        for stage in walked(stages):
            name = first(stage)
            f: Any = second(stage)
            given, value = value, f(value)
            for wanted, hook in hooks:
                if equal(wanted, name) or wanted is _ANY:
                    hook(name, given, value)
        return value

    def on_stage(name: object, hook: Function, /) -> None:
        nonlocal hooks
        hooks = [(name, hook), *hooks]

    return answering({_RUN: run, _ON_STAGE: on_stage, _STAGES: lambda: stages})


@native("pipeline-run!", 2)
def pipeline_run(pipeline: Function, value: object, /) -> object:
    """What the stages make of `value`, one after another."""
    return pipeline(_RUN, value)


@native("pipeline-on-stage!", 3)
def pipeline_on_stage(pipeline: Function, name: object, hook: object, /) -> object:
    """Lets `hook` be called with name, input and output after that stage, or after each for `:any-stage`."""
    return pipeline(_ON_STAGE, name, hook)
