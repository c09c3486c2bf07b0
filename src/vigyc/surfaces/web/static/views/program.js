// From a vigy's program to the tab Program: read it, change it while it is checked, save it if nobody else did meanwhile.
import { button, fill, h } from "../dom.js";
import { ask, vigyPath } from "../api.js";
import { listing } from "../code.js";
import { dialog } from "../dialog.js";
import { curl, word } from "../copying.js";
import { editor } from "../editor.js";
import { panel } from "../panel.js";
import { may } from "../session.js";
import { toast } from "../toast.js";

/** The tab. */
export async function programTab({ id }) {
  const place = h("div");
  const tools = h("span", { class: "row" });
  let code = null;
  let held = await fetched();
  const note = h("input", { type: "text", placeholder: "Why (kept with the version)", "aria-label": "Note", autocomplete: "off" });
  const save = button("Save", () => store(held.tag), { class: "button primary" });

  async function fetched() {
    const { data, headers } = await ask("GET", vigyPath(id));
    return { vigy: data, tag: headers.get("ETag") };
  }
  function read() {
    code?.close();
    code = null;
    fill(place, listing(held.vigy.program, "lisp"));
    fill(tools, may("admin") ? button("Edit", edit) : h("span", { class: "faint" }, "changing it takes the role admin"));
  }
  function edit() {
    const { name, labels, modules } = held.vigy;
    code = editor(held.vigy.program, { about: () => ({ name, labels, ...(modules ? { modules } : {}) }), save: () => save.click(), changed: ({ ok, text }) => { save.disabled = !ok || text === held.vigy.program; } });
    save.disabled = true;
    fill(tools, note, save, button("Cancel", read));
    fill(place, h("div", { class: "panel-body" }, code.node));
    code.node.querySelector("textarea").focus();
  }
  async function store(tag) {
    if (save.disabled) return;
    const body = { program: code.text(), ...(note.value.trim() ? { note: note.value.trim() } : {}) };
    try {
      const { data, headers } = await ask("PATCH", vigyPath(id), { body, headers: tag ? { "If-Match": tag } : {} });
      held = { vigy: data, tag: headers.get("ETag") };
      note.value = "";
      toast(`Saved: version ${data.version}`);
      read();
    } catch (problem) {
      if (problem.status === 412) await conflict();
      else { if (problem.findings?.length) code.show(problem); toast(problem.message, "bad"); }
    }
  }
  async function conflict() {
    const theirs = await fetched();
    const choice = await dialog("It was changed meanwhile", (close) => h("div", { class: "page" },
      h("p", null, theirs.vigy.program === held.vigy.program ? "Not its program, but its kv, its schedule or something else of it." : `Its program is at version ${theirs.vigy.version} now:`),
      theirs.vigy.program === held.vigy.program ? null : listing(theirs.vigy.program, "lisp", { label: "Their program" }),
      h("div", { class: "row end" }, button("Go on editing", () => close(null)), button("Take theirs", () => close("theirs")), button("Save mine", () => close("mine"), { class: "button primary" }))), { wide: true });
    if (!choice) return;
    held = theirs;
    if (choice === "theirs") read();
    else await store(theirs.tag);
  }
  read();
  const name = word(held.vigy.name);
  return { close: () => code?.close(), update: ({ vigy }) => { if (!code && vigy.version !== held.vigy.version) fetched().then((now) => { held = now; if (!code) read(); }, () => null); },
    node: panel("Program", { tight: true, tools, copies: { CLI: `vigyc update ${name} --program program.tatara`, curl: curl(vigyPath(id), "PATCH", { program: "(vigy-noop)" }), text: held.vigy.program } }, place) };
}
