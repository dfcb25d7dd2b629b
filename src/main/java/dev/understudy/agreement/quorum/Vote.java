package dev.understudy.agreement.quorum;

import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackFitness;
import dev.understudy.pool.StateOrigin;
import dev.understudy.text.Words;
import org.jspecify.annotations.Nullable;

/**
 * One replica's vote on one server. Written {@code UP}, {@code UP:17} or {@code SILENT 3 bad
 * observations in a row}.
 *
 * @param fitIn the pool's epoch in which this replica found the server fit for a failback; 0 if it
 *     does not
 * @param evidence the observations behind a finding that is bad, doubted, or was bad when the
 *     server was last checked, for people; cut to 160 characters
 */
record Vote(Finding finding, long fitIn, String evidence) {
  private static final int MAX_EVIDENCE = 160;

  Vote {
    evidence = Words.cut(evidence, MAX_EVIDENCE);
  }

  /**
   * The vote on a server.
   *
   * @param seen this replica's finding on it; null if there is none yet
   * @param fit whether it has been UP for long enough for a failback
   * @param epoch the pool's epoch
   */
  static Vote on(@Nullable Candidate seen, boolean fit, long epoch) {
    if (seen == null) {
      return new Vote(Finding.UNKNOWN, 0, "");
    }
    Finding finding = Finding.of(seen);
    boolean hasEvidence =
        finding.isBad() || finding == Finding.DOUBTED || finding == Finding.LATE_DOWN;
    return new Vote(
        finding, finding == Finding.UP && fit ? epoch : 0, hasEvidence ? evidence(seen) : "");
  }

  private static String evidence(Candidate seen) {
    if (seen.fitness() == FailbackFitness.DOUBTED) {
      return "in doubt (" + seen.evidence() + ")";
    }
    return seen.setter() != StateOrigin.OPERATOR ? seen.stateInWords() : seen.evidence();
  }

  boolean isUp() {
    return finding == Finding.UP;
  }

  /**
   * Parses the written form.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  static Vote parse(String text) {
    int space = text.indexOf(' ');
    String head = space < 0 ? text : text.substring(0, space);
    int colon = head.indexOf(':');
    Finding finding = Finding.valueOf(colon < 0 ? head : head.substring(0, colon));
    long fitIn = colon < 0 ? 0 : Long.parseLong(head.substring(colon + 1));
    return new Vote(finding, fitIn, space < 0 ? "" : text.substring(space + 1));
  }

  @Override
  public String toString() {
    String head = fitIn == 0 ? finding.name() : finding.name() + ":" + fitIn;
    return evidence.isEmpty() ? head : head + " " + evidence;
  }
}
