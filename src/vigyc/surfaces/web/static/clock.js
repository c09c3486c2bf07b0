// From a moment to how long ago or how soon it is, kept up to date while it is on the page.
import { h } from "./dom.js";

let ahead = 0; // by how many ms the server's clock is ahead of this one's

/** Take `text` (RFC 3339) as the server's time now. */
export function setNow(text) { const ms = Date.parse(text); if (Number.isFinite(ms)) ahead = ms - Date.now(); }
export const now = () => Date.now() + ahead;

const UNITS = [[86_400_000, "d"], [3_600_000, "h"], [60_000, "m"], [1000, "s"]];

/** A length of time in ms for people: `340 ms`, `2.4 s`, `3m 20s`. */
export function span(ms) {
  if (ms < 1) return ms > 0 ? `${Math.round(ms * 1000)} µs` : "0 ms";
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1).replace(/\.0$/, "") : Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0).replace(/\.0$/, "")} s`;
  const [at] = UNITS.map((unit, index) => [index, unit[0]]).find(([, size]) => ms >= size);
  const [size, name] = UNITS[at];
  const [small, smallName] = UNITS[at + 1];
  const rest = Math.floor((ms % size) / small);
  return `${Math.floor(ms / size)}${name}${rest ? ` ${rest}${smallName}` : ""}`;
}

function words(ms) {
  const left = ms - now();
  if (left > 500) return `in ${span(left < 10_000 ? left : Math.round(left / 1000) * 1000)}`;
  if (left > -1000) return "now";
  return `${span(Math.round(-left / 1000) * 1000)} ago`;
}

/** A moment, told relative to now; the tip has it whole. */
export function when(text, none = "never") {
  if (!text) return h("span", { class: "faint" }, none);
  const ms = Date.parse(text);
  return h("time", { datetime: text, title: `${new Date(ms).toLocaleString()} (${text})`, data: { at: ms } }, words(ms));
}

/** A moment as the time of the day. */
export function timeOfDay(text) {
  const at = new Date(text);
  return h("time", { datetime: text, title: text, class: "mono" }, at.toLocaleTimeString([], { hour12: false }));
}

setInterval(() => {
  for (const element of document.querySelectorAll("time[data-at]")) {
    const text = words(Number(element.dataset.at));
    if (element.textContent !== text) element.textContent = text;
  }
}, 500);
