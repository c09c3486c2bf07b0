// From a title and a body to a panel of the page, with what it can be copied as.
import { h } from "./dom.js";
import { copyMenu } from "./copying.js";

let count = 0;

/** A region with a heading. `copies` are texts by name (CLI, curl), `tools` stand beside the heading. */
export function panel(title, { copies = null, tools = [], level = "h2", tight = false, note = "" } = {}, ...body) {
  const id = `panel-${++count}`;
  return h("section", { class: tight ? "panel tight" : "panel", "aria-labelledby": id },
    h("div", { class: "panel-head" }, h(level, { id }, title), note && h("span", { class: "faint" }, note), h("span", { class: "push" }), tools, copies && copyMenu(copies)),
    h("div", { class: "panel-body" }, body));
}

/** What stands where there is nothing: what that means, and what to do. */
export const empty = (...text) => h("p", { class: "empty" }, text);
