// From the editions of a program to the tab Versions: what differs, and the way back.
import { button, fill, h } from "../dom.js";
import { get, post, vigyPath } from "../api.js";
import { epochHref } from "../router.js";
import { listing } from "../code.js";
import { confirmed } from "../dialog.js";
import { curl, word } from "../copying.js";
import { diffView } from "../diff.js";
import { empty, panel } from "../panel.js";
import { may } from "../session.js";
import { table } from "../table.js";
import { attempt } from "../toast.js";
import { when } from "../clock.js";

/** The tab. */
export async function versionsTab({ id, known }) {
  let versions = await get(vigyPath(id, "versions"));
  let newest = known.vigy.version;
  const list = h("div");
  const detail = h("div");
  const name = known.vigy.name;
  const show = async (number, text) => {
    const older = versions.find((each) => each.number < number)?.number;
    const version = versions.find((each) => each.number === number);
    const diff = text === "diff" && older ? await attempt(() => get(vigyPath(id, "diff"), { old: older, new: number })) : null;
    if (text === "diff" && older && !diff) return;
    const title = diff ? `Version ${older} to ${number}` : `Version ${number}${version.label ? ` (${version.label})` : ""}`;
    const copies = diff ? { CLI: `vigyc diff ${word(name)} ${older} ${number}`, curl: curl(`${vigyPath(id, "diff")}?old=${older}&new=${number}`) } : { CLI: `vigyc versions ${word(name)} ${number}`, curl: curl(vigyPath(id, "versions", number)) };
    fill(detail, panel(title, { copies, tight: !diff }, diff ? diffView(diff.diff) : listing(version.program, "lisp")));
    detail.querySelector("[tabindex]")?.scrollIntoView({ block: "nearest" });
  };
  const back = async ({ number }) => {
    if (!(await confirmed(`Go back to version ${number}?`, `Its program becomes version ${newest + 1}, and is what ticks from now on. Nothing is lost: the others stay.`, "Roll back"))) return;
    const done = await attempt(() => post(vigyPath(id, "rollback"), { number }), (vigy) => `Version ${vigy.version} has the program of version ${number}`);
    if (done) await look(done.version);
  };
  const draw = () => fill(list, versions.length ? table([
    ["Version", (row) => [h("b", null, String(row.number)), " ", row.number === newest ? h("span", { class: "pill good" }, "ticks now") : null], "nowrap"], ["Label", (row) => [h("span", { title: row.bump ? `a ${row.bump} change` : null }, row.label ?? ""), row.epoch ? [" ", h("a", { href: epochHref(row.epoch), title: "Made by the enhance pipeline: why, and what its verifiers said" }, "epoch")] : null], "nowrap"], ["When", (row) => when(row.created_at), "nowrap"], ["By", (row) => h("span", { class: row.author ? "who" : "faint", title: row.author }, row.author ?? "–")], ["Note", (row) => row.note ?? "", "grow"],
    ["", (row) => h("span", { class: "row end" }, button("Show", () => show(row.number, "text"), { class: "button small", "aria-label": `Show version ${row.number}` }), row.number > 1 ? button("Diff", () => show(row.number, "diff"), { class: "button small", "aria-label": `Differences of version ${row.number} from the one before` }) : null,
      may("operate") && row.number !== newest ? button("Roll back", () => back(row), { class: "button small", "aria-label": `Roll back to version ${row.number}` }) : null), "nowrap"],
  ], versions, { key: (row) => String(row.number), caption: "Versions" }) : empty("There are none."));
  async function look(version) { newest = version; versions = await get(vigyPath(id, "versions")); draw(); if (versions.length > 1) await show(newest, "diff"); }
  draw();
  if (versions.length > 1) await show(versions[0].number, "diff");
  return { update: ({ vigy }) => { if (vigy.version !== newest) look(vigy.version).catch(() => null); },
    node: h("div", { class: "page" }, panel("Versions", { tight: true, copies: { CLI: `vigyc versions ${word(name)}`, curl: curl(vigyPath(id, "versions")) } }, list), detail) };
}
