// From what the policy refused, of all vigies, to a list of it.
import { fill, h } from "../dom.js";
import { get } from "../api.js";
import { runHref, vigyHref } from "../router.js";
import { curl } from "../copying.js";
import { vigyLink } from "../link_to_vigy.js";
import { empty, panel } from "../panel.js";
import { table } from "../table.js";
import { when } from "../clock.js";
import { attempt } from "../toast.js";
import { listen } from "../stream.js";

const ROWS = 50;

/** A table of refusals; `named` says whether the vigy is told with each. */
export function denialTable(refused, named = true) {
  const columns = [
    ["When", (row) => when(row.at), "nowrap"],
    ...(named ? [["Vigy", (row) => vigyLink(row.vigy_id, "policy"), "name"]] : []),
    ["Effect", (row) => h("code", null, row.data?.name), "nowrap"], ["Of", (row) => h("code", null, row.data?.resource ?? "")],
    ["Because", (row) => h("span", { class: "why" }, row.data?.rule ?? "")], ["", (row) => (row.run_id ? h("a", { href: runHref(row.run_id) }, "run") : null), "nowrap"],
  ];
  return table(columns, refused, { link: (row) => (row.run_id ? runHref(row.run_id) : vigyHref(row.vigy_id, "policy")), key: (row) => String(row.seq), caption: "Denials" });
}

/** The page. */
export async function denials() {
  const place = h("div");
  const more = h("div", { class: "panel-body row" });
  let found = [];
  const show = () => fill(place, found.length ? denialTable(found) : empty("The policy has refused nothing. What a program may do to the world is in its policy: see the Policy tab of a vigy."));
  const go = async (before) => {
    const page = await get("/v1/denials", { limit: ROWS, before });
    found = before ? [...found, ...page] : page;
    show();
    fill(more, page.length === ROWS ? h("button", { type: "button", class: "button small", on: { click: () => attempt(() => go(found.at(-1).seq)) } }, "Older") : null);
    more.hidden = page.length < ROWS;
  };
  await go();
  const stream = listen({ kinds: "denied" }, (come) => { found = [...come.filter(({ kind }) => kind === "denied").reverse(), ...found].slice(0, 500); show(); });
  return { title: "Denials", nav: "denials", close: () => stream.close(),
    node: h("div", { class: "page" }, h("h1", null, "Denials"), panel("What the policies refused", { tight: true, copies: { CLI: "vigyc tail --kind denied", curl: curl("/v1/denials") } }, place, more)) };
}
