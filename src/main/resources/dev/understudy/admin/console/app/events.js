// Events as the pages list them: kinds, tones, search. Pure.

/** The kinds that a person can choose, with their words; the kind stands in each event. */
export const KIND_WORDS = {
  operation: "operators, files, process",
  switch: "switches",
  health: "health",
};

/** Most events held by a page. */
export const MOST_EVENTS = 1_000;

/** The name of the history that an event's id belongs to: the id is NAME-NUMBER, a name has no "-". */
export function historyOf(id) {
  return id.split("-", 1)[0];
}

/** The id of the newest event of a list that is sorted newest first, for the stream to begin after it. */
export function newestId(history, list) {
  return `${history}-${list[0]?.id ?? 0}`;
}

/** Whether an event is of a kind; an operator's switch, which is an operation, is a switch, too. */
export function isOf(event, kind) {
  return kind === "" || event.kind === kind || (kind === "switch" && event.type === "switched");
}

/** The tone of each level; all others, and events of earlier versions, have none. */
const TONES = { error: "bad", warn: "care" };

/** bad: somebody may notice; care: nobody does yet; empty: all others. */
export function toneOf({ level }) {
  return TONES[level] ?? "";
}

/** Whether an event passes the filters of the page; those without a pool concern every pool. */
export function passes(event, { q = "", kind = "", pool = "" }) {
  if (!isOf(event, kind)) return false;
  if (pool && event.pool && event.pool !== pool) return false;
  const text = `${event.type} ${event.pool ?? ""} ${event.message} ${event.operator ?? ""} ${event.operatorReason ?? ""}`.toLowerCase();
  return q.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** Adds events to a list that is sorted newest first, each once; the oldest beyond the bound are dropped. */
export function merged(list, added) {
  const byId = new Map(list.map((event) => [event.id, event]));
  for (const event of added) byId.set(event.id, event);
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, MOST_EVENTS);
}

/** Lists of an event that are shown as points: what a reload changed, problems, warnings. */
export function points(event) {
  return [...(event.changes ?? []), ...(event.problems ?? []), ...(event.warnings ?? [])];
}
