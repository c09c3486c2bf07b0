// From GraphiQL's requests to /graphql: queries by POST, subscriptions over one WebSocket each (graphql-transport-ws).
"use strict";

const FIRST = `# What this runtime ticks, and how it goes. Ctrl-Enter runs it.
query Overview {
  health {
    status
    owner
    vigies
  }
  vigiesPage(limit: 20, sort: ATTENTION) {
    total
    next
    items {
      id
      name
      phase
      why
      dueAt
      lastResult
    }
  }
}

# What happens, as it happens.
subscription Live {
  notices {
    seq
    at
    kind
    message
    vigy {
      name
    }
  }
}
`;

async function post(request, options) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { ...options?.headers, "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(request),
  });
  return response.json();
}

function subscribed(request, tell) {
  const address = new URL("/graphql", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address, "graphql-transport-ws");
  const send = (message) => socket.send(JSON.stringify(message));
  socket.onopen = () => send({ type: "connection_init" });
  socket.onerror = () => tell.error(new Error("the connection failed"));
  socket.onclose = (closed) =>
    closed.code === 1000 ? tell.complete() : tell.error(new Error(`the connection ended: ${closed.code} ${closed.reason}`));
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "connection_ack") send({ id: "1", type: "subscribe", payload: request });
    else if (message.type === "ping") send({ type: "pong" });
    else if (message.type === "next") tell.next(message.payload);
    else if (message.type === "error") tell.next({ errors: message.payload });
    if (message.type === "complete" || message.type === "error") socket.close(1000);
  };
  return { unsubscribe: () => { socket.onclose = socket.onerror = null; socket.close(1000); } };
}

function subscribes(request, options) {
  const named = (each) => !request.operationName || each.name?.value === request.operationName;
  const operations = (options?.documentAST?.definitions ?? []).filter((each) => each.kind === "OperationDefinition");
  return operations.filter(named).some((each) => each.operation === "subscription");
}

function fetcher(request, options) {
  if (!subscribes(request, options)) return post(request, options);
  return { subscribe: (tell) => subscribed(request, tell) };
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, { fetcher, defaultQuery: FIRST, defaultEditorToolsVisibility: true }),
);
