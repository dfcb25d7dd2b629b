package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.quorum.Voter.Stage;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Replicas and pools in the form of {@link AgreementStatus}, for people. */
final class StatusView {
  private final Map<String, Map<PoolId, Map<String, String>>> votes = new HashMap<>();

  /** Takes a replica's new content. */
  void update(Voter voter) {
    Map<PoolId, Map<String, String>> shown = new TreeMap<>();
    voter.ballots().forEach((pool, ballot) -> shown.put(pool, ballot.votesAsText()));
    votes.put(voter.replica(), shown);
  }

  void left(String replica) {
    votes.remove(replica);
  }

  List<AgreementStatus.Voter> voters(Members members, long nanos, Instant now) {
    return members.all().stream().map(seen -> voter(seen, members, nanos, now)).toList();
  }

  static List<AgreementStatus.Role> roles(Collection<PoolAgreement> pools, boolean inTouch) {
    return pools.stream()
        .filter(pool -> pool.pool().isInFile() || !pool.pool().known().isEmpty())
        .map(pool -> role(pool, inTouch))
        .toList();
  }

  /** The number of voters that use another file than this replica. */
  static int votersWithOtherFile(List<Voter> voters, Voter self) {
    int skewed = 0;
    for (Voter voter : voters) {
      boolean abstains = voter.ballots().isEmpty();
      skewed += abstains || hasSameFile(voter, self) ? 0 : 1;
    }
    return skewed;
  }

  private static boolean hasSameFile(Voter voter, Voter self) {
    return voter.ballots().keySet().equals(self.ballots().keySet())
        && voter.ballots().entrySet().stream()
            .allMatch(entry -> hasSameServers(entry.getValue(), self.ballot(entry.getKey())));
  }

  private static boolean hasSameServers(Ballot theirs, @Nullable Ballot own) {
    return own != null && own.votes().keySet().equals(theirs.votes().keySet());
  }

  private AgreementStatus.Voter voter(Members.Seen seen, Members members, long nanos, Instant now) {
    Voter voter = seen.voter();
    return new AgreementStatus.Voter(
        voter.replica(),
        voter.incarnation(),
        voter.synced() && members.isLiving(seen, nanos),
        voter.stage() != Stage.STARTING,
        voter.stage() == Stage.LEAVING,
        voter.ready(),
        now.minusNanos(nanos - seen.at()),
        votes.getOrDefault(voter.replica(), Map.of()));
  }

  private static AgreementStatus.Role role(PoolAgreement pool, boolean inTouch) {
    PoolRecord record = pool.pool().known();
    LocalChoice local = pool.pool().local();
    ServerIdentity holder = record.holder();
    SwitchReason reason = record.agreed().reason();
    return new AgreementStatus.Role(
        pool.id(),
        holder == null ? null : holder.id().value(),
        record.epoch(),
        reason == null ? null : reason.name(),
        record.agreed().evidence(),
        record.decidedBy().isEmpty() ? null : record.decidedBy(),
        record.epoch() == 0 ? null : record.agreed().since(),
        inTouch && pool.isEpochTrusted(),
        local == null ? null : Objects.requireNonNullElse(ServerId.text(local.serving()), ""));
  }
}
