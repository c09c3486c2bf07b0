// From a title and what belongs under it to a part of a page that is folded until somebody opens it.
import { add, h } from "./dom.js";

/** The part; what is in it is made by `build()` when it is opened first. */
export function fold(title, build, { open = false } = {}) {
  let made = false;
  const make = () => { if (!made && element.open) { made = true; add(element, [h("div", { class: "folded" }, build())]); } };
  const element = h("details", { class: "fold", open, on: { toggle: make } }, h("summary", null, title));
  make();
  return element;
}
