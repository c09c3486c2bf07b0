// From an idea to a program to begin with.
export const SAMPLES = [
  ["Hello", `;; Say hello, count, and remember: what vigy-incr writes is there again on the next tick.
(define visits (vigy-incr "visits"))

(when (vigy-once "introduced")
  (vigy-log "info" "hello, this is my first tick"))

(vigy-log "info" (format "tick number {}" visits))
(vigy-metric "visits" visits)
(vigy-noop)
`],
  ["Scale replicas", `;; Bring the number of running replicas to the number wanted, one step a tick.
;; kv "wanted" is what the operator asks for: change it in the KV tab.
(define wanted (vigy-get "wanted" 3))
(define running (vigy-get "running" 0))

(vigy-desired "replicas" wanted)
(vigy-observed "replicas" running)

(cond
  ((= wanted running)
   (vigy-noop)
   (vigy-condition "Ready" #t "AllRunning"))
  (else
   (let ((next (if (< running wanted) (+ running 1) (- running 1))))
     (vigy-update (hash-map "from" running "to" next))
     (vigy-set "running" next)
     (vigy-log "info" (format "scaling from {} to {}" running next))
     (vigy-condition "Ready" #f "Scaling" (format "{} of {} running" next wanted)))))
`],
  ["Retry with back-off", `;; Try something that may fail; after each failure wait longer.
(define attempts (vigy-get "attempts" 0))
(define retry-at (vigy-get "retry-at" 0))

(define (attempt)
  (if (vigy-get "broken" #f) (throw (error :refused "it is broken")) "done"))

(define (failed reason)
  (vigy-set "attempts" (+ attempts 1))
  (vigy-set "retry-at" (+ (vigy-tick) (vigy-backoff-ms attempts)))
  (vigy-log "warn" (format "attempt {}: {}" (+ attempts 1) reason))
  (vigy-condition "Healthy" #f "Retrying" reason)
  (vigy-defer reason))

(if (< (vigy-tick) retry-at)
    (vigy-defer "waiting before the next attempt")
    (try
      (attempt)
      (vigy-set "attempts" 0)
      (vigy-noop)
      (vigy-condition "Healthy" #t)
      (catch (e) (failed (error-message e)))))
`],
];
