// From what a vigy remembers to the tab KV: a table with search, and an editor of values.
import { button, fill, h } from "../dom.js";
import { ask, remove, vigyPath } from "../api.js";
import { confirmed, dialog } from "../dialog.js";
import { curl, word } from "../copying.js";
import { brief, count, size } from "../facts.js";
import { empty, panel } from "../panel.js";
import { may } from "../session.js";
import { table } from "../table.js";
import { attempt } from "../toast.js";

const MOST = 300;
const isReserved = (key) => key.startsWith("__");

/** The tab. */
export async function kvTab({ id, known }) {
  const place = h("div");
  const search = h("input", { type: "search", placeholder: "Key or value  ( / )", "aria-label": "Search the kv", on: { input: () => draw() } });
  const entriesNow = async () => (await ask("GET", vigyPath(id, "kv"), { exact: true })).data;
  let entries = await entriesNow();
  const look = async () => { entries = await entriesNow(); draw(); };
  const edit = async (entry) => { if (await editEntry(id, entry)) await look(); };
  const drop = async ({ key }) => {
    if (!(await confirmed(`Delete the key ${key}?`, isReserved(key) ? "It is a key of the runtime's own." : "The next tick finds it gone.", "Delete", { danger: true }))) return;
    await attempt(() => remove(vigyPath(id, "kv", key), { force: isReserved(key) ? "true" : null }), `${key} is deleted`);
    await look();
  };
  function draw() {
    const wanted = search.value.toLowerCase();
    const found = entries.filter(({ key, value }) => !wanted || key.toLowerCase().includes(wanted) || JSON.stringify(value).toLowerCase().includes(wanted));
    const columns = [
      ["Key", (row) => [h("code", null, row.key), " ", isReserved(row.key) ? h("span", { class: "pill off", title: "A key of the runtime's own" }, "reserved") : null]], ["Value", (row) => brief(row.value, 160), "grow"],
      ["Size", (row) => size(new TextEncoder().encode(JSON.stringify(row.value)).length), "num faint narrow-hide"],
      ["", (row) => h("span", { class: "row end" }, button(may("operate") ? "Edit" : "View", () => edit(row), { class: "button small", "aria-label": `Edit ${row.key}` }), may("operate") && button("Delete", () => drop(row), { class: "button small danger", "aria-label": `Delete ${row.key}` })), "nowrap"],
    ];
    fill(place, found.length ? table(columns, found.slice(0, MOST), { key: (row) => row.key, caption: "Entries" }) : empty(entries.length ? "No key or value has that in it." : "It remembers nothing yet: a program does with vigy-set and vigy-incr."),
      found.length > MOST ? empty(`${count(found.length - MOST)} more: search for them.`) : null);
  }
  draw();
  const name = word(known.vigy.name);
  return { heard: () => {}, update: () => { if (!place.contains(document.activeElement) && !document.querySelector("dialog[open]")) look().catch(() => null); },
    node: panel("Key/value store", { tight: true, tools: [search, may("operate") && button("Add", () => edit(null), { class: "button" })], copies: { CLI: `vigyc kv ls ${name}`, curl: curl(vigyPath(id, "kv")) } }, place) };
}

async function editEntry(id, entry) {
  const title = entry ? entry.key : "New key";
  return dialog(title, (close) => {
    const key = h("input", { type: "text", required: true, autocomplete: "off", spellcheck: "false", "aria-label": "Key", value: entry?.key ?? "", readonly: Boolean(entry) });
    const value = h("textarea", { rows: "10", class: "mono", spellcheck: "false", "aria-label": "Value (JSON)", value: entry ? JSON.stringify(entry.value, null, 2) : "" , placeholder: '42, "text", true, [1, 2], {"a": 1}' });
    const wrong = h("p", { class: "bad-text", role: "status" });
    const save = h("button", { type: "submit", class: "button primary" }, "Save");
    const isJson = () => {
      try { JSON.parse(value.value); wrong.textContent = ""; save.disabled = false; return true; }
      catch (error) { wrong.textContent = value.value.trim() ? `Not JSON: ${error.message}` : "A value is any JSON; text goes in double quotes."; save.disabled = true; return false; }
    };
    value.addEventListener("input", isJson);
    const store = async (event) => {
      event.preventDefault();
      if (!isJson()) return;
      const given = key.value;
      // the text goes as it was written: JavaScript would round large whole numbers, and make 1.0 of a float a 1
      try { await ask("PUT", vigyPath(id, "kv", given), { raw: `{"value": ${value.value}${isReserved(given) ? ', "force": true' : ""}}` }); close(true); }
      catch (problem) { wrong.textContent = problem.message; }
    };
    if (entry) isJson(); else save.disabled = true;
    return h("form", { on: { submit: store } }, entry ? null : h("label", { class: "field" }, h("span", null, "Key"), key), h("label", { class: "field" }, h("span", null, "Value (JSON)"), value),
      isReserved(title) ? h("p", { class: "warn-text" }, "This key is the runtime's own; it is changed by force.") : null, wrong,
      h("div", { class: "row end" }, h("button", { type: "button", class: "button", on: { click: () => close(false) } }, "Cancel"), may("operate") ? save : null));
  }, { wide: true });
}
