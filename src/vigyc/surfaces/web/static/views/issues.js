// From a vigy to the tab Issues: what is wanted of its program, and every attempt at that.
import { h } from "../dom.js";
import { get } from "../api.js";
import { href } from "../router.js";
import { curl, word } from "../copying.js";
import { issueTable } from "../issue.js";
import { empty, panel } from "../panel.js";
import { may } from "../session.js";
import { renew } from "../table.js";
import { epochLog } from "./log.js";

const ROWS = 20;

/** The tab. */
export async function issuesTab({ id, known }) {
  const name = known.vigy.name;
  const log = epochLog({ vigy: id, copies: { CLI: `vigyc enhance log ${word(name)}`, curl: curl(`/v1/enhance/log?vigy=${encodeURIComponent(id)}`) } });
  let shown = h("div");
  const holder = h("div", null, shown);
  const more = h("p", { class: "panel-body" }, h("a", { href: href("/enhance", { vigy: id }) }, "All of them"));
  const look = async () => {
    const issues = await get("/v1/issues", { vigy: id, limit: ROWS });
    shown = renew(shown, issues.length ? issueTable(issues, false) : empty("Nobody wants its program changed. An issue says what is to change, and becomes a new version once the verifiers let it."));
    more.hidden = issues.length < ROWS;
    await log.renew();
  };
  await look();
  return { update: () => look().catch(() => null),
    node: h("div", { class: "page" }, panel("Issues", { tight: true, tools: may("operate") && h("a", { class: "button", href: href("/issues/new", { vigy: name }) }, "New issue"), copies: { CLI: `vigyc issue list ${word(name)}`, curl: curl(`/v1/issues?vigy=${encodeURIComponent(id)}`) } }, holder, more), log.node) };
}
