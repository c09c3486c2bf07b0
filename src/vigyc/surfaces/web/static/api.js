// From a route of REST to its JSON, or to a Problem that says what went wrong.
import { queryText } from "./query.js";

/** What the server refused, in its own words (problem+json). */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `status ${status}`);
    this.status = status;
    this.title = body.title ?? "";
    this.kind = body.kind ?? "";
    this.findings = body.findings ?? [];
  }
}

const listeners = new Set();

/** Call `listener` with true when the server answers and with false when it does not. */
export function onReachable(listener) { listeners.add(listener); }

/** Ask, and give the answer with its headers. `query` values that are null or "" are left out;
 * `raw` is a body that is JSON text already; with `exact`, numbers are kept as they are written. */
export async function ask(method, path, { query = {}, body, raw, headers = {}, signal, exact = false } = {}) {
  const given = queryText(query);
  const text = given ? `${path}?${given}` : path;
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const json = sent === undefined ? {} : { "Content-Type": "application/json" };
  let response;
  try {
    response = await fetch(text, { method, signal, credentials: "same-origin", headers: { Accept: "application/json", ...json, ...headers }, body: sent });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    listeners.forEach((tell) => tell(false));
    throw new Problem(0, { detail: "The server does not answer." });
  }
  listeners.forEach((tell) => tell(true));
  const answer = await read(response, exact);
  if (!response.ok) throw new Problem(response.status, answer ?? { detail: response.statusText });
  return { data: answer, headers: response.headers };
}

/** A number as it was written, where JavaScript would write another: 1.0, or what is past 2^53. */
const asWritten = (_, value, context) => (typeof value === "number" && context?.source && JSON.rawJSON && String(value) !== context.source ? JSON.rawJSON(context.source) : value);

async function read(response, exact) {
  const text = await response.text();
  if (!text) return null;
  try { return JSON.parse(text, exact ? asWritten : undefined); } catch { return { detail: text.slice(0, 500) }; }
}

export const get = async (path, query, signal) => (await ask("GET", path, { query, signal })).data;
export const post = async (path, body = {}) => (await ask("POST", path, { body })).data;
export const remove = async (path, query) => (await ask("DELETE", path, { query })).data;

/** The path of a vigy, of a setting of the pipeline, of an issue, and of what belongs to it. */
export const vigyPath = (id, ...rest) => ["/v1/vigies", ...[id, ...rest].map(encodeURIComponent)].join("/");

export const settingPath = (name, ...rest) => ["/v1/enhance/settings", ...[name, ...rest].map(encodeURIComponent)].join("/");
export const issuePath = (id, ...rest) => ["/v1/issues", ...[id, ...rest].map(encodeURIComponent)].join("/");

/** A page of a list: `items`, the query of the `next` page (null: none), how many there are in all. */
export async function getPage(path, query, signal) {
  const { data, headers } = await ask("GET", path, { query, signal });
  const items = Array.isArray(data) ? data : data.items;
  const link = /<([^>]*)>;\s*rel="?next"?/.exec(headers.get("Link") ?? "");
  const next = link ? new URL(link[1], location.href).searchParams.get("cursor") : (data.next ?? null);
  return { items, next, total: Number(headers.get("X-Total-Count") ?? data.total ?? items.length) };
}
