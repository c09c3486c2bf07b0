// From the id of a vigy to its name, asked for once.
import { get } from "./api.js";

const known = new Map();
const asked = new Set();
let turn = Promise.resolve(); // one question at a time

/** A list, for of one that was deleted it is empty, and no error. */
async function look(id) {
  const [found] = await get("/v1/vigies", { search: id, limit: 1 });
  known.set(id, found?.name ?? id.slice(0, 8));
}

/** Keep what a list told. */
export const learned = (vigies) => vigies.forEach(({ id, name }) => known.set(id, name));

/** Its name, or for now the beginning of its id; `later` is called when the name is there. */
export function nameOf(id, later = null) {
  if (known.has(id)) return known.get(id);
  if (!asked.has(id) && asked.size < 500) {
    asked.add(id);
    turn = turn.then(() => look(id)).then(later, () => null);
  }
  return id.slice(0, 8);
}
