// From rows and columns to a table that can be gone through with the keyboard (j, k, Enter).
import { fill, h } from "./dom.js";

/** A table. A column is [heading, cell(row), class?]; `link(row)` is where a row leads; `key(row)` names it. */
export function table(columns, rows, { link = null, key = null, caption = "" } = {}) {
  const head = h("tr", null, columns.map(([name, , kind]) => h("th", { scope: "col", class: kind }, name)));
  const body = h("tbody", null, rows.map((row) => line(columns, row, link, key)));
  return h("div", { class: "scroll" }, h("table", null, caption && h("caption", { class: "offscreen" }, caption), h("thead", null, head), body));
}

function line(columns, row, link, key) {
  const element = h("tr", { data: { ...(link && { href: link(row) }), ...(key && { key: key(row) }) }, tabindex: link ? "-1" : null },
    columns.map(([name, cell, kind]) => h("td", { class: kind, "data-name": name }, cell(row))));
  if (link) element.addEventListener("click", (event) => {
    if (!event.target.closest("a, button, input, select, time[data-copy]") && !String(getSelection())) location.hash = link(row);
  });
  return element;
}

/** Whether somebody is selecting text in `element`: it must stay as it is. */
export const selecting = (element) => { const chosen = getSelection(); return !chosen.isCollapsed && element.contains(chosen.anchorNode); };

/** Put `fresh` in the place of `old`, the row that had the focus still having it, and scrolled as it was. What stands there
 * then is given: it is `old` while somebody selects text in it. */
export function renew(old, fresh) {
  if (old.querySelector("tr") && fresh.querySelector("tr") && selecting(old)) return old;
  const held = document.activeElement?.closest?.("tr[data-key]");
  const key = old.contains(held) ? held.dataset.key : null;
  const inner = held && held !== document.activeElement && key !== null ? [...held.querySelectorAll("a, button")].indexOf(document.activeElement) : -1;
  const scrolled = old.scrollLeft;
  old.replaceWith(fresh);
  fresh.scrollLeft = scrolled;
  if (key === null) return fresh;
  const row = [...fresh.querySelectorAll("tr[data-key]")].find((each) => each.dataset.key === key);
  (inner >= 0 ? row?.querySelectorAll("a, button")[inner] : row)?.focus({ preventScroll: true });
  return fresh;
}

/** Make these the children of `bar`; the button that had the focus still has it, if it can be used. */
export function refill(bar, ...children) {
  const held = [...bar.querySelectorAll("button")].indexOf(document.activeElement);
  fill(bar, ...children);
  if (held >= 0) [...bar.querySelectorAll("button")][held]?.focus();
}

/** Go `by` rows on in the first table of rows that lead somewhere. */
export function step(by) {
  const rows = [...document.querySelectorAll("main tr[data-href]")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement?.closest?.("tr"));
  rows[Math.min(Math.max(at < 0 && by < 0 ? 0 : at + by, 0), rows.length - 1)].focus();
}
