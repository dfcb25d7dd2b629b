// Documents as the API has them.

export function server(name, rank, parts = {}) {
  return { name, rank, url: `http://${name}.example:8080`, status: "UP", state: "ready", serving: false, usable: true, inFlight: 0, lastProbe: null, ...parts };
}

export function pool(name, severity = 0, parts = {}) {
  const condition = ["well", "degraded", "degraded", "nobody"][severity];
  const servers = [server("a", "master", { serving: true }), server("b", "backup")];
  return { name, mode: "failover", condition, severity, cause: null, serving: "a", epoch: 1, since: "2026-11-21T03:00:00Z", reason: "INITIAL", servers, ...parts };
}

export function overview(...pools) {
  return { sequence: 1, now: "2026-11-21T03:10:00Z", totals: { pools: pools.length }, config: { file: "f" }, agreement: { contact: true }, pools };
}

export const byName = (...pools) => new Map(pools.map((one) => [one.name, one]));
