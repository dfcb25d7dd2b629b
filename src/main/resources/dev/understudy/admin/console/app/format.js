// Numbers, times and durations as text. Pure.

const KILO = 1000;

/** A rate or another number that changes: one decimal below 10, none above, "12k" from 10,000. */
export function number(value) {
  if (value === null || value === undefined) return "–";
  if (value >= 10 * KILO * KILO) return `${Math.round(value / KILO / KILO)}M`;
  if (value >= 10 * KILO) return `${Math.round(value / KILO)}k`;
  if (value >= 10 || Number.isInteger(value)) return String(Math.round(value));
  // A rate that is not zero must not be shown as zero.
  return value < 0.05 ? "<0.1" : value.toFixed(1);
}

/** Bytes with a decimal unit. */
export function bytes(value) {
  if (value === null || value === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let amount = value;
  while (amount >= KILO && unit < units.length - 1) {
    amount /= KILO;
    unit++;
  }
  return `${amount < 10 && unit > 0 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}

export function millis(value) {
  if (value === null || value === undefined) return "–";
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < KILO ? `${Math.round(value)} ms` : `${(value / KILO).toFixed(2)} s`;
}

/** A duration in its two largest units, so that the text of a long one seldom changes. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** The time since an instant, which is text or epoch milliseconds; `now` is of the same clock. */
export function age(instant, now) {
  return duration((now - new Date(instant).getTime()) / KILO);
}

/** The time until an instant; "a moment" once it has come. */
export function until(instant, now) {
  const seconds = Math.ceil((Date.parse(instant) - now) / KILO);
  return seconds <= 0 ? "a moment" : duration(seconds);
}

/** The time of day as events, causes and logs have it, with the date unless it is today: `18:00:00 UTC`. */
export function clock(instant, now = Date.now()) {
  const [day, time] = new Date(instant).toISOString().split(/[T.]/);
  const text = `${time} UTC`;
  return new Date(now).toISOString().startsWith(day) ? text : `${day} ${text}`;
}

/** "1 pool", "2 pools". */
export function count(amount, word) {
  return `${amount} ${word}${amount === 1 ? "" : "s"}`;
}
