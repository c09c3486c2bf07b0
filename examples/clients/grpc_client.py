"""Register a vigy on a server and follow its runs: by gRPC, with nothing but `grpcio-tools` and spec/vigy.proto.

vigyc serve --grpc
VIGYC_TOKEN=$(vigyc token show admin) python examples/clients/grpc_client.py [HOST:PORT]
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import grpc

sys.path.insert(0, str(Path(__file__).parents[2] / "spec"))
messages, services = grpc.protos_and_services("vigy.proto")

NAME = "grpc-example"
SECONDS = 10  # that a call may take


def main(address: str) -> None:
    """Play it through."""
    who = [("authorization", f"Bearer {os.environ['VIGYC_TOKEN']}")]
    with grpc.insecure_channel(address) as channel:
        vigies = services.VigyServiceStub(channel)
        asked = messages.RegisterRequest(name=NAME, program='(vigy-incr "ticks")')
        asked.tick_interval.FromMilliseconds(200)
        vigy = vigies.Register(asked, metadata=who, timeout=SECONDS)
        print("registered", vigy.name)

        wanted = messages.StreamEventsRequest(vigy_id=vigy.id)
        for _ in range(2):
            stream = vigies.StreamEvents(wanted, metadata=who, timeout=SECONDS)
            run = next(stream)
            stream.cancel()
            print(f"tick {run.tick}:", messages.ResultStatus.Name(run.result))
            wanted.after = run.seq  # the next stream goes on where this one ended

        vigies.Delete(messages.DeleteRequest(id=vigy.id), metadata=who, timeout=SECONDS)
        try:
            vigies.Get(messages.GetRequest(id=vigy.id), metadata=who, timeout=SECONDS)
        except grpc.RpcError as error:
            problem = json.loads(dict(error.trailing_metadata())["vigy-problem-bin"])
            print(error.code().name, "-", problem["kind"])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:38822")
