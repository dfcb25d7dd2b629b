// The operator's token, kept in this tab until it is closed, and what it allows.

const TOKEN_KEY = "understudy.token";

/** Before the first response of `api/whoami`, and where there is none. */
export const UNKNOWN = { known: false, name: null, role: null, reads: "open", writes: "on", writesOff: null, wrong: false };

export function token() {
  return sessionStorage.getItem(TOKEN_KEY);
}

export function setToken(text) {
  if (text === null || text === "") sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, text);
}

/** The token in a link such as `#token=SECRET`, which the demo prints; null if there is none. */
export function linkedToken(hash) {
  return /^#token=([^&]+)$/.exec(hash)?.[1] ?? null;
}

/** Why the operator's commands are not offered; null if they are. A token may still have to be typed in. */
export function obstacle(who) {
  if (who.writes === "off") return `Changes are off: ${who.writesOff ?? "no token is set"}.`;
  if (who.role === "view") return `The token ${who.name ?? ""} may read, but not change anything.`;
  return null;
}
