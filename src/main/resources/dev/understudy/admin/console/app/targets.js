// What a command is for. Targets are chosen once, by pool, server and address; whatever happens to the pools while a
// dialog is open, nothing else is acted on. Pure.

import { hostOf } from "./filter.js";

/** One server of a pool, at its present address. */
export function serverTarget(pool, server) {
  return { pool: pool.name, server: server.name, url: server.url, auto: false };
}

/** The automatic choice of a pool, which ends a pin. */
export function autoTarget(pool) {
  return { pool: pool.name, server: null, url: null, auto: true };
}

/** A whole pool, to be set to maintenance or ready. */
export function poolTarget(pool) {
  return { pool: pool.name, server: null, url: null, auto: false, whole: true };
}

/** The key of a target's result. */
export function keyOf(target) {
  return target.server === null ? `${target.pool}/` : `${target.pool}/${target.server}`;
}

/**
 * Finds targets in the present state: `[{target, pool, server}]`, in order. `pool` is null if the target is gone: its
 * pool or server was removed, or the server is at another address now.
 */
export function resolve(targets, pools) {
  return targets.map((target) => {
    const pool = pools.get(target.pool) ?? null;
    if (pool === null || target.server === null) return { target, pool, server: null };
    const server = pool.servers.find(({ name, url }) => name === target.server && url === target.url) ?? null;
    return { target, pool: server === null ? null : pool, server };
  });
}

/** The choices of servers among pools for a command on many: each host, rank, and the serving ones. */
export function choices(pools) {
  const byHost = new Map();
  const groups = { serving: [], master: [], backup: [] };
  for (const pool of pools) {
    for (const server of pool.servers) {
      const target = serverTarget(pool, server);
      const host = hostOf(server.url);
      if (!byHost.has(host)) byHost.set(host, []);
      byHost.get(host).push(target);
      groups[server.rank]?.push(target);
      if (server.serving) groups.serving.push(target);
    }
  }
  const hosts = [...byHost].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...hosts.map(([host, targets]) => ({ id: hostChoice(host), text: `all on host ${host}`, targets })),
    { id: "serving", text: "those that serve now", targets: groups.serving },
    { id: "master", text: "all masters", targets: groups.master },
    { id: "backup", text: "all backups", targets: groups.backup },
  ].filter(({ targets }) => targets.length > 0);
}

/** The id of the choice of all servers on a host. */
export function hostChoice(host) {
  return `host:${host}`;
}
