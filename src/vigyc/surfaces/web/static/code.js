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
export const coloured = (text, language, marks = []) => pieces(text, language, marks).map(element);

const element = ([names, piece]) => (names ? h("span", { class: names }, piece) : piece);

/** `text` in pieces, each with its classes. */
function pieces(text, language, marks) {
  const edges = [...new Set(marks.flatMap(({ start, end }) => [start, Math.max(end, start + 1)]))].sort((a, b) => a - b);
  const found = [];
  let at = 0;
  for (const [kind, part] of tokens(text, language)) {
    let from = 0;
    for (const cut of [...edges.filter((edge) => edge > at && edge < at + part.length).map((edge) => edge - at), part.length]) {
      const piece = part.slice(from, cut);
      const mark = marks.find(({ start, end }) => start <= at + from && at + from < Math.max(end, start + 1));
      const names = [kind && `t-${kind}`, mark && `mark ${mark.kind}`].filter(Boolean).join(" ");
      found.push([names, piece]);
      from = cut;
    }
    at += part.length;
  }
  return found;
}

/** What paints a program into `place` line by line, anew only the lines that are not as they were: `paint(text, marks)`. */
export function painter(place, language) {
  let shown = [];
  return (text, marks = []) => {
    const lines = [[]];
    for (const [names, piece] of pieces(text, language, marks)) piece.split("\n").forEach((part, at) => { if (at) lines.push([]); if (part) lines.at(-1).push([names, part]); });
    const keys = lines.map((line) => line.flat().join("\u0000"));
    let head = 0;
    while (head < keys.length && head < shown.length && keys[head] === shown[head]) head += 1;
    let tail = 0;
    while (tail < keys.length - head && tail < shown.length - head && keys.at(-1 - tail) === shown.at(-1 - tail)) tail += 1;
    const after = place.children[shown.length - tail] ?? null;
    for (const old of [...place.children].slice(head, shown.length - tail)) old.remove();
    const fresh = document.createDocumentFragment();
    for (const line of lines.slice(head, lines.length - tail)) fresh.append(h("span", { class: "line" }, line.map(element), "\n"));
    place.insertBefore(fresh, after);
    shown = keys;
  };
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
