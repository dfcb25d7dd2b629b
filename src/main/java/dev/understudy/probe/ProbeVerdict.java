package dev.understudy.probe;

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
}
