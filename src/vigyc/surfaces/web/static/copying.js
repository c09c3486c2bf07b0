// From a panel to the same as a command line: `vigyc ...` or `curl ...`, ready to paste.
import { h } from "./dom.js";
import { toast } from "./toast.js";

/** `text` as one word of a shell. */
export const word = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A curl command for a route; the token is taken from the environment. */
export function curl(path, method = "GET", body) {
  const parts = ["curl", '-H "Authorization: Bearer $VIGYC_TOKEN"'];
  if (method !== "GET") parts.push("-X", method);
  if (body !== undefined) parts.push("-H 'Content-Type: application/json'", "-d", word(JSON.stringify(body)));
  return [...parts, word(location.origin + path)].join(" ");
}

const LOCAL = /^vigyc policy /; // asks the policy file, which is beside the store

/** A command of vigyc that asks this server, whatever store the reader's own machine has; the token is $VIGYC_TOKEN. */
function here(command) {
  const [first, ...rest] = command.split(" | vigyc ");
  return LOCAL.test(command) ? command : [`${first} --server ${location.origin}`, ...rest].join(" | vigyc ");
}

/** Put `text` on the clipboard. */
export async function copy(text) {
  try { await navigator.clipboard.writeText(text); }
  catch {
    const area = h("textarea", { class: "offscreen" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast("Copied");
}

/** A button with a menu of what can be copied: texts by what they are. */
export function copyMenu(texts) {
  const menu = h("div", { class: "menu", role: "menu", hidden: true });
  const opener = h("button", { type: "button", class: "plain copy", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": "Copy as", title: "Copy as" }, h("span", { class: "sheets", "aria-hidden": "true" }));
  const show = (open) => { menu.hidden = !open; opener.setAttribute("aria-expanded", String(open)); };
  for (const [name, given] of Object.entries(texts)) {
    const text = name === "CLI" ? here(given) : given;
    menu.append(h("button", { type: "button", role: "menuitem", title: text, on: { click: () => { show(false); copy(text); opener.focus(); } } },
      h("b", null, `as ${name}`), h("code", null, text)));
  }
  opener.addEventListener("click", () => { show(menu.hidden); if (!menu.hidden) menu.querySelector("button")?.focus(); });
  const box = h("span", { class: "menu-box", on: {
    focusout: (event) => { if (!box.contains(event.relatedTarget)) show(false); },
    keydown: (event) => { if (event.key === "Escape" && !menu.hidden) { event.stopPropagation(); show(false); opener.focus(); } },
  } }, opener, menu);
  return box;
}
