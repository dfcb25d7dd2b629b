package dev.understudy.agreement;

import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * State of the agreement, as this replica sees it at one moment.
 *
 * @param store the store where the replicas meet, for people; null if this replica decides alone
 * @param replica this replica's name; null if it decides alone
 * @param inTouch whether it takes part now; true if it decides alone
 * @param since when {@code inTouch} last changed
 * @param why reason for being out of touch, for people; null if in touch
 * @param voters all known replicas, this one included, by name
 * @param pools by name
 * @param conflicts number of this replica's writes since the start that came after another's
 * @param skewed number of counted replicas that use another file than this one
 */
public record AgreementStatus(
    @Nullable String store,
    @Nullable String replica,
    boolean inTouch,
    Instant since,
    @Nullable String why,
    List<Voter> voters,
    List<Role> pools,
    long conflicts,
    int skewed) {
  public AgreementStatus {
    voters = List.copyOf(voters);
    pools = List.copyOf(pools);
  }

  /** The status of a replica that decides alone. */
  public static AgreementStatus alone(Instant since) {
    return new AgreementStatus(null, null, true, since, null, List.of(), List.of(), 0, 0);
  }

  /**
   * One replica.
   *
   * @param counted whether its votes count
   * @param leaving whether it is stopping, and serves until its clients are gone
   * @param ready whether it takes traffic as far as the other replicas are concerned
   * @param seen when it was last heard of
   * @param votes its verdicts for people, by pool, then by server ({@code NAME@HASH})
   */
  public record Voter(
      String replica,
      String incarnation,
      boolean counted,
      boolean synced,
      boolean leaving,
      boolean ready,
      Instant seen,
      Map<PoolId, Map<String, String>> votes) {}

  /**
   * The store's content on one pool.
   *
   * @param holder the serving server; null if there is none
   * @param trusted whether servers are told the epoch
   * @param local the server that this replica chose alone while out of touch, "" for no server;
   *     null if it follows the record
   */
  public record Role(
      PoolId pool,
      @Nullable String holder,
      long epoch,
      @Nullable String reason,
      String evidence,
      @Nullable String decidedBy,
      @Nullable Instant since,
      boolean trusted,
      @Nullable String local) {}
}
