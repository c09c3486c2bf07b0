// From the id of a vigy, and its name if that was told, to a link to it, which has its name as soon as that is known.
import { h } from "./dom.js";
import { learned, nameOf } from "./names.js";
import { vigyHref } from "./router.js";

/** The link; `tab` is where on its page it leads. */
export function vigyLink(id, tab = "", name = "") {
  if (name) learned([{ id, name }]);
  const link = h("a", { href: vigyHref(id, tab) }, nameOf(id, () => { link.textContent = nameOf(id); }));
  return link;
}

/** The same for what is told with the name of its vigy, unless that was deleted. */
export const vigyOf = ({ vigy_id: id, vigy_name: name }) => (name ? vigyLink(id, "issues", name) : h("span", { class: "faint", title: `${id} was deleted` }, id.slice(0, 8)));
