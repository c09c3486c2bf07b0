// From labels as text, key=value, to an object, and back.

/** `team=db, tier=1` as labels, parted by commas and ends of lines or by `separator`. Throws for what is not of that form. */
export function readLabels(text, separator = /[,\n]/) {
  const pairs = text.split(separator).map((piece) => piece.trim()).filter(Boolean).map((piece) => {
    const at = piece.indexOf("=");
    if (at < 1) throw new Error(`labels are key=value; not ${piece}`);
    return [piece.slice(0, at).trim(), piece.slice(at + 1).trim()];
  });
  return Object.fromEntries(pairs);
}

/** Labels, one a line. */
export const labelsText = (labels) => Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`).join("\n");
