// From an issue to its page: who wants what, how far it has come, what can be done with it, and every attempt at it.
import { button, fill, h } from "../dom.js";
import { get, issuePath, post } from "../api.js";
import { again, href, pipelineHref, vigyHref } from "../router.js";
import { listing } from "../code.js";
import { copyMenu, curl } from "../copying.js";
import { confirmed } from "../dialog.js";
import { epochParts, outcome, reasonList } from "../epoch.js";
import { facts, whole } from "../facts.js";
import { fold } from "../fold.js";
import { ENDED, marks } from "../issue.js";
import { empty, panel } from "../panel.js";
import { pausedNote } from "../paused_note.js";
import { renewal } from "../renewal.js";
import { may } from "../session.js";
import { listen } from "../stream.js";
import { selecting } from "../table.js";
import { attempt, toast } from "../toast.js";
import { vigyOf } from "../link_to_vigy.js";
import { now, when } from "../clock.js";

const REDONE_MS = 200;
const EPOCHS = 20;

/** The page. */
export async function issue({ id }) {
  return new IssuePage(...await known(id)).view();
}

/** The issue, its attempts, and why its setting makes it wait. */
async function known(id) {
  const it = await get(issuePath(id));
  const setting = it.state === "pending" ? (await get("/v1/enhance/settings")).find(({ name }) => name === it.setting) ?? { gone: true } : {};
  return [it, await get("/v1/enhance/log", { issue: it.id, limit: EPOCHS }), setting];
}

class IssuePage {
  constructor(it, epochs, setting) {
    Object.assign(this, { it, id: it.id, epochs, setting });
    this.head = h("header", { class: "page-head" });
    this.facts = h("div", { class: "page" });
    this.progress = h("div");
    this.candidate = h("div");
    this.attempts = h("div", { class: "page" });
    this.show();
    this.showEpochs();
    this.renewed = renewal(() => this.look(), REDONE_MS);
  }

  view() {
    const copies = { CLI: `vigyc issue show ${this.id}`, curl: curl(issuePath(this.id)) };
    const node = h("div", { class: "page" }, this.head, panel("Issue", { copies }, h("p", { class: "prose intent", "aria-label": "Intent" }, this.it.intent), this.progress, this.candidate, this.facts, given(this.it)), h("h2", null, "Attempts"), this.attempts);
    return { title: "Issue", nav: "enhance", node, ready: () => this.start(), close: () => this.close() };
  }

  /** Listen to the issues of all vigies: of one that was deleted there is no stream. */
  start() {
    this.stream = listen({ kinds: ["issue", "enhance", "deleted"] }, (notices) => {
      if (notices.some(({ kind, data, vigy_id: of }) => data?.issue === this.id || (kind === "enhance" && data?.setting === this.it.setting) || (kind === "deleted" && of === this.it.vigy_id) || kind === "gap")) this.renewed.soon();
    }, this.renewed.soon);
  }

  close() { this.closed = true; this.renewed.close(); this.stream?.close(); }

  async look() {
    const [it, epochs, setting] = await known(this.id).catch((problem) => { if (problem.status === 404 && !this.closed) again(); return [null]; });
    if (!it || this.closed) return;
    const same = JSON.stringify([it, epochs.length, setting]) === JSON.stringify([this.it, this.epochs.length, this.setting]);
    Object.assign(this, { it, epochs, setting });
    if (same) return;
    this.show();
    this.showEpochs();
  }

  show() {
    const { it } = this;
    if (!selecting(this.facts)) fill(this.facts, this.told(it));
    this.showTrial(it);
    const held = this.head.contains(document.activeElement) ? document.activeElement.textContent : "";
    fill(this.head, h("h1", null, "Issue of ", vigyOf(it)), marks(it), h("span", { class: "push" }), this.buttons(it));
    if (held) [...this.head.querySelectorAll("button")].find((each) => each.textContent === held)?.focus();
  }

  told(it) {
    const waits = it.state === "pending" && it.due_at && Date.parse(it.due_at) > now() + 500;
    const { gone, paused } = this.setting;
    return [
      paused ? pausedNote(this.setting, () => this.look()) : gone ? h("p", { class: "warn-text prose" }, `It waits: there is no setting ${it.setting} any more. Make it again, or cancel the issue.`) : null,
      it.held ? h("p", { class: "warn-text" }, "It waits until it is approved: it would change what decides on changes, a flow or the tests of a program.", may("admin") ? null : " Approving takes the role admin.") : null,
      it.reasons.length ? h("div", null, h("h3", null, it.state === "pending" ? "Why it is tried again" : "Reasons"), reasonList(it.reasons)) : null,
      facts([["By", it.author], ["Submitted", when(it.submitted_at)], ["Changed", when(it.updated_at)], ["Attempts", String(it.attempts)], ["Next attempt", waits ? when(it.due_at) : null], ["Setting", h("a", { href: pipelineHref(it.setting) }, it.setting)],
        ["Worked off by", it.leased_by && [it.leased_by, it.leased_until ? h("span", { class: "faint" }, " · leased, ends ", when(it.leased_until)) : null]], ["Approved by", it.approved_by], ["Version", it.version && h(it.vigy_name ? "a" : "span", { href: it.vigy_name && vigyHref(it.vigy_id, "versions") }, String(it.version))], ["Key", it.key && h("code", null, it.key)], ["Issue", h("code", null, it.id)]]),
    ];
  }

  /** How far a trial or a watch has come, and what is tried, which stays as it is meanwhile. */
  showTrial({ state, trial, vigy_name: name }) {
    fill(this.progress, trial ? progress(state, trial) : null);
    const entry = trial?.entry;
    if (entry?.id === this.tried) return;
    this.tried = entry?.id;
    fill(this.candidate, entry ? fold("What is tried, and what the verifiers said of it", () => epochParts({ ...entry, vigy_name: name, program: trial.candidate?.program })) : null);
  }

  buttons(it) {
    const widened = it.state === "rejected" && !it.approved_by && this.epochs[0]?.verdicts.some(({ axis, status }) => axis === "capabilities" && status === "deny");
    return h("div", { class: "row" },
      may("admin") && (it.held || widened) && button("Approve", () => this.approve(widened), { class: "button primary" }),
      may("operate") && ENDED.includes(it.state) && it.state !== "applied" && button("Retry", () => this.change("retry", "It is in the queue again")),
      may("operate") && !ENDED.includes(it.state) && button("Cancel", () => this.cancel(), { class: "button danger" }),
      copyMenu({ CLI: `vigyc issue show ${it.id}`, curl: curl(issuePath(it.id)), id: it.id }));
  }

  async change(verb, done) {
    if ((await attempt(() => post(issuePath(this.id, verb)), done)) === undefined) return;
    document.activeElement?.blur();
    await this.look();
  }

  async cancel() {
    const busy = this.it.state !== "pending";
    if (await confirmed("Cancel this issue?", busy ? "What works it off is stopped, and nothing of it becomes a version." : "It is not worked off. It can be retried later.", "Cancel the issue", { danger: true, keep: "Leave it" })) await this.change("cancel", "Cancelled");
  }

  async approve(widened) {
    const text = widened ? "Its program may need more than the version before it may do. The policy still decides what is granted. Retry it then." : "It may change what decides on changes: a flow, or the tests of a program.";
    if (!(await confirmed("Approve this issue?", text, "Approve"))) return;
    await this.change("approve", "");
    if (this.it.approved_by) toast(`Approved by ${this.it.approved_by}`);
  }

  /** Entries of the log are never changed: those that are shown stay as they are. */
  showEpochs() {
    if (!this.epochs.length) { fill(this.attempts, empty(this.it.state === "leased" ? "The first is under way." : "There was none yet.")); return; }
    const shown = new Map([...this.attempts.querySelectorAll("[data-epoch]")].map((each) => [each.dataset.epoch, each]));
    this.attempts.querySelector(":scope > .empty")?.remove();
    const fresh = this.epochs.filter(({ id }) => !shown.has(id)).reverse();
    const first = !shown.size;
    fresh.forEach((epoch, at) => this.attempts.prepend(attemptPart(epoch, !first || at === fresh.length - 1)));
    if (first && this.epochs.length === EPOCHS) this.attempts.append(h("p", { class: "faint" }, "Older ones are in ", h("a", { href: href("/enhance/log") }, "the log"), "."));
  }
}

/** An attempt, whole where `open`. */
function attemptPart(epoch, open) {
  const title = [h("b", null, `Attempt ${epoch.attempt}`), " ", outcome(epoch), " ", h("span", { class: "faint" }, when(epoch.ended_at), epoch.version ? ` · version ${epoch.version}${epoch.label ? ` (${epoch.label})` : ""}` : "")];
  const part = fold(title, () => epochParts(epoch), { open });
  part.classList.add("panel", "attempt");
  part.dataset.epoch = epoch.id;
  return part;
}

/** What came with it. */
const given = ({ constraints, proposal }) => [
  Object.keys(constraints ?? {}).length ? fold("Constraints", () => whole(constraints)) : null,
  proposal ? fold("Proposal", () => (typeof proposal.source === "string" ? [whole({ ...proposal, source: undefined }), listing(proposal.source, "lisp", { label: "Proposal" })] : whole(proposal))) : null,
];

/** How far a trial or a watch has come, in words and as a bar. */
function progress(state, { wanted, done = 0, bad = 0, runs = 0, failed = 0, denied = 0, parent, parent_failed: before = 0, parent_denied: refused = 0, candidate }) {
  const bar = (value) => h("progress", { max: wanted, value, "aria-label": "Progress" });
  if (state === "trial") return [h("h3", null, "Trial"), h("p", null, bar(done), ` ${done} of ${wanted} ticks in shadow, beside the runs of version ${candidate?.base ?? "–"}; none was worse`, bad ? `, and ${bad} failed as that did` : "", ". Its program becomes a version when all are done.")];
  return [h("h3", null, "Watch"), h("p", null, bar(runs), ` ${runs} of ${wanted} runs of the new version are watched: ${failed} failed (${before} of version ${parent} did), ${denied} were refused an effect (${refused}). More than before take it back.`)];
}
