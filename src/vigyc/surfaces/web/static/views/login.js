// From a visitor nobody knows to one with a session.
import { button, h } from "../dom.js";
import { logIn } from "../session.js";

/** The page that asks for a token; `entered` is called when there is a session. */
export function login(entered) {
  const expired = new URLSearchParams(location.search).get("login") === "expired";
  const wrong = h("p", { class: "bad-text", role: "alert" });
  const token = h("input", { type: "password", name: "token", autocomplete: "current-password", placeholder: "Token", "aria-label": "Token", required: true });
  const enter = async () => {
    wrong.textContent = "";
    try { await logIn(token.value.trim()); } catch (problem) {
      wrong.textContent = problem.status === 401 || problem.status === 403 ? "That is not a token this server knows." : problem.message;
      token.select();
      return;
    }
    if (expired) history.replaceState(null, "", `${location.pathname}${location.hash}`);
    entered();
  };
  const submit = button("Log in", enter, { class: "button primary", type: "submit" });
  return {
    title: "Log in",
    node: h("section", { class: "panel login", "aria-labelledby": "login-title" }, h("div", { class: "panel-head" }, h("h1", { id: "login-title" }, "Log in")),
      h("div", { class: "panel-body" },
        expired ? h("p", { class: "warn-text", role: "status" }, h("b", null, "That link does not let in any more: "), "each is good once, and not for long. Start ", h("code", null, "vigyc serve"), " again for a new one, or enter a token.") : null,
        h("p", null, "The easiest way in is the one-time link that ", h("code", null, "vigyc serve"), " prints in a terminal when it starts, or ", h("code", null, "vigyc serve --open"), ", which opens it."),
        h("p", null, "Or enter a token; ", h("code", null, "vigyc token show admin"), " prints one:"),
        h("form", { class: "row", on: { submit: (event) => event.preventDefault() } }, token, submit), wrong)),
    ready: () => token.focus(),
  };
}
