// From how a vigy is registered to the tab Settings: its name, when it ticks, its labels; saved if nobody else did meanwhile.
import { button, fill, h } from "../dom.js";
import { ask, vigyPath } from "../api.js";
import { curl, word } from "../copying.js";
import { dialog } from "../dialog.js";
import { durationText, readDuration } from "../duration.js";
import { brief } from "../facts.js";
import { labelsText, readLabels } from "../labels.js";
import { panel } from "../panel.js";
import { field, scheduleForm } from "../schedule_form.js";
import { may } from "../session.js";
import { toast } from "../toast.js";

const PARTS = ["name", "schedule", "labels", "deadline_ms", "enabled"];
const sorted = (value) => (value && typeof value === "object" ? Object.fromEntries(Object.entries(value).sort()) : value ?? null);
const same = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** The parts in which `wanted` is not what `vigy` is. */
const changed = (vigy, wanted) => Object.fromEntries(PARTS.filter((part) => part in wanted && !same(vigy[part], wanted[part])).map((part) => [part, wanted[part] ?? null]));

/** The tab. */
export async function settingsTab({ id }) {
  const place = h("div");
  let held = null;
  let form = null;

  async function fetched() {
    const { data, headers } = await ask("GET", vigyPath(id));
    return { vigy: data, tag: headers.get("ETag") };
  }
  function show(now) {
    held = now;
    form = settingsForm(now.vigy, store);
    fill(place, form.node);
  }
  async function send(parts, tag) {
    const { data, headers } = await ask("PATCH", vigyPath(id), { body: parts, headers: tag ? { "If-Match": tag } : {} });
    show({ vigy: data, tag: headers.get("ETag") });
    toast("Saved");
  }
  async function store(wanted) {
    const parts = changed(held.vigy, wanted);
    if (!Object.keys(parts).length) { toast("Nothing to save: it is so already"); return; }
    try { await send(parts, held.tag); } catch (problem) {
      if (problem.status !== 412) throw problem;
      await conflict(parts);
    }
  }
  /** Only what was changed here and there at once is worth a question. */
  async function conflict(parts) {
    const now = await fetched();
    const both = Object.keys(parts).filter((part) => !same(now.vigy[part], held.vigy[part]));
    const mine = !both.length || await dialog("It was changed meanwhile", (close) => h("div", { class: "page" },
      both.map((part) => h("p", null, `Its ${TITLES[part]} is now `, brief(now.vigy[part] ?? null), ", and you want ", brief(parts[part]), ".")),
      h("div", { class: "row end" }, button("Go on editing", () => close(null)), button("Take theirs", () => close("theirs")), button("Save mine", () => close("mine"), { class: "button primary" }))));
    if (mine === "theirs") show(now);
    else if (mine) await send(parts, now.tag);
  }
  show(await fetched());
  const name = word(held.vigy.name);
  return {
    update: ({ vigy }) => { if (!form.touched() && Object.keys(changed(held.vigy, { ...Object.fromEntries(PARTS.map((part) => [part, null])), ...vigy })).length) show({ vigy, tag: `"${vigy.generation}"` }); },
    node: panel("Settings", { copies: { CLI: `vigyc update ${name} --every 10s`, curl: curl(vigyPath(id), "PATCH", { tick_interval_ms: 10_000 }) }, note: may("admin") ? "" : "changing them takes the role admin" }, place),
  };
}

const TITLES = { name: "name", schedule: "schedule", labels: "labels", deadline_ms: "deadline", enabled: "enabling" };

/** The form: {node, touched()}; `store(wanted)` is called with what it says. */
function settingsForm(vigy, store) {
  const name = h("input", { type: "text", name: "name", required: true, autocomplete: "off", spellcheck: "false", value: vigy.name });
  const labels = h("textarea", { name: "labels", rows: "3", class: "mono", spellcheck: "false", value: labelsText(vigy.labels), placeholder: "team=db" });
  const deadline = h("input", { type: "text", name: "deadline_ms", autocomplete: "off", value: vigy.deadline_ms ? durationText(vigy.deadline_ms) : "", placeholder: "the runtime's own" });
  const enabled = h("input", { type: "checkbox", name: "enabled" });
  enabled.checked = vigy.enabled;
  const schedule = scheduleForm(vigy.schedule);
  const wrong = h("p", { class: "bad-text", role: "alert", id: "settings-wrong" });
  const save = h("button", { type: "submit", class: "button primary" }, "Save");
  let touched = false;
  const told = () => ({ name: name.value.trim(), schedule: schedule.read(), labels: readLabels(labels.value, "\n"), deadline_ms: deadline.value.trim() ? readDuration(deadline.value, "Deadline") : null, enabled: enabled.checked });
  const submit = async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    node.querySelectorAll("[aria-invalid]").forEach((each) => { each.removeAttribute("aria-invalid"); each.removeAttribute("aria-errormessage"); });
    save.setAttribute("aria-busy", "true");
    try { await store(told()); } catch (problem) { refuse(problem.message); } finally { save.removeAttribute("aria-busy"); }
  };
  const refuse = (message) => {
    wrong.textContent = message;
    const meant = [...node.elements].find((each) => each.name && each.offsetParent && (message.includes(each.name) || message.startsWith(each.closest("label")?.querySelector("span")?.textContent)));
    meant?.setAttribute("aria-invalid", "true");
    meant?.setAttribute("aria-errormessage", "settings-wrong");
    meant?.focus();
  };
  const node = h("form", { class: "page settings", novalidate: true, on: { submit, input: () => { touched = true; } } },
    h("fieldset", { class: "page", disabled: !may("admin") }, field("Name", name), h("label", { class: "check" }, enabled, "Enabled: it ticks by itself"), schedule.nodes,
      h("div", { class: "fields" }, field("Deadline", deadline, "the time for one tick"), field("Labels", labels, "key=value, one a line")), wrong, may("admin") && h("div", { class: "row" }, save)));
  return { node, touched: () => touched };
}
