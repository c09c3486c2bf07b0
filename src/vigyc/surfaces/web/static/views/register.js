// From a name and a program to a registered vigy.
import { h } from "../dom.js";
import { ask } from "../api.js";
import { go, vigyHref } from "../router.js";
import { curl } from "../copying.js";
import { editor } from "../editor.js";
import { panel } from "../panel.js";
import { SAMPLES } from "../samples.js";
import { toast } from "../toast.js";
import { readLabels } from "../labels.js";
import { may } from "../session.js";

/** The page. */
export async function register() {
  const name = h("input", { type: "text", name: "name", required: true, autocomplete: "off", spellcheck: "false", placeholder: "hello" });
  const interval = h("input", { type: "text", name: "interval", required: true, value: "5s", autocomplete: "off" });
  const labels = h("input", { type: "text", name: "labels", autocomplete: "off", placeholder: "team=db, tier=1" });
  const wrong = h("p", { class: "bad-text", role: "alert" });
  const submit = h("button", { type: "submit", class: "button primary", disabled: true }, "Register");
  const about = () => { try { return { name: name.value.trim(), labels: readLabels(labels.value) }; } catch { return { name: name.value.trim() }; } };
  const code = editor(SAMPLES[0][1], { about, save: () => form.requestSubmit(), changed: ({ ok }) => { submit.disabled = !ok || !may("admin"); } });
  const samples = h("select", { "aria-label": "Sample program", on: { change: (event) => code.set(SAMPLES[Number(event.target.value)][1]) } }, SAMPLES.map(([title], index) => h("option", { value: String(index) }, `Sample: ${title}`)));

  const send = async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    try {
      const body = { name: name.value.trim(), program: code.text(), tick_interval_ms: interval.value.trim(), labels: readLabels(labels.value) };
      if (/^\d+$/.test(body.tick_interval_ms)) body.tick_interval_ms = Number(body.tick_interval_ms);
      const { data } = await ask("POST", "/v1/vigies", { body });
      toast(data.created ? `${data.name} is registered` : `${data.name} was registered already${data.changed ? "; it is changed" : ""}`);
      location.hash = vigyHref(data.id);
    } catch (problem) {
      wrong.textContent = problem.message;
      if (problem.findings?.length) code.show(problem);
    }
  };
  for (const field of [name, labels]) field.addEventListener("change", code.recheck);
  const form = h("form", { class: "page", on: { submit: send } },
    h("div", { class: "fields" }, h("label", { class: "field" }, h("span", null, "Name"), name), h("label", { class: "field" }, h("span", null, "Ticks every"), interval), h("label", { class: "field" }, h("span", null, "Labels"), labels)),
    code.node, wrong, h("div", { class: "row" }, submit, h("button", { type: "button", class: "button", on: { click: () => go("/") } }, "Cancel"),
      may("admin") ? null : h("span", { class: "warn-text" }, "Registering takes the role admin.")));
  return { title: "Register", nav: "overview", close: () => code.close(), ready: () => name.focus(),
    node: h("div", { class: "page" }, h("h1", null, "Register a vigy"),
      panel("Program", { tools: samples, copies: { CLI: "vigyc register program.tatara --name NAME --every 5s", curl: curl("/v1/vigies", "POST", { name: "NAME", program: "(vigy-noop)", tick_interval_ms: 5000 }) } }, form)) };
}
