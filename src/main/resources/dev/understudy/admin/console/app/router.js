// The page that an address means, and the address of a page. Pure.

export const PAGES = ["pools", "events", "routes", "replicas", "certificates", "configuration", "process"];

/** Parses `#/pools/shop`, `#/pools?q=shop` and the like: `{page, pool, params}`; anything else means the pools. */
export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page, pool = ""] = path.split("/").map(decoded);
  const params = Object.fromEntries(new URLSearchParams(query));
  if (page === "pools" && pool !== "") return { page: "pool", pool, params };
  return { page: PAGES.includes(page) ? page : "pools", pool: null, params };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a page, with the parameters that are set. */
export function address(page, params = {}) {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "" && value !== null));
  return `#/${page}${query.size === 0 ? "" : `?${query}`}`;
}

export function poolAddress(name) {
  return `#/pools/${encodeURIComponent(name)}`;
}
