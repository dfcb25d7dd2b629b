// The order of the table's rows: worst first, but rows do not jump while a person points at them. Pure.

export const EMPTY = { names: [], severities: new Map(), waiting: [], moved: [], sort: "" };

/** Worst first, then by name. */
export function worstFirst(a, b) {
  return b.severity - a.severity || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Arranges rows by a column, whose order `compare` is: at once if `sort` is another one, else unless `held`. */
export function arrangeBy(order, pools, held, sort, compare) {
  if (held && order.sort === sort && order.names.length > 0) {
    const shown = new Set(order.names);
    const present = order.names.filter((name) => pools.has(name));
    const fresh = [...pools.keys()].filter((name) => !shown.has(name));
    return fresh.length === 0 && present.length === order.names.length ? order : { ...order, names: [...present, ...fresh] };
  }
  const names = [...pools.values()].sort(compare).map((pool) => pool.name);
  if (order.sort === sort && names.every((name, index) => name === order.names[index]) && names.length === order.names.length) return order;
  return { ...EMPTY, names, sort };
}

/**
 * Arranges the rows after a change of the pools.
 *
 * Rows are sorted again only if a severity changed, or pools came or went. While `held`, present rows stay
 * where they are, new ones come last, and `waiting` names the pools whose place is out of date. Otherwise
 * `moved` names the pools because of which the rows were sorted. Returns `order` itself if nothing changed.
 */
export function arrange(order, pools, held) {
  if (order.sort !== "") return sorted(EMPTY, pools, []);
  const changed = [...pools.values()].filter((pool) => order.severities.get(pool.name) !== pool.severity);
  const gone = order.names.some((name) => !pools.has(name));
  if (changed.length === 0 && !gone) {
    // Back to the severity of the last sort: nobody waits any more.
    return order.waiting.length === 0 ? order : { ...order, waiting: [] };
  }
  const names = changed.map((pool) => pool.name);
  if (!held || order.names.length === 0) return sorted(order, pools, names);
  const shown = new Set(order.names);
  return {
    ...order,
    names: [...order.names.filter((name) => pools.has(name)), ...names.filter((name) => !shown.has(name))],
    waiting: names,
  };
}

function sorted(order, pools, moved) {
  const rows = [...pools.values()].sort(worstFirst);
  return {
    names: rows.map((pool) => pool.name),
    severities: new Map(rows.map((pool) => [pool.name, pool.severity])),
    sort: "",
    waiting: [],
    moved: order.names.length === 0 ? [] : moved,
  };
}
