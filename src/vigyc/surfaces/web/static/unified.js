// From two texts to a unified diff of their lines, the shortest there is (Myers) unless they have next to nothing in common.

const MOST_CHANGES = 1000;

/** The diff; `names` are told in its head, `around` is how many lines that are the same surround those that differ. */
export function unified(before, after, names = ["before", "after"], around = 3) {
  const steps = script(lines(before), lines(after));
  const shown = new Set();
  steps.forEach(([mark], at) => { if (mark !== " ") for (let near = at - around; near <= at + around; near += 1) shown.add(near); });
  if (!shown.size) return "";
  const text = [`--- ${names[0]}\n`, `+++ ${names[1]}\n`];
  let [old, fresh, hunk] = [0, 0, null];
  const end = () => { if (hunk) text.push(`@@ -${place(hunk.old, hunk.gone)} +${place(hunk.fresh, hunk.come)} @@\n`, ...hunk.lines); hunk = null; };
  steps.forEach(([mark, line], at) => {
    if (shown.has(at)) {
      hunk ??= { old, fresh, gone: 0, come: 0, lines: [] };
      hunk.lines.push(`${mark}${line}${line.endsWith("\n") ? "" : "\n\\ No newline at the end\n"}`);
      if (mark !== "+") hunk.gone += 1;
      if (mark !== "-") hunk.come += 1;
    } else end();
    if (mark !== "+") old += 1;
    if (mark !== "-") fresh += 1;
  });
  end();
  return text.join("");
}

const lines = (text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
const place = (start, length) => `${length ? start + 1 : start},${length}`;

/** All lines of both as [mark, line]: " " for those of both, "-" and "+" for those of one. */
function script(old, fresh) {
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < fresh.length - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const same = (part) => part.map((line) => [" ", line]);
  return [...same(old.slice(0, head)), ...changes(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail)), ...same(old.slice(old.length - tail))];
}

function changes(old, fresh) {
  const most = Math.min(old.length + fresh.length, MOST_CHANGES);
  const reach = new Int32Array(2 * most + 3); // how far in `old` a diagonal is followed; diagonal 0 is in the middle
  const trace = [];
  for (let turn = 0; turn <= most; turn += 1) {
    trace.push(reach.slice());
    for (let diagonal = -turn; diagonal <= turn; diagonal += 2) {
      const middle = most + 1 + diagonal;
      let at = from(reach, middle, diagonal, turn) > middle ? reach[middle + 1] : reach[middle - 1] + 1;
      while (at < old.length && at - diagonal < fresh.length && old[at] === fresh[at - diagonal]) at += 1;
      reach[middle] = at;
      if (at >= old.length && at - diagonal >= fresh.length) return wayBack(old, fresh, trace, most + 1);
    }
  }
  return [...old.map((line) => ["-", line]), ...fresh.map((line) => ["+", line])];
}

/** Which diagonal beside `middle` leads there farther. */
const from = (reach, middle, diagonal, turn) => (diagonal === -turn || (diagonal !== turn && reach[middle - 1] < reach[middle + 1]) ? middle + 1 : middle - 1);

function wayBack(old, fresh, trace, zero) {
  let [one, other] = [old.length, fresh.length];
  const found = [];
  for (let turn = trace.length - 1; turn >= 0; turn -= 1) {
    const middle = from(trace[turn], zero + one - other, one - other, turn);
    const begin = trace[turn][middle];
    while (one > begin && other > begin - (middle - zero)) { found.push([" ", old[one - 1]]); one -= 1; other -= 1; }
    if (!turn) break;
    if (one === begin) { other -= 1; found.push(["+", fresh[other]]); } else { one -= 1; found.push(["-", old[one]]); }
  }
  return found.reverse();
}
