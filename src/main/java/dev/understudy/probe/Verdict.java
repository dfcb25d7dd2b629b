package dev.understudy.probe;

import dev.understudy.health.ProbeOutcome;

/**
 * How a probe ended.
 *
 * @param detail for people; at most {@link Details#MAX} characters
 */
record Verdict(ProbeOutcome outcome, String detail) {
  Verdict {
    detail = Details.bounded(detail);
  }
}
