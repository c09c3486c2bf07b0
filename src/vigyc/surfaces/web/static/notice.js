// From a notice of the stream to a line that tells it.
import { h } from "./dom.js";
import { issueHref, pipelineHref, runHref, vigyHref } from "./router.js";
import { span, timeOfDay } from "./clock.js";
import { pill } from "./pill.js";

/** What happened, in words. */
export function told(notice) {
  const { kind, run, data, message } = notice;
  if (kind === "run" && run) {
    const actions = run.actions.length ? ` · ${run.actions.map((action) => action.kind).join(", ")}` : "";
    return run.error ?? `tick ${run.tick}${actions} · ${span(run.duration_us / 1000)}`;
  }
  if (kind === "event") return `${data?.kind ?? ""}${message ? `: ${message}` : ""}`;
  if (kind === "denied") return `${data?.name} of ${data?.resource || "anything"}: ${data?.rule}`;
  if (kind === "missed") return `${data?.count} ${data?.count === 1 ? "tick was" : "ticks were"} missed`;
  if (kind === "gap") return `not heard here: ${data.to - data.from + 1} notices (${data.from} to ${data.to})`;
  if (kind === "resolved") return `action ${data?.index}: ${data?.status}${data?.message ? `: ${data.message}` : ""}`;
  if (kind === "owner") return `${data?.holder} ticks this store now`;
  if (kind === "issue") return `issue ${String(data?.issue).slice(0, 13)} is ${data?.state}${data?.was && data.was !== data.state ? `, it was ${data.was}` : ""}`;
  if (kind === "enhance") return `setting ${data?.setting} of the pipeline${data?.removed ? " was deleted" : data?.paused ? ` is paused: ${data.paused}` : " was changed"}`;
  return message ?? (data ? JSON.stringify(data) : "");
}

/** The word its mark has: for a run, how it ended. */
export const mark = (notice) => (notice.kind === "run" && notice.run ? notice.run.result : notice.kind);

/** The worst level that its run's log has: "error", "warn", ... or "". */
export function level(notice) {
  const levels = (notice.run?.logs ?? []).map((line) => line.level);
  return ["error", "warn", "info", "debug", "trace"].find((each) => levels.includes(each)) ?? "";
}

/** Where there is more about it; null for what is told already. */
function leads({ kind, run, run_id: id, data }) {
  if (run || id) return runHref(id ?? run.id);
  if (kind === "issue" && data?.issue) return issueHref(data.issue);
  return kind === "enhance" && data?.setting ? pipelineHref(data.setting) : null;
}

/** A line of a feed. `nameOf(id)` gives the name of a vigy; `small` puts mark and text together. */
export function item(notice, nameOf, { small = false, logs = false, fresh = false } = {}) {
  const vigy = notice.vigy_id && h("a", { href: vigyHref(notice.vigy_id) }, h("b", null, nameOf(notice.vigy_id)));
  const place = leads(notice);
  const text = place ? h("a", { class: "soft", href: place }, told(notice)) : h("span", null, told(notice));
  const lines = logs ? (notice.run?.logs ?? []).map((line) => h("span", { class: `detail mono ${line.level === "error" ? "bad-text" : line.level === "warn" ? "warn-text" : ""}` }, `${line.level} ${line.message}`)) : [];
  const badge = pill(mark(notice));
  return h("li", { class: fresh ? "fresh" : null, data: { kind: notice.kind, seq: notice.seq } }, timeOfDay(notice.at), small ? null : h("span", null, badge),
    h("span", { class: "said" }, small ? badge : null, vigy, vigy ? " " : null, text, lines));
}
