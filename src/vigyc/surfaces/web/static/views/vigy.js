// From a vigy to its page: what it is and what can be done with it, and a tab for everything about it.
import { add, button, fill, h } from "../dom.js";
import { get, post, remove, vigyPath } from "../api.js";
import { again, go, vigyHref } from "../router.js";
import { learned } from "../names.js";
import { listen } from "../stream.js";
import { confirmed, dialog } from "../dialog.js";
import { brief, facts, labels } from "../facts.js";
import { copyMenu, curl, word } from "../copying.js";
import { durationText } from "../duration.js";
import { pill } from "../pill.js";
import { may } from "../session.js";
import { attempt, toast } from "../toast.js";
import { outputs } from "./outputs.js";
import { stateTab } from "./state.js";
import { kvTab } from "./kv.js";
import { runsTab } from "./runs.js";
import { programTab } from "./program.js";
import { versionsTab } from "./versions.js";
import { issuesTab } from "./issues.js";
import { pythonTab } from "./python.js";
import { policyTab } from "./policy.js";
import { explainTab } from "./explain.js";
import { settingsTab } from "./settings.js";
import { table } from "../table.js";

const TABS = [["state", "State", stateTab], ["kv", "KV", kvTab], ["runs", "Runs", runsTab], ["program", "Program", programTab], ["versions", "Versions", versionsTab], ["issues", "Issues", issuesTab], ["python", "Python", pythonTab], ["policy", "Policy", policyTab], ["explain", "Explain", explainTab], ["settings", "Settings", settingsTab]];
const REDONE_MS = 700;

/** When it ticks, in words. */
export function scheduleText({ schedule, tick_interval_ms: ms }) {
  const shift = [schedule.offset_ms && `offset ${schedule.offset_ms === "auto" ? "auto" : durationText(schedule.offset_ms)}`, schedule.jitter_ms && `jitter ${durationText(schedule.jitter_ms)}`].filter(Boolean).map((text) => `, ${text}`).join("");
  if (schedule.kind === "cron") return `cron ${schedule.expr} (${schedule.timezone ?? "UTC"})${shift}`;
  if (schedule.kind === "adaptive") return `every ${durationText(schedule.min_ms)} to ${durationText(schedule.max_ms)}, as kv ${schedule.hint_key} says${shift}`;
  return `every ${durationText(ms ?? schedule.interval_ms)}${schedule.mode === "delay" ? " after the last" : ""}${shift}`;
}

/** The page of a vigy. A tab is made by `tab({id, known, follow})`, and gives {node, close?, update?(known)}. */
export async function vigy({ id, tab = "state" }) {
  const known = await get(vigyPath(id, "inspect"), { limit: 5 });
  learned([known.vigy]);
  const [, , make] = TABS.find(([name]) => name === tab) ?? TABS[0];
  const made = await make({ id: known.vigy.id, known });
  return new VigyPage(known, tab, made).view();
}

class VigyPage {
  constructor(known, tab, made) {
    this.known = known;
    this.id = known.vigy.id;
    this.tab = tab;
    this.made = made;
    this.head = h("header", { class: "page" });
    this.show();
  }

  view() {
    const tabs = h("nav", { class: "tabs", role: "tablist", "aria-label": "About this vigy" }, TABS.map(([name, text]) => h("a", { href: vigyHref(this.id, name), role: "tab", id: `tab-${name}`, "aria-selected": String(name === this.tab), "aria-controls": "tab-panel" }, text)));
    const node = h("div", { class: "page" }, this.head, tabs, h("div", { id: "tab-panel", role: "tabpanel", "aria-labelledby": `tab-${this.tab}`, class: "page" }, this.made.node));
    return { title: this.known.vigy.name, nav: "overview", node, ready: () => this.start(), close: () => this.close() };
  }

  start() {
    this.stream = listen({ vigy: this.id }, (notices) => {
      if (notices.some(({ kind }) => kind === "deleted")) { toast(`${this.known.vigy.name} was deleted`); go("/"); return; }
      this.made.heard?.(notices);
      this.waits ??= setTimeout(() => { this.waits = null; this.look(); }, REDONE_MS);
    });
    document.getElementById(`tab-${this.tab}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.made.ready?.();
  }

  close() { this.closed = true; clearTimeout(this.waits); this.stream?.close(); this.made.close?.(); }

  async look() {
    const known = await get(vigyPath(this.id, "inspect"), { limit: 5 }).catch(() => null);
    if (!known || this.closed) return;
    this.known = known;
    if (!this.head.contains(document.activeElement)) this.show();
    this.made.update?.(known);
  }

  show() {
    const { vigy: it, phase, standing } = this.known;
    const name = it.name;
    fill(this.head, h("div", { class: "page-head" }, h("h1", null, name), pill(phase), it.enabled && standing.failures ? pill("failed", `failing: ${standing.failures} in a row`) : null, labels(it.labels), h("span", { class: "push" }), this.buttons(it)),
      h("p", { class: "soft" }, h("span", { class: "mono faint" }, it.id), ` · version ${it.version} · ${scheduleText(it)}`, standing.error && standing.result !== "ok" ? h("span", { class: "bad-text" }, ` · ${standing.error}`) : null));
  }

  buttons(it) {
    const path = (verb) => vigyPath(this.id, verb);
    const then = async (work, done) => { if ((await attempt(work, done)) !== undefined) { document.activeElement?.blur(); await this.look(); this.show(); } };
    return h("div", { class: "row" },
      may("operate") && button("Tick now", () => then(() => post(path("tick")), (run) => `Ticked: ${run.result}${run.error ? `: ${run.error}` : ""}`), { class: "button primary" }),
      may("operate") && button("Dry run", () => this.dryRun()),
      may("operate") && button(it.enabled ? "Disable" : "Enable", () => then(() => post(path(it.enabled ? "disable" : "enable")), it.enabled ? "Disabled: it ticks only when asked to" : "Enabled")),
      may("admin") && button("Delete", () => this.remove(it), { class: "button danger" }),
      copyMenu({ CLI: `vigyc inspect ${word(it.name)}`, curl: curl(vigyPath(this.id, "inspect")), id: this.id }));
  }

  async dryRun() {
    const run = await attempt(() => post(vigyPath(this.id, "dry-run")));
    if (!run) return;
    const changes = run.changes.length ? table([["Key", (row) => h("code", null, row.key)], ["Before", (row) => ("before" in row ? brief(row.before) : h("span", { class: "faint" }, "–"))], ["After", (row) => ("after" in row ? brief(row.after) : h("span", { class: "bad-text" }, "deleted"))]], run.changes) : h("p", { class: "faint" }, "The kv would stay as it is.");
    await dialog(`Dry run: ${this.known.vigy.name}`, (close) => add(h("div", { class: "page" }), [facts([["Result", pill(run.result)], ["Error", run.error && h("span", { class: "bad-text" }, run.error)], ["Kept", "nothing: no action, no change, no effect"]]), h("h3", null, "Changes of the kv"), changes, outputs(run, { CLI: `vigyc tick ${word(this.known.vigy.name)} --dry-run`, curl: curl(vigyPath(this.id, "dry-run"), "POST", {}) }),
      h("div", { class: "row end" }, h("button", { type: "button", class: "button", on: { click: () => close() } }, "Close"))]), { wide: true });
  }

  async remove({ name }) {
    if (!(await confirmed(`Delete ${name}?`, "Its kv, its state and all its runs go with it. This cannot be undone.", "Delete", { danger: true, typed: name }))) return;
    this.close();
    if ((await attempt(() => remove(vigyPath(this.id)), `${name} is deleted`)) !== undefined) go("/");
    else again();
  }
}

