// From an issue to what several pages show of it: its mark, and a table of issues.
import { h } from "./dom.js";
import { issueHref } from "./router.js";
import { pill } from "./pill.js";
import { table } from "./table.js";
import { vigyOf } from "./link_to_vigy.js";
import { when } from "./clock.js";

export const STATES = ["pending", "leased", "trial", "applied", "rejected", "failed", "dead", "cancelled", "reverted"];
export const ENDED = ["applied", "rejected", "failed", "dead", "cancelled", "reverted"];

/** What each state means, for tips. */
export const MEANING = {
  pending: "it waits for its turn", leased: "a worker has it", trial: "verified; its program ticks in shadow beside the one in force", applied: "it became a version", rejected: "the verifiers or the flow said no",
  failed: "a fault that trying again would not mend", dead: "a fault that might have passed, and did not", cancelled: "somebody cancelled it", reverted: "its version was taken back, because runs failed after it",
};

/** The marks of an issue: its state, and whether it waits for somebody. */
export const marks = (issue) => [h("span", { title: MEANING[issue.state] }, pill(issue.state)), issue.held ? [" ", h("span", { title: "somebody with the role admin has to approve it" }, pill("held", "needs approval"))] : null];

/** The first line of a text, cut if it is long. */
export const firstLine = (text, most = 160) => { const [line] = (text ?? "").trim().split("\n"); return line.length > most ? `${line.slice(0, most)}…` : line; };

/** A table of issues; `named` says whether the vigy is told with each. */
export const issueTable = (issues, named = true) => table([
  ["State", marks, "nowrap"],
  ...(named ? [["Target", (row) => vigyOf(row), "name"]] : []),
  ["Intent", (row) => h("a", { class: "why", href: issueHref(row.id) }, firstLine(row.intent)), "grow"],
  ["Reasons", (row) => (row.reasons.length ? h("span", { class: "why", title: row.reasons.join("\n") }, firstLine(row.reasons[0]), row.reasons.length > 1 ? h("span", { class: "faint" }, ` and ${row.reasons.length - 1} more`) : null) : null), "grow"],
  ["By", (row) => h("span", { class: row.author ? "who" : "faint", title: row.author }, row.author ?? "–"), "narrow-hide"], ["Attempts", (row) => String(row.attempts), "num narrow-hide"], ["Age", (row) => when(row.submitted_at), "nowrap"],
], issues, { link: (row) => issueHref(row.id), key: (row) => row.id, caption: "Issues" });
