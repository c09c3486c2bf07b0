"""A runtime in a process of its own: `python lives.py DB` starts it, answers each line on stdin, and ends with them."""

from __future__ import annotations

import sys
import time

from vigyc.codegen.cache import Cache
from vigyc.runtime.extension import Extension
from vigyc.runtime.intrinsics.standard import standard_extensions
from vigyc.service.runtime import Runtime

NAP = 0.5  # seconds: so long that this tick is under way when its process is stopped

sleeping = Extension("sleeping")


@sleeping.function("nap", 0)
def nap(_: object) -> None:
    time.sleep(NAP)


def runtime(db: str) -> Runtime:
    return Runtime.open(db, extensions=[*standard_extensions(), sleeping], cache=Cache())


def main(db: str) -> None:
    with runtime(db) as here:
        here.start()
        for line in sys.stdin:
            command, *rest = line.split()
            if command == "tick":
                run = here.tick(*rest)
                print(run.result, run.trigger, run.tick, flush=True)
            else:
                print(here.health().status, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
