package dev.understudy.probe;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.ProbeOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Verdict of a probe.
 *
 * @param detail for people; cut to {@link Details#MAX} characters
 * @param history of a primary's data, in the form in which it is kept; null if the probe did not
 *     see it
 * @param position how far its data has come, likewise
 * @param lacked what this machine lacked for the probe; null if nothing
 */
record ProbeResult(
    ProbeOutcome outcome,
    String detail,
    @Nullable String history,
    @Nullable String position,
    @Nullable LocalFailure lacked) {
  /** Creates the result of a probe that saw nothing of the data. */
  ProbeResult(ProbeOutcome outcome, String detail) {
    this(outcome, detail, null, null, null);
  }

  /**
   * Creates the result of a probe that lacked nothing on this machine; {@code history} and {@code
   * position} are null if it saw none.
   */
  ProbeResult(
      ProbeOutcome outcome, String detail, @Nullable String history, @Nullable String position) {
    this(outcome, detail, history, position, null);
  }

  ProbeResult {
    detail = Details.bounded(detail);
  }

  /** The verdict of a probe that this machine could not make. */
  static ProbeResult of(LocalFailure failure) {
    return new ProbeResult(
        ProbeOutcome.LOCAL_FAILURE,
        "failure of this machine: " + failure.words(),
        null,
        null,
        failure);
  }
}
