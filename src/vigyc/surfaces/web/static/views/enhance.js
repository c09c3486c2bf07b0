// From the enhance pipeline to its page: what is paused, and tabs for the queue, the log and the settings.
import { fill, h } from "../dom.js";
import { get } from "../api.js";
import { href } from "../router.js";
import { pausedNote } from "../paused_note.js";
import { renewal } from "../renewal.js";
import { may } from "../session.js";
import { listen } from "../stream.js";
import { logTab } from "./log.js";
import { pipelineTab } from "./pipeline.js";
import { queueTab } from "./queue.js";

const TABS = [["queue", "Queue", queueTab], ["log", "Log", logTab], ["settings", "Settings", pipelineTab]];
const REDONE_MS = 500;

/** The page. A tab is made by `tab({query, name, look})`, and gives {node, close?, update?(settings)}. */
export async function enhance({ tab, name, query }) {
  const [chosen, , make] = TABS.find(([each]) => each === tab) ?? TABS[0];
  const paused = h("div", { class: "page" });
  let settings = await get("/v1/enhance/settings");
  let closed = false;
  const tell = () => { if (!paused.contains(document.activeElement)) fill(paused, settings.filter((each) => each.paused).map((each) => pausedNote(each, look))); };
  async function look() {
    const now = await get("/v1/enhance/settings").catch(() => null);
    if (!now || closed) return;
    settings = now;
    tell();
    await made.update?.(settings);
  }
  const made = await make({ query, name, look, settings });
  const renewed = renewal(look, REDONE_MS);
  let stream = null;
  const follow = () => { stream = listen({ kinds: ["issue", "enhance", "deleted"] }, renewed.soon, renewed.soon); };
  tell();
  const tabs = h("nav", { class: "tabs", role: "tablist", "aria-label": "Of the pipeline" }, TABS.map(([each, text]) => h("a", { href: href(each === "queue" ? "/enhance" : `/enhance/${each}`), role: "tab", id: `tab-${each}`, "aria-selected": String(each === chosen), "aria-controls": "tab-panel" }, text)));
  return { title: "Enhance", nav: "enhance", ready: follow, close: () => { closed = true; renewed.close(); stream?.close(); made.close?.(); },
    node: h("div", { class: "page" }, h("div", { class: "page-head" }, h("h1", null, "Enhance"), h("span", { class: "soft" }, "an issue in, a verified new version of a program out"), h("span", { class: "push" }), may("operate") && h("a", { class: "button primary", href: href("/issues/new") }, "New issue")),
      paused, tabs, h("div", { id: "tab-panel", role: "tabpanel", "aria-labelledby": `tab-${chosen}`, class: "page" }, made.node)) };
}
