// From a setting of the pipeline that is paused to a line that says so, and why, with the button to go on.
import { button, h } from "./dom.js";
import { post, settingPath } from "./api.js";
import { pipelineHref } from "./router.js";
import { may } from "./session.js";
import { attempt } from "./toast.js";

/** The line; `look` is called once its issues go on. */
export function pausedNote({ name, paused }, look) {
  const resume = async () => { if ((await attempt(() => post(settingPath(name, "resume")), `The issues of ${name} go on`)) !== undefined) { document.activeElement?.blur(); await look(); } };
  return h("div", { class: "paused", role: "status" }, h("span", null, "The setting ", h("a", { href: pipelineHref(name) }, name), " is paused, and its issues wait: ", h("b", { class: "prose" }, paused)), h("span", { class: "push" }),
    may("operate") ? button("Resume", resume, { class: "button small", "aria-label": `Resume ${name}` }) : h("span", { class: "faint" }, "going on takes the role operate"));
}
