from vigyc.checking import check as check
from vigyc.codegen.cache import Cache as Cache
from vigyc.compiler import compile as compile
from vigyc.compiler import evaluate as evaluate
from vigyc.lang.diagnostic import Diagnostic as Diagnostic
from vigyc.lang.errors import CompileError as CompileError
from vigyc.lang.errors import Halted as Halted
from vigyc.lang.errors import HostError as HostError
from vigyc.lang.errors import InternalError as InternalError
from vigyc.lang.errors import ProgramError as ProgramError
from vigyc.lang.errors import StoreError as StoreError
from vigyc.lang.errors import Thrown as Thrown
from vigyc.lang.errors import TickError as TickError
from vigyc.lang.errors import VigycError as VigycError
from vigyc.lang.render import render as render
from vigyc.linking import ModuleFiles as ModuleFiles
from vigyc.linking import ModuleTexts as ModuleTexts
from vigyc.runtime.extension import Extension as Extension
from vigyc.runtime.extension import closure_extension as closure_extension
from vigyc.runtime.host import Host as Host
from vigyc.runtime.intrinsics.standard import standard_extensions as standard_extensions
from vigyc.runtime.json_value import from_json as from_json
from vigyc.runtime.json_value import to_json as to_json
from vigyc.runtime.printer import display as display
from vigyc.runtime.program import Program as Program
from vigyc.runtime.reconciler import ChainReconciler as ChainReconciler
from vigyc.runtime.reconciler import LispReconciler as LispReconciler
from vigyc.runtime.reconciler import NoopReconciler as NoopReconciler
from vigyc.runtime.reconciler import Reconciler as Reconciler
from vigyc.runtime.store.kv import KvStore as KvStore
from vigyc.runtime.store.kv import open_kv as open_kv
from vigyc.runtime.ticker import Ticker as Ticker

__version__: str
__all__: list[str]
