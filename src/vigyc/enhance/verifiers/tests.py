"""From the target's own tests to whether the candidate passes them.

The tests of the vigy `web` are the program of the vigy `web.test` in the same store, which need not be enabled: it
ticks the candidate with `(test-tick kv)` and raises where it finds something wrong. It runs once, upon an empty kv;
what it would change outside is not done.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, Final

from vigyc.effects.powers import Powers
from vigyc.effects.test_host import TrialHost
from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.telling import counted, shortened
from vigyc.model.name import TESTS
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.rehearsal.simulation import Simulated, Simulation
from vigyc.runtime import budget
from vigyc.runtime.recording import error_of
from vigyc.runtime.time_source import VirtualTime

AXIS: Final = "tests"
_LONGEST: Final = 1_000  # characters of what a failing test says


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    tests, name = grounds.test_vigy(case), case.vigy.name + TESTS
    if tests is None:
        return (
            f"there are no tests: to have some, register a vigy {name!r} (it may be disabled) whose program calls "
            "`(test-tick kv)` and raises where something is wrong"
        )
    half = monotonic() + case.setting.verifier_ms / 2_000
    host, error = _run(case, tests, case.candidate)
    if error is not None:
        base_fails = monotonic() < half and _run(case, tests, case.incumbent)[1] is not None
        too = " (the base does not pass it either)" if base_fails else ""
        raise Denied(f"{name} fails{too}: {shortened(error, _LONGEST)}; have it pass, or mend the test")
    if not host.asked:
        return f"{name} passes, but never ticks the program with `(test-tick kv)`: it tests nothing"
    return f"{name} passes, with {counted(host.asked, 'tick')} of the program"


def _run(case: Case, tests: Vigy, tested: Vigy) -> tuple[TrialHost, str | None]:
    """The host after the tests of `tested` have run, and what they raised."""
    host = TrialHost(_Trial(case, tested), grounds.clock(case).wall_ms())
    seconds = case.programs.seconds if tests.deadline_ms is None else tests.deadline_ms / 1000
    powers = Powers(case.programs.powers.policy_of, grounds.silent)
    try:
        program = case.programs.load_unseen(tests, powers)
        token = budget.arm(seconds)
        try:
            program.tick(host)
        finally:
            budget.disarm(token)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also Halted
        return host, error_of(error, seconds, tests.name)[2]
    finally:
        powers.close()
    return host, None


class _Trial:
    """Ticks `tested` for a test program."""

    def __init__(self, case: Case, tested: Vigy) -> None:
        self._case = case
        self._tested = tested

    def tick(self, kv: dict[str, Any], ticks: int, now_ms: int | None) -> dict[str, Any]:
        """What so many ticks do, until one fails."""
        case = self._case
        clock = grounds.clock(case) if now_ms is None else VirtualTime(now_ms)
        done: list[Simulated] = []
        with grounds.simulation(case, self._tested, kv, Standing(), clock) as going:
            while len(done) < ticks:
                if done:
                    clock.advance(going.waits_ms())
                done.append(going.tick())
                if not done[-1].succeeded:
                    break
            return _told(done, going)


def _told(done: list[Simulated], going: Simulation) -> dict[str, Any]:
    last = done[-1]
    return {
        "ok": last.succeeded,
        "error": last.run.error,
        "actions": [action.to_json() for tick in done for action in tick.run.actions],
        "conditions": {name: condition.to_json() for name, condition in last.standing.conditions.items()},
        "kv": dict(going.kv),
        "logs": [line.to_json() for tick in done for line in tick.run.report.logs],
        "desired": dict(last.standing.desired),
        "observed": dict(last.standing.observed),
    }
