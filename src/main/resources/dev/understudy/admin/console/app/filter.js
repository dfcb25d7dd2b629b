// Search and filters of the table. Pure.

export const NO_FILTER = { q: "", condition: "", host: "" };

/** The host of a server's URL, without the port; the text itself if it is no URL. */
export function hostOf(url) {
  return /^[a-z][a-z0-9+.-]*:\/\/(\[[^\]]*\]|[^/:?#]+)/i.exec(url)?.[1] ?? url;
}

/** Whether a pool passes: every word of `q` occurs in its names, URLs or cause; condition "problem" is all but well. */
export function passes(pool, { q, condition, host }) {
  if (condition === "problem" ? pool.condition === "well" : condition && pool.condition !== condition) return false;
  if (host && !pool.servers.some((server) => hostOf(server.url) === host)) return false;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = searchText(pool);
  return words.every((word) => text.includes(word));
}

function searchText(pool) {
  const servers = pool.servers.map((server) => `${server.name} ${server.url} ${server.state} ${server.status}`);
  return `${pool.name} ${pool.mode} ${pool.condition} ${pool.cause ?? ""} ${servers.join(" ")}`.toLowerCase();
}

/** All hosts with the number of their servers, in alphabetical order. */
export function hosts(pools) {
  const counts = new Map();
  for (const pool of pools.values()) {
    for (const server of pool.servers) {
      const host = hostOf(server.url);
      counts.set(host, (counts.get(host) ?? 0) + 1);
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([host, servers]) => ({ host, servers }));
}
