// From where a vigy stands to the tab State: when it ticks, its conditions, desired against observed, what is pending.
import { button, fill, h } from "../dom.js";
import { get, post, vigyPath } from "../api.js";
import { runHref } from "../router.js";
import { now, span, when } from "../clock.js";
import { curl, word } from "../copying.js";
import { sideBySide } from "../diff.js";
import { brief, count, facts } from "../facts.js";
import { empty, panel } from "../panel.js";
import { pill } from "../pill.js";
import { may } from "../session.js";
import { selecting, table } from "../table.js";
import { attempt } from "../toast.js";
import { scheduleText } from "./vigy.js";

/** The tab. */
export async function stateTab({ id, known }) {
  const node = h("div", { class: "page" });
  const countdown = h("span", { class: "countdown" });
  let latest = known;
  const beat = () => {
    const due = latest.due_at ? Date.parse(latest.due_at) - now() : null;
    countdown.textContent = !latest.vigy.enabled ? "disabled" : due === null ? latest.phase : due > 0 ? `in ${span(due < 60_000 ? Math.ceil(due / 100) * 100 : Math.ceil(due / 1000) * 1000)}` : "now";
  };
  const draw = (why) => {
    beat();
    fill(node, ...parts(id, latest, why, countdown, refresh));
  };
  let why = "";
  const explained = async () => { why = (await get(vigyPath(id, "explain")).catch(() => null))?.sentences?.[1] ?? why; };
  const refresh = async (fresh) => { if (fresh) latest = fresh; else latest = await get(vigyPath(id, "inspect"), { limit: 5 }); await explained(); if (!node.contains(document.activeElement) && !selecting(node)) draw(why); };
  await explained();
  draw(why);
  const timer = setInterval(beat, 100);
  return { node, update: refresh, close: () => clearInterval(timer) };
}

function parts(id, { vigy, phase, standing, state, recent_runs: recent }, why, countdown, refresh) {
  const name = word(vigy.name);
  const differs = Object.keys(state.desired).length || Object.keys(state.observed).length;
  return [
    panel("Schedule", { copies: { CLI: `vigyc explain ${name}`, curl: curl(vigyPath(id, "explain")) } }, h("div", { class: "row" }, h("span", { class: "soft" }, "Next tick"), countdown, vigy.enabled && phase === "waiting" ? null : h("span", { class: "why" }, why)),
      facts([["Schedule", scheduleText(vigy)], ["Last tick", [standing.run_id ? h("a", { href: runHref(standing.run_id) }, when(standing.started_at)) : when(null), " ", standing.result ? pill(standing.result) : null]],
        ["Ticks that succeeded", count(standing.tick_count)], ["Runs", count(standing.runs)], ["Failed", count(standing.failed)], ["Timed out", count(standing.timed_out)], ["Missed", count(standing.missed)], ["Denied", count(standing.denied)],
        ["Registered", when(vigy.created_at)], ["Deadline", vigy.deadline_ms && span(vigy.deadline_ms)]])),
    h("div", { class: "two" },
      panel("Conditions", { tight: true, copies: { CLI: `vigyc state ${name}`, curl: curl(vigyPath(id, "state")) } }, state.conditions.length ? table([
        ["Condition", (row) => h("b", null, row.name)], ["Status", (row) => pill(row.status), "nowrap"], ["Reason", (row) => [row.reason ?? "", row.message ? h("span", { class: "why" }, row.reason ? ` – ${row.message}` : row.message) : null], "grow"], ["Since", (row) => when(row.last_transition), "nowrap"],
      ], state.conditions) : empty("No conditions: a program states them with ", h("code", null, '(vigy-condition "Ready" #t)'), ".")),
      panel("Desired against observed", { tight: true, copies: { CLI: `vigyc state ${name}`, curl: curl(vigyPath(id, "state")) } }, differs ? sideBySide(state.desired, state.observed) : empty("Nothing stated: ", h("code", null, '(vigy-desired "x" 3)'), " and ", h("code", null, '(vigy-observed "x" 2)'), " are compared here."))),
    state.pending.length ? panel("Pending actions", { tight: true, note: "of its last run, without a result yet", copies: { CLI: `vigyc inspect ${name}`, curl: curl(vigyPath(id, "state")) } }, table([
      ["Action", (row) => h("b", null, row.kind), "nowrap"], ["Payload", (row) => ("payload" in row ? brief(row.payload, 200) : ""), "grow"], ["Run", (row) => h("a", { href: runHref(row.run_id) }, row.run_id.slice(0, 13)), "nowrap"],
      ["", (row) => may("operate") && h("span", { class: "row" }, ["ok", "failed", "skipped"].map((status) => button(status, async () => { await attempt(() => post(`/v1/runs/${encodeURIComponent(row.run_id)}/resolve`, { index: row.position, status }), `Resolved as ${status}`); document.activeElement?.blur(); await refresh(); }, { class: "button small", "aria-label": `Resolve as ${status}` }))), "nowrap"],
    ], state.pending)) : null,
    panel("Last runs", { tight: true, copies: { CLI: `vigyc runs ${name}`, curl: curl(`/v1/runs?vigy=${encodeURIComponent(id)}`) } }, recent.length ? table([
      ["When", (row) => h("a", { href: runHref(row.id) }, when(row.started_at)), "nowrap"], ["Result", (row) => pill(row.result), "nowrap"], ["Took", (row) => span(row.duration_us / 1000), "num"], ["Actions", (row) => (row.error ? h("span", { class: "bad-text" }, row.error) : row.actions.map(({ kind }) => kind).join(", ")), "grow"],
    ], recent, { link: (row) => runHref(row.id), key: (row) => row.id }) : empty("It has not ticked yet. ", vigy.enabled ? "" : "It is disabled: enable it, or tick it now.")),
  ];
}
