// Pools in groups: by the beginning of their names, by what is the matter, by where it is. Pure.

import { isLate } from "./condition.js";
import { hostOf } from "./filter.js";

/** With fewer pools there is nothing to group. */
export const MANY_POOLS = 20;

/** How pools can be grouped: the choice in words, the group of a pool (null: of those without one), titles, whether the largest is first. */
export const GROUPINGS = {
  name: { word: "by name", of: (pool) => prefixOf(pool.name), title: (prefix) => `${prefix}-…`, rest: "other names", least: 3, bySize: false },
  cause: { word: "by cause", of: (pool) => causeOf(pool), title: (cause) => cause, rest: "well", least: 1, bySize: true },
  host: { word: "by failed host", of: (pool) => failedHosts(pool), title: (hosts) => hosts, rest: "no failed server", least: 1, bySize: true },
};

/** Whether most servers failed at once, or most pools have nobody, as after a start in a network that is down. */
export function isMassFailure({ alarms, totals }) {
  return (alarms ?? []).some((alarm) => alarm.kind === "mass-failure") || (totals.pools >= MANY_POOLS && 2 * totals.nobody > totals.pools);
}

/**
 * What the table is grouped by: as chosen; if nothing is, by cause in a mass failure, when a row for each pool
 * would say the same again and again. Null for nothing.
 */
export function groupingOf(chosen, massFailure) {
  if (chosen) return GROUPINGS[chosen] === undefined ? null : chosen;
  return massFailure ? "cause" : null;
}

/** The name up to its last hyphen, underscore or dot: `order` of `order-17`; the name itself if it has none. */
export function prefixOf(name) {
  return /^(.+)[-_.][^-_.]*$/.exec(name)?.[1] ?? name;
}

/** What is the matter with the servers of a pool; null if it is well. */
function causeOf(pool) {
  if (pool.condition === "well") return null;
  return together(pool.servers.map(troubleOf)) ?? "backup serves";
}

function troubleOf(server) {
  if (server.status === "DOWN") return server.lastProbe?.detail ?? "DOWN";
  if (server.state !== "ready") return server.state;
  if (server.circuitOpen) return "circuit open";
  return isLate(server) ? "checks are late" : null;
}

function failedHosts(pool) {
  return together(pool.servers.map((server) => (troubleOf(server) === null ? null : hostOf(server.url))));
}

function together(words) {
  const found = new Set(words.filter((word) => word !== null));
  return found.size === 0 ? null : [...found].sort().join(", ");
}

/**
 * Groups rows that are in order: `[{key, title, pools, counts, requestsPerSecond, errorsPerSecond, held}]`, by size or
 * in the order of each group's first row. Those that too few are alike to are one group, the last.
 */
export function grouped(pools, grouping) {
  const { of, title, rest, least, bySize } = GROUPINGS[grouping];
  const members = new Map();
  for (const pool of pools) {
    const key = of(pool);
    if (members.has(key)) members.get(key).push(pool);
    else members.set(key, [pool]);
  }
  const alone = new Set(members.get(null));
  const found = [];
  for (const [key, ofKey] of members) {
    if (key === null) continue;
    if (ofKey.length >= least) found.push(group(`${grouping} ${key}`, title(key), ofKey));
    else ofKey.forEach((pool) => alone.add(pool));
  }
  if (bySize) found.sort((a, b) => b.pools.length - a.pools.length);
  if (alone.size > 0) found.push(group(grouping, rest, pools.filter((pool) => alone.has(pool))));
  return found;
}

function group(key, title, pools) {
  const counts = { nobody: 0, degraded: 0, well: 0 };
  const sum = { requestsPerSecond: 0, errorsPerSecond: 0, held: 0 };
  for (const pool of pools) {
    counts[pool.condition]++;
    for (const name of Object.keys(sum)) sum[name] += pool[name];
  }
  return { key, title, pools, counts, ...sum };
}

/**
 * The pools of a group that have rows: all or none once a person opened or closed it; else those that are not well,
 * unless they are too many to look at one by one.
 */
export function shownOf({ key, pools, counts }, opened) {
  if (opened.has(key)) return opened.get(key) ? pools : [];
  return pools.length - counts.well < MANY_POOLS ? pools.filter((pool) => pool.condition !== "well") : [];
}

/**
 * The votes of a replica that are not UP, by their text: `[{vote, servers}]`, the most frequent first. A server is
 * `POOL/NAME`; in the document its name comes with a hash of its address.
 */
export function otherVotes(pools) {
  const found = new Map();
  for (const [pool, servers] of Object.entries(pools)) {
    for (const [server, vote] of Object.entries(servers)) {
      if (vote === "UP" || vote.startsWith("UP:")) continue;
      if (!found.has(vote)) found.set(vote, []);
      found.get(vote).push(`${pool}/${server.replace(/@.*$/, "")}`);
    }
  }
  return [...found].map(([vote, servers]) => ({ vote, servers })).sort((a, b) => b.servers.length - a.servers.length);
}
