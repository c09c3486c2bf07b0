"""From a runtime to all that can be seen of it, with nothing changed: vigies, runs, state, programs, policies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from vigyc.effects.decision import Decision
from vigyc.effects.policy import Policy
from vigyc.lang.errors import Invalid
from vigyc.linking import Modules
from vigyc.model.argument import checked_count
from vigyc.model.notice import DENIED, Notice
from vigyc.model.run import RESULTS, Run
from vigyc.model.selector import Selector
from vigyc.model.standing import Standing, State
from vigyc.model.vigy import Version, Vigy
from vigyc.programs import Checked, Programs
from vigyc.runtime.engine import Engine
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource
from vigyc.service.audit import EVERYTHING, Audited, Wanted, audit
from vigyc.service.browsing import REGISTERED, Browsing, Page
from vigyc.service.explanation import Explanation, explain
from vigyc.service.gathering import Gathering, state_of
from vigyc.service.health import Health, health
from vigyc.service.kv import Kv
from vigyc.service.lookup import find_run, find_vigy
from vigyc.service.overview import Overview, Overviews, Upcoming
from vigyc.service.policy_check import decide
from vigyc.service.versions import difference, find_version


class Looking:
    """The half of a runtime that changes nothing; `changed` is called with the id of a vigy whose kv is edited."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        programs: Programs,
        time: TimeSource,
        lease_ttl_ms: int,
        changed: Callable[[str], None],
    ) -> None:
        self._store = store
        self._engine = engine
        self._programs = programs
        self._time = time
        self._changed = changed
        self._overviews = Overviews(store, engine, time, lease_ttl_ms)
        self.at_hand = engine.at_hand
        self._browsing = Browsing(self._overviews)
        self.gathering = Gathering(store, time)
        self._driven = False  # whether somebody goes on calling `step`, as an AsyncRuntime does

    def get(self, ref: str) -> Vigy:
        """The vigy that `ref` means."""
        return find_vigy(self._store, ref)

    def browse(
        self,
        selector: str = "",
        *,
        search: str = "",
        phase: str | None = None,
        failing: bool | None = None,
        sort: str = REGISTERED,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """A page of the vigies that match, in the order of `sort`; `cursor` is where the page before said to go on."""
        wanted = Selector.parse(selector)
        return self._browsing.page(wanted, search, phase, failing, sort, checked_count("limit", limit), cursor)

    def overview(self, selector: str = "") -> list[Overview]:
        """The vigies whose labels match `selector`, with how it goes with each."""
        return self._overviews.all(Selector.parse(selector))

    def next(self, limit: int = 20, selector: str = "") -> list[Upcoming]:
        """The ticks to come, the next first."""
        return self._overviews.next(checked_count("limit", limit), Selector.parse(selector))

    def explain(self, ref: str) -> Explanation:
        """Why it is as it is."""
        return explain(self.get(ref), self._store, self._overviews)

    def state(self, ref: str) -> State:
        """What its ticks want and saw, its conditions, and the actions of its last run that have no result."""
        vigy = self.get(ref)
        standing, pending = self._store.standing(vigy.id), self._store.pending(vigy.id)
        return state_of(vigy.id, standing, pending, self._time.wall_ms())

    def standing(self, ref: str) -> Standing:
        """Its counters and its last run."""
        return self._store.standing(self.get(ref).id)

    def run(self, ref: str) -> Run:
        """The run of this id, or of the unique beginning of an id."""
        return find_run(self._store, ref)

    def runs(
        self,
        ref: str | None = None,
        *,
        before: int | None = None,
        limit: int = 20,
        results: Collection[str] = (),
    ) -> list[Run]:
        """Runs, newest first, of one vigy or of all; `before` is the sequence number to go on from.

        With `results` only those that ended so.
        """
        _check_page(before, limit)
        if isinstance(results, str) or not set(results) <= set(RESULTS):
            raise Invalid(f"results {results!r}: they must be some of {', '.join(RESULTS)}")
        vigy_id = None if ref is None else self.get(ref).id
        return self._store.runs(vigy_id, before=before, limit=limit, results=tuple(results))

    def kv(self, ref: str) -> Kv:
        """Its kv."""
        return Kv(self.get(ref), self._store, self._time, self._changed)

    def notices(self, after: int = 0, limit: int = 1000) -> list[Notice]:
        """What happened after sequence number `after`, in order."""
        return self._store.notices(checked_count("after", after), limit=checked_count("limit", limit))

    def denials(self, ref: str | None = None, *, before: int | None = None, limit: int = 20) -> list[Notice]:
        """What the policy refused, newest first, of one vigy or of all; `before` is the number to go on from."""
        _check_page(before, limit)
        vigy_id = None if ref is None else self.get(ref).id
        return self._store.newest(DENIED, vigy_id, before=before, limit=limit)

    def health(self) -> Health:
        """Whether all is well."""
        return health(self._store, self._engine, self._overviews, driven=self._driven)

    def versions(self, ref: str) -> list[Version]:
        """The editions of its program, newest first."""
        return self._store.versions(self.get(ref).id)

    def version(self, ref: str, number: int) -> Version:
        """One of them."""
        return find_version(self._store, self.get(ref), number)

    def diff(self, ref: str, old: int, new: int) -> str:
        """What differs between two of them, as a unified diff."""
        vigy = self.get(ref)
        return difference(vigy, find_version(self._store, vigy, old), find_version(self._store, vigy, new))

    # -- programs and what they may do

    def check(
        self,
        program: str,
        name: str = "",
        labels: Mapping[str, str] | None = None,
        modules: Mapping[str, str] | Modules | None = None,
    ) -> Checked:
        """The mistakes in a program, and what the policy of a vigy so called and labelled refuses of it."""
        return self._programs.check(program, name, labels or {}, modules)

    def python(self, ref: str) -> str:
        """The Python that its program becomes, as text for people. Raises CompileError."""
        return self._programs.python(self.get(ref))

    def audit(self, looked_for: Wanted = EVERYTHING, selector: str = "") -> list[Audited]:
        """What the programs of the vigies that match `selector` do to the world, as far as it is looked for."""
        return audit(self.list(selector), looked_for, self._programs.extensions)

    def policy(self, ref: str) -> Policy:
        """The policy that it ticks under."""
        vigy = self.get(ref)
        return self._programs.powers.policy_of(vigy.name, vigy.labels)

    def decide(self, ref: str, effect: str, resource: object = None) -> Decision:
        """Whether its policy allows `effect` of `resource`, and by which rule. Raises Invalid."""
        return decide(self.policy(ref), effect, resource)

    # last, since it hides Python's own

    def list(self, selector: str = "") -> list[Vigy]:
        """Those whose labels match `selector` (`key=value,...`), in the order they were registered."""
        wanted = Selector.parse(selector)
        return [vigy for vigy in self._store.vigies() if wanted.matches(vigy.labels)]


def _check_page(before: int | None, limit: int) -> None:
    checked_count("limit", limit)
    if before is not None:
        checked_count("before", before)
