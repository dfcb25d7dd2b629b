package dev.understudy.agreement;

import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the replicas' agreement stands, as this replica sees it at one moment.
 *
 * @param store where the replicas meet, for people; null: this one decides alone
 * @param replica this one's name; null: it decides alone
 * @param inTouch whether it takes part now; true if it decides alone
 * @param since when {@code inTouch} became what it is
 * @param why it is not in touch, for people; null: it is
 * @param voters all replicas that are known, this one included, by name
 * @param pools by name
 * @param conflicts how many of its writes another replica was quicker than, since the start
 * @param skewed how many counted replicas go by another file than this one
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

  /** Of a replica that decides alone. */
  public static AgreementStatus alone(Instant since) {
    return new AgreementStatus(null, null, true, since, null, List.of(), List.of(), 0, 0);
  }

  /**
   * One replica.
   *
   * @param counted whether its votes count
   * @param ready whether it takes traffic as far as the others are concerned
   * @param seen when it was heard of last
   * @param votes by pool, then by server ({@code NAME@HASH}): its verdict, for people
   */
  public record Voter(
      String replica,
      String incarnation,
      boolean counted,
      boolean synced,
      boolean ready,
      Instant seen,
      Map<PoolId, Map<String, String>> votes) {}

  /**
   * What the store holds of one pool.
   *
   * @param holder the serving server; null: nobody
   * @param trusted whether servers are told the epoch
   * @param local the server that this replica chose alone while out of touch, "" for nobody; null:
   *     it goes by the record
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
