// From what a tick said to the parts of a page: actions, logs, events, metrics, trace, effects, printed text.
import { button, h } from "../dom.js";
import { brief, facts } from "../facts.js";
import { panel } from "../panel.js";
import { pill } from "../pill.js";
import { table } from "../table.js";
import { span } from "../clock.js";

/** Actions; `resolve(index, status)`, where it is given, is offered for those that have no result. */
function actionTable(actions, resolve = null) {
  return table([
    ["#", (row) => String(actions.indexOf(row)), "num faint"], ["Action", (row) => h("b", null, row.kind), "nowrap"],
    ["Payload", (row) => ("payload" in row ? brief(row.payload, 300) : h("span", { class: "faint" }, "none")), "grow"],
    ["Result", (row) => (row.result ? [pill(row.result), row.message ? h("span", { class: "soft" }, ` ${row.message}`) : null] : resolve && row.kind !== "noop" && row.kind !== "defer" ? h("span", { class: "row" }, ["ok", "failed", "skipped"].map((status) => button(status, () => resolve(actions.indexOf(row), status), { class: "button small", "aria-label": `Resolve action ${actions.indexOf(row)} as ${status}` }))) : h("span", { class: "faint" }, "–")), "nowrap"],
  ], actions, { caption: "Actions" });
}

/** Lines of a log, coloured by level. */
const logList = (logs) => h("ul", { class: "log" }, logs.map(({ level, message }) => h("li", { class: level }, h("b", null, level), h("span", null, message))));

const effectTable = (effects) => table([
  ["Effect", (row) => h("code", null, row.name), "nowrap"], ["Of", (row) => h("code", null, row.resource ?? "")], ["Verdict", (row) => pill(row.outcome), "nowrap"],
  ["Rule", (row) => h("span", { class: "why" }, row.rule ?? "")], ["Detail", (row) => row.detail ?? ""], ["Took", (row) => span(row.duration_us / 1000), "num"],
], effects, { caption: "Calls of effects" });

/** All that a run said, a panel for each kind of it that there is; each can be copied as `copies`. */
export function outputs(run, copies, resolve = null) {
  const some = (given) => given && (Array.isArray(given) ? given.length : Object.keys(given).length);
  return [
    some(run.actions) && panel("Actions", { tight: true, level: "h3", copies }, actionTable(run.actions, resolve)),
    some(run.logs) && panel("Logs", { level: "h3", copies }, logList(run.logs)),
    some(run.effects) && panel("Effects", { tight: true, level: "h3", copies }, effectTable(run.effects)),
    some(run.events) && panel("Events", { tight: true, level: "h3", copies }, table([["Kind", (row) => h("b", null, row.kind), "nowrap"], ["Message", (row) => row.message, "grow"]], run.events)),
    some(run.metrics) && panel("Metrics", { level: "h3", copies }, facts(Object.entries(run.metrics).map(([name, value]) => [name, h("b", null, String(value))]))),
    some(run.trace) && panel("Trace", { level: "h3", copies }, facts(Object.entries(run.trace).map(([name, value]) => [name, brief(value)]))),
    (some(run.kv_set) || some(run.kv_deleted)) && panel("Keys changed", { level: "h3", copies }, h("p", null, (run.kv_set ?? []).map((key) => h("span", { class: "label" }, key)), (run.kv_deleted ?? []).map((key) => h("span", { class: "label bad-text" }, `${key} (deleted)`)))),
    run.output && panel("Printed", { level: "h3", copies }, h("pre", { class: "block" }, run.output)),
  ];
}
