"""A real A2A server of the official SDK on 127.0.0.1; it prints its port.

Its card is at the root; below /old is one that speaks version 0.3 alone, below /away one that names another host, below
/grpc one without JSON-RPC.
"""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from a2a.helpers import new_data_part, new_task_from_user_message, new_text_message, new_text_part
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandlerV2
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import AgentCapabilities, AgentCard, AgentInterface, AgentSkill
from starlette.applications import Starlette
from starlette.routing import Mount


class Agent(AgentExecutor):
    """Does what it is told: `echo`, `task`, `fail`, `ask` (and then answers), `slow`."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        said = context.get_user_input()
        if said.startswith("echo"):
            await event_queue.enqueue_event(new_text_message(said))
            return
        assert context.message is not None
        task = context.current_task
        if task is None:
            task = new_task_from_user_message(context.message)
            await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.start_work()
        if said == "ask":
            await updater.requires_input(updater.new_agent_message([new_text_part("which one?")]))
        elif said == "fail":
            await updater.failed(updater.new_agent_message([new_text_part("it cannot be done")]))
        else:
            if said == "slow":
                await asyncio.sleep(5)
            await updater.add_artifact([new_text_part("made:"), new_text_part(said), new_data_part({"n": [1, 2.5]})])
            await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Nothing is cancelled."""


def card(url: str, version: str, binding: str = "JSONRPC") -> AgentCard:
    return AgentCard(
        name="tests",
        description="An agent for tests",
        version="1",
        supported_interfaces=[AgentInterface(url=url, protocol_binding=binding, protocol_version=version)],
        capabilities=AgentCapabilities(),
        default_input_modes=["text/plain"],
        default_output_modes=["text/plain"],
        skills=[AgentSkill(id="test", name="test", description="tests", tags=["test"])],
    )


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    here = f"http://127.0.0.1:{port}/rpc"
    plain = card(here, "1.0")
    handler = DefaultRequestHandlerV2(Agent(), InMemoryTaskStore(), plain)
    others = {
        "/old": card(here, "0.3"),
        "/away": card(f"http://localhost:{port}/rpc", "1.0"),
        "/grpc": card(here, "1.0", "GRPC"),
    }
    app = Starlette(
        routes=[
            *create_agent_card_routes(plain),
            *create_jsonrpc_routes(handler, "/rpc", enable_v0_3_compat=True),
            *(Mount(at, routes=create_agent_card_routes(other)) for at, other in others.items()),
        ]
    )
    print(port, flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=0)).run([listening])


if __name__ == "__main__":
    main()
