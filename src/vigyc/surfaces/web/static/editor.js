// From a program's text to a field in which it is edited: in colours, with numbers, and with what is wrong as it is typed.
import { debounced, fill, h } from "./dom.js";
import { numbers, painter } from "./code.js";
import { indentOf, indented } from "./indent.js";
import { findingList, marks } from "./findings.js";
import { ask } from "./api.js";

const QUIET_MS = 300;

/** An editor: {node, text(), set(text), close(), ok()}. `about()` gives name and labels for the policy's verdict;
 * `changed({ok, text})` is called after each check. */
export function editor(text, { about = () => ({}), changed = () => {}, save = null, label = "Program", check = true } = {}) {
  const gutter = h("pre", { class: "gutter", "aria-hidden": "true" });
  const paint = h("pre", { class: "code paint", "aria-hidden": "true" });
  const area = h("textarea", { class: "code", spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-label": label, "aria-describedby": "editor-keys editor-verdict" });
  const keys = h("p", { class: "faint keys-note", id: "editor-keys" }, "Tab indents; press Esc, then Tab, to leave the field.");
  const verdict = h("div", { class: "verdict", id: "editor-verdict", role: "status", "aria-live": "polite" });
  let found = [];
  let asked = null;
  let good = true;
  let counted = 0;
  let frame = 0;
  const repaint = painter(paint, "lisp");
  area.value = text;

  const draw = () => {
    repaint(area.value, marks(area.value, found));
    const lines = area.value.split("\n").length;
    if (lines !== counted) gutter.textContent = numbers(lines);
    counted = lines;
  };
  const goTo = (offset) => { area.focus(); area.setSelectionRange(offset, offset); };
  const look = async () => {
    asked?.abort();
    asked = new AbortController();
    const program = area.value;
    if (!program.trim()) { found = []; good = false; draw(); fill(verdict, h("p", { class: "faint" }, "Write a program; it is checked as you type.")); changed({ ok: false, text: program }); return; }
    try {
      const { data } = await ask("POST", "/v1/check", { body: { program, ...about() }, signal: asked.signal });
      show(program, data.ok, [...data.findings, ...data.refused], data.effects);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (problem.findings?.length) show(program, false, problem.findings, []);
      else { fill(verdict, h("p", { class: "bad-text" }, problem.message)); }
    }
  };
  const show = (program, ok, all, effects) => {
    if (program !== area.value) return;
    found = all;
    good = ok;
    draw();
    const errors = all.filter(({ severity }) => severity === "error").length;
    const said = errors ? `${errors} ${errors === 1 ? "error" : "errors"}: it cannot be registered so` : all.length ? `No errors, ${all.length} to look at` : "No findings";
    fill(verdict, h("p", { class: errors ? "bad-text" : "good-text" }, said, effects?.length ? h("span", { class: "faint" }, ` · effects: ${effects.join(", ")}`) : null), findingList(program, all, goTo));
    changed({ ok, text: program });
  };
  const soon = debounced(look, QUIET_MS);
  const dirty = () => { found = []; frame ||= requestAnimationFrame(() => { frame = 0; draw(); }); changed({ ok: false, text: area.value, pending: true }); if (check) soon(); };
  area.addEventListener("input", dirty);
  /** Put `text` where the selection is, so that it can be undone. */
  const typed = (text) => { if (!document.execCommand("insertText", false, text)) { area.setRangeText(text, area.selectionStart, area.selectionEnd, "end"); dirty(); } };
  const tab = (event) => {
    const { selectionStart: from, selectionEnd: to } = area;
    if (from === to && !event.shiftKey) { event.preventDefault(); typed("  "); return; }
    const start = area.value.lastIndexOf("\n", from - 1) + 1;
    const text = area.value.slice(start, to);
    const moved = indented(text, event.shiftKey ? -1 : 1);
    if (moved === text) return; // nothing to take away: the key goes on to the field before, as everywhere
    event.preventDefault();
    area.setSelectionRange(start, to);
    typed(moved);
    area.setSelectionRange(from === to ? Math.max(start, from - text.length + moved.length) : start, start + moved.length);
  };
  area.addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save?.(); }
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      event.preventDefault();
      typed(`\n${" ".repeat(indentOf(area.value.slice(0, area.selectionStart)))}`);
    } else if (event.key === "Tab" && !event.ctrlKey && !event.altKey && !event.metaKey) tab(event);
  });
  draw();
  if (check) look();
  return {
    node: h("div", { class: "editor-box" }, h("div", { class: "editor" }, gutter, h("div", { class: "layers" }, paint, area)), keys, verdict),
    text: () => area.value,
    set(given) { area.value = given; found = []; draw(); look(); },
    recheck: soon,
    show: (problem) => show(area.value, false, problem.findings, []),
    ok: () => good,
    close() { cancelAnimationFrame(frame); soon.cancel(); asked?.abort(); },
  };
}
