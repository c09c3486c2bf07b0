// From the runs of a vigy to the tab Runs: how long they took, how they ended, older ones by pages.
import { h } from "../dom.js";
import { get } from "../api.js";
import { runHref } from "../router.js";
import { chart } from "../chart.js";
import { span, when } from "../clock.js";
import { curl, word } from "../copying.js";
import { empty, panel } from "../panel.js";
import { pill } from "../pill.js";
import { refill, renew, table } from "../table.js";
import { attempt } from "../toast.js";

const ROWS = 50;
const SHOWN = 200;
const RESULTS = ["ok", "failed", "timed_out", "aborted", "skipped"];
const COLUMNS = [
  ["When", (row) => h("a", { href: runHref(row.id) }, when(row.started_at)), "nowrap"], ["Result", (row) => pill(row.result), "nowrap"], ["Tick", (row) => String(row.tick), "num narrow-hide"], ["Version", (row) => String(row.version), "num narrow-hide"],
  ["Took", (row) => span(row.duration_us / 1000), "num"], ["Missed", (row) => (row.missed ? h("b", { class: "warn-text" }, String(row.missed)) : ""), "num narrow-hide"],
  ["Actions", (row) => (row.error ? h("span", { class: "bad-text" }, row.error) : row.actions.map(({ kind }) => kind).join(", ") || h("span", { class: "faint" }, "none")), "grow"],
];

/** The tab. */
export async function runsTab({ id, known }) {
  let before = null; // null: the newest, renewed as they come
  let results = "";
  let shown = h("div");
  const holder = h("div", null, shown);
  const bar = h("div", { class: "panel-body row" });
  const durations = chart("Durations of runs", [["ok", "accent", { bars: true }], ["failed", "bad", { bars: true }]], { height: 140, unit: (value) => span(value) });
  const filter = h("select", { "aria-label": "Result", on: { change: (event) => { results = event.target.value; before = null; attempt(look); } } }, h("option", { value: "" }, "All results"), RESULTS.map((value) => h("option", { value }, value.replace("_", " "))));
  async function look() {
    const runs = await get("/v1/runs", { vigy: id, limit: before ? ROWS : SHOWN, before, results: results ? [results] : [] });
    if (before === null) draw(runs);
    const fresh = runs.length ? table(COLUMNS, runs.slice(0, ROWS), { link: (row) => runHref(row.id), key: (row) => row.id, caption: "Runs" }) : empty(results ? "No run ended so." : before ? "There are no older ones." : "It has not ticked yet: tick it now, or enable it.");
    shown = renew(shown, fresh);
    const turn = (text, off, to) => h("button", { type: "button", class: "button small", disabled: off, on: { click: () => { before = to; getSelection().removeAllRanges(); attempt(look); } } }, text);
    refill(bar, h("span", { class: "faint" }, before ? `before number ${before}` : "the newest, as they come"), h("span", { class: "push" }), turn("Newest", before === null, null), turn("Older", runs.length < ROWS, runs.at(Math.min(runs.length, ROWS) - 1)?.seq ?? null));
  }
  function draw(runs) {
    const told = [...runs].reverse();
    durations.set([told.map(({ started_at: at }) => Date.parse(at) / 1000), told.map((run) => (run.result === "ok" ? run.duration_us / 1000 : null)), told.map((run) => (run.result === "ok" ? null : run.duration_us / 1000))]);
  }
  await look();
  const name = word(known.vigy.name);
  const copies = { CLI: `vigyc runs ${name}`, curl: curl(`/v1/runs?vigy=${encodeURIComponent(id)}`) };
  return { close: () => durations.close(), update: () => { if (before === null) look().catch(() => null); },
    node: h("div", { class: "page" }, panel("Durations", { note: `the last ${SHOWN}`, copies }, durations.node), panel("Runs", { tight: true, tools: filter, copies }, holder, bar)) };
}
