// From the epochs there were to the tab Log: each attempt at an issue, the newest first.
import { h } from "../dom.js";
import { get } from "../api.js";
import { curl } from "../copying.js";
import { epochTable } from "../epoch.js";
import { empty, panel } from "../panel.js";
import { refill, renew } from "../table.js";
import { attempt } from "../toast.js";

const ROWS = 20; // entries are told whole, with what was said and called

/** The tab. */
export async function logTab() {
  const log = epochLog({ copies: { CLI: "vigyc enhance log", curl: curl("/v1/enhance/log") } });
  await log.look();
  return { node: log.node, update: () => log.renew() };
}

/** The log of one vigy, or of all, a page at a time: {node, look(), renew()}. */
export function epochLog({ copies, vigy = null }) {
  let before = null; // null: the newest, renewed as they come
  let shown = h("div");
  const holder = h("div", null, shown);
  const bar = h("div", { class: "panel-body row" });
  const look = async () => {
    const epochs = await get("/v1/enhance/log", { vigy, before, limit: ROWS });
    shown = renew(shown, epochs.length ? epochTable(epochs, !vigy) : empty(before ? "There are no older ones." : "No issue was worked off yet. Each attempt at one leaves an entry here, whatever came of it."));
    const turn = (text, off, to) => h("button", { type: "button", class: "button small", disabled: off, on: { click: () => { before = to; getSelection().removeAllRanges(); attempt(look); } } }, text);
    refill(bar, h("span", { class: "faint" }, before ? `before number ${before}` : "the newest, as they come"), h("span", { class: "push" }), turn("Newest", before === null, null), turn("Older", epochs.length < ROWS, epochs.at(-1)?.seq ?? null));
    bar.hidden = before === null && epochs.length < ROWS;
  };
  return { look, renew: async () => { if (before === null) await look(); }, node: panel("Epochs", { tight: true, note: "one for each attempt", copies }, holder, bar) };
}
