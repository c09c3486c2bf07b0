"""What somebody typed, and which vigy or run is meant by it."""

from __future__ import annotations

import pytest

from vigyc.lang.errors import Conflict, Invalid, NotFound
from vigyc.service.runtime import Runtime


@pytest.fixture
def ids(runtime: Runtime) -> list[str]:
    """Thirty vigies: with sixteen first digits at least two ids begin alike."""
    return [runtime.register("1", name=f"vigy-{number}").vigy.id for number in range(30)]


def test_the_whole_id_a_name_and_the_beginning_of_an_id(runtime: Runtime, ids: list[str]) -> None:
    for number, vigy_id in enumerate(ids):
        short = next(vigy_id[:n] for n in range(1, 17) if sum(each.startswith(vigy_id[:n]) for each in ids) == 1)
        found = [runtime.get(ref).id for ref in (vigy_id, f"vigy-{number}", short)]
        assert found == [vigy_id] * 3


def test_a_name_goes_before_the_beginning_of_an_id(runtime: Runtime, ids: list[str]) -> None:
    named = runtime.register("2", name=ids[0][:4]).vigy
    assert runtime.get(ids[0][:4]) == named


def test_an_ambiguous_beginning_lists_the_candidates(runtime: Runtime, ids: list[str]) -> None:
    firsts = [vigy_id[0] for vigy_id in ids]
    shared = max(firsts, key=firsts.count)
    with pytest.raises(Conflict) as caught:
        runtime.get(shared)
    for number, vigy_id in enumerate(ids):
        assert (f"{vigy_id} (vigy-{number})" in str(caught.value)) == vigy_id.startswith(shared)


def test_an_unknown_name_is_told_with_the_nearest(runtime: Runtime) -> None:
    runtime.register("1", name="thermostat")
    with pytest.raises(NotFound, match=r"there is no vigy 'termostat'; did you mean 'thermostat'\?"):
        runtime.get("termostat")
    with pytest.raises(NotFound, match=r"there is no vigy 'zzz'$"):
        runtime.get("zzz")


def test_nothing_is_no_reference(runtime: Runtime) -> None:
    runtime.register("1", name="x")
    with pytest.raises(Invalid):
        runtime.get("")
    with pytest.raises(Invalid):
        runtime.run("")


def test_a_run_by_its_id_or_its_beginning(runtime: Runtime) -> None:
    runtime.register("1", name="x")
    first, second = runtime.tick("x"), runtime.tick("x")
    assert runtime.run(first.id) == first
    same = next(n for n in range(37) if first.id[:n] != second.id[:n])
    assert runtime.run(second.id[:same]) == second
    with pytest.raises(Conflict, match=first.id):
        runtime.run(first.id[: same - 1])
    with pytest.raises(NotFound, match="there is no run 'nope'"):
        runtime.run("nope")
