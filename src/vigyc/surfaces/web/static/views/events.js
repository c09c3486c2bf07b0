// From the stream of events to a page that shows it as it happens, through filters.
import { debounced, fill, h } from "../dom.js";
import { get } from "../api.js";
import { restate } from "../router.js";
import { KINDS, listen } from "../stream.js";
import { curl, word } from "../copying.js";
import { item, level, told } from "../notice.js";
import { nameOf } from "../names.js";
import { empty, panel } from "../panel.js";
import { count } from "../facts.js";

const MOST = 500;
const LEVELS = ["trace", "debug", "info", "warn", "error"];

/** The page of events. */
export async function events({ query }) {
  const chosen = { kind: query.get("kind") ?? "", vigy: query.get("vigy") ?? "", text: query.get("text") ?? "", level: query.get("level") ?? "" };
  const health = await get("/v1/health");
  return new Events(chosen, health).view();
}

class Events {
  constructor(chosen) {
    this.chosen = chosen;
    this.notices = [];
    this.held = [];
    this.paused = false;
    this.list = h("ol", { "aria-label": "Events" });
    this.none = empty("Waiting for something to happen. Ticks, events of programs, denials and changes of the registry show up here.");
    this.state = h("span", { class: "live", role: "status" }, "");
    this.pause = h("button", { type: "button", class: "button", on: { click: () => this.hold(!this.paused) } }, "Pause");
    this.drawn = debounced(() => this.draw(), 30);
  }

  view() {
    const change = debounced((name, value) => this.choose({ [name]: value }), 150);
    const choice = (name, label, values) => h("select", { "aria-label": label, on: { change: (event) => this.choose({ [name]: event.target.value }) } }, h("option", { value: "" }, label), values.map((value) => h("option", { value, selected: value === this.chosen[name] }, value)));
    const field = (name, label, type) => h("input", { type, placeholder: label, "aria-label": label, value: this.chosen[name], on: { input: (event) => change(name, event.target.value.trim()) } });
    const node = h("div", { class: "page" }, h("div", { class: "page-head" }, h("h1", null, "Events"), this.state, h("span", { class: "push" }), this.pause,
      h("button", { type: "button", class: "button", on: { click: () => { this.notices = []; this.held = []; this.draw(); } } }, "Clear")),
      panel("Stream", { tight: true, tools: [field("text", "Text", "search"), field("vigy", "Vigy", "text"), choice("kind", "All kinds", KINDS), choice("level", "All levels", LEVELS)],
        copies: { CLI: `vigyc tail${this.chosen.vigy ? ` --vigy ${word(this.chosen.vigy)}` : ""}`, curl: curl("/v1/events").replace("curl", "curl -N") } }, h("div", { class: "feed", tabindex: "0" }, this.list, this.none)));
    return { title: "Events", nav: "events", node, ready: () => this.start(), close: () => { this.closed = true; this.stream?.close(); this.drawn.cancel(); } };
  }

  async start() {
    const last = await get("/v1/runs", { limit: 1 }).catch(() => []);
    const after = Math.max((last[0]?.seq ?? 0) - 60, 0);
    if (this.closed) return;
    this.draw();
    this.stream = listen({ after }, (notices) => this.hear(notices));
  }

  hear(come) {
    if (this.paused) {
      this.held.push(...come);
      if (this.held.length > MOST) this.held.splice(0, this.held.length - MOST);
    } else this.keep(come);
    this.drawn();
  }

  keep(come) {
    this.notices.push(...come);
    if (this.notices.length > MOST * 4) this.notices.splice(0, this.notices.length - MOST * 4);
  }

  hold(paused) {
    this.paused = paused;
    this.pause.textContent = paused ? "Resume" : "Pause";
    if (!paused) { this.keep(this.held); this.held = []; }
    this.draw();
  }

  choose(change) { Object.assign(this.chosen, change); restate(this.chosen); this.draw(); }

  fits(notice) {
    const { kind, vigy, text, level: least } = this.chosen;
    if (notice.kind === "gap") return true;
    if (kind && notice.kind !== kind) return false;
    const name = notice.vigy_id ? nameOf(notice.vigy_id, this.drawn) : "";
    if (vigy && !name.toLowerCase().includes(vigy.toLowerCase()) && !notice.vigy_id?.startsWith(vigy)) return false;
    if (least && (!level(notice) || LEVELS.indexOf(level(notice)) < LEVELS.indexOf(least))) return false;
    if (!text) return true;
    const said = [name, told(notice), ...(notice.run?.logs ?? []).map(({ message }) => message), ...(notice.run?.events ?? []).map(({ kind: what, message }) => `${what} ${message}`)].join("\n");
    return said.toLowerCase().includes(text.toLowerCase());
  }

  draw() {
    const shown = this.notices.filter((notice) => this.fits(notice)).slice(-MOST).reverse();
    fill(this.list, shown.map((notice) => item(notice, (id) => nameOf(id, this.drawn), { logs: true })));
    this.none.hidden = shown.length > 0;
    this.none.textContent = this.notices.length ? "Nothing of what came fits the filters." : "Waiting for something to happen. Ticks, events of programs, denials and changes of the registry show up here.";
    fill(this.state, this.paused ? `paused · ${count(this.held.length)} waiting` : `${count(shown.length)} shown of ${count(this.notices.length)}`);
  }
}
