// From values by name to the query of a URL: a list is a name that is there several times, what is not set is left out.
export function queryText(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values ?? {})) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== null && each !== undefined && each !== "") query.append(name, each);
  }
  return String(query);
}
