// The columns of the table of pools: their words, and what sorting by one means. Pure.

import { servingText } from "./condition.js";
import { worstFirst } from "./order.js";

const inFlight = (pool) => pool.servers.reduce((sum, server) => sum + server.inFlight, 0);
/** An empty text comes last. */
const text = (value) => value || "\uffff";

/** `value` is what is compared; where `greatest` is set the greatest comes first at the first click. */
export const COLUMNS = [
  { key: "condition", word: "Condition", value: (pool) => pool.severity, greatest: true, style: "condition" },
  { key: "name", word: "Pool", value: (pool) => pool.name, style: "name" },
  { key: "cause", word: "Cause", value: (pool) => text(pool.cause), style: "cause" },
  { key: "serving", word: "Serving", value: (pool) => text(servingText(pool)), style: "serving" },
  { key: "rate", word: "req/s", value: (pool) => pool.requestsPerSecond, greatest: true, style: "num rate" },
  { key: "p99", word: "p99", value: (pool) => pool.p99Millis ?? -1, greatest: true, style: "num p99" },
  { key: "errors", word: "5xx/s", value: (pool) => pool.errorsPerSecond, greatest: true, style: "num errors" },
  { key: "flight", word: "in flight", value: inFlight, greatest: true, style: "num wide" },
  { key: "held", word: "held", value: (pool) => pool.held, greatest: true, style: "num wide" },
  { key: "since", word: "Last hour", value: (pool) => (pool.mode === "failover" ? Date.parse(pool.since) : 0), greatest: true, style: "hour" },
];

export { inFlight };

/** Parses `rate` or `-rate`, where the sign means that the greatest comes first; null for worst first. */
export function sortOf(text) {
  const key = (text ?? "").replace(/^-/, "");
  const column = COLUMNS.find((one) => one.key === key);
  return column === undefined ? null : { column, descending: text.startsWith("-") };
}

/** What the next click on a column means: one direction, the other, and worst first again. */
export function nextSort(present, column) {
  const first = column.greatest ? `-${column.key}` : column.key;
  const second = column.greatest ? column.key : `-${column.key}`;
  return present === first ? second : present === second ? "" : first;
}

/** The order of pools that a `sort` means; equal ones are worst first, then by name. */
export function comparing(sort) {
  const found = sortOf(sort);
  if (found === null) return worstFirst;
  const { value } = found.column;
  const sign = found.descending ? -1 : 1;
  return (a, b) => {
    const [x, y] = [value(a), value(b)];
    return x < y ? -sign : x > y ? sign : worstFirst(a, b);
  };
}

/** `aria-sort` of a column. */
export function ariaSort(sort, column) {
  const found = sortOf(sort);
  if (found?.column !== column) return "none";
  return found.descending ? "descending" : "ascending";
}
