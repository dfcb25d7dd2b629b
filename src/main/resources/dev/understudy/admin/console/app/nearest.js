// The name that a mistyped search may have meant. Pure.

/** The fewest insertions, removals, replacements and swaps of neighbours that make `b` of `a`. */
export function distance(a, b) {
  let before = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}

/** The most that is compared of a search: a pasted text is no name. */
const MOST_LETTERS = 63;

/** The nearest name, the first of equally near ones; null if none is near: at most a third of its letters differ. */
export function nearest(text, names) {
  const wanted = text.trim().toLowerCase();
  if (wanted === "" || wanted.length > MOST_LETTERS) return null;
  let best = null;
  let least = Infinity;
  for (const name of names) {
    const most = Math.max(1, Math.floor(Math.max(wanted.length, name.length) / 3));
    if (Math.abs(name.length - wanted.length) > most) continue;
    const found = distance(wanted, name.toLowerCase());
    if (found <= most && found < least) [best, least] = [name, found];
  }
  return best;
}
