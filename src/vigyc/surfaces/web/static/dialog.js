// From a question to an answer, in a dialog of the browser's own.
import { add, h } from "./dom.js";

/** Show a dialog until it is closed; the promise gives what `close(value)` was called with, null for Esc. */
export function dialog(title, build, { wide = false } = {}) {
  return new Promise((resolve) => {
    let answer = null;
    const close = (value = null) => { answer = value; element.close(); };
    const element = h("dialog", { class: wide ? "dialog wide" : "dialog", "aria-label": title,
      on: { close: () => { element.remove(); resolve(answer); } } }, h("h2", null, title));
    add(element, [build(close)]);
    document.body.append(element);
    element.showModal();
  });
}

/** Whether somebody confirms it. `typed` is what they must write first, for what cannot be undone; `keep` is
 * the button that leaves all as it is. */
export function confirmed(title, text, verb, { danger = false, typed = "", keep = "Cancel" } = {}) {
  return dialog(title, (close) => {
    const sure = h("button", { type: "submit", class: danger ? "button danger" : "button primary", disabled: typed !== "" }, verb);
    const field = typed && h("label", { class: "field" }, h("span", null, "Type ", h("b", null, typed), " to go on"),
      h("input", { type: "text", autocomplete: "off", "aria-label": `Type ${typed} to go on`, on: { input: (event) => { sure.disabled = event.target.value !== typed; } } }));
    return h("form", { method: "dialog", on: { submit: (event) => { event.preventDefault(); if (!sure.disabled) close(true); } } },
      h("p", null, text), field || null,
      h("div", { class: "row end" }, h("button", { type: "button", class: "button", on: { click: () => close(false) } }, keep), sure));
  });
}
