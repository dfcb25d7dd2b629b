// Maps, lists and texts as YAML, for people to read. Pure.

const PLAIN = /^[\w./*$({<>=~^%+…][^#:]*(:[^#: ][^#:]*)*$/;

/** The text of a value, with two spaces for each level. */
export function yaml(value, indent = "") {
  if (Array.isArray(value)) return value.length === 0 ? "[]" : value.map((one) => `${indent}- ${within(one, indent)}`).join("\n");
  if (value === null || typeof value !== "object") return scalar(value);
  const entries = Object.entries(value);
  return entries.length === 0 ? "{}" : entries.map(([key, one]) => `${indent}${scalar(key)}:${after(one, indent)}`).join("\n");
}

/** A value behind the dash of its list: its first line stands there. */
function within(value, indent) {
  return yaml(value, `${indent}  `).trimStart();
}

/** A value behind its key: on the same line if it is one text. */
function after(value, indent) {
  const nested = value !== null && typeof value === "object" && Object.keys(value).length > 0;
  return nested ? `\n${yaml(value, `${indent}  `)}` : ` ${yaml(value)}`;
}

function scalar(value) {
  const text = String(value);
  return PLAIN.test(text) && text.trim() === text ? text : JSON.stringify(text);
}
