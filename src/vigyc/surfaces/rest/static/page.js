// From the schema, asked for with the session or with a token, to Swagger UI.
"use strict";

const ask = document.getElementById("ask");
const said = document.getElementById("said");

function show(schema, token) {
  ask.hidden = true;
  const ui = SwaggerUIBundle({
    spec: schema,
    dom_id: "#swagger-ui",
    deepLinking: true,
    docExpansion: "list",
    validatorUrl: null,
    onComplete: () => { if (token) ui.preauthorizeApiKey("bearer", token); },
  });
}

async function load(token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch("/openapi.json", { headers });
  if (answer.ok) {
    show(await answer.json(), token);
    return;
  }
  ask.hidden = false;
  if (token) said.textContent = "This token is not known here.";
}

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  load(document.getElementById("token").value.trim());
});
load("");
