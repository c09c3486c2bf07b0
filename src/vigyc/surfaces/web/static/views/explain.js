// From a vigy to the tab Explain: why it is as it is, in sentences.
import { fill, h } from "../dom.js";
import { get, vigyPath } from "../api.js";
import { curl, word } from "../copying.js";
import { panel } from "../panel.js";

/** The tab. */
export async function explainTab({ id, known }) {
  const list = h("ul", { class: "sentences" });
  const look = async () => {
    const { sentences } = await get(vigyPath(id, "explain"));
    // the second says what it does now, which is what one asks; who it is can be told after
    const [who, now, ...rest] = sentences;
    fill(list, [now, ...rest, who].filter(Boolean).map((sentence) => h("li", null, sentence)));
  };
  await look();
  return { update: () => look().catch(() => null), node: panel("Why it is as it is", { copies: { CLI: `vigyc explain ${word(known.vigy.name)}`, curl: curl(vigyPath(id, "explain")) } }, list) };
}
