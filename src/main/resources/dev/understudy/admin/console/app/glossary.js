// What the words of this page mean: the one table for all tooltips and for the list of words. Pure.

export const GLOSSARY = {
  "with nobody": "Pools in which no server gets requests: requests are held for a while, then get 503.",
  degraded: "Pools that are served, but a server is DOWN, out of use or checked too late, or a backup serves.",
  "requests/s": "Requests that ended, per second, over the last 10 to 15 s.",
  "req/s": "Requests that ended, per second, over the last 10 to 15 s; the line is the last 15 minutes.",
  "5xx/s": "Responses per second that have a status from 500 to 599, or were broken off.",
  p99: "99 of 100 responses took less than this, from the request's head to the response's end.",
  p50: "Half of the responses took less than this.",
  "in flight": "Requests that a server is working on now.",
  held: "Requests that wait here for a server while none can serve.",
  "Last hour": "Who served: green a master, amber a backup, red nobody; without colour where it is not known.",
  "Last 15 min": "Dark green: serving; light green: UP; amber: drain or maintenance; red: DOWN; grey: not checked yet; without colour: not known.",
  tunnels: "Open WebSockets and TCP connections that are passed through to a server.",
  clients: "Open connections of clients.",
  epoch: "A number that grows by one with each change of the serving server. An application can refuse a writer with an older one.",
  lane: "Who carries a route out: express, compiled by Understudy, or gateway, with predicates and filters of Spring's.",
  frame: "One message of this page's live data; one comes each second.",
  retries: "Requests that were sent to a server once more, since the start.",
  sessions: "Clients that a cookie binds to this server.",
  rank: "A master serves while it can; a backup serves in its place.",
  pinned: "An operator moved the role here; it does not go back by itself.",
  fingerprint: "The beginning of the SHA-256 of the file in force: replicas with the same one have the same file.",
  "late checks": "Servers that this replica has not checked for too long: what it shows of them may be true no more. It gets too little CPU, and makes the intervals of checks longer by that factor.",
  "replicas in touch": "How many of the known replicas have votes that count.",
  evidence: "The checks and connections that led to this judgement.",
};

/** The explanation of a word, in any letter case; null if it needs none. */
export function meaning(word) {
  return GLOSSARY[word] ?? GLOSSARY[word.toLowerCase()] ?? null;
}
