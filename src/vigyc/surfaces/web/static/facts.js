// From names and values to a list of facts, and from JSON data to something to read.
import { h } from "./dom.js";
import { tokens } from "./highlight.js";
import { href } from "./router.js";

/** Facts as [name, value]; those whose value is null or undefined are left out. */
export const facts = (pairs) => h("dl", { class: "facts" },
  pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));

/** JSON data on one line, cut if it is long; the tip has more. */
export function brief(value, most = 80) {
  const text = JSON.stringify(value) ?? "";
  return h("code", { class: "json", title: text.length > most ? text.slice(0, 2000) : null }, coloured(text.length > most ? `${text.slice(0, most)}…` : text));
}

/** JSON data in lines. */
export const whole = (value) => h("pre", { class: "json block", tabindex: "0" }, coloured(JSON.stringify(value, null, 2) ?? ""));

const coloured = (text) => tokens(text, "json").map(([kind, part]) => (kind ? h("span", { class: `t-${kind}` }, part) : part));

/** Labels as small marks, each leading to the vigies that have it. */
export const labels = (given) => Object.entries(given ?? {}).map(([name, value]) => h("a", { class: "label", href: href("/", { labels: `${name}=${value}` }), title: "All vigies with this label" }, value ? `${name}=${value}` : name));

const COUNT = new Intl.NumberFormat("en");
export const count = (number) => COUNT.format(number);

/** A size in bytes for people. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
