// Lines over the last minutes, laid out as the paths of an SVG. Pure.

/**
 * The path of values, oldest first, that end at the right edge of a box of `width` by `height`, one step being
 * `width / steps`. Null is a gap. `most` is the value of the upper edge.
 */
export function linePath(values, most, steps, width, height) {
  const left = steps - values.length;
  let path = "";
  let pen = false;
  values.forEach((value, index) => {
    if (value === null) {
      pen = false;
      return;
    }
    const x = round(((left + index) * width) / steps);
    const y = round(height - (most > 0 ? Math.min(1, value / most) : 0) * height);
    // A step is as long as it lasted, so that a single one is a line, too.
    path += `${pen ? "L" : "M"}${x} ${y}H${round(((left + index + 1) * width) / steps)}`;
    pen = true;
  });
  return path;
}

function round(value) {
  return Math.round(value * 10) / 10;
}

/** The greatest value; 0 if there is none. */
export function greatest(values) {
  return values.reduce((most, value) => Math.max(most, value ?? 0), 0);
}

/** The upper edge of an axis: the next of 1, 2, 5 times a power of ten. */
export function ceiling(value) {
  if (value <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * unit).find((edge) => edge >= value * 0.999) ?? 10 * unit;
}

/** The newest value that is known; null if none is. */
export function newest(values) {
  return values.length === 0 ? null : values[values.length - 1];
}
