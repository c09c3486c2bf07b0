// From a schedule to the fields in which it is edited, and from them to a schedule again.
import { h } from "./dom.js";
import { durationText, readDuration } from "./duration.js";

const KINDS = [["fixed", "at a fixed interval"], ["cron", "by the clock (cron)"], ["adaptive", "as the program asks (adaptive)"]];

/** A labelled field; `hint` says what may stand there. */
export function field(label, input, hint = "") {
  input.setAttribute("aria-label", label); // without the hint, which describes it
  if (hint) input.setAttribute("aria-describedby", `hint-${input.name}`);
  return h("label", { class: "field" }, h("span", null, label), input, hint && h("small", { id: `hint-${input.name}` }, hint));
}

const input = (name, value, more = {}) => h("input", { type: "text", name, value: value ?? "", autocomplete: "off", spellcheck: "false", ...more });
const choice = (name, value, options) => h("select", { name }, options.map(([word, text]) => h("option", { value: word, selected: word === value }, text)));
const lasting = (ms) => (ms === undefined ? "" : durationText(ms));

/** The fields: {nodes, read()}; what they do not show (the first delay) is kept as it was. */
export function scheduleForm(schedule) {
  const kind = choice("kind", schedule.kind, KINDS);
  const zones = h("datalist", { id: "zones" }, (Intl.supportedValuesOf?.("timeZone") ?? []).map((zone) => h("option", { value: zone })));
  const all = {
    interval: input("interval_ms", lasting(schedule.interval_ms) || "10s"), mode: choice("mode", schedule.mode ?? "rate", [["rate", "start to start, on a grid"], ["delay", "from the end of the last tick"]]),
    expr: input("expr", schedule.expr ?? "*/5 * * * *", { class: "mono" }), timezone: input("timezone", schedule.timezone ?? "UTC", { list: "zones" }),
    least: input("min_ms", lasting(schedule.min_ms) || "1s"), most: input("max_ms", lasting(schedule.max_ms) || "1m"), key: input("hint_key", schedule.hint_key ?? "next-ms", { class: "mono" }),
    offset: input("offset_ms", schedule.offset_ms === "auto" ? "auto" : schedule.offset_ms ? durationText(schedule.offset_ms) : "", { placeholder: "none" }), jitter: input("jitter_ms", schedule.jitter_ms ? durationText(schedule.jitter_ms) : "", { placeholder: "none" }),
  };
  const parts = {
    fixed: [field("Every", all.interval, "500ms, 10s, 5m, 1h30m"), field("Counted", all.mode)],
    cron: [field("Expression", all.expr, "minute hour day month weekday; with six fields, seconds first"), field("Time zone", all.timezone, "such as UTC or Europe/Paris"), zones],
    adaptive: [field("At least", all.least), field("At most", all.most, "also while the key is not set"), field("Key", all.key, "of the kv: how many ms to the next tick")],
  };
  const boxes = Object.entries(parts).map(([name, nodes]) => h("div", { class: "fields", data: { kind: name } }, nodes));
  const show = () => boxes.forEach((box) => { box.hidden = box.dataset.kind !== kind.value; });
  kind.addEventListener("change", show);
  show();
  const when = {
    fixed: () => ({ interval_ms: readDuration(all.interval.value, "Every"), ...(all.mode.value === "delay" ? { mode: "delay" } : {}) }),
    cron: () => ({ expr: all.expr.value.trim(), timezone: all.timezone.value.trim() || "UTC" }),
    adaptive: () => ({ min_ms: readDuration(all.least.value, "At least"), max_ms: readDuration(all.most.value, "At most"), hint_key: all.key.value.trim() }),
  };
  const shift = (text, what) => (text === "auto" ? "auto" : text ? readDuration(text, what) : 0);
  return {
    nodes: [field("Ticks", kind), ...boxes, h("div", { class: "fields" }, field("Shifted by", all.offset, "all ticks; auto: by the id of the vigy"), field("Jitter", all.jitter, "each tick up to so much later"))],
    read() {
      const [offset, jitter] = [shift(all.offset.value.trim(), "Shifted by"), shift(all.jitter.value.trim(), "Jitter")];
      return { kind: kind.value, ...when[kind.value](), ...(offset ? { offset_ms: offset } : {}), ...(jitter ? { jitter_ms: jitter } : {}), ...(schedule.initial_delay_ms ? { initial_delay_ms: schedule.initial_delay_ms } : {}) };
    },
  };
}
