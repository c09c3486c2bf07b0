"""From the stream of a runtime to a collector of traces: runs are told after they were stored, by a thread of its own.

So a tick waits for nothing, and a collector that is slow or gone costs traces, never ticks: what falls behind goes on
with the newest. Of very many runs those that went well are told only in part, for to tell them costs more than to make
them. `dropped` counts what was not told.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
from time import monotonic
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from vigyc.lang.errors import NotFound, StoreError
from vigyc.model.notice import DELETED, GAP, RUN, UPDATED, Notice
from vigyc.model.run import OK
from vigyc.runtime.subscription import Subscription
from vigyc.service.runtime import Runtime
from vigyc.surfaces.otel.spans import RunIds, Teller

CAPACITY: Final = 20_000
"""So many notices may wait to be told."""

PER_SECOND: Final = 1_000
"""So many runs that went well are told in a second, at most."""

_PAUSE: Final = 0.2  # seconds between two looks at whether it is to end
_log = logging.getLogger("vigyc")


class Tracing:
    """Tells the runs of a runtime until it is stopped."""

    def __init__(self, runtime: Runtime, exporter: SpanExporter) -> None:
        ids = RunIds()
        self.dropped = 0
        self._runtime = runtime
        self._provider = TracerProvider(resource=_resource(), id_generator=ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._teller = Teller(self._provider, ids)
        self._names: dict[str, str] = {}
        self._second = self._told = 0
        self._stopping = threading.Event()
        self._stream = runtime.subscribe(kinds=(RUN, UPDATED, DELETED), capacity=CAPACITY)
        self._thread = threading.Thread(target=self._run, args=(self._stream,), name="vigyc-tracing", daemon=True)
        self._thread.start()

    def stop(self, grace: float = 2.0) -> None:
        """Tell what is at hand, and end; the collector has `grace` seconds to take it. Again is nothing."""
        self._stopping.set()
        self._thread.join()
        self._stream.close()
        handing_over = threading.Thread(target=self._provider.shutdown, name="vigyc-tracing-end", daemon=True)
        handing_over.start()
        handing_over.join(grace)

    def _run(self, stream: Subscription) -> None:
        while True:
            ending = self._stopping.is_set()
            try:
                notice = stream.get(0 if ending else _PAUSE)
                if notice is not None:
                    self._hear(notice)
            except Exception:
                _log.exception("a run could not be traced")
                notice = None
            if notice is None and (ending or stream.closed):
                return

    def _hear(self, notice: Notice) -> None:
        if notice.kind == GAP:
            self.dropped += notice.seq - int(notice.data["from"]) + 1
        elif notice.run is None:
            self._names.pop(notice.vigy_id or "", None)
        elif notice.run.result != OK or self._may_tell():
            self._teller.tell(notice.run, self._name(notice.run.vigy_id))
        else:
            self.dropped += 1

    def _may_tell(self) -> bool:
        second = int(monotonic())
        if second != self._second:
            self._second, self._told = second, 0
        self._told += 1
        return self._told <= PER_SECOND

    def _name(self, vigy_id: str) -> str:
        """What a vigy is called; its id if it is gone."""
        name = self._names.get(vigy_id)
        if name is None:
            try:
                name = self._runtime.get(vigy_id).name
            except (NotFound, StoreError):
                name = vigy_id
            self._names[vigy_id] = name
        return name


def start_tracing(runtime: Runtime, endpoint: str | None = None, exporter: SpanExporter | None = None) -> Tracing:
    """Tell every run of `runtime` from now on to the collector at `endpoint` (`http://host:4318`), or where the
    variables of OpenTelemetry (`OTEL_EXPORTER_OTLP_ENDPOINT` and its like) say; `exporter` takes the place of both."""
    if exporter is None:
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces") if endpoint else OTLPSpanExporter()
    return Tracing(runtime, exporter)


def _resource() -> Resource:
    """What traces, unless the variables of OpenTelemetry name it."""
    version: str = importlib.import_module("vigyc").__version__
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: "vigyc"}
    return Resource.create({**named, "service.version": version})
