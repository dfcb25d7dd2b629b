package dev.understudy.admin;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The response of {@code GET /api/agreement}: the agreement in this replica's view.
 *
 * @param mode {@code standalone}, {@code kubernetes} or {@code etcd}
 * @param store the store that the replicas share; null if standalone
 * @param replica the id of this replica; null if standalone
 * @param inTouch whether this replica takes part now
 * @param since the time of the last change of {@code inTouch}
 * @param why the reason why this replica is out of touch; null if it is in touch
 * @param now the time of the document, by the same clock as its other times
 * @param conflicts the number of writes since the start that came too late, after another replica's
 * @param skewed the number of replicas whose votes count and whose file differs from this one's
 * @param voters all known replicas, this one included
 * @param pools the agreement on each pool
 */
record AgreementDocument(
    String mode,
    @Nullable String store,
    @Nullable String replica,
    boolean inTouch,
    Instant since,
    @Nullable String why,
    Instant now,
    long conflicts,
    int skewed,
    List<Voter> voters,
    List<AgreementStatus.Role> pools) {

  /**
   * One replica.
   *
   * @param counted whether its votes count
   * @param synced whether its first probes have ended
   * @param leaving whether it is stopping, and serves until its clients are gone; its votes do not
   *     count any more
   * @param ready whether the replica is ready for traffic in the other replicas' view
   * @param ageSeconds seconds since the replica's last sign of life, with one decimal
   * @param votes the replica's findings with their evidence, by pool and then by server ({@code
   *     NAME@HASH}); {@code LATE} if its checks are late and the server was UP before, {@code
   *     LATE_DOWN} if it was DOWN
   */
  record Voter(
      String replica,
      String incarnation,
      boolean counted,
      boolean synced,
      boolean leaving,
      boolean ready,
      double ageSeconds,
      Map<PoolId, Map<String, String>> votes) {}

  static AgreementDocument of(String mode, AgreementStatus status, Instant now) {
    return new AgreementDocument(
        mode,
        status.store(),
        status.replica(),
        status.inTouch(),
        status.since(),
        status.why(),
        now,
        status.conflicts(),
        status.skewed(),
        status.voters().stream().map(voter -> of(voter, now)).toList(),
        status.pools());
  }

  private static Voter of(AgreementStatus.Voter voter, Instant now) {
    return new Voter(
        voter.replica(),
        voter.incarnation(),
        voter.counted(),
        voter.synced(),
        voter.leaving(),
        voter.ready(),
        Math.max(0, Duration.between(voter.seen(), now).toMillis() / 100) / 10.0,
        byName(voter.votes()));
  }

  private static Map<PoolId, Map<String, String>> byName(Map<PoolId, Map<String, String>> votes) {
    Map<PoolId, Map<String, String>> sorted = new TreeMap<>(votes);
    sorted.replaceAll((pool, servers) -> new TreeMap<>(servers));
    return sorted;
  }
}
