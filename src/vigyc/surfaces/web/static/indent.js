// From a program up to the caret to how far the next line is set in, and from lines to the same lines set in by a step.
import { tokens } from "./highlight.js";

const STEP = 2;

/** The columns before what comes on the line after `text`: two more than the form that is open there. */
export function indentOf(text) {
  const top = Math.max(text.lastIndexOf("\n("), 0); // a parenthesis in the first column begins anew
  const open = [];
  let column = 0;
  for (const [kind, part] of tokens(text.slice(top).replace(/^\n/, ""), "lisp")) {
    if (kind === "paren") { if ("([{".includes(part)) open.push(column); else open.pop(); }
    const end = part.lastIndexOf("\n");
    column = end < 0 ? column + part.length : part.length - end - 1;
  }
  return open.length ? open.at(-1) + STEP : 0;
}

/** The lines of `text` a step further in, or (`by` below 0) out. */
export const indented = (text, by) => text.split("\n").map((line) => (by > 0 ? (line ? " ".repeat(STEP) + line : line) : line.replace(/^ {1,2}/, ""))).join("\n");
