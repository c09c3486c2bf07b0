// From the stream of events to notices as they happen, going on after the last one when the connection was lost.
import { queryText } from "./query.js";

export const KINDS = ["run", "event", "denied", "missed", "gap", "registered", "updated", "enabled", "disabled", "deleted", "kv-edited", "resolved", "owner", "paused", "resumed", "issue", "enhance"];
const LONGEST_MS = 5000;
const watchers = new Set();

/** Call `watcher` with "open" or "lost" when a stream is or is not connected any more. */
export function onStream(watcher) { watchers.add(watcher); }

/** Hear notices, of one vigy or of some kinds if that is given, until `close()` is called.
 * Notices that come together are heard together, as an array, once per frame. `opened` is called when the stream begins
 * and has nothing to go on from: what happened until then is not heard. */
export function listen(query, heard, opened = null) {
  let source = null;
  let seq = query.after ?? null;
  let wait = 500;
  let timer = 0;
  let frame = 0;
  let closed = false;
  let waiting = [];

  const flush = () => { frame = 0; const come = waiting; waiting = []; if (!closed && come.length) heard(come); };
  const take = (event) => {
    const notice = JSON.parse(event.data);
    if (notice.kind !== "gap" && notice.seq) seq = notice.seq;
    waiting.push(notice);
    if (!frame) frame = setTimeout(flush, 50);
  };
  const connect = () => {
    source = new EventSource(`/v1/events?${queryText({ ...query, after: seq })}`);
    source.addEventListener("open", () => { wait = 500; watchers.forEach((tell) => tell("open")); if (seq === null && !closed) opened?.(); });
    for (const kind of ["message", ...KINDS]) source.addEventListener(kind, take);
    source.addEventListener("error", () => {
      source.close();
      if (closed) return;
      watchers.forEach((tell) => tell("lost"));
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_MS);
    });
  };
  connect();
  return { close() { closed = true; clearTimeout(timer); clearTimeout(frame); source.close(); } };
}
