"""Programs made at random mean the same optimised and not: value, output, and the error with its text and place.

The other side is the same program compiled as if it used `eval`: every variable in a box, nothing moved or counted.
Seeds are fixed, so that a run that fails fails again; the failing program is in the message.
"""

from __future__ import annotations

from random import Random

import pytest

import vigyc
from codegen.programs import make_program, text_of
from vigyc.compiler import Compilation
from vigyc.evaluation import Evaluator
from vigyc.lang.source import Source
from vigyc.linking import NoModules
from vigyc.runtime import budget
from vigyc.runtime.program import Program
from vigyc.scope import scope_of

BATCHES = 12
IN_A_BATCH = 40
PATIENCE = 5.0  # seconds; a program whose data doubles every round tells nothing


HALTED = ("halted",)


def unoptimised(text: str) -> Program:
    scope, modules, source = scope_of(None), NoModules(), Source("<program>", text)
    artifact = Compilation(scope, modules, dynamic=True).artifact(source)
    return Program(artifact, source, scope.world, Evaluator(scope, source, modules))


def outcome(program: Program) -> tuple[object, ...]:
    host = vigyc.Host()
    token = budget.arm(PATIENCE)
    try:
        value = vigyc.display(program.eval(host))
    except vigyc.Halted:
        return HALTED
    except vigyc.Thrown as error:
        return "thrown", vigyc.display(error.value), error.span, host.output
    except vigyc.TickError as error:
        return error.kind, error.short, error.span, host.output
    finally:
        budget.disarm(token)
    return "value", value, None, host.output


@pytest.mark.parametrize("batch", range(BATCHES))
def test_optimised_is_unoptimised(batch: int) -> None:
    for number in range(IN_A_BATCH):
        text = text_of(make_program(Random(batch * IN_A_BATCH + number)))
        optimised = outcome(vigyc.compile(text, cache=False))
        if optimised != HALTED:
            assert outcome(unoptimised(text)) in (optimised, HALTED), text


def test_the_programs_are_worth_it() -> None:
    """Most of them end with a value, and several kinds of error occur."""
    kinds = [outcome(vigyc.compile(text_of(make_program(Random(seed))), cache=False))[0] for seed in range(200)]
    assert kinds.count("value") > 60
    assert len(set(kinds)) >= 4
