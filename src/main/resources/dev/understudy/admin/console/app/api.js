// Requests to the management API. Addresses are relative to the page, which may lie below another path.

import { token } from "./session.js";

const READ_MILLIS = 5_000;
const WRITE_MILLIS = 10_000;

/** A response that is no success; `status` 0 means that none came. */
export class Failure extends Error {
  constructor(status, detail, retrySeconds = null) {
    super(detail);
    this.status = status;
    this.retrySeconds = retrySeconds;
  }
}

export function headers(given = token()) {
  return given === null || given === "" ? {} : { Authorization: `Bearer ${given}` };
}

/** Reads a document. */
export function read(path) {
  return send(path, { headers: headers(), cache: "no-store" }, READ_MILLIS);
}

/** Sends a command, and returns the document of its response. */
export function write({ method, path }, body, given) {
  const all = { ...headers(given), "Content-Type": "application/json" };
  return send(path, { method, headers: all, body: JSON.stringify(body) }, WRITE_MILLIS);
}

/** Asks who the token, if any, belongs to; a wrong one is a failure with status 401. */
export function whoami(given = token()) {
  return send("api/whoami", { headers: headers(given), cache: "no-store" }, READ_MILLIS);
}

/** Returns the document of the response, for which the time counts to its end. */
async function send(path, init, millis) {
  let response;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(millis) });
    if (response.ok) return await response.json();
  } catch {
    throw new Failure(0, "no response");
  }
  throw await failure(response);
}

/** The failure that a response tells of, with the detail of its problem document (RFC 9457). */
export async function failure(response) {
  const problem = await response.json().catch(() => ({}));
  const retry = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const detail = problem.detail ?? `${response.status} ${response.statusText}`.trim();
  return new Failure(response.status, detail, Number.isNaN(retry) ? null : retry);
}
