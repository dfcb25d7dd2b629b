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
 * The response of {@code GET /api/agreement}: the agreement as this replica sees it.
 *
 * @param mode {@code standalone}, {@code kubernetes} or {@code etcd}
 * @param store where replicas meet; null: nowhere
 * @param replica this one; null: it decides alone
 * @param inTouch whether it takes part now
 * @param since when that became so
 * @param why it is out of touch; null: it is not
 * @param now the clock that all times in it are of
 * @param conflicts writes that another replica was quicker than, since the start
 * @param skewed counted replicas that go by another file than this one
 * @param voters all replicas that are known, this one included
 * @param pools what is agreed on
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
    List<Role> pools) {

  /**
   * One replica.
   *
   * @param counted whether its votes count
   * @param synced whether its first probes have ended
   * @param ready whether it takes traffic as far as the others are concerned
   * @param ageSeconds since it was heard of
   * @param votes by pool, then by server ({@code NAME@HASH}): what it finds, with the evidence
   */
  record Voter(
      String replica,
      String incarnation,
      boolean counted,
      boolean synced,
      boolean ready,
      double ageSeconds,
      Map<String, Map<String, String>> votes) {}

  /**
   * What is agreed on for one pool.
   *
   * @param holder the serving server; null: nobody
   * @param trusted whether servers are told the epoch
   * @param local the server that this replica chose alone while out of touch, "" for nobody; null:
   *     it goes by the agreement
   */
  record Role(
      String pool,
      @Nullable String holder,
      long epoch,
      @Nullable String reason,
      String evidence,
      @Nullable String decidedBy,
      @Nullable Instant since,
      boolean trusted,
      @Nullable String local) {}

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
        status.pools().stream().map(AgreementDocument::of).toList());
  }

  private static Voter of(AgreementStatus.Voter voter, Instant now) {
    return new Voter(
        voter.replica(),
        voter.incarnation(),
        voter.counted(),
        voter.synced(),
        voter.ready(),
        Math.max(0, Duration.between(voter.seen(), now).toMillis() / 100) / 10.0,
        byName(voter.votes()));
  }

  private static Map<String, Map<String, String>> byName(Map<PoolId, Map<String, String>> votes) {
    Map<String, Map<String, String>> sorted = new TreeMap<>();
    votes.forEach((pool, servers) -> sorted.put(pool.value(), new TreeMap<>(servers)));
    return sorted;
  }

  private static Role of(AgreementStatus.Role role) {
    return new Role(
        role.pool().value(),
        role.holder(),
        role.epoch(),
        role.reason(),
        role.evidence(),
        role.decidedBy(),
        role.since(),
        role.trusted(),
        role.local());
  }
}
