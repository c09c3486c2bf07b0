// From what somebody types of a vigy to its name: a field with suggestions.
import { debounced, fill, h } from "./dom.js";
import { get } from "./api.js";
import { learned } from "./names.js";

const MOST = 20;
let count = 0;

/** The field; `chosen(text)` is called when somebody has made up their mind. */
export function targetField(label, { value = "", type = "text", chosen = () => {}, ...more } = {}) {
  const names = h("datalist", { id: `targets-${++count}` });
  const suggest = debounced(async (text) => {
    const found = await get("/v1/vigies", { search: text, limit: MOST }).catch(() => []);
    learned(found);
    fill(names, found.map(({ name }) => h("option", { value: name })));
  }, 150);
  const typed = (event) => { const text = event.target.value.trim(); suggest(text); if (!text || event.inputType === "insertReplacementText") chosen(text); };
  const input = h("input", { type, name: "vigy", value, list: names.id, placeholder: type === "search" ? `${label}  ( / )` : "its name or id", "aria-label": label, autocomplete: "off", spellcheck: "false", ...more, on: { input: typed, focus: () => suggest(input.value.trim()), change: (event) => chosen(event.target.value.trim()) } });
  return [input, names];
}
