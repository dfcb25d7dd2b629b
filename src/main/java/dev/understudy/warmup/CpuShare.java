package dev.understudy.warmup;

import java.util.concurrent.TimeUnit;

/**
 * How much of the processors a process may use to warm itself up: half of what others leave. Pure.
 *
 * @param processors those that the process and its group may use at most; a quota may be less than
 *     one
 */
record CpuShare(double processors) {
  /** Of what others leave. */
  static final double PART = 0.5;

  /** Of all, what is used in any case: the machine's other work may be less urgent. */
  static final double LEAST = 0.1;

  /** The longest pause; then it is judged again. */
  static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * What was used within a time, in ns of one processor.
   *
   * @param elapsed of the clock
   * @param own of this process, whatever for
   * @param others of all others that share the processors
   */
  record Use(long elapsed, long own, long others) {
    Use minus(Use before) {
      return new Use(elapsed - before.elapsed, own - before.own, others - before.others);
    }
  }

  /** What this process may use, in processors, while the others use that much. */
  double allowed(Use use) {
    double others = use.elapsed() <= 0 ? 0 : Math.max(0, (double) use.others() / use.elapsed());
    return Math.max(LEAST * processors, PART * (processors - others));
  }

  /** How long to rest, in ns, so that the use is what is allowed; 0 if it is not more than that. */
  long pauseNanos(Use use) {
    double earned = use.own() / allowed(use);
    return Math.clamp((long) earned - use.elapsed(), 0, LONGEST_NANOS);
  }
}
