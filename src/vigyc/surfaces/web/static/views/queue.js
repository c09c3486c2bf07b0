// From the issues there are to the tab Queue: how many are how, and the newest of those that are asked for.
import { button, fill, h } from "../dom.js";
import { get } from "../api.js";
import { href, restate } from "../router.js";
import { curl } from "../copying.js";
import { count } from "../facts.js";
import { MEANING, STATES, issueTable } from "../issue.js";
import { empty, panel } from "../panel.js";
import { tone } from "../pill.js";
import { may } from "../session.js";
import { refill, renew, selecting } from "../table.js";
import { targetField } from "../target.js";
import { attempt } from "../toast.js";
import { when } from "../clock.js";

const ROWS = 50;
const ALWAYS = ["pending", "leased", "trial", "applied", "rejected"];

/** The tab. */
export async function queueTab({ query }) {
  const queue = new Queue({ state: query.get("state") ?? "", vigy: query.get("vigy") ?? "" });
  await queue.look();
  return { node: queue.node, update: () => queue.look() };
}

class Queue {
  constructor(chosen) {
    this.chosen = chosen;
    this.before = null; // null: the newest, renewed as they come
    this.counts = h("div", { class: "counts", role: "group", "aria-label": "Issues by state" });
    this.note = h("span", { class: "faint" });
    this.table = h("div");
    this.bar = h("div", { class: "panel-body row" });
    const target = targetField("Target", { value: chosen.vigy, type: "search", chosen: (vigy) => attempt(() => this.choose({ vigy })) });
    this.node = h("div", { class: "page" }, this.counts, panel("Issues", { tight: true, tools: [this.note, target], copies: { CLI: "vigyc issue list", curl: curl("/v1/issues") } }, this.table, this.bar));
  }

  async look() {
    const { state, vigy } = this.chosen;
    const mine = JSON.stringify([this.chosen, this.before]);
    const [status, issues] = await Promise.all([get("/v1/enhance"), get("/v1/issues", { states: state ? [state] : [], vigy, before: this.before, limit: ROWS }).catch(missing)]);
    if (mine !== JSON.stringify([this.chosen, this.before])) return;
    this.tell(status);
    const fresh = issues === null ? empty(`There is no vigy ${vigy}. `, this.all()) : issues.length ? issueTable(issues) : this.nothing();
    this.table = renew(this.table, fresh);
    const turn = (text, off, to) => h("button", { type: "button", class: "button small", disabled: off, on: { click: () => { this.before = to; getSelection().removeAllRanges(); attempt(() => this.look()); } } }, text);
    refill(this.bar, h("span", { class: "faint" }, this.before ? "older ones" : "the newest, as they come"), h("span", { class: "push" }), turn("Newest", this.before === null, null), turn("Older", (issues ?? []).length < ROWS, issues?.at(-1)?.id ?? null));
    this.bar.hidden = this.before === null && (issues ?? []).length < ROWS;
  }

  tell({ counts, oldest, workers }) {
    const total = Object.values(counts).reduce((sum, each) => sum + each, 0);
    const tile = (text, number, state) => h("button", { type: "button", class: `count ${number ? tone(text) : "zero"}`, title: MEANING[state] ?? null, "aria-pressed": String(this.chosen.state === state), on: { click: () => attempt(() => this.choose({ state: this.chosen.state === state ? "" : state })) } }, h("span", null, text), h("b", null, count(number)));
    refill(this.counts, tile("all", total, ""), STATES.filter((state) => counts[state] || state === this.chosen.state || ALWAYS.includes(state)).map((state) => tile(state, counts[state] ?? 0, state)));
    fill(this.note, workers === undefined ? null : workers ? `${workers} ${workers === 1 ? "worker" : "workers"} here` : "no workers here", oldest ? [" · the oldest came ", when(oldest)] : null);
  }

  async choose(change) {
    if (selecting(this.table)) getSelection().removeAllRanges();
    Object.assign(this.chosen, change);
    this.before = null;
    restate(this.chosen);
    await this.look();
  }

  all() { return button("Show all", async () => { this.node.querySelector("input[type=search]").value = ""; await attempt(() => this.choose({ state: "", vigy: "" })); }, { class: "plain link" }); }

  nothing() {
    if (this.chosen.state || this.chosen.vigy) return empty("No issue is so. ", this.all());
    if (this.before) return empty("There are no older ones.");
    return empty("There are no issues. An issue says what is to change in the program of a vigy: ", may("operate") ? h("a", { href: href("/issues/new") }, "submit one here") : "somebody with the role operate can submit one", ", or with ", h("code", null, 'vigyc issue submit NAME "what is to change"'), ".");
  }
}

const missing = (problem) => { if (problem.status === 404) return null; throw problem; };
