// Who served when, laid out along a line. Pure; times are epoch milliseconds.

/**
 * The segments of `api/timelines` in the form of those of one pool's timeline. A server is an index, or its
 * name if the pool no longer has it; -1 is not known, null is nobody.
 */
export function fromCompact(segments, servers) {
  return segments.map(([server, from]) => ({ serving: typeof server === "number" ? servers[server]?.name : server, from }));
}

/**
 * The segments of `api/pools/{pool}/timeline` with times as numbers; what else they say is kept. While the
 * replica did not run it is not known who served: `serving` is undefined.
 */
export function fromDocument(segments) {
  return segments.map((segment) => ({
    ...segment,
    serving: segment.known === false ? undefined : segment.serving,
    from: Date.parse(segment.from),
  }));
}

/** Two statements of the begin of one tenure differ by less. */
const SAME_MILLIS = 1_000;

/**
 * Adds the pool's present tenure if it began after the segments were read, even if the same server serves again:
 * then the role was elsewhere in between.
 */
export function withPresent(segments, pool) {
  const last = segments[segments.length - 1];
  const since = Date.parse(pool.since);
  const slack = last?.serving === pool.serving ? SAME_MILLIS : 0;
  if (last !== undefined && since - last.from <= slack) return segments;
  if (Number.isNaN(since)) return segments;
  const present = { serving: pool.serving, from: since, reason: pool.reason, epoch: pool.epoch };
  return [...segments, present];
}

/**
 * Lays segments out between `from` and `to` on a line of `width` units: `[{x, width, serving, from, to, index}]`.
 * A tenure is at least one unit wide; before the first one nothing is known (`serving` is undefined). Those that
 * were widened come last, in order of time, so that their neighbours do not cover a short outage.
 */
export function bars(segments, from, to, width) {
  const unit = width / (to - from);
  const place = (time) => Math.min(width, Math.max(0, (time - from) * unit));
  const found = [];
  if (segments.length === 0 || segments[0].from > from) {
    const end = segments.length === 0 ? to : Math.min(to, segments[0].from);
    found.push({ x: 0, width: place(end), serving: undefined, from, to: end, index: -1 });
  }
  const short = [];
  segments.forEach((segment, index) => {
    const end = segments[index + 1]?.from ?? to;
    if (end <= from || segment.from >= to) return;
    const x = Math.min(place(segment.from), width - 1);
    const real = place(end) - x;
    const bar = { x, width: Math.max(1, real), serving: segment.serving, from: Math.max(from, segment.from), to: Math.min(to, end), index };
    (real < 1 ? short : found).push(bar);
  });
  return [...found, ...short];
}

/** The kind of a tenure, for its colour: master, backup, nobody or unknown. */
export function kind(serving, servers) {
  if (serving === undefined) return "unknown";
  if (serving === null) return "nobody";
  return servers.find((server) => server.name === serving)?.rank === "backup" ? "backup" : "master";
}

/** Round times between `from` and `to` for an axis with about five marks, as epoch milliseconds. */
export function marks(from, to) {
  const minutes = (to - from) / 60_000;
  const step = [1, 5, 10, 15, 30, 60, 120, 240, 360].find((size) => minutes / size <= 6) ?? 720;
  const first = Math.ceil(from / (step * 60_000)) * step * 60_000;
  const found = [];
  for (let time = first; time < to; time += step * 60_000) found.push(time);
  return found;
}
