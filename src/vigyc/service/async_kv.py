"""From the kv of a vigy to the same, awaited."""

from __future__ import annotations

from vigyc.model.vigy import Vigy
from vigyc.service.awaited import Awaited, awaited
from vigyc.service.kv import Kv


class AsyncKv(Awaited[Kv]):
    """`Kv` for asyncio: the same methods, awaited."""

    get = awaited(Kv.get)
    items = awaited(Kv.items)
    export = awaited(Kv.export)
    set = awaited(Kv.set)
    delete = awaited(Kv.delete)
    replace = awaited(Kv.replace)

    @property
    def vigy(self) -> Vigy:
        """The vigy, as it is since the last change made here."""
        return self._blocking.vigy
