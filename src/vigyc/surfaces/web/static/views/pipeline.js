// From the settings of the enhance pipeline to the tab Settings: a list of them, one of them whole, edited as JSON.
import { button, fill, h } from "../dom.js";
import { ask, get, post, remove, settingPath } from "../api.js";
import { go, pipelineHref } from "../router.js";
import { curl, word } from "../copying.js";
import { confirmed, dialog } from "../dialog.js";
import { durationText } from "../duration.js";
import { facts, whole } from "../facts.js";
import { empty, panel } from "../panel.js";
import { pill } from "../pill.js";
import { may } from "../session.js";
import { table } from "../table.js";
import { attempt } from "../toast.js";
import { when } from "../clock.js";

const DEFAULT = "default";
const OWN = ["name", "updated_at", "paused"]; // what is not edited here

const stored = (setting) => Date.parse(setting.updated_at) > 0;
const flowText = ({ flow, flow_version: { kind, value } }) => (flow ? `${flow}, ${value ? `${kind.replace("_req", "")} ${value}` : kind}` : "the one that comes with vigyc");

/** The tab; `name` is the setting that is shown whole. */
export async function pipelineTab({ name, look, settings }) {
  const list = h("div");
  const detail = h("div", { class: "page" });
  const tab = new Pipeline(list, detail, name, look);
  await tab.draw(settings);
  return { update: (now) => tab.draw(now),
    node: h("div", { class: "page" }, panel("Settings of the pipeline", { tight: true, tools: may("admin") && button("New setting", () => tab.add(), { class: "button" }), copies: { CLI: "vigyc enhance settings", curl: curl("/v1/enhance/settings") } }, list), detail) };
}

class Pipeline {
  constructor(list, detail, name, look) { Object.assign(this, { list, detail, name, look }); }

  async draw(settings) {
    const known = this.settings;
    this.settings = settings;
    const shown = this.name ? settings.find((each) => each.name === this.name) ?? (known ? null : await get(settingPath(this.name))) : null; // that there is none is the server's to say
    fill(this.list, table([
      ["Setting", (row) => [h("a", { href: pipelineHref(row.name) }, row.name), " ", row.paused ? pill("paused") : null], "name"], ["Proposer", (row) => h("code", null, String(row.proposer.kind ?? "–")), "nowrap"], ["Flow", flowText, "grow"],
      ["Axes", (row) => String(row.verifiers.length), "num narrow-hide"], ["Changed", (row) => (stored(row) ? when(row.updated_at) : h("span", { class: "faint" }, "built in")), "nowrap"],
    ], settings, { link: (row) => pipelineHref(row.name), key: (row) => row.name, caption: "Settings of the pipeline" }));
    if (!this.detail.contains(document.activeElement)) fill(this.detail, shown ? this.one(shown) : this.name ? empty(`The setting ${this.name} was deleted.`) : null);
  }

  one(it) {
    const copies = { CLI: `vigyc enhance settings ${word(it.name)}`, curl: curl(settingPath(it.name)) };
    return panel(it.name, { copies, tools: h("span", { class: "row" },
      may("operate") && (it.paused ? button("Resume", () => this.after(() => post(settingPath(it.name, "resume")), `The issues of ${it.name} go on`), { class: "button small" }) : button("Pause", () => this.pause(it), { class: "button small" })),
      may("admin") && button("Edit", () => this.edit(it), { class: "button small" }), may("admin") && stored(it) && button("Delete", () => this.remove(it), { class: "button small danger" }), may("admin") ? null : h("span", { class: "faint" }, "changing it takes the role admin")) },
    facts([["Proposer", h("code", null, String(it.proposer.kind ?? "–"))], ["Flow", flowText(it)], ["Time for an epoch", durationText(it.ttl_ms)], ["Time for a verifier", durationText(it.verifier_ms)], ["Attempts", String(it.attempts)], ["Repairs", String(it.repairs)], ["If the program moved", it.on_conflict], ["Runs replayed", String(it.replays)],
      ["Trial", it.canary && `${it.canary.shadow_ticks} ticks in shadow, ${it.canary.watch_ticks} watched`], ["Paused", it.paused && h("b", { class: "warn-text prose" }, it.paused)]]),
    h("p", null, it.verifiers.map((axis) => h("span", { class: "label" }, axis))), whole(it));
  }

  async after(work, done) {
    if ((await attempt(work, done)) === undefined) return false;
    document.activeElement?.blur();
    await this.look();
    return true;
  }

  async pause({ name }) {
    const reason = await dialog(`Pause ${name}`, (close) => {
      const field = h("input", { type: "text", required: true, autocomplete: "off", "aria-label": "Reason", placeholder: "why its issues are to wait" });
      return h("form", { on: { submit: (event) => { event.preventDefault(); close(field.value.trim()); } } }, h("p", null, "No issue of it is taken until somebody resumes it. What is under way goes on."), h("label", { class: "field" }, h("span", null, "Reason"), field),
        h("div", { class: "row end" }, h("button", { type: "button", class: "button", on: { click: () => close() } }, "Cancel"), h("button", { type: "submit", class: "button primary" }, "Pause")));
    });
    if (reason) await this.after(() => post(settingPath(name, "pause"), { reason }), `${name} is paused`);
  }

  async remove({ name }) {
    const text = name === DEFAULT ? "It is again as it came with vigyc." : "A setting that open issues go by stays.";
    if (!(await confirmed(`Delete the setting ${name}?`, text, "Delete", { danger: true }))) return;
    if (await this.after(() => remove(settingPath(name)), `${name} is deleted`) && name !== DEFAULT) go("/enhance/settings");
  }

  async edit(it) {
    if (!(await edited(it, it.name))) return;
    document.activeElement?.blur(); // what has the focus is not drawn anew
    await this.look();
  }

  async add() {
    const name = await edited(this.settings.find((each) => each.name === DEFAULT) ?? {});
    if (name) { await this.look(); location.hash = pipelineHref(name); }
  }
}

/** Have a setting edited, or one like it made if it has no `name` yet; the name it was stored under. */
function edited(like, name = "") {
  const before = Object.fromEntries(Object.entries(like).filter(([field]) => !OWN.includes(field)));
  return dialog(name ? `Setting ${name}` : "New setting", (close) => {
    const called = h("input", { type: "text", required: true, autocomplete: "off", spellcheck: "false", "aria-label": "Name" });
    const text = h("textarea", { rows: "22", class: "mono", spellcheck: "false", "aria-label": "Setting (JSON)" });
    const wrong = h("p", { class: "bad-text prose", role: "alert" });
    text.value = JSON.stringify(before, null, 2);
    const store = async (event) => {
      event.preventDefault();
      wrong.textContent = "";
      try {
        const wanted = JSON.parse(text.value);
        const fields = name ? changes(before, wanted) : wanted;
        await ask("PATCH", settingPath(name || called.value.trim()), { body: { fields } });
        close(name || called.value.trim());
      } catch (problem) { wrong.textContent = problem instanceof SyntaxError ? `Not JSON: ${problem.message}` : problem.message; }
    };
    return h("form", { on: { submit: store } }, name ? null : h("label", { class: "field" }, h("span", null, "Name"), called), h("label", { class: "field" }, h("span", null, "Setting (JSON)"), text),
      h("p", { class: "faint" }, "A field that is taken away is the default again. It holds from the next epoch on."), wrong,
      h("div", { class: "row end" }, h("button", { type: "button", class: "button", on: { click: () => close() } }, "Cancel"), h("button", { type: "submit", class: "button primary" }, "Save")));
  }, { wide: true });
}

/** What is to be sent for `before` to become `after`: null for what is not there any more. */
function changes(before, after) {
  if (!after || typeof after !== "object" || Array.isArray(after)) return after;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).map((name) => [name, after[name] ?? null]));
}
