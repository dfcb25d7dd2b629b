// The state of a replica as the page holds it, and how a message of the stream changes it. Pure.

/** Makes the held form of the document of `api/overview`: the pools become a map by name. */
export function fromDocument(document) {
  return { ...document, pools: new Map(document.pools.map((pool) => [pool.name, pool])), probes: {} };
}

/**
 * Applies a delta; what it leaves out, or gives as null, stays as it was. The old state is not touched.
 *
 * Times of probes change all the time where nothing else does. They are kept beside the pools, so that a
 * pool's object is another one only if the table has something new to show.
 */
export function withDelta(overview, delta) {
  const { pools: changed, removed, probes, ...head } = delta;
  const next = { ...overview };
  for (const [key, value] of Object.entries(head)) {
    if (value !== null && value !== undefined) next[key] = value;
  }
  if (changed?.length || removed?.length) {
    next.pools = new Map(overview.pools);
    for (const name of removed ?? []) next.pools.delete(name);
    for (const pool of changed ?? []) next.pools.set(pool.name, pool);
  }
  next.probes = { ...overview.probes, ...probes };
  for (const name of [...(removed ?? []), ...(changed ?? []).map((pool) => pool.name)]) delete next.probes[name];
  return next;
}

/** The newest probe of each server of a pool, in order; null where there is none. */
export function lastProbes(overview, pool) {
  const times = overview.probes[pool.name];
  return pool.servers.map(({ lastProbe }, index) => {
    const newer = times?.[index];
    return lastProbe && newer ? { ...lastProbe, at: new Date(newer[0]).toISOString(), tookMillis: newer[1] } : lastProbe;
  });
}

/** Whether a delta follows what the page holds: after a gap the whole document is needed. */
export function follows(overview, delta) {
  return overview !== null && delta.sequence === overview.sequence + 1;
}

/** The changes of the serving server between two states, as `{pool, from, to, reason, cause}`. */
export function switches(before, after) {
  const found = [];
  for (const [name, pool] of after.pools) {
    const old = before.pools.get(name);
    if (old === undefined || old === pool) continue;
    if (old.serving !== pool.serving || old.epoch !== pool.epoch) {
      found.push({ pool: name, from: old.serving, to: pool.serving, reason: pool.reason, cause: pool.cause });
    }
  }
  return found;
}
