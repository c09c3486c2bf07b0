// From a vigy's program to the tab Python: what it is compiled to.
import { h } from "../dom.js";
import { get, vigyPath } from "../api.js";
import { listing } from "../code.js";
import { curl, word } from "../copying.js";
import { panel } from "../panel.js";

/** The tab. */
export async function pythonTab({ id, known }) {
  const { python } = await get(vigyPath(id, "python"));
  return { node: panel("Generated Python", { tight: true, note: "what is run on each tick; for reading", copies: { CLI: `vigyc versions ${word(known.vigy.name)} ${known.vigy.version} | vigyc compile -`, curl: curl(vigyPath(id, "python")), text: python } },
    python ? listing(python, "python", { label: "Generated Python" }) : h("p", { class: "empty" }, "There is none.")) };
}
