"""From one who has never written a vigy to one who can: the text that the prompts and the reference share.

Every program in it is checked and ticked by a test.
"""

from __future__ import annotations

from typing import Final

PRIMER: Final = """\
# Writing a vigy

A vigy is a small reconciler: a program in tatara-lisp, a Lisp in the manner of Scheme. On every tick the whole program
runs from its first form to its last; what it defines is gone afterwards. What lasts is its key/value store (kv), and
the run with everything the program said: actions, conditions, logs, metrics, events. A tick counts wholly or not at
all: if the program fails, nothing of that tick is kept but the error.

So a program looks (kv, and effects if its policy grants them), compares what is with what should be, and says what to
do:

```tatara
; Bring "running" to "wanted", one step a tick.
(define wanted (vigy-get "wanted" 3))
(define running (vigy-get "running" 0))

(vigy-desired "replicas" wanted)
(vigy-observed "replicas" running)

(define (step-towards goal n)
  (if (< n goal) (+ n 1) (- n 1)))

(cond
  ((= running wanted)
   (vigy-noop)
   (vigy-condition "Ready" #t "AllRunning"))
  (else
   (let ((next (step-towards wanted running)))
     (vigy-update (hash-map "from" running "to" next))
     (vigy-set "running" next)
     (vigy-log "info" (format "scaling from {} to {}" running next))
     (vigy-condition "Ready" #f "Scaling" (format "{} of {}" next wanted)))))
```

## What a tick can say and do

| call | what it does |
|---|---|
| `(vigy-get key [default])` `(vigy-set key value)` | read and write the kv; nil, or the default, if it is not there |
| `(vigy-incr key [delta])` `(vigy-has? key)` `(vigy-del key)` | count, ask, forget |
| `(vigy-once key)` | true the first time ever for this key, then false |
| `(vigy-mark-converged key)` `(vigy-converged? key)` | remember that something is reached |
| `(vigy-rate-limited? key ms)` | whether it was let through less than `ms` ago; if not, it is recorded now |
| `(vigy-tick)` `(vigy-tick-count)` `(vigy-since-last-tick)` | its start (ms since 1970), how many before, ms since |
| `(vigy-noop)` `(vigy-defer reason)` | all is well; not this time |
| `(vigy-create x)` `-update` `-delete` `-apply` `-restart` `-pull` `-push` | ask for an action, with any payload |
| `(vigy-desired key value)` `(vigy-observed key value)` | what should be, what is |
| `(vigy-condition name status [reason [message]])` | status is `#t`, `#f` or `"unknown"` |
| `(vigy-log level text)` | level is trace, debug, info, warn or error; the text must be a string |
| `(vigy-metric name number)` `(vigy-event kind text)` `(vigy-trace key value)` | measure, tell, leave a trace |

Keys that begin with `__` are the runtime's own. The clock of a tick stands still.

## The language in short

```tatara
(define greeting "hello")                       ; a name
(define (area w h) (* w h))                     ; a function
(define square (lambda (x) (* x x)))
(let ((a 1) (b 2)) (+ a b))                     ; local names; let* sees the ones before
(if (> (area 2 3) 5) "big" "small")             ; only nil and #f are false: 0 and "" are true
(when (string-contains? greeting "ell") (println greeting))
(cond ((= 1 2) "no") (else "yes"))
(map square (list 1 2 3))                       ; also filter, foldl, for-each, sort-by-key
(foldl + 0 (range 1 5))
(define m (hash-map "name" "web" "port" 80))    ; maps: string keys when they come from the kv
(hash-map-get m "name")
(hash-map-get-or m "size" 1)
(define m2 (assoc m "port" 81))                 ; nothing is changed in place
(string-append "a" (string 1))                  ; string makes text of anything
(format "{} of {}" 1 3)
(try (throw "boom") (catch (e) (vigy-log "warn" (string e))))
(dolist (name (list "a" "b")) (vigy-trace name #t))
```

There are no vectors `[...]`, no map literals, no `#()`; strings take double quotes; comments begin with `;`.
`/` of whole numbers is whole only while exact; take `(modulo a b)` for remainders. Names are exact: `set!` needs a
name that is defined. What is stored in the kv is JSON: keywords and symbols come back as strings.

To do something once, and something else every tenth tick:

```tatara
(when (vigy-once "introduced")
  (vigy-log "info" "this is my first tick"))
(when (= 0 (modulo (vigy-tick-count) 10))
  (vigy-event "heartbeat" (string-append "tick " (string (vigy-tick-count)))))
(vigy-metric "visits" (vigy-incr "visits"))
(vigy-noop)
```

To wait longer after every failure, kept in the kv since a failed tick keeps nothing:

```tatara
(define (attempt) (hash-map "ok" #f))
(define tries (vigy-get "tries" 0))
(cond
  ((vigy-rate-limited? "attempt" (vigy-backoff-ms tries))
   (vigy-defer "waiting after a failure"))
  ((hash-map-get (attempt) "ok")
   (vigy-set "tries" 0)
   (vigy-mark-converged "attempt"))
  (else
   (vigy-incr "tries")
   (vigy-condition "Healthy" #f "Failing")))
```

What reaches outside (files, HTTP, processes, SQL, ...) are *effects*, operations of packs. The policy of the vigy must
grant each kind; `vigy_check` says which a program uses and what is refused. Read `vigy://reference/packs/{pack}`.

## How to go about it

1. Read `vigy://reference/builtins` for a function you are not sure of; `vigy://reference/builtins/{name}` has one.
2. `vigy_check` with the program. Repair what it finds until `ok` is true: each has a line, a column and
   often help. (Text that can be read is registered even with mistakes in it; then its ticks fail.)
3. `vigy_register` with a name, the program, and `tick_interval_ms` or a `schedule`; `enabled` false to try it first.
4. `vigy_dry_run` shows what a tick would do and change, and keeps nothing. `vigy_tick` makes one now.
5. Watch it: `vigy_inspect` (state and last runs), `vigy_explain` (why it ticks or not), `vigy_runs`, `vigy_kv_list`.
6. Repair it: `vigy_run` of a failed run has the error with its place; `vigy_update` with the better program makes a new
   version under the same id, kv kept; `vigy_rollback` goes back to an earlier one.
"""
