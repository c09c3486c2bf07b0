// From one epoch to its page.
import { h } from "../dom.js";
import { get, issuePath } from "../api.js";
import { issueHref } from "../router.js";
import { copyMenu, curl } from "../copying.js";
import { epochParts, outcome } from "../epoch.js";
import { firstLine } from "../issue.js";
import { panel } from "../panel.js";
import { vigyOf } from "../link_to_vigy.js";

/** The page. */
export async function epoch({ id }) {
  const path = `/v1/enhance/log/${encodeURIComponent(id)}`;
  const it = await get(path);
  const issue = await get(issuePath(it.issue_id)).catch(() => null);
  const copies = { CLI: `vigyc enhance log --epoch ${it.id}`, curl: curl(path), id: it.id };
  return { title: `Attempt ${it.attempt}: ${it.outcome}`, nav: "enhance", node: h("div", { class: "page" },
    h("div", { class: "page-head" }, h("h1", null, `Attempt ${it.attempt} at an issue of `, vigyOf(it)), outcome(it), h("span", { class: "push" }), copyMenu(copies)),
    h("p", { class: "soft" }, "Issue: ", h("a", { href: issueHref(it.issue_id) }, issue ? firstLine(issue.intent) : it.issue_id)),
    panel("Epoch", { copies }, epochParts(it))) };
}
