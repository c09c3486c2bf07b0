// From an empty page to the dashboard: who is there, which page, and what holds for all of them.
import { h } from "./dom.js";
import { onReachable } from "./api.js";
import { again, retry, route, start } from "./router.js";
import { help, listenToKeys } from "./keyboard.js";
import { learn, logOut, who } from "./session.js";
import { onStream } from "./stream.js";
import { attempt } from "./toast.js";
import { login } from "./views/login.js";
import { overview } from "./views/overview.js";
import { vigy } from "./views/vigy.js";
import { run } from "./views/run.js";
import { events } from "./views/events.js";
import { denials } from "./views/denials.js";
import { register } from "./views/register.js";
import { enhance } from "./views/enhance.js";
import { issue } from "./views/issue.js";
import { epoch } from "./views/epoch.js";
import { newIssue } from "./views/new_issue.js";

const KNOCK_MS = 2000;
const main = document.getElementById("main");
const banner = document.getElementById("banner");
const dot = h("span", { class: "dot", title: "Live events" });

function refused(problem) {
  if (problem.status === 401) return login(entered);
  return { title: problem.title || "Trouble", stale: true, node: h("div", { class: "empty" }, h("h1", null, problem.status === 404 ? "There is no such thing" : problem.title || "It did not work"),
    h("p", null, problem.message), h("p", { class: "row" }, h("span", { class: "push" }), h("button", { type: "button", class: "button", on: { click: again } }, "Try again"), h("a", { class: "button", href: "#/" }, "Overview"), h("span", { class: "push" }))) };
}

let known = learn().then(tools);
known.catch(() => null);

/** `view`, once it is known who asks: what they may do is part of every page. */
const guarded = (view) => async (context) => { await known; return view(context); };

async function entered() {
  known = learn().then(tools);
  await known.catch(() => null);
  again();
}

function tools() {
  const { name, role } = who();
  const leave = async () => { await attempt(logOut); entered(); };
  const icon = (text, label, work) => h("button", { type: "button", class: "plain icon", "aria-label": label, title: label, on: { click: work } }, text);
  document.getElementById("tools").replaceChildren(
    dot, ...(name ? [h("span", { class: "faint wide-only", title: `You may ${role}` }, `${name} · ${role}`)] : []),
    icon("◐", "Light or dark (t)", () => window.vigycTheme.toggle()), h("span", { class: "wide-only" }, icon("?", "Keyboard (?)", help)),
    ...(name ? [h("button", { type: "button", class: "plain leave", on: { click: leave } }, "Log out")] : []));
}

let reachable = true;
let knocking = 0;
function serverIs(there) {
  if (there === reachable) return;
  reachable = there;
  banner.hidden = there;
  banner.textContent = "The server does not answer. Trying again; nothing you see here is newer than this.";
  clearInterval(knocking);
  if (there) retry();
  else knocking = setInterval(() => learn().catch(() => null), KNOCK_MS); // a page that could not be shown asks nothing by itself
}

onReachable(serverIs);
onStream((state) => {
  dot.className = `dot ${state}`;
  dot.title = state === "open" ? "Live: events arrive as they happen" : "Not live: the stream of events is lost, trying again";
  if (state === "lost") learn().catch((problem) => { if (problem.status === 401) entered(); });
  else serverIs(true);
});

route("/", guarded(overview));
route("/vigies/:id/:tab?", guarded(vigy));
route("/runs/:id", guarded(run));
route("/events", guarded(events));
route("/denials", guarded(denials));
route("/register", guarded(register));
route("/enhance/:tab?/:name?", guarded(enhance));
route("/issues/new", guarded(newIssue));
route("/issues/:id", guarded(issue));
route("/epochs/:id", guarded(epoch));
listenToKeys();
start(main, refused);
