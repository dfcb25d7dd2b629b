package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackFitness;
import dev.understudy.failover.Failover;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.text.Words;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * View of all replicas on one pool: merges the votes of the electorate into candidates, from which
 * {@link Failover#choose} chooses as if one replica had seen them.
 *
 * <p>A majority is more than half of all living synced voters, whatever their file; a voter whose
 * file has no server of the same name and address abstains on it. A voter that had no time to check
 * a server for long votes LATE on it and is left out of its count: of three of which two are late,
 * the one that sees decides. Files and fitness are of all voters, late or not. The first row that
 * fits:
 *
 * <table>
 * <caption>One server</caption>
 * <tr><th>server<th>votes<th>counts as
 * <tr><td>serving<td>a majority's file lacks it<td>gone
 * <tr><td>of its name, elsewhere<td>any<td>gone, until the serving one is left
 * <tr><td>serving<td>DOWN, open or lacking for a majority, of these more open<td>UP, breaker open
 * <tr><td>serving<td>DOWN, open or lacking for a majority<td>DOWN; silent if a majority says silent
 * <tr><td>serving<td>late for all<td>UP, but late: no news is no bad news
 * <tr><td>serving<td>otherwise, a tie too<td>UP
 * <tr><td>other<td>there was no epoch yet, and some replica's file has the pool without it
 *     <td>DOWN: not before all know it
 * <tr><td>other<td>UP for a majority<td>UP
 * <tr><td>other<td>UP or open for a majority<td>UP, breaker open
 * <tr><td>other<td>UP, open or stale for a majority<td>UP, with a stale claim
 * <tr><td>other<td>UP, open, stale or doubted for a majority<td>UP, but in doubt: for want of better
 * <tr><td>other<td>UP, open, doubted or UNKNOWN for a majority<td>UNKNOWN: its first probes are in
 *     flight
 * <tr><td>other<td>DOWN for no majority; for a majority of all voters UP, open, doubted, or late
 *     but UP before<td>UP, but late: for want of better
 * <tr><td>other<td>otherwise<td>DOWN
 * </table>
 *
 * <p>A server that is DOWN because most of these votes say that its agent or cluster takes it out
 * of use is out of use, as it is for one replica that decides alone.
 *
 * <p>A server is fit for a failback if a majority of all voters found it so in this very epoch, and
 * no replica's file has the pool without it. Late voters do not lower that bar: a failback can
 * wait, and two replicas that see different things and are late in turn would move the role to and
 * fro. If no server is usable by all votes, the votes of ready voters alone are counted: a replica
 * that sees less than another must not keep both from serving. But one that finds a claim stale
 * knows more than another that does not: no server that any voter finds stale, ready or not, is
 * usable by the votes of some. In the same way the data of a server is too far behind if any voter
 * finds so.
 *
 * @param candidates of the pool's servers; a missing one is gone
 * @param electorate the voters whose votes were counted
 */
record MergedVotes(Map<ServerId, Candidate> candidates, List<Voter> electorate) {
  private static final int MAX_NAMED = 5;

  /**
   * Merges the votes.
   *
   * @param pool the pool as this replica's file has it, with the serving server if that is kept
   * @param voters all living, synced voters
   * @param own this replica's view, which tells how long each status has lasted
   */
  static MergedVotes of(
      Pool pool, PoolRecord record, List<Voter> voters, Map<ServerId, Candidate> own, Instant now) {
    MergedVotes all =
        new MergedVotes(candidates(pool, record, voters, List.of(), own, now), voters);
    if (!Failover.usable(pool, all.candidates()).isEmpty()) {
      return all;
    }
    List<Voter> ready = voters.stream().filter(Voter::ready).toList();
    return ready.isEmpty() || ready.size() == voters.size()
        ? all
        : new MergedVotes(candidates(pool, record, ready, voters, own, now), ready);
  }

  /**
   * Merges the votes of some voters.
   *
   * @param vetoing those of whom one is enough to make a server stale
   */
  private static Map<ServerId, Candidate> candidates(
      Pool pool,
      PoolRecord record,
      List<Voter> voters,
      List<Voter> vetoing,
      Map<ServerId, Candidate> own,
      Instant now) {
    Map<ServerId, Candidate> candidates = new LinkedHashMap<>();
    for (Server server : pool.servers()) {
      ServerIdentity identity = ServerIdentity.of(server);
      Count count = new Count(pool.id(), identity, voters);
      boolean serving = identity.equals(record.holder());
      if (hasReusedName(identity, record) || (serving && count.isMajorityOfAll(count.lacking))) {
        continue;
      }
      Candidate seen = own.get(server.id());
      Instant since = seen == null ? now : seen.statusSince();
      Candidate merged = candidate(server.id(), count, serving, record, since);
      if (merged.status() == HealthStatus.UP && !serving && isStale(pool.id(), identity, vetoing)) {
        merged = merged.with(merged.claim(), true);
      }
      Candidate known = seen == null ? merged : withOwn(merged, seen);
      List<Voter> any = vetoing.isEmpty() ? voters : vetoing;
      candidates.put(server.id(), behind(known, seen, new Count(pool.id(), identity, any)));
    }
    return candidates;
  }

  /** Adds what this replica alone knows. */
  private static Candidate withOwn(Candidate merged, Candidate seen) {
    Candidate known = merged.with(seen.facts()).with(seen.claim(), merged.stale());
    return merged.stale() && seen.contradiction() != null
        ? known.contradicted(seen.contradiction())
        : known;
  }

  /** Marks one whose data is too far behind for any voter: who knows less does not know better. */
  private static Candidate behind(Candidate merged, @Nullable Candidate seen, Count all) {
    String own = seen == null ? null : seen.behind();
    return own == null && all.tooFarBehind > 0
        ? merged.tooFarBehind("too far behind for " + all.whoFindsTooFarBehind())
        : merged.tooFarBehind(own);
  }

  /** Whether a new file gave the serving server's name to {@code server}, which has to wait. */
  private static boolean hasReusedName(ServerIdentity server, PoolRecord record) {
    ServerIdentity holder = record.holder();
    return holder != null && holder.id().equals(server.id()) && !holder.equals(server);
  }

  /** Whether a majority's files have the pool without {@code server}. */
  static boolean isGone(PoolId pool, ServerIdentity server, List<Voter> voters) {
    Count count = new Count(pool, server, voters);
    return count.isMajorityOfAll(count.lacking);
  }

  /** Whether any voter finds that the server's claim to the role is stale. */
  static boolean isStale(PoolId pool, ServerIdentity server, List<Voter> voters) {
    return new Count(pool, server, voters).stale > 0;
  }

  /** Whether a majority finds that the server, which has the role, should be left. */
  static boolean isBad(PoolId pool, ServerIdentity server, List<Voter> voters) {
    Count count = new Count(pool, server, voters);
    return count.isMajority(count.open + count.down());
  }

  private static Candidate candidate(
      ServerId id, Count count, boolean serving, PoolRecord record, Instant since) {
    HealthStatus status = serving ? count.ofServing() : count.ofOther(record.epoch() == 0);
    boolean late = serving ? count.isUnseen() : status == HealthStatus.UP && !count.isUp();
    boolean doubted = status == HealthStatus.UP && !serving && !late && count.isDoubted();
    boolean stale =
        status == HealthStatus.UP && (serving ? count.isMajority(count.stale) : count.isStale());
    boolean open =
        status == HealthStatus.UP
            && !stale
            && !late
            && !count.isMajority(doubted ? count.up + count.doubted : count.up)
            && !(serving && !count.isBad());
    boolean silent = count.isMajority(count.silent);
    Candidate merged =
        new Candidate(
            status,
            since,
            !silent,
            status == HealthStatus.DOWN && count.refused * 2 > count.down(),
            open,
            record.operatorStates().of(id),
            false,
            count.fitness(record.epoch(), doubted),
            late && !serving ? count.lateEvidence() : count.evidence(status, open));
    Candidate known = merged.withLateChecks(late).with(merged.claim(), stale);
    return status == HealthStatus.DOWN && known.operatorState() == OperatorState.READY
        ? count.withdrawn(known)
        : known;
  }

  /** The votes on one server. */
  private static final class Count {
    private final PoolId pool;
    private final ServerIdentity server;
    private final List<Voter> voters;
    final int up;
    final int open;
    final int stale;
    final int doubted;
    final int unknown;
    final int refused;
    final int withdrawn;
    final int silent;
    final int tooFarBehind;
    final int responding;
    final int lacking;
    final int lateUp;
    final int late;

    Count(PoolId pool, ServerIdentity server, List<Voter> voters) {
      this.pool = pool;
      this.server = server;
      this.voters = voters;
      this.up = withFinding(Finding.UP);
      this.open = withFinding(Finding.OPEN);
      this.stale = withFinding(Finding.STALE);
      this.doubted = withFinding(Finding.DOUBTED);
      this.unknown = withFinding(Finding.UNKNOWN);
      this.refused = withFinding(Finding.REFUSED);
      this.withdrawn = count(vote -> vote.finding().isWithdrawn());
      this.silent = refused + withFinding(Finding.SILENT) + withdrawn;
      this.tooFarBehind = withFinding(Finding.TOO_FAR_BEHIND);
      this.responding = withFinding(Finding.RESPONDING) + tooFarBehind;
      this.lacking = (int) voters.stream().filter(this::lacks).count();
      this.lateUp = withFinding(Finding.LATE);
      this.late = lateUp + withFinding(Finding.LATE_DOWN);
    }

    private int withFinding(Finding finding) {
      return count(vote -> vote.finding() == finding);
    }

    private int count(Predicate<Vote> condition) {
      int count = 0;
      for (Voter voter : voters) {
        Vote vote = voter.vote(pool, server);
        count += vote != null && condition.test(vote) ? 1 : 0;
      }
      return count;
    }

    /** Whether the voter's file has the pool without the server. */
    private boolean lacks(Voter voter) {
      Ballot ballot = voter.ballot(pool);
      return ballot != null && !ballot.votes().containsKey(server);
    }

    /** Of the voters that had time to look. */
    boolean isMajority(int count) {
      return count * 2 > voters.size() - late;
    }

    boolean isMajorityOfAll(int count) {
      return count * 2 > voters.size();
    }

    /** Whether nobody had time to look. */
    boolean isUnseen() {
      return late > 0 && up + open + stale + doubted + unknown + down() == 0;
    }

    int down() {
      return silent + responding;
    }

    /** Files that lack it do not speak for those of late voters, which have it. */
    boolean isBad() {
      return open + down() > 0 && isMajority(open + down() + lacking);
    }

    HealthStatus ofServing() {
      return isBad() && open <= down() + lacking ? HealthStatus.DOWN : HealthStatus.UP;
    }

    HealthStatus ofOther(boolean initial) {
      if (initial && lacking > 0) {
        return HealthStatus.DOWN;
      }
      if (isUp()) {
        return HealthStatus.UP;
      }
      if (unknown > 0 && isMajority(up + open + doubted + unknown)) {
        return HealthStatus.UNKNOWN;
      }
      return isUpAsFarAsKnown() ? HealthStatus.UP : HealthStatus.DOWN;
    }

    /** Whether enough of those that had time to look find another server UP in any way. */
    boolean isUp() {
      return isMajority(up + open + stale + doubted);
    }

    /**
     * Whether another server was UP when most last looked, and those that had time do not deny it.
     */
    private boolean isUpAsFarAsKnown() {
      return lateUp > 0 && !isMajority(down()) && isMajorityOfAll(up + open + doubted + lateUp);
    }

    /** Whether too few find another server UP without a stale claim. */
    boolean isStale() {
      return isUp() ? !isMajority(up + open + doubted) : stale > 0;
    }

    /** Whether another server is UP only because its failure is doubted. */
    boolean isDoubted() {
      return !isMajority(up + open + stale);
    }

    /** The candidate out of use, if that is what makes it DOWN. */
    Candidate withdrawn(Candidate candidate) {
      if (withdrawn * 2 <= down()) {
        return candidate;
      }
      return voters.stream()
          .map(voter -> voter.vote(pool, server))
          .filter(vote -> vote != null && vote.finding().isWithdrawn())
          .findFirst()
          .map(vote -> vote.finding().applied(candidate))
          .orElse(candidate);
    }

    FailbackFitness fitness(long epoch, boolean isInDoubt) {
      int fit = count(vote -> vote.isUp() && vote.fitIn() == epoch);
      if (epoch > 0 && lacking == 0 && isMajorityOfAll(fit)) {
        return FailbackFitness.FIT;
      }
      return isInDoubt ? FailbackFitness.DOUBTED : FailbackFitness.NOT_FIT;
    }

    /**
     * The first evidence among the agreeing votes, and the names of their voters; what there is
     * instead of a majority if none agrees.
     */
    String evidence(HealthStatus status, boolean isOpen) {
      Predicate<Vote> agreeing =
          vote ->
              switch (status) {
                case UP ->
                    isOpen
                        ? vote.finding() == Finding.OPEN
                        : vote.isUp()
                            || vote.finding() == Finding.STALE
                            || vote.finding() == Finding.DOUBTED;
                case DOWN -> vote.finding().isDown();
                case UNKNOWN -> vote.finding() == Finding.UNKNOWN;
              };
      List<Voter> agreed = with(agreeing);
      if (agreed.isEmpty()) {
        return undecided();
      }
      String why =
          agreed.stream()
              .map(voter -> Objects.requireNonNull(voter.vote(pool, server)).evidence())
              .filter(each -> !each.isEmpty())
              .findFirst()
              .orElse(status.name());
      String without = lacking == 0 ? "" : "; not in the file of " + lacking;
      return "%s; %d of %d replicas: %s%s%s"
          .formatted(why, agreed.size(), voters.size(), names(agreed), without, lateVoters());
    }

    /** That of a server which counts as UP although most had no time to look. */
    String lateEvidence() {
      return "UP when last checked" + lateVoters();
    }

    private String lateVoters() {
      return late == 0 ? "" : "; late checks: " + names(with(vote -> vote.finding().isLate()));
    }

    private List<Voter> with(Predicate<Vote> condition) {
      return voters.stream()
          .filter(
              voter -> {
                Vote vote = voter.vote(pool, server);
                return vote != null && condition.test(vote);
              })
          .toList();
    }

    String whoFindsTooFarBehind() {
      return names(with(vote -> vote.finding() == Finding.TOO_FAR_BEHIND));
    }

    private static String names(List<Voter> voters) {
      return Words.joined(voters.stream().map(Voter::replica).toList(), MAX_NAMED, ", ");
    }

    private String undecided() {
      StringJoiner votes = new StringJoiner(", ");
      add(votes, up + open + stale, "UP");
      add(votes, doubted, "in doubt");
      add(votes, down(), "DOWN");
      add(votes, unknown, "UNKNOWN");
      add(votes, late, "late");
      add(votes, lacking, "not in the file");
      return votes.length() == 0
          ? "no votes of %d replicas".formatted(voters.size())
          : "no majority of %d replicas: %s".formatted(voters.size(), votes);
    }

    private static void add(StringJoiner votes, int count, String finding) {
      if (count > 0) {
        votes.add(count + " " + finding);
      }
    }
  }
}
