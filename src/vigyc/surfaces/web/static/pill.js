// From a word for how something went to a mark with its colour.
import { h } from "./dom.js";

const TONES = {
  ok: "good", true: "good", running: "good", allowed: "good", waiting: "calm", due: "calm", created: "good", ready: "good",
  failed: "bad", "timed_out": "bad", "backing-off": "bad", denied: "bad", false: "bad", misused: "bad", error: "bad", deleted: "bad",
  late: "warn", aborted: "warn", skipped: "warn", paused: "warn", standby: "warn", missed: "warn", gap: "warn", warn: "warn", warning: "warn", unknown: "warn", "not-done": "warn",
  applied: "good", pass: "good", leased: "good", rejected: "bad", dead: "bad", deny: "bad", lost: "bad", trial: "warn", held: "warn", retry: "warn", conflict: "warn", reverted: "warn",
  disabled: "off", cancelled: "off",
};

export const tone = (word) => TONES[word] ?? "calm";

/** The mark: its text says what its colour says. */
export const pill = (word, text = word) => h("span", { class: `pill ${tone(word)}` }, String(text).replace("_", " "));
