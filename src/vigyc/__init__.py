"""vigyc: small reconcilers in tatara-lisp, compiled to Python and run tick after tick.

    import vigyc

    program = vigyc.compile('(vigy-set "n" (+ 1 (vigy-get "n" 0)))')
    host = program.tick(vigyc.Host())

Names are loaded when they are first used, so that a command that needs little starts fast; `__init__.pyi` types them.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "Action": "vigyc.model.action",
    "Adaptive": "vigyc.model.schedule",
    "AsyncClient": "vigyc.surfaces.client.async_client",
    "AsyncRuntime": "vigyc.service.async_runtime",
    "AsyncSubscription": "vigyc.service.async_subscription",
    "Cache": "vigyc.codegen.cache",
    "ChainReconciler": "vigyc.runtime.reconciler",
    "Client": "vigyc.surfaces.client.client",
    "CompileError": "vigyc.lang.errors",
    "Condition": "vigyc.model.condition",
    "Conflict": "vigyc.lang.errors",
    "Cron": "vigyc.model.schedule",
    "Diagnostic": "vigyc.lang.diagnostic",
    "EnhanceSetting": "vigyc.model.enhance_setting",
    "Epoch": "vigyc.model.epoch",
    "Extension": "vigyc.runtime.extension",
    "Fixed": "vigyc.model.schedule",
    "Halted": "vigyc.lang.errors",
    "Host": "vigyc.runtime.host",
    "HostError": "vigyc.lang.errors",
    "InternalError": "vigyc.lang.errors",
    "Invalid": "vigyc.lang.errors",
    "Issue": "vigyc.model.issue",
    "KvStore": "vigyc.runtime.store.kv",
    "LispReconciler": "vigyc.runtime.reconciler",
    "ModuleFiles": "vigyc.linking",
    "ModuleTexts": "vigyc.linking",
    "Modules": "vigyc.linking",
    "NoopReconciler": "vigyc.runtime.reconciler",
    "NotAllowed": "vigyc.lang.errors",
    "NotFound": "vigyc.lang.errors",
    "Notice": "vigyc.model.notice",
    "PendingAction": "vigyc.model.pending",
    "Policy": "vigyc.effects.policy",
    "PolicyBook": "vigyc.effects.policy_book",
    "Program": "vigyc.runtime.program",
    "ProgramError": "vigyc.lang.errors",
    "Reconciler": "vigyc.runtime.reconciler",
    "Registration": "vigyc.service.registry",
    "Run": "vigyc.model.run",
    "Runtime": "vigyc.service.runtime",
    "Schedule": "vigyc.model.schedule",
    "ServerSettings": "vigyc.surfaces.server.server_settings",
    "Settings": "vigyc.service.settings",
    "SettingsError": "vigyc.lang.errors",
    "Source": "vigyc.lang.source",
    "Stale": "vigyc.lang.errors",
    "State": "vigyc.model.standing",
    "StoreError": "vigyc.lang.errors",
    "Subscription": "vigyc.runtime.subscription",
    "Thrown": "vigyc.lang.errors",
    "TickError": "vigyc.lang.errors",
    "Ticker": "vigyc.runtime.ticker",
    "Tokens": "vigyc.surfaces.server.tokens",
    "TooMany": "vigyc.lang.errors",
    "Verdict": "vigyc.model.epoch",
    "Version": "vigyc.model.vigy",
    "Vigy": "vigyc.model.vigy",
    "VigycError": "vigyc.lang.errors",
    "VirtualTime": "vigyc.runtime.time_source",
    "check": "vigyc.checking",
    "closure_extension": "vigyc.runtime.extension",
    "compile": "vigyc.compiler",
    "display": "vigyc.runtime.printer",
    "evaluate": "vigyc.compiler",
    "every": "vigyc.model.schedule",
    "from_json": "vigyc.runtime.json_value",
    "load_policies": "vigyc.effects.policy_file",
    "load_settings": "vigyc.service.settings",
    "narrow": "vigyc.effects.policy",
    "open_kv": "vigyc.runtime.store.kv",
    "render": "vigyc.lang.render",
    "standard_extensions": "vigyc.runtime.intrinsics.standard",
    "to_json": "vigyc.runtime.json_value",
}

_HOMES_OF_EXTRAS = {"HttpServer": ("vigyc.surfaces.server.serving", "server")}
"""What can be imported only with an extra: not in `__all__`, so that `*` and `help` do without it."""

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604  # what is exported is what has a home


def __getattr__(name: str) -> object:
    home, extra = _HOMES_OF_EXTRAS.get(name, (_HOMES.get(name), ""))
    if home is None:
        raise AttributeError(f"module 'vigyc' has no attribute {name!r}")
    try:
        value = getattr(import_module(home), name)
    except ModuleNotFoundError as error:
        if not extra:
            raise
        raise ImportError(f"vigyc.{name} needs {error.name}: pip install 'vigyc[{extra}]'") from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
