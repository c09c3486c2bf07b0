"""Register a vigy on a server, watch it tick, break it, ask why, and repair it: by `vigyc.Client`.

VIGYC_TOKEN=$(vigyc token show admin) python examples/clients/python_client.py [URL]
"""

from __future__ import annotations

import os
import sys

import vigyc

COUNT = '(vigy-incr "ticks")'
BROKEN = '(+ 1 (vigy-get "missing"))'
NAME = "python-example"


def main(url: str) -> None:
    """Play it through."""
    with vigyc.Client.connect(url, os.environ["VIGYC_TOKEN"]) as client:
        vigy = client.register(COUNT, name=NAME, every="1m").vigy
        with client.subscribe(kinds=["run"], vigy=NAME) as events:
            print("asked for:", client.tick(NAME).result)
            heard = next(iter(events)).run
            print("heard of: ", heard.result if heard else "nothing")

        broken = client.update(NAME, program=BROKEN, generation=vigy.generation)
        run = client.tick(NAME)
        print(f"version {broken.version}:", run.result, "-", run.error)
        print(client.explain(NAME).sentences[1])

        client.rollback(NAME, 1)
        print("repaired: ", client.tick(NAME).result)
        print("ticks:    ", client.kv(NAME).get("ticks"))
        client.delete(NAME)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("VIGYC_SERVER", "http://127.0.0.1:38821"))
