// From what somebody wants of a program to an issue in the queue: in words, or with a patch that is made already.
import { button, fill, h } from "../dom.js";
import { get, post, vigyPath } from "../api.js";
import { go, issueHref } from "../router.js";
import { curl } from "../copying.js";
import { editor } from "../editor.js";
import { verdictTable } from "../epoch.js";
import { panel } from "../panel.js";
import { field } from "../schedule_form.js";
import { may } from "../session.js";
import { targetField } from "../target.js";
import { toast } from "../toast.js";

const KINDS = [["", "none: let the proposer of the setting make it"], ["edits", "edits of the program, as JSON"], ["source", "the whole new program"]];
const EDITS = '[\n  {"op": "replace", "path": [0, 2], "old": "5", "new": "9"}\n]';

/** The page. */
export async function newIssue({ query }) {
  const settings = await get("/v1/enhance/settings");
  const form = new IssueForm(query.get("vigy") ?? "", settings.map(({ name }) => name));
  return { title: "New issue", nav: "enhance", close: () => form.code?.close(), ready: () => form.focus(),
    node: h("div", { class: "page" }, h("h1", null, "New issue"), panel("What is to change", { copies: { CLI: 'vigyc issue submit NAME "what is to change"', curl: curl("/v1/issues", "POST", { vigy: "NAME", intent: "what is to change" }) } }, form.node)) };
}

class IssueForm {
  constructor(vigy, settings) {
    [this.target, this.names] = targetField("Target", { value: vigy, required: true, chosen: () => this.fetch() });
    this.intent = h("textarea", { name: "intent", rows: "4", required: true, placeholder: "It flaps: have it wait for three bad readings in a row." });
    this.setting = h("select", { name: "setting" }, settings.map((name) => h("option", { value: name, selected: name === "default" }, name)));
    this.constraints = h("textarea", { name: "constraints", rows: "3", class: "mono", spellcheck: "false", placeholder: '{"max_edits": 3}' });
    this.kind = h("select", { name: "proposal", on: { change: () => this.choose() } }, KINDS.map(([value, text]) => h("option", { value }, text)));
    this.edits = h("textarea", { name: "edits", rows: "8", class: "mono", spellcheck: "false", value: EDITS });
    this.bump = h("select", { name: "bump" }, ["patch", "minor", "major"].map((value) => h("option", { value }, value)));
    this.rationale = h("input", { type: "text", name: "rationale", autocomplete: "off", placeholder: "why this change is right" });
    this.patch = h("div", { class: "page" });
    this.verdicts = h("div", { role: "status", "aria-live": "polite" });
    this.wrong = h("p", { class: "bad-text prose", role: "alert" });
    this.submit = h("button", { type: "submit", class: "button primary" }, "Submit");
    this.node = h("form", { class: "page settings", on: { submit: (event) => this.send(event), input: () => { this.key = null; } } },
      h("fieldset", { class: "page", disabled: !may("operate") },
        h("div", { class: "fields" }, [field("Target", this.target), this.names], field("Setting", this.setting)), field("Intent", this.intent),
        field("Constraints (JSON)", this.constraints, "for proposers that understand them; may be left empty"), field("Patch", this.kind), this.patch, this.verdicts, this.wrong,
        h("div", { class: "row" }, this.submit, h("button", { type: "button", class: "button", on: { click: () => go("/enhance") } }, "Cancel"), may("operate") ? null : h("span", { class: "warn-text" }, "Submitting takes the role operate."))));
  }

  focus() { (this.target.value ? this.intent : this.target).focus(); }

  choose() {
    this.code?.close();
    this.code = null;
    fill(this.verdicts);
    const kind = this.kind.value;
    const about = h("div", { class: "fields" }, field("Bump", this.bump, "how much its label is raised"), field("Rationale", this.rationale));
    if (!kind) fill(this.patch);
    else if (kind === "edits") fill(this.patch, field("Edits (JSON)", this.edits, "replace, insert, delete, wrap or rename; a path counts from 0: the form, then the item in it"), about);
    else {
      this.code = editor("", { save: () => this.node.requestSubmit(), about: () => ({ name: this.target.value.trim() }) });
      fill(this.patch, this.code.node, h("div", { class: "row" }, button("Verify", () => this.verify()), h("span", { class: "faint" }, "asks all verifiers of the setting; nothing is kept")), about);
      this.fetch();
    }
  }

  /** The program as it is now, to be changed, unless something was written already. */
  async fetch() {
    const name = this.target.value.trim();
    if (!this.code || !name || (this.code.text().trim() && this.code.text() !== this.fetched)) return;
    const vigy = await get(vigyPath(name)).catch(() => null);
    if (!vigy || !this.code || (this.code.text().trim() && this.code.text() !== this.fetched)) return;
    this.fetched = vigy.program;
    this.code.set(vigy.program);
  }

  async verify() {
    try {
      const { passed, verdicts } = await post(vigyPath(this.target.value.trim(), "verify"), { program: this.code.text(), setting: this.setting.value });
      fill(this.verdicts, h("p", { class: passed ? "good-text" : "bad-text" }, passed ? "Nothing speaks against it." : "It would be rejected:"), verdictTable(verdicts));
    } catch (problem) { fill(this.verdicts, h("p", { class: "bad-text prose" }, problem.message)); }
  }

  proposal() {
    const kind = this.kind.value;
    if (!kind) return {};
    const rationale = this.rationale.value.trim();
    const rest = { bump: this.bump.value, ...(rationale ? { rationale } : {}) };
    return { proposal: kind === "edits" ? { edits: read(this.edits, "Edits"), ...rest } : { source: this.code.text(), ...rest } };
  }

  async send(event) {
    event.preventDefault();
    if (this.submit.getAttribute("aria-busy")) return;
    this.wrong.textContent = "";
    this.submit.setAttribute("aria-busy", "true");
    try {
      this.key ??= `dashboard-${[...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`; // sent again, it is there once
      const done = await post("/v1/issues", { vigy: this.target.value.trim(), intent: this.intent.value, setting: this.setting.value, key: this.key, ...(this.constraints.value.trim() ? { constraints: read(this.constraints, "Constraints") } : {}), ...this.proposal() });
      toast(!done.created ? "It was submitted before" : done.held ? "Submitted; it waits until it is approved" : "Submitted");
      location.hash = issueHref(done.id);
    } catch (problem) { this.wrong.textContent = problem.message; } finally { this.submit.removeAttribute("aria-busy"); }
  }
}

function read(area, what) {
  try { return JSON.parse(area.value); } catch (error) { area.focus(); throw new Error(`${what}: it is not JSON: ${error.message}`); }
}
