// From keys to what they do, everywhere but in fields.
import { dialog } from "./dialog.js";
import { go } from "./router.js";
import { h } from "./dom.js";
import { step } from "./table.js";

const KEYS = [
  ["/", "Search"], ["j  k", "Next, previous row"], ["Enter", "Open the row"], ["g o", "Overview"], ["g e", "Events"], ["g d", "Denials"], ["g i", "Enhance: issues"], ["n", "Register a vigy"],
  ["t", "Light or dark"], ["1 … 9  0", "Tabs of a page"], ["Esc", "Leave a field or a dialog"], ["Ctrl s", "Save, in an editor"], ["?", "This help"],
];
const PLACES = { o: "/", e: "/events", d: "/denials", i: "/enhance" };
let went = 0;

/** Show what keys there are. */
export const help = () => dialog("Keyboard", (close) => h("div", { class: "page" },
  h("dl", { class: "keys" }, KEYS.map(([keys, what]) => [h("dt", null, keys.split(" ").filter(Boolean).map((key) => [h("kbd", null, key), " "])), h("dd", null, what)])),
  h("div", { class: "row end" }, h("button", { type: "button", class: "button", on: { click: () => close() } }, "Close"))));

/** Listen. */
export function listenToKeys() {
  addEventListener("keydown", (event) => {
    const field = event.target.closest?.("input, textarea, select");
    if (event.key === "Escape" && field && !event.target.closest("dialog")) { event.target.blur(); return; }
    if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const done = pressed(event);
    if (done) event.preventDefault();
  });
}

function pressed(event) {
  const key = event.key;
  const second = Date.now() - went < 1200;
  went = 0;
  if (second && PLACES[key]) go(PLACES[key]);
  else if (key === "g") went = Date.now();
  else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "Enter" && event.target.matches?.("tr[data-href]")) location.hash = event.target.dataset.href;
  else if ((key === "ArrowRight" || key === "ArrowLeft") && event.target.matches?.("[role=tab]")) (key === "ArrowRight" ? event.target.nextElementSibling : event.target.previousElementSibling)?.focus();
  else if (key === "/") document.querySelector("main input[type=search]")?.focus();
  else if (key === "n") go("/register");
  else if (key === "t") window.vigycTheme.toggle();
  else if (key === "?") help();
  else if (/^[0-9]$/.test(key)) document.querySelectorAll(".tabs a")[(Number(key) + 9) % 10]?.click();
  else return false;
  return true;
}
