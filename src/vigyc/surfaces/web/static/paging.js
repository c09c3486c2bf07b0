// From pages of a list, each with the cursor of the next, to going back and forth in it.
import { h } from "./dom.js";
import { count } from "./facts.js";

/** Where we are in a list: the cursors that led here. */
export class Paging {
  constructor(size) { this.size = size; this.cursors = [null]; this.next = null; this.total = 0; this.shown = 0; }
  get cursor() { return this.cursors.at(-1); }
  reset() { this.cursors = [null]; }
  took({ items, next, total }) { this.next = next; this.total = total; this.shown = items.length; }
  forth() { this.cursors.push(this.next); }
  back() { this.cursors.pop(); }

  /** Buttons for it; `moved` is called when one was used. */
  bar(moved, noun) {
    const first = (this.cursors.length - 1) * this.size;
    const turn = (text, off, work) => h("button", { type: "button", class: "button small", disabled: off, on: { click: () => { work(); moved(); } } }, text);
    const range = this.shown ? `${count(first + 1)}–${count(first + this.shown)} of ${count(this.total)} ${noun}` : `0 of ${count(this.total)} ${noun}`;
    return h("nav", { class: "row paging", "aria-label": "Pages of the list" }, h("span", { class: "faint" }, range), h("span", { class: "push" }),
      turn("‹ Previous", this.cursors.length === 1, () => this.back()), turn("Next ›", this.next === null, () => this.forth()));
  }
}
