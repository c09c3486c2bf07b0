"""Programs that say something of every kind."""

TALKATIVE = """
(vigy-incr "n")
(vigy-log "info" "hello")
(vigy-event "greeted" "a greeting")
(vigy-desired "size" 3)
(vigy-observed "size" 2)
(vigy-trace "where" "here")
(vigy-metric "load" 0.5)
(vigy-condition "Ready" "true" "Done" "all is well")
(vigy-apply "it")
(vigy-noop)
"""
FAILING = '(vigy-log "warn" "soon") (vigy-get)'
