// From a length of time as text (1m30s) to ms, and back.
const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1000], ["ms", 1]];
const FORM = new RegExp(`^${UNITS.map(([unit]) => `(?:(\\d+(?:\\.\\d+)?)${unit}(?![a-z]))?`).join("")}$`);

/** The ms that `text` says; a bare number is ms already. Throws for what is not a length of time. */
export function readDuration(text, what) {
  const given = text.trim();
  if (/^\d+$/.test(given)) return Number(given);
  const found = given && FORM.exec(given);
  if (!found) throw new Error(`${what}: write a length of time such as 500ms, 10s, 5m, 1h30m or 1d${given ? `, not ${given}` : ""}`);
  return Math.round(found.slice(1).reduce((sum, number, at) => sum + Number(number ?? 0) * UNITS[at][1], 0));
}

/** `ms` as text, exactly. */
export function durationText(ms) {
  let rest = ms;
  const parts = UNITS.map(([unit, size]) => { const number = Math.floor(rest / size); rest -= number * size; return number ? `${number}${unit}` : ""; });
  return parts.join("") || "0ms";
}
