// From a vigy's policy to the tab Policy: what is granted, what was refused, and whether something else would be.
import { button, fill, h } from "../dom.js";
import { get, post, vigyPath } from "../api.js";
import { curl, word } from "../copying.js";
import { brief, count, facts, size } from "../facts.js";
import { span } from "../clock.js";
import { empty, panel } from "../panel.js";
import { pill } from "../pill.js";
import { denialTable } from "./denials.js";

const KINDS = ["fs.read", "fs.write", "net", "proc", "env", "secret", "serve", "kv", "sql", "llm.local", "llm.cloud", "mcp", "a2a", "print", "log", "time", "random"];
const ALONE = ["print", "log", "time", "random"];

/** The tab. */
export async function policyTab({ id, known }) {
  const [policy, refused] = await Promise.all([get(vigyPath(id, "policy")), get("/v1/denials", { vigy: id, limit: 50 })]);
  const name = word(known.vigy.name);
  const copies = { CLI: `vigyc policy explain --vigy ${name}`, curl: curl(vigyPath(id, "policy")) };
  const others = ["budgets", "costs", "secrets", "servers", "models", "resolve"].filter((part) => Object.keys(policy[part] ?? {}).length);
  return { node: h("div", { class: "page" },
    h("div", { class: "two" }, panel("Granted", { copies }, policy.grants.length ? h("p", null, policy.grants.map((grant) => h("span", { class: "label" }, grant))) : empty("Nothing is granted: its program may compute, and nothing else. Grants are in the policy file that ", h("code", null, "vigyc serve --policy"), " is given."),
      others.length ? facts(others.map((part) => [part, brief(policy[part], 400)])) : null), panel("May it?", { copies: { CLI: `vigyc policy explain --vigy ${name} fs.read /etc/hosts`, curl: curl(vigyPath(id, "policy", "decide"), "POST", { effect: "fs.read", resource: "/etc/hosts" }) } }, question(id))),
    panel("Refused", { tight: true, copies: { CLI: `vigyc tail --kind denied --vigy ${name}`, curl: curl(`/v1/denials?vigy=${encodeURIComponent(id)}`) } }, refused.length ? denialTable(refused, false) : empty("Nothing was refused.")),
    panel("Limits", { copies }, facts(Object.entries(policy.limits).map(([what, limit]) => [what.replace(/_(bytes|ms)$/, "").replaceAll("_", " "), what.endsWith("_bytes") ? size(limit) : what.endsWith("_ms") ? span(limit) : count(limit)])))) };
}

function question(id) {
  const answer = h("div", { role: "status", "aria-live": "polite" });
  const kind = h("select", { "aria-label": "Effect" }, KINDS.map((value) => h("option", { value }, value)));
  const resource = h("input", { type: "text", placeholder: "/etc/hosts, example.org, …", "aria-label": "Of what", autocomplete: "off", spellcheck: "false" });
  const ask = async () => {
    try {
      const told = await post(vigyPath(id, "policy", "decide"), { effect: kind.value, ...(ALONE.includes(kind.value) ? {} : { resource: resource.value }) });
      fill(answer, h("p", null, pill(told.allowed ? "allowed" : "denied"), " ", h("code", null, told.kind), told.resource ? [" of ", h("code", null, told.resource)] : null, told.allowed ? [": granted by ", h("code", null, told.rule)] : `: ${told.rule}`),
        told.needed ? h("p", { class: "soft" }, "This grant would allow it: ", h("span", { class: "label" }, told.needed)) : null);
    } catch (problem) { fill(answer, h("p", { class: "bad-text" }, problem.message)); }
  };
  return [h("form", { class: "row", on: { submit: (event) => event.preventDefault() } }, kind, resource, button("Ask", ask, { type: "submit" })), answer];
}
