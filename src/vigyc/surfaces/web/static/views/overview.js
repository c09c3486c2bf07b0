// From the whole store to one page: how many are how, the pace, charts, what happens now, and who needs attention.
import { fill, h, debounced } from "../dom.js";
import { get, getPage } from "../api.js";
import { again, href, restate, runHref, vigyHref } from "../router.js";
import { KINDS, listen } from "../stream.js";
import { chart } from "../chart.js";
import { curl, word } from "../copying.js";
import { count, labels, size } from "../facts.js";
import { item } from "../notice.js";
import { learned, nameOf } from "../names.js";
import { Paging } from "../paging.js";
import { empty, panel } from "../panel.js";
import { pill, tone } from "../pill.js";
import { refill, renew, selecting, table } from "../table.js";
import { may } from "../session.js";
import { setNow, span, when } from "../clock.js";

const PHASES = ["running", "waiting", "due", "late", "backing-off", "paused", "standby", "disabled"];
const SORTS = [["attention", "Needs attention"], ["name", "Name"], ["registered", "Registered"]];
const ROWS = 50;
const FEED = 50;
const PAUSE_MS = 2000;
const SLOT_SECONDS = 2;
const CROWD = 1500; // from so many vigies on, the runs that succeed are too many to follow one by one

const COLUMNS = [
  ["Vigy", (row) => [h("a", { class: "clamped", href: vigyHref(row.id), title: row.name.length > 40 ? row.name : null }, row.name), " ", labels(row.labels)], "name"],
  ["Phase", (row) => pill(row.phase), "nowrap"],
  ["Last tick", (row) => (row.last_run ? h("a", { class: "soft", href: runHref(row.last_run) }, pill(row.last_result), " ", when(row.last_started_at)) : h("span", { class: "faint" }, "never")), "nowrap"],
  ["Next", (row) => (row.enabled ? when(row.due_at, "–") : h("span", { class: "faint" }, "off")), "nowrap narrow-hide"],
  ["Failures", (row) => (row.failures ? h("b", { class: "bad-text" }, count(row.failures)) : h("span", { class: "faint" }, "0")), "num"],
  ["Denied", (row) => (row.denied ? h("b", { class: "warn-text" }, count(row.denied)) : h("span", { class: "faint" }, "0")), "num narrow-hide"],
  ["Why", (row) => row.phase === "waiting" ? null : h("span", { class: "why", title: row.why }, row.why), "grow narrow-hide"],
];

/** The overview. */
export async function overview({ query }) {
  const chosen = { search: query.get("search") ?? "", phase: query.get("phase") ?? "", failing: query.get("failing") ?? "", sort: query.get("sort") ?? "attention", label_selector: query.get("labels") ?? "" };
  const [first, health, pulse, runs] = await Promise.all([load(chosen, new Paging(ROWS)), get("/v1/health"), stats(), get("/v1/runs", { limit: 1 })]);
  return new Overview(chosen, first, health, pulse, Math.max((runs[0]?.seq ?? 0) - FEED, 0)).view();
}

async function load(chosen, paging) {
  const page = await getPage("/v1/vigies", { ...chosen, limit: paging.size, cursor: paging.cursor });
  learned(page.items);
  return page;
}

const stats = () => get("/v1/stats").catch((problem) => { if (problem.status === 404) return null; throw problem; });

class Overview {
  constructor(chosen, first, health, pulse, after) {
    this.chosen = chosen;
    this.after = after;
    this.paging = new Paging(ROWS);
    this.counts = h("div", { class: "counts", role: "group", "aria-label": "Vigies by phase" });
    this.numbers = h("dl", { class: "stats", "aria-label": "Pace" });
    this.table = h("div");
    this.bar = h("div", { class: "row panel-body" });
    this.feed = h("ol", { "aria-label": "What happens now" });
    this.note = h("span", { class: "live" }, "connecting");
    this.notices = [];
    this.pace = chart("Ticks and failures per second over the last ten minutes", [["ticks/s", "accent", { fill: true }], ["failed/s", "bad"]], { unit: (value) => (Math.round(value * 10) / 10).toString() });
    this.late = chart("Lateness of ticks over the last ten minutes", [["p50", "accent"], ["p99", "warn"]], { unit: (value) => span(value) });
    this.refresh = debounced(() => this.renew(), 300);
    this.show(first);
    this.tellNumbers(health, pulse);
  }

  view() {
    const select = h("select", { "aria-label": "Sort by", on: { change: (event) => this.choose({ sort: event.target.value }) } }, SORTS.map(([value, text]) => h("option", { value, selected: value === this.chosen.sort }, text)));
    const typed = debounced((value) => this.choose({ search: value }), 200);
    const search = h("input", { type: "search", placeholder: "Name or id  ( / )", "aria-label": "Search vigies", value: this.chosen.search, on: { input: (event) => typed(event.target.value.trim()) } });
    const listed = panel("Vigies", { tight: true, tools: [this.chosen.label_selector && this.chip(), search, select, may("admin") && h("a", { class: "button primary", href: href("/register"), title: "n" }, "Register")], copies: { CLI: "vigyc list", curl: curl("/v1/vigies?sort=attention") } }, this.table, this.bar);
    const node = h("div", { class: "page" }, h("h1", { class: "offscreen" }, "Overview"), this.counts, this.numbers,
      h("div", { class: "two" }, panel("Ticks per second", { copies: { curl: curl("/v1/stats") } }, this.pace.node), panel("Lateness", { copies: { curl: curl("/v1/stats") } }, this.late.node)),
      h("div", { class: "main-side" }, h("div", { class: "roster" }, listed),
        h("div", null, panel("Now", { tight: true, tools: this.note, copies: { CLI: "vigyc tail", curl: curl("/v1/events").replace("curl", "curl -N") } }, h("div", { class: "feed small", tabindex: "0" }, this.feed, this.quiet = empty("Nothing has happened yet."))))));
    return { title: "Overview", nav: "overview", node, ready: () => this.start(), close: () => this.close() };
  }

  /** The label that is asked for; a click asks for all again. */
  chip() {
    const mark = h("button", { type: "button", class: "label chosen", title: "Show all", "aria-label": `Only with ${this.chosen.label_selector}: show all`, on: { click: () => { mark.remove(); this.choose({ label_selector: "" }); } } }, `${this.chosen.label_selector} ×`);
    return mark;
  }

  start() {
    this.beat();
    this.timer = setInterval(() => { if (!document.hidden) this.beat(); }, PAUSE_MS);
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    this.refresh.cancel();
    this.stream?.close();
    this.pace.close();
    this.late.close();
  }

  /** Follow the stream from what happened last; where there are very many vigies, without their runs. */
  follow(total) {
    if (this.stream) return;
    const crowd = total > CROWD;
    this.crowd = crowd;
    const kinds = crowd ? KINDS.filter((kind) => kind !== "run") : null;
    fill(this.note, crowd ? "failures only: there are very many" : "last 50");
    this.stream = listen({ kinds, after: this.after }, (notices) => this.hear(notices));
  }

  hear(notices) {
    const kept = this.feed.children.length || notices[0]?.kind !== "gap" ? notices : notices.slice(1); // before what is shown first
    const come = kept.slice(-FEED).reverse();
    this.quiet.hidden = this.quiet.hidden || come.length > 0;
    this.feed.prepend(...come.map((notice) => item(notice, (id) => nameOf(id), { small: true, fresh: true })));
    while (this.feed.children.length > FEED) this.feed.lastChild.remove();
    const told = Date.now() - (this.renewed ?? 0) > PAUSE_MS / 2 || notices.some(({ kind }) => kind !== "run");
    if (told) this.refresh();
  }

  /** What changes with time: the numbers, and the rows that are shown. */
  async beat() {
    try {
      const [health, pulse] = await Promise.all([get("/v1/health"), stats()]);
      if (this.closed) return;
      if (pulse?.now) setNow(pulse.now);
      this.tell(health, pulse);
      await Promise.all([this.renew(), this.crowd && this.failures()]);
    } catch (problem) { if (problem.status === 401) again(); }
  }

  /** The runs that failed since, where not all runs are followed. */
  async failures() {
    const last = this.failed;
    const runs = await get("/v1/runs", { results: ["failed", "timed_out"], limit: 10 });
    this.failed = Math.max(last ?? 0, ...runs.map(({ seq }) => seq));
    const fresh = runs.filter(({ seq }) => seq > (last ?? 0)).reverse();
    if (fresh.length && !this.closed) this.hear(fresh.map((run) => ({ kind: "run", run, run_id: run.id, vigy_id: run.vigy_id, seq: run.seq, at: run.ended_at ?? run.started_at })));
  }

  async renew() {
    this.renewed = Date.now();
    const mine = JSON.stringify([this.chosen, this.paging.cursor]);
    const page = await load(this.chosen, this.paging).catch(() => null);
    if (page && !this.closed && mine === JSON.stringify([this.chosen, this.paging.cursor])) this.show(page);
  }

  tell(health, pulse) {
    this.follow(this.tellNumbers(health, pulse));
  }

  /** Show the numbers, all there before the page is, so that nothing moves; the answer is how many vigies there are. */
  tellNumbers(health, pulse) {
    const phases = pulse?.phases ?? health.vigies;
    const total = pulse?.total ?? Object.values(phases).reduce((sum, each) => sum + each, 0);
    const failing = pulse?.failing ?? health.failing;
    const tile = (text, number, pressed, change, kind = "") => h("button", { type: "button", class: `count ${number ? kind : "zero"}`, "aria-pressed": String(pressed), on: { click: () => this.choose(change) } }, h("span", null, text), h("b", null, count(number)));
    const held = this.counts.contains(document.activeElement) ? [...this.counts.children].indexOf(document.activeElement) : -1;
    fill(this.counts, tile("all", total, !this.chosen.phase && !this.chosen.failing, { phase: "", failing: "" }),
      tile("failing", failing, this.chosen.failing === "true", { phase: "", failing: this.chosen.failing ? "" : "true" }, "bad"),
      PHASES.filter((phase) => phases[phase] || phase === this.chosen.phase || ["waiting", "late", "backing-off", "disabled"].includes(phase)).map((phase) => tile(phase, phases[phase] ?? 0, this.chosen.phase === phase, { failing: "", phase: this.chosen.phase === phase ? "" : phase }, tone(phase))));
    if (held >= 0) this.counts.children[held]?.focus();
    const late = pulse?.lateness_ms ?? health.lateness_ms;
    const fact = (name, ...value) => h("div", { class: "stat" }, h("dt", null, name), h("dd", null, value));
    fill(this.numbers, fact("Ticks / s", pulse ? (pulse.ticks_per_second >= 100 ? count(Math.round(pulse.ticks_per_second)) : pulse.ticks_per_second.toFixed(1)) : "–"), fact("Lateness p50", span(late.p50)), fact("Lateness p99", span(late.p99)),
      fact("Errors / min", pulse ? count(Math.round(pulse.errors_per_minute)) : "–"), fact("Denied", h("a", { href: "#/denials" }, pulse ? count(pulse.counters.denied) : "–")),
      fact("WAL", pulse ? size(pulse.wal_bytes) : `${count(health.wal_pages)} pages`), fact("Runtime", h("span", { title: health.reasons.join("; ") || health.owner }, pill(health.status, health.status))));
    if (pulse?.series?.length) this.draw(pulse.series);
    return total;
  }

  draw(series) {
    const past = series.length > 1 ? series.slice(0, -1) : series; // the last two seconds are not over
    const times = past.map(({ at }) => Date.parse(at) / 1000);
    this.pace.set([times, past.map(({ ticks }) => ticks / SLOT_SECONDS), past.map(({ failed }) => failed / SLOT_SECONDS)]);
    this.late.set([times, past.map(({ p50 }) => p50), past.map(({ p99 }) => p99)]);
  }

  /** Other rows are asked for: what is selected in these holds them no longer. */
  free() { if (selecting(this.table)) getSelection().removeAllRanges(); }

  choose(change) {
    this.free();
    Object.assign(this.chosen, change);
    this.paging.reset();
    const { sort, label_selector: selector, ...rest } = this.chosen;
    restate({ ...rest, labels: selector, sort: sort === "attention" ? "" : sort });
    this.beat();
  }

  show(page) {
    this.paging.took(page);
    const fresh = page.items.length ? table(COLUMNS, page.items, { link: (row) => vigyHref(row.id), key: (row) => row.id, caption: "Vigies" }) : this.nothing();
    this.table = renew(this.table, fresh);
    refill(this.bar, this.paging.bar(() => { this.free(); this.renew(); }, page.total === 1 ? "vigy" : "vigies"));
    this.bar.hidden = !page.items.length && this.paging.cursors.length === 1;
  }

  nothing() {
    const { search, phase, failing, label_selector: selector } = this.chosen;
    if (search || phase || failing || selector) return empty("No vigy matches. ", h("button", { type: "button", class: "plain link", on: { click: () => { this.choose({ search: "", phase: "", failing: "", label_selector: "" }); document.querySelector("main input[type=search]").value = ""; document.querySelector("main .label.chosen")?.remove(); } } }, "Show all"));
    return empty("Nothing is registered: ", may("admin") ? h("a", { href: href("/register") }, "register a program here") : "somebody with the role admin can register a program", ", or with ", h("code", null, `vigyc register ${word("hello.tatara")} --every 10s`), ".");
  }
}
