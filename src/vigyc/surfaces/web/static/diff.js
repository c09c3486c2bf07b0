// From two states of something to what differs: a unified diff in colours, or two objects side by side.
import { h } from "./dom.js";
import { brief } from "./facts.js";

/** A unified diff, line by line. */
export function diffView(text) {
  if (!text.trim()) return h("p", { class: "empty" }, "These two are the same.");
  return h("pre", { class: "diff block", tabindex: "0", "aria-label": "Differences" }, text.replace(/\n$/, "").split("\n").map((line) => h("span", { class: kindOf(line) }, `${line}\n`)));
}

function kindOf(line) {
  if (line.startsWith("+++") || line.startsWith("---")) return "head";
  if (line.startsWith("@@")) return "hunk";
  if (line.startsWith("+")) return "plus";
  return line.startsWith("-") ? "minus" : "";
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** What is desired and what was observed, name by name; what differs is marked. */
export function sideBySide(desired, observed) {
  const names = [...new Set([...Object.keys(desired), ...Object.keys(observed)])].sort();
  const cell = (side, name) => (name in side ? brief(side[name]) : h("span", { class: "faint" }, "not stated"));
  return h("div", { class: "scroll" }, h("table", { class: "sides" },
    h("thead", null, h("tr", null, ["", "Desired", "Observed", ""].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", null, names.map((name) => {
      const differs = !same(desired[name], observed[name]);
      return h("tr", { class: differs ? "differs" : null }, h("th", { scope: "row" }, name), h("td", null, cell(desired, name)), h("td", null, cell(observed, name)),
        h("td", null, differs ? h("span", { class: "pill warn" }, "differs") : h("span", { class: "pill good" }, "same")));
    }))));
}
