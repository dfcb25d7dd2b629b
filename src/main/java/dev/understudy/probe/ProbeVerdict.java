package dev.understudy.probe;

import dev.understudy.health.ProbeOutcome;

/**
 * How a probe ended.
 *
 * @param detail for people; at most {@link Details#MAX} characters
 */
record ProbeVerdict(ProbeOutcome outcome, String detail) {
  ProbeVerdict {
    detail = Details.bounded(detail);
  }
}
