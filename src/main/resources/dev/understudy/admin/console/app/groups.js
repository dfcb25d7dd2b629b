// Pools grouped by the beginning of their names. Pure.

/** With fewer pools there is nothing to group. */
export const MANY_POOLS = 20;
const LEAST_MEMBERS = 3;

/** The name up to its last hyphen, underscore or dot: `order` of `order-17`; the name itself if it has none. */
export function prefixOf(name) {
  return /^(.+)[-_.][^-_.]*$/.exec(name)?.[1] ?? name;
}

/**
 * Groups rows that are in order: `[{prefix, pools, counts, requestsPerSecond}]`, in the order of each group's
 * first row. Pools whose prefix few share are one group without a prefix, at the end.
 */
export function grouped(pools) {
  const byPrefix = new Map();
  for (const pool of pools) {
    const prefix = prefixOf(pool.name);
    if (byPrefix.has(prefix)) byPrefix.get(prefix).push(pool);
    else byPrefix.set(prefix, [pool]);
  }
  const found = [];
  const few = new Set();
  for (const [prefix, members] of byPrefix) {
    if (members.length >= LEAST_MEMBERS) found.push(group(prefix, members));
    else members.forEach((pool) => few.add(pool));
  }
  if (few.size > 0) found.push(group(null, pools.filter((pool) => few.has(pool))));
  return found;
}

function group(prefix, pools) {
  const counts = { well: 0, degraded: 0, nobody: 0 };
  let requestsPerSecond = 0;
  for (const pool of pools) {
    counts[pool.condition]++;
    requestsPerSecond += pool.requestsPerSecond;
  }
  return { prefix, pools, counts, requestsPerSecond };
}

/** Whether a group is open: as a person left it, else if one of its pools is not well. */
export function isOpen({ prefix, pools, counts }, opened) {
  return opened.get(prefix) ?? counts.well < pools.length;
}
