"""From a library name to how it is called: every builtin, its arity, and the names generated code may use.

Codegen and runtime meet here: codegen emits only these names, the runtime's loader provides exactly these.
A house test holds the table against the functions the runtime registers.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigyc.lang.names import identifier


@dataclass(frozen=True, slots=True)
class Signature:
    """A builtin as a call sees it: `lo` to `hi` arguments (None: any number).

    `host`: it takes the host first; `in_place`: code for it may be generated where it is called.
    """

    name: str
    ident: str
    lo: int
    hi: int | None
    host: bool = False
    in_place: bool = True

    def accepts(self, count: int) -> bool:
        """Whether a call with `count` arguments fits."""
        return count >= self.lo and (self.hi is None or count <= self.hi)


# Python's own functions and types that generated code uses in place.
PYTHON_NAMES = (
    "abs", "bool", "dict", "float", "int", "len", "list", "max", "min", "range", "str", "sum", "tuple",
)  # fmt: skip

# What stands behind the constructs of the language; see runtime/operators.py, control.py and edge.py.
SUPPORT_NAMES = (
    "INT_MAX", "INT_MIN", "MAX_TEXT", "UNSET", "Exception",
    "add", "sub", "mul", "div", "modulo", "num_eq", "lt", "le", "gt", "ge", "overflow", "text_overflow",
    "items", "pairs", "plain_pairs", "plain_keys", "equal", "to_key", "own", "sealed",
    "datum", "symbol", "keyword", "promise", "json",
    "fail", "fail_arity", "fail_require", "caught", "hand_over", "bounce", "bouncing", "bind", "find", "store",
    "evaluate", "require", "new", "ABSENT", "Action", "Condition", "Event", "LogLine",
)  # fmt: skip

_TABLE = """
    + 0 *; * 0 *; - 1 *; / 1 *; modulo 2; abs 1; min 1 *; max 1 *; expt 2; sqrt 1; sin 1; cos 1; tan 1; exp 1;
    log 1 2; floor 1; ceiling 1; round 1; truncate 1; gcd 0 *; lcm 0 *; wrapping-add 0 *; wrapping-sub 1 *;
    wrapping-mul 0 *; asin 1; acos 1; atan 1; atan2 2; hypot 2; inc 1; dec 1; zero? 1; positive? 1;
    negative? 1; even? 1; odd? 1;
    = 2 *; < 2 *; > 2 *; <= 2 *; >= 2 *; not= 2; compare 2; eq? 2; equal? 2;
    null? 1; pair? 1; list? 1; symbol? 1; string? 1; keyword? 1; boolean? 1; foreign? 1; integer? 1; number? 1;
    procedure? 1; atom? 1; some? 1; empty? 1; not-empty? 1;
    bit-and 0 *; bit-or 0 *; bit-xor 0 *; bit-not 1; bit-shift-left 2; bit-shift-right 2;
    car 1; cdr 1; cons 2; list 0 *; length 1; reverse 1; append 0 *; take 2; drop 2; nth 2;
    first 1; second 1; third 1; fourth 1; rest 1; last 1; butlast 1; safe-nth 2; range 0 * host; range-impl 3;
    repeat-list 2; concat 0 *; member? 2; position 2; zip 2; interleave 2; intersperse 2; flatten 1;
    distinct 1; max-by 2; min-by 2; plist-get 2; count 1; unwrap-or 2;
    string-length 1; string-append 0 *; string 1; symbol->string 1; keyword->string 1; string->symbol 1;
    string->keyword 1; pr-str 1; string-split 2; string-join 1 2; substring 2 3; string-contains? 2;
    string-starts-with? 2; string-ends-with? 2; string-index 2; string-upcase 1; string-downcase 1;
    string-trim 1; string-replace 3; string-repeat 2; string->number 1; number->string 1; format 1 *;
    display 1 host; print 1 host; println 0 * host; newline 0 host; error-msg 1 host; gensym 0 1 host;
    read-string 1 host; read-all 1 host;
    error 2 3; ex-info 1 2; throw 1; error? 1; error-tag 1; error-message 1; error-data 1; error-data-get 2;
    apply 2 *; map 2 *; filter 2; remove 2; for-each 2; foldl 3; foldr 3; reduce 2 3; scan-left 3; find 2;
    find-index 2; some 2; any? 2; every? 2; count-if 2; take-while 2; drop-while 2; partition 2; group-by 2;
    sort-by 2; sort-by-key 2; iterate 3; repeatedly 2; force 1; promise? 1;
    identity 1; const 1; flip 1; comp 2; compose 0 *; pipe 0 *; partial 1 *; juxt 0 *; tap 2; memoize 1;
    hash-map 0 *; hash-map? 1; hash-map-count 1; hash-map-empty? 1; hash-map-has? 2; hash-map-get 2;
    hash-map-get-or 3; hash-map-set 3; hash-map-remove 2; hash-map-keys 1; hash-map-values 1;
    hash-map-entries 1; hash-map-merge 1 *; hash-map-update 3; get 2; assoc 3; dissoc 2; get-in 2; assoc-in 3;
    update-in 3; frequencies 1; group-by-into-map 2; into-hash-map 1; select-keys 2; zipmap 2;
    chan 0 1; chan? 1; >! 2; <! 1; close! 1; drain! 1; chan-closed? 1; chan-len 1; chan-capacity 1;
    go 1; go? 1; go-run 1; go-status 1; go-result 1; go-error 1;
    type-of 1; is? 2; the 2; cast 2;
    lazy-empty 0; lazy-empty? 1; lazy-head 1; lazy-rest 1; lazy-take 2; lazy-drop 2; realize 1; lazy-map 2;
    lazy-filter 2; iterate-lazy 2; cycle 1; cycle-impl 2; repeat-lazy 1;
    sm-spec 0 *; sm-spec? 1; sm-spec-get 2; make-sm 1 host; sm-send 2 *; sm-current 1; sm-history 1;
    sm-reset! 1; sm-can? 2; sm-lookup-row 3; sm-fire-state-actions 2; sm-fire-event-actions 3;
    make-actor 2; actor-tell 2; actor-step! 1; actor-state 1; actor-empty? 1; actor-drain! 1; actor-run! 2;
    make-subject 0; subject-subscribe! 2; subject-unsubscribe! 2; subject-emit! 2;
    make-bus 0 host; register-command! 3; register-query! 3; dispatch-command 2 *; dispatch-query 2 *;
    make-event-store 0; event-append! 2; event-history 1; event-project 3;
    make-strategy 0 * host; strategy-call 2 *; decorate 1 *;
    make-visitor 0 * host; visit 2;
    make-pipeline 1; pipeline-run! 2; pipeline-on-stage! 3; make-transducer 0 *; transducer-feed! 2;
    transducer-run! 2; transducer-state 1;
    record-field-accessor 2; record-field-setter 2; record-keyword 1; compile-match-pattern 2;
    compile-list-pattern 2; compile-match-clauses 2; case-build-clause 2; defn-typed-args 1;
    defn-typed-checks 1;
"""


def _read_table() -> dict[str, Signature]:
    table: dict[str, Signature] = {}
    for entry in _TABLE.replace("\n", " ").split(";"):
        words = entry.split()
        if not words:
            continue
        name, host = words[0], words[-1] == "host"
        bounds = words[1:-1] if host else words[1:]
        lo = int(bounds[0])
        hi = lo if len(bounds) == 1 else None if bounds[1] == "*" else int(bounds[1])
        table[name] = Signature(name, builtin_identifier(name), lo, hi, host)
    return table


def builtin_identifier(name: str) -> str:
    """The name generated code calls builtin `name` by; Python's own names stay Python's."""
    ident = identifier(name)
    return ident + "_" if ident in PYTHON_NAMES or ident in SUPPORT_NAMES else ident


BUILTINS: dict[str, Signature] = _read_table()
