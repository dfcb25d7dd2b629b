package dev.understudy.probe;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.ProbeOutcome;

/**
 * Verdict of a probe.
 *
 * @param detail for people; cut to {@link Details#MAX} characters
 */
record ProbeVerdict(ProbeOutcome outcome, String detail) {
  ProbeVerdict {
    detail = Details.bounded(detail);
  }

  /** The verdict of a probe that this machine could not make. */
  static ProbeVerdict of(LocalFailure failure) {
    return new ProbeVerdict(
        ProbeOutcome.LOCAL_FAILURE, "failure of this machine: " + failure.words());
  }
}
