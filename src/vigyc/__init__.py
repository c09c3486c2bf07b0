"""vigyc: small reconcilers in tatara-lisp, compiled to Python and run tick after tick.

    import vigyc

    program = vigyc.compile('(vigy-set "n" (+ 1 (vigy-get "n" 0)))')
    host = program.tick(vigyc.Host())

Names are loaded when they are first used, so that a command that needs little starts fast; `__init__.pyi` types them.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "Cache": "vigyc.codegen.cache",
    "ChainReconciler": "vigyc.runtime.reconciler",
    "CompileError": "vigyc.lang.errors",
    "Diagnostic": "vigyc.lang.diagnostic",
    "Extension": "vigyc.runtime.extension",
    "Halted": "vigyc.lang.errors",
    "Host": "vigyc.runtime.host",
    "HostError": "vigyc.lang.errors",
    "InternalError": "vigyc.lang.errors",
    "KvStore": "vigyc.runtime.store.kv",
    "LispReconciler": "vigyc.runtime.reconciler",
    "ModuleFiles": "vigyc.linking",
    "ModuleTexts": "vigyc.linking",
    "NoopReconciler": "vigyc.runtime.reconciler",
    "Program": "vigyc.runtime.program",
    "ProgramError": "vigyc.lang.errors",
    "Reconciler": "vigyc.runtime.reconciler",
    "StoreError": "vigyc.lang.errors",
    "Thrown": "vigyc.lang.errors",
    "TickError": "vigyc.lang.errors",
    "Ticker": "vigyc.runtime.ticker",
    "VigycError": "vigyc.lang.errors",
    "check": "vigyc.checking",
    "closure_extension": "vigyc.runtime.extension",
    "compile": "vigyc.compiler",
    "display": "vigyc.runtime.printer",
    "evaluate": "vigyc.compiler",
    "from_json": "vigyc.runtime.json_value",
    "open_kv": "vigyc.runtime.store.kv",
    "render": "vigyc.lang.render",
    "standard_extensions": "vigyc.runtime.intrinsics.standard",
    "to_json": "vigyc.runtime.json_value",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604  # what is exported is what has a home


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'vigyc' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
