"""From a path to a server to be measured: a process of its own, with vigies that tick; it ends with its standard input.

    python benchmarks/serving.py DB VIGIES EVERY CORE

prints a JSON object once it serves: `http` and `grpc` (host:port), and the `token` of an administrator.
"""

from __future__ import annotations

import json
import os
import sys

import vigyc
from vigyc.surfaces.grpc.serving import GrpcServer
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.serving import HttpServer
from vigyc.surfaces.server.tokens import Tokens


def serve(path: str, vigies: int, every: str, core: int) -> None:
    """Until somebody closes our standard input."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    with vigyc.Runtime.open(path, settings=vigyc.Settings(durability="normal")) as runtime:
        for number in range(vigies):
            runtime.register(f'(vigy-set "n" {number}) (vigy-noop)', name=f"vigy-{number:05}", every=every)
        tokens = Tokens()
        http = HttpServer(runtime, ServerSettings(http="127.0.0.1:0"), tokens)
        bound = http.start()
        grpc = GrpcServer(runtime, "127.0.0.1:0", tokens.authenticate)
        runtime.start()
        address = {"http": f"127.0.0.1:{bound.address.port}", "grpc": grpc.start()}
        print(json.dumps({**address, "token": tokens.all()[0].token}), flush=True)
        sys.stdin.read()
        grpc.stop()
        http.stop()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
