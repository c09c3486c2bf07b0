"""Programs for the vigies of the tests."""

from __future__ import annotations

from typing import Final

SCALE: Final = """(define wanted (vigy-get "wanted" 3))
(define running (vigy-get "running" 0))
(vigy-desired "replicas" wanted)
(vigy-observed "replicas" running)
(vigy-metric "gap" (- wanted running))
(cond
  ((= wanted running) (vigy-noop) (vigy-condition "Ready" #t "AllRunning"))
  (else
    (vigy-update (hash-map "from" running "to" (+ running 1)))
    (vigy-set "running" (+ running 1))
    (vigy-log "info" (format "scaling from {} to {}" running (+ running 1)))
    (vigy-condition "Ready" #f "Scaling" "on the way")))
"""
COUNT: Final = """;; counts its ticks
(define n (vigy-incr "ticks"))
(vigy-log "info" (format "tick {}" n))
(vigy-noop)
"""
BROKEN: Final = """(define (share total parts)
  (/ total parts))
(vigy-log "warn" "about to divide")
(share 10 (vigy-get "parts" 0))
"""
REFUSED: Final = """(define found (fs-read "/etc/hosts"))
(vigy-log "info" (if (ok? found) "read" "not read"))
"""
HOSTILE: Final = (
    "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "\"><svg onload=alert(1)>", "'-alert(1)-'",
    "javascript:alert(1)", "</textarea><script>alert(1)</script>", "{{7*7}}", "&lt;b&gt;", "\u202eevil\u202c",
)  # fmt: skip
