// From something that was done, or was not, to a message that goes away by itself.
import { h } from "./dom.js";

const SECONDS = { ok: 4, bad: 12 };

/** Tell it: `kind` is ok or bad. */
export function toast(text, kind = "ok") {
  const element = h("div", { class: `toast ${kind}`, role: kind === "bad" ? "alert" : "status" }, h("span", null, text),
    h("button", { type: "button", class: "plain", "aria-label": "Dismiss", on: { click: () => element.remove() } }, "×"));
  document.getElementById("toasts").append(element);
  setTimeout(() => element.remove(), SECONDS[kind] * 1000);
}

/** Do it; tell `done` when it is, and what went wrong otherwise. The answer, or undefined. */
export async function attempt(work, done = "") {
  try {
    const answer = await work();
    if (done) toast(typeof done === "function" ? done(answer) : done);
    return answer;
  } catch (problem) {
    toast(problem.status === 403 && problem.kind === "not-allowed" ? `Your role may not: ${problem.message}` : problem.message, "bad");
    return undefined;
  }
}
