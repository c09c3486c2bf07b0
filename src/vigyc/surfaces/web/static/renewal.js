// From many reasons to look again to looking again: every so often at most, never twice at once, and always after the last.

/** {soon(), close()}: `look()` is called within `ms` of `soon()`, or when the look under way has ended. */
export function renewal(look, ms) {
  let timer = 0;
  let more = false;
  let closed = false;
  const soon = () => {
    more = true;
    timer ||= setTimeout(async () => {
      more = false;
      try { await look(); } catch { /* what is shown stays; the next reason is another try */ }
      timer = 0;
      if (more && !closed) soon();
    }, ms);
  };
  return { soon, close() { closed = true; clearTimeout(timer); } };
}
