// From the fragment of the address to the page that is shown: `#/vigies/ID/kv?search=x`.
import { fill, h } from "./dom.js";
import { Problem } from "./api.js";
import { queryText } from "./query.js";

const routes = [];
let shown = null;
let turn = 0;

/** Show `view(context)` at `pattern`, such as `/vigies/:id/:tab?`; a view gives {title, node, close?, nav?}. */
export function route(pattern, view) {
  const names = [];
  const text = pattern.replace(/\/:(\w+)(\?)?/g, (_, name, optional) => {
    names.push(name);
    return optional ? "(?:/([^/]+))?" : "/([^/]+)";
  });
  routes.push({ test: new RegExp(`^${text}/?$`), names, view });
}

/** Where we are: path and query of the fragment. */
export function here() {
  const [path, query = ""] = (location.hash.replace(/^#/, "") || "/").split(/\?(.*)/s);
  return { path, query: new URLSearchParams(query) };
}

export const href = (path, query = {}) => {
  const given = queryText(query);
  return `#${path}${given ? `?${given}` : ""}`;
};
export const go = (path, query) => { location.hash = href(path, query); };
export const vigyHref = (id, tab = "") => href(`/vigies/${encodeURIComponent(id)}${tab ? `/${tab}` : ""}`);
export const runHref = (id) => href(`/runs/${encodeURIComponent(id)}`);
export const issueHref = (id) => href(`/issues/${encodeURIComponent(id)}`);
export const epochHref = (id) => href(`/epochs/${encodeURIComponent(id)}`);
export const pipelineHref = (name) => href(`/enhance/settings/${encodeURIComponent(name)}`);

/** Say in the address what is shown, without a step in the history and without showing it anew. */
export function restate(query) {
  history.replaceState(null, "", href(here().path, query));
}

/** Show what the address says, now and whenever it changes. `refused` shows a Problem that a view raised. */
export function start(main, refused) {
  const show = async (moved) => {
    const mine = ++turn;
    const { path, query } = here();
    shown?.close?.();
    shown = null;
    const waiting = setTimeout(() => mine === turn && main.setAttribute("aria-busy", "true"), 150);
    const view = await made(path, query, refused);
    clearTimeout(waiting);
    if (mine !== turn) { view.close?.(); return; }
    main.removeAttribute("aria-busy");
    shown = view;
    document.title = `${view.title} · vigyc`;
    const held = moved && main.contains(document.activeElement) ? document.activeElement.id : "";
    fill(main, view.node);
    if (held) document.getElementById(held)?.focus({ preventScroll: true }); // such as the tab that was chosen with the keyboard
    document.querySelectorAll("[data-nav]").forEach((link) => {
      if (link.dataset.nav === view.nav) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
    if (moved && !main.contains(document.activeElement)) { main.focus({ preventScroll: true }); scrollTo(0, 0); }
    view.ready?.();
  };
  addEventListener("hashchange", () => show(true));
  addEventListener("vigyc-again", () => show(false));
  return show(false);
}

/** Show the page again if it could not be shown. */
export const retry = () => { if (shown?.stale) again(); };

/** Show the same page anew, with what is so now. */
export const again = () => dispatchEvent(new Event("vigyc-again"));

async function made(path, query, refused) {
  for (const { test, names, view } of routes) {
    const found = test.exec(path);
    if (!found) continue;
    try {
      const parts = names.map((name, index) => [name, found[index + 1] && decodeURIComponent(found[index + 1])]);
      return await view({ ...Object.fromEntries(parts), query });
    } catch (error) {
      if (error instanceof Problem) return refused(error);
      console.error(error);
      return { title: "Fault", node: h("p", { class: "empty" }, "The dashboard itself is wrong here: ", String(error)) };
    }
  }
  return { title: "Not found", node: h("div", { class: "empty" }, h("h1", null, "There is no such page"), h("p", null, h("a", { href: "#/" }, "Back to the overview"))) };
}
