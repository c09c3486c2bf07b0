// From an epoch, one attempt at an issue, to what several pages show of it: a table of epochs, and all there is of one.
import { button, fill, h } from "./dom.js";
import { get, vigyPath } from "./api.js";
import { epochHref, issueHref, vigyHref } from "./router.js";
import { listing } from "./code.js";
import { diffView } from "./diff.js";
import { brief, count, facts, whole } from "./facts.js";
import { firstLine } from "./issue.js";
import { fold } from "./fold.js";
import { pill } from "./pill.js";
import { table } from "./table.js";
import { unified } from "./unified.js";
import { vigyOf } from "./link_to_vigy.js";
import { span, timeOfDay, when } from "./clock.js";

/** What each outcome means, for tips. */
const MEANING = {
  applied: "its candidate became a version", rejected: "the verifiers or the flow said no", failed: "a fault that trying again would not mend", retry: "a fault that may pass; it is tried again", dead: "the last of the attempts it had",
  conflict: "the program was changed meanwhile; it goes on from the new one", paused: "the configuration is at fault; the queue waits", cancelled: "somebody cancelled it", lost: "its worker was never heard of again", reverted: "its version was taken back",
};

export const outcome = (row) => h("span", { title: MEANING[row.outcome] }, pill(row.outcome));
const took = ({ began_at: began, ended_at: ended }) => span(Math.max(Date.parse(ended) - Date.parse(began), 0));
const passed = (row) => (row.verdicts.length ? `${row.verdicts.filter(({ status }) => status === "pass").length} of ${row.verdicts.length}` : "–");

/** A table of epochs; `named` says whether the vigy is told with each. */
export const epochTable = (epochs, named = true) => table([
  ["Ended", (row) => h("a", { href: epochHref(row.id) }, when(row.ended_at)), "nowrap"], ["Outcome", outcome, "nowrap"],
  ...(named ? [["Target", (row) => vigyOf(row), "name"]] : []),
  ["Why", (row) => [h("span", { class: "why", title: row.reasons.join("\n") || null }, firstLine(row.reasons[0] ?? row.rationale)), h("a", { class: "mono", href: issueHref(row.issue_id) }, row.issue_id.slice(0, 13))], "grow"],
  ["Version", (row) => versions(row), "nowrap"], ["Attempt", (row) => String(row.attempt), "num narrow-hide"], ["Passed", passed, "num narrow-hide"], ["Took", took, "num narrow-hide"],
], epochs, { link: (row) => epochHref(row.id), key: (row) => row.id, caption: "Epochs" });

/** From which version to which. */
function versions({ vigy_id: id, vigy_name: name, base, version, label }) {
  const link = (number, text) => h(name ? "a" : "span", { href: name && vigyHref(id, "versions") }, `${number}`, text ? h("span", { class: "faint" }, ` (${text})`) : null);
  if (!base && !version) return h("span", { class: "faint" }, "–");
  return [base ? link(base) : null, version ? [" → ", link(version, label)] : null];
}

/** What the verifiers found. */
export const verdictTable = (verdicts) => table([
  ["Axis", (row) => h("code", null, row.axis), "nowrap"], ["Verdict", (row) => pill(row.status), "nowrap"], ["Evidence or reason", (row) => h("span", { class: row.status === "pass" ? "prose soft" : "prose" }, row.detail), "grow"], ["Took", (row) => span((row.duration_us ?? 0) / 1000), "num"],
], verdicts, { caption: "Verdicts" });

/** Reasons, a line each. */
export const reasonList = (reasons) => h("ul", { class: "reasons", "aria-label": "Reasons" }, reasons.map((reason) => h("li", { class: "prose" }, reason)));

/** Every part there is of an epoch. */
export function epochParts(it) {
  return [
    facts([["Began", [timeOfDay(it.began_at), " ", h("span", { class: "faint" }, when(it.began_at))]], ["Took", took(it)], ["Version", versions(it)], ["Bump", it.bump],
      ["Flow", it.flow.name ? [it.flow.name, it.flow.version ? ` version ${it.flow.version}` : ""] : null], ["Tokens", it.tokens ? count(it.tokens) : null], ["Cost", it.cost ? count(it.cost) : null], ["Epoch", h("code", null, it.id)]]),
    it.rationale && h("section", { "aria-label": "Rationale" }, h("h3", null, "Rationale"), h("p", { class: "prose" }, it.rationale)),
    it.reasons.length ? h("section", null, h("h3", null, "Reasons"), reasonList(it.reasons)) : null,
    it.verdicts.length ? h("section", null, h("h3", null, "Verdicts"), verdictTable(it.verdicts)) : null,
    it.claims.length ? h("section", null, h("h3", { class: "warn-text" }, "Claimed by the flow, and not found so"), h("ul", { class: "reasons" }, it.claims.map((claim) => h("li", { class: "prose" }, claim)))) : null,
    it.vigy_name && it.base && (it.version || it.program !== undefined) ? difference(it) : null,
    h("div", { class: "folds" },
      it.program !== undefined ? fold("Candidate, whole", () => listing(it.program, "lisp", { label: "Candidate" })) : null,
      it.patch ? fold("Patch", () => (typeof it.patch.source === "string" ? [whole({ ...it.patch, source: undefined }), listing(it.patch.source, "lisp", { label: "Patch" })] : whole(it.patch))) : null,
      it.calls.length ? fold(it.calls.length === 1 ? "One call of an effect" : `${count(it.calls.length)} calls of effects`, () => it.calls.map(callPart)) : null,
      fold("Names of the contents", () => facts([["Base", it.base_digest && h("code", null, it.base_digest)], ["Digest of the candidate", it.digest && h("code", null, it.digest)], ["Content", it.content && h("code", null, it.content)], ["Digest of the flow", it.flow.digest && h("code", null, String(it.flow.digest))], ["Number in the log", String(it.seq)]])),
      Object.keys(it.setting).length ? fold("The setting as it was", () => whole(it.setting)) : null),
  ];
}

/** A call of an effect: what it was given, and what it gave. */
function callPart({ name, ...rest }) {
  if (!name) return h("p", { class: "faint" }, String(rest.omitted ?? ""));
  const { error, value } = rest;
  const failed = error ?? (value?.ok === false ? value.error : null);
  const [first] = rest.args ?? [];
  return fold([h("code", null, String(name)), typeof first === "string" ? h("span", { class: "soft" }, ` ${firstLine(first, 60)}`) : null, value?.value?.model ? ` · ${value.value.model}` : "", failed ? [" ", pill("failed"), h("span", { class: "soft" }, ` ${firstLine(String(failed.message ?? ""), 100)}`)] : null], () => readable(rest));
}

const hasLines = (value) => (typeof value === "string" ? value.includes("\n") : value !== null && typeof value === "object" && Object.values(value).some(hasLines));

/** JSON data; texts of several lines in it, such as prompts, are set so that they can be read. */
function readable(value, deep = 0) {
  if (typeof value === "string") return h("pre", { class: "block", tabindex: "0" }, value);
  if (value === null || typeof value !== "object") return brief(value);
  if (deep && (deep > 4 || !hasLines(value))) return whole(value);
  return h("dl", { class: "entries" }, Object.entries(value).map(([name, each]) => [h("dt", null, name), h("dd", null, readable(each, deep + 1))]));
}

/** The base against the candidate, asked for when it is to be seen. */
function difference({ vigy_id: id, base, version, label, program }) {
  const place = h("div", { class: "differences" }, h("p", { class: "faint" }, "…"));
  const text = async (number) => (await get(vigyPath(id, "versions", number))).program;
  const look = async () => {
    try {
      const [before, after] = await Promise.all([text(base), version ? text(version) : program]);
      fill(place, diffView(unified(before, after, [`version ${base}`, version ? `version ${version}${label ? ` (${label})` : ""}` : "candidate"])));
    } catch (problem) { fill(place, h("p", { class: "bad-text" }, problem.status === 404 ? "What it was made from is not kept any more." : problem.message, " "), button("Try again", look, { class: "button small" })); }
  };
  look();
  return h("section", { "aria-label": "Difference" }, h("h3", null, version ? `Version ${base} to ${version}` : `Version ${base} to the candidate`), place);
}
