// From a text and the marks in it to lines with numbers, colours and underlines.
import { h } from "./dom.js";
import { tokens } from "./highlight.js";

/** The offset in characters of an offset in UTF-8 bytes. */
export function characters(text, bytes) {
  let passed = 0;
  let at = 0;
  for (const letter of text) {
    if (passed >= bytes) break;
    const code = letter.codePointAt(0);
    passed += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    at += letter.length;
  }
  return at;
}

/** `text` in colours, marked from `start` to `end` (characters) with `kind` for each of `marks`. */
export function coloured(text, language, marks = []) {
  const edges = [...new Set(marks.flatMap(({ start, end }) => [start, Math.max(end, start + 1)]))].sort((a, b) => a - b);
  const nodes = [];
  let at = 0;
  for (const [kind, part] of tokens(text, language)) {
    let from = 0;
    for (const cut of [...edges.filter((edge) => edge > at && edge < at + part.length).map((edge) => edge - at), part.length]) {
      const piece = part.slice(from, cut);
      const mark = marks.find(({ start, end }) => start <= at + from && at + from < Math.max(end, start + 1));
      const names = [kind && `t-${kind}`, mark && `mark ${mark.kind}`].filter(Boolean).join(" ");
      nodes.push(names ? h("span", { class: names }, piece) : piece);
      from = cut;
    }
    at += part.length;
  }
  return nodes;
}

/** A text to read, with the numbers of its lines. */
export function listing(text, language, { label = "Program" } = {}) {
  const lines = text.replace(/\n$/, "").split("\n").length;
  return h("div", { class: "listing" }, h("pre", { class: "gutter", "aria-hidden": "true" }, numbers(lines)),
    h("pre", { class: "code", tabindex: "0", "aria-label": label }, coloured(text, language)));
}

export const numbers = (lines) => Array.from({ length: lines }, (_, index) => index + 1).join("\n");

/** The line `line` of `text` (both from 1) with a caret under `column`, and `width` columns of it. */
export function frame(text, line, column, width = 1) {
  const source = text.split("\n")[line - 1];
  if (source === undefined) return null;
  const margin = String(line);
  const shown = Math.max(1, Math.min(width, source.length - column + 1));
  return h("pre", { class: "frame", tabindex: "0" },
    h("span", { class: "faint" }, `${margin} | `), ...coloured(source, "lisp"), "\n",
    h("span", { class: "faint" }, `${" ".repeat(margin.length)} | `), " ".repeat(column - 1), h("span", { class: "caret" }, "^".repeat(shown)));
}
