// From what a check found in a program to a list of it, each with its line and a caret.
import { h } from "./dom.js";
import { characters, frame } from "./code.js";

const MOST = 50;

/** Where the findings are in `text`, to be marked. */
export const marks = (text, found) => found.filter(({ span }) => span).map(({ span: [start, end], severity }) => (
  { start: characters(text, start), end: characters(text, end), kind: severity }));

/** The findings of `text`; `goTo(offset)` is called when one is chosen. */
export function findingList(text, found, goTo = null) {
  return h("ul", { class: "findings" }, found.slice(0, MOST).map((finding) => one(text, finding, goTo)), found.length > MOST ? h("li", { class: "faint" }, `and ${found.length - MOST} more`) : null);
}

function one(text, finding, goTo) {
  const place = finding.line ? `${finding.line}:${finding.column}` : "";
  const width = finding.end_line === finding.line ? finding.end_column - finding.column : 999;
  return h("li", { class: `finding ${finding.severity}` },
    h("div", { class: "finding-head" }, h("b", { class: "severity" }, finding.severity), h("span", { class: "faint mono" }, `[${finding.id}]`), h("span", null, finding.message),
      place && (goTo ? h("button", { type: "button", class: "plain link mono", on: { click: () => goTo(characters(text, finding.span[0])) } }, place) : h("span", { class: "mono faint" }, place))),
    finding.line ? frame(text, finding.line, finding.column, width) : null,
    (finding.notes ?? []).map((note) => h("p", { class: "note" }, h("b", null, `${note.label}: `), note.text)));
}
