// From a run to its page: what went in, what came out, what was said, and where it went wrong.
import { button, fill, h } from "../dom.js";
import { get, post, vigyPath } from "../api.js";
import { again, vigyHref } from "../router.js";
import { frame } from "../code.js";
import { copyMenu, curl } from "../copying.js";
import { brief, facts } from "../facts.js";
import { empty, panel } from "../panel.js";
import { pill } from "../pill.js";
import { may } from "../session.js";
import { table } from "../table.js";
import { attempt } from "../toast.js";
import { span, timeOfDay, when } from "../clock.js";
import { outputs } from "./outputs.js";
import { sideBySide } from "../diff.js";

/** The page of a run. */
export async function run({ id }) {
  const it = await get(`/v1/runs/${encodeURIComponent(id)}`);
  const vigy = await get(vigyPath(it.vigy_id)).catch(() => ({ id: it.vigy_id, name: it.vigy_id, gone: true }));
  const source = it.error && !vigy.gone ? await errorPlace(it) : null;
  const path = `/v1/runs/${encodeURIComponent(it.id)}`;
  const replayed = h("div");
  const resolve = may("operate") && !vigy.gone ? async (index, status) => { if ((await attempt(() => post(`${path}/resolve`, { index, status }), `Resolved as ${status}`)) !== undefined) again(); } : null;
  const replay = async () => { const done = await attempt(() => post(`${path}/replay`)); if (done) fill(replayed, replayPanel(done, { CLI: `vigyc replay ${it.id}`, curl: curl(`${path}/replay`, "POST", {}) })); };
  const copies = { CLI: `vigyc runs --run ${it.id}`, curl: curl(path), id: it.id };
  return { title: `Run of ${vigy.name}`, nav: "overview", node: h("div", { class: "page" },
    h("div", { class: "page-head" }, h("h1", null, h("a", { href: vigy.gone ? "#/" : vigyHref(it.vigy_id, "runs") }, vigy.name), ` · tick ${it.tick}`), pill(it.result), h("span", { class: "push" }), may("operate") && it.effects?.length ? button("Replay", replay, { title: "Tick once more from the record, with no effect performed" }) : null, copyMenu(copies)),
    it.error ? errorPanel(it, source, copies) : null, replayed,
    panel("Inputs", { copies }, facts([["Vigy", h("a", { href: vigyHref(it.vigy_id) }, vigy.name)], ["Version of the program", h("a", { href: vigyHref(it.vigy_id, "versions") }, String(it.version))], ["Tick", String(it.tick)], ["Asked for by", it.trigger === "schedule" ? "its schedule" : "a request"],
      ["Started", [timeOfDay(it.started_at), " ", h("span", { class: "faint" }, when(it.started_at))]], ["Due", it.due_at && [timeOfDay(it.due_at), h("span", { class: "faint" }, lateBy(it))]],
      ["Took", span(it.duration_us / 1000)], ["Missed before it", it.missed ? String(it.missed) : null], ["Number in the stream", String(it.seq)], ["Run", h("code", null, it.id)]])),
    outputs(it, copies, resolve).filter(Boolean), stated(it, copies), nothing(it, copies)) };
}

function lateBy({ started_at: started, due_at: due }) {
  const late = Date.parse(started) - Date.parse(due);
  return late > 0 ? ` started ${span(late)} later` : " on time";
}

function stated({ desired, observed, conditions }, copies) {
  return [desired || observed ? panel("Desired against observed", { tight: true, level: "h3", copies }, sideBySide(desired ?? {}, observed ?? {})) : null,
    conditions?.length ? panel("Conditions", { tight: true, level: "h3", copies }, table([["Condition", (row) => h("b", null, row.name)], ["Status", (row) => pill(row.status), "nowrap"], ["Reason", (row) => [row.reason ?? "", " ", h("span", { class: "why" }, row.message ?? "")], "grow"]], conditions)) : null];
}

function nothing(it, copies) {
  const said = ["logs", "events", "metrics", "trace", "effects", "kv_set", "kv_deleted", "output", "conditions", "desired", "observed"].some((part) => it[part]);
  return said || it.actions.length || it.error ? null : panel("Outputs", { level: "h3", copies }, empty("It ended well and said nothing: no action, no log, no change."));
}

async function errorPlace({ vigy_id: id, version, error }) {
  const found = /\(at (.*):(\d+):(\d+)\)/.exec(error);
  if (!found) return null;
  const edition = await get(vigyPath(id, "versions", version)).catch(() => null);
  if (!edition) return null;
  const [, file, line, column] = found;
  const texts = edition.modules?.texts ?? {};
  return { file, line: Number(line), column: Number(column), text: texts[file] ?? edition.program };
}

function errorPanel({ error, error_kind: kind, vigy_id: id }, source, copies) {
  const width = source ? form(source) : 1;
  return panel("Error", { copies }, h("p", { class: "bad-text" }, h("b", null, error.replace(/ \(at [^()]*:\d+:\d+\)/, "")), kind ? h("span", { class: "faint mono" }, ` [${kind}]`) : null),
    source ? [h("p", { class: "faint mono" }, `${source.file}:${source.line}:${source.column}`), frame(source.text, source.line, source.column, width), h("p", null, h("a", { href: vigyHref(id, "program") }, "Open the program"))] : null);
}

/** How wide the form is that begins there: to its closing parenthesis, if that is on the line. */
function form({ text, line, column }) {
  const rest = (text.split("\n")[line - 1] ?? "").slice(column - 1);
  if (rest[0] !== "(") return /^[^\s()]*/.exec(rest)[0].length || 1;
  let depth = 0;
  for (let at = 0; at < rest.length; at += 1) {
    if (rest[at] === "(") depth += 1;
    if (rest[at] === ")" && (depth -= 1) === 0) return at + 1;
  }
  return rest.length;
}

function replayPanel({ differences, replay }, copies) {
  return panel("Replay", { tight: differences.length > 0, copies }, differences.length ? table([["What", (row) => h("b", null, row.what), "nowrap"], ["Recorded", (row) => brief(row.recorded, 300)], ["Replayed", (row) => brief(row.replayed, 300)]], differences)
    : h("p", { class: "good-text" }, `The same tick again came to the same: ${replay.result}, in ${span(replay.duration_us / 1000)}. No effect was performed.`));
}
