package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.quorum.Voter.Stage;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackFitness;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.FakeLoop;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The pools, servers, votes and candidates of these tests. The pool {@code sense} has the master
 * {@code sen2} and the backup {@code sen1}. What a replica finds of a server is a letter:
 *
 * <pre>
 * U  UP              S  DOWN, silent
 * O  breaker open    R  DOWN, refuses connections
 * ?  UNKNOWN         A  DOWN, responds
 * T  UP, its claim to the role is stale
 * C  its cluster drains it
 * D  its agent drains it         M  its agent has it in maintenance
 * K  DOWN, but doubted
 * L  late, UP when last checked  N  late, DOWN when last checked
 * -  its file lacks the server
 * .  its file lacks the pool
 * </pre>
 */
final class Scene {
  static final PoolId SENSE = new PoolId("sense");
  static final ServerId MASTER = new ServerId("sen2");
  static final ServerId BACKUP = new ServerId("sen1");
  static final Server MASTER_SERVER = server(MASTER, "192.0.2.2", Rank.MASTER);
  static final Server BACKUP_SERVER = server(BACKUP, "192.0.2.1", Rank.BACKUP);

  /** The master's name at another address. */
  static final Server MOVED_MASTER = server(MASTER, "192.0.2.20", Rank.MASTER);

  static final ServerIdentity MASTER_IDENTITY = ServerIdentity.of(MASTER_SERVER);
  static final ServerIdentity BACKUP_IDENTITY = ServerIdentity.of(BACKUP_SERVER);
  static final Pool POOL = pool(SENSE, MASTER_SERVER, BACKUP_SERVER);
  static final Instant NOW = FakeLoop.START;

  private Scene() {}

  static Server server(ServerId id, String host, Rank rank) {
    return TestServers.of(id, TestSettings.address(false, host, 8079), rank, OptionalInt.empty());
  }

  static Pool pool(PoolId id, Server... servers) {
    return pool(id, TestSettings.failback(Policy.IMMEDIATE, Duration.ofSeconds(30)), servers);
  }

  static Pool pool(PoolId id, FailbackSettings failback, Server... servers) {
    return pool(id, PoolMode.FAILOVER, failback, servers);
  }

  static Pool pool(PoolId id, PoolMode mode, FailbackSettings failback, Server... servers) {
    return TestPools.pool(id).mode(mode).servers(servers).failback(failback).build();
  }

  /** The record of a pool whose master serves in that epoch. */
  static PoolRecord held(ServerIdentity holder, long epoch) {
    return record(holder, epoch, SwitchReason.INITIAL, false, 0);
  }

  static PoolRecord record(
      ServerIdentity holder, long epoch, SwitchReason reason, boolean pinned, int failbacks) {
    ServerId serving = holder == null ? null : holder.id();
    RoleState roleState =
        new RoleState(serving, epoch, pinned ? serving : null, failbacks, null, RoleMemory.NONE);
    return new PoolRecord(
        new AgreedRole(roleState, null, NOW, "")
            .with(new AgreedRole.Decision(reason, NOW, "as the test wants", "proxy-0"))
            .with(holder),
        failbacks == 0 ? 0 : epoch - 1,
        OperatorStates.NONE);
  }

  /** The finding of a letter; null: none. */
  static Finding finding(char letter) {
    return switch (letter) {
      case 'U' -> Finding.UP;
      case 'O' -> Finding.OPEN;
      case 'T' -> Finding.STALE;
      case 'K' -> Finding.DOUBTED;
      case 'L' -> Finding.LATE;
      case 'N' -> Finding.LATE_DOWN;
      case '?' -> Finding.UNKNOWN;
      case 'S' -> Finding.SILENT;
      case 'R' -> Finding.REFUSED;
      case 'A' -> Finding.RESPONDING;
      case 'F' -> Finding.TOO_FAR_BEHIND;
      case 'C' -> Finding.CLUSTER_DRAIN;
      case 'D' -> Finding.AGENT_DRAIN;
      case 'M' -> Finding.AGENT_MAINTENANCE;
      default -> null;
    };
  }

  /** A vote without evidence if it is good, with the letter as its evidence otherwise. */
  static Vote vote(char letter, long fitIn) {
    Finding finding = finding(letter);
    return new Vote(finding, fitIn, finding.isBad() ? "evidence " + letter : "");
  }

  /** A ready, synced voter's; one letter for each of the servers. */
  static Voter voter(String replica, String letters, Server... servers) {
    return voter(replica, true, ballot(letters, 0, servers));
  }

  static Voter voter(String replica, boolean ready, Ballot ballot) {
    Map<PoolId, Ballot> ballots = ballot == null ? Map.of() : Map.of(SENSE, ballot);
    return new Voter(replica, "run-of-" + replica, "", Stage.DECIDING, ready, ballots, Set.of());
  }

  /** Null if its file lacks the pool. */
  static Ballot ballot(String letters, long fitIn, Server... servers) {
    if (letters.contains(".")) {
      return null;
    }
    Map<ServerIdentity, Vote> votes = new HashMap<>();
    for (int i = 0; i < servers.length; i++) {
      if (letters.charAt(i) != '-') {
        boolean fit = fitIn != 0 && letters.charAt(i) == 'U';
        votes.put(ServerIdentity.of(servers[i]), vote(letters.charAt(i), fit ? fitIn : 0));
      }
    }
    return new Ballot(0, null, votes);
  }

  /** Replicas a, b, c …; each letter is what one finds of that server. */
  static List<Voter> voters(String letters, Server server) {
    List<Voter> voters = new ArrayList<>();
    for (int i = 0; i < letters.length(); i++) {
      voters.add(voter(name(i), letters.substring(i, i + 1), server));
    }
    return voters;
  }

  static String name(int replica) {
    return String.valueOf((char) ('a' + replica));
  }

  /** What one replica sees of the master and of the backup, since the start. */
  static Map<ServerId, Candidate> seen(String letters) {
    Map<ServerId, Candidate> seen = new LinkedHashMap<>();
    seen.put(MASTER, candidate(letters.charAt(0), NOW));
    seen.put(BACKUP, candidate(letters.charAt(1), NOW));
    return seen;
  }

  static Candidate candidate(char letter, Instant since) {
    Finding finding = finding(letter);
    HealthStatus status =
        finding == Finding.UNKNOWN
            ? HealthStatus.UNKNOWN
            : finding.isDown() ? HealthStatus.DOWN : HealthStatus.UP;
    if (finding == Finding.DOUBTED) {
      return candidate('S', since).kept();
    }
    if (finding.isLate()) {
      return candidate(finding == Finding.LATE ? 'U' : 'S', since).withLateChecks(true);
    }
    boolean answered = status == HealthStatus.UP || finding == Finding.RESPONDING;
    return candidate(
        status, since, answered, finding == Finding.REFUSED, finding == Finding.OPEN, letter + "");
  }

  /** A ready server's, whose evidence is "evidence" and that word. */
  static Candidate candidate(
      HealthStatus status,
      Instant since,
      boolean answered,
      boolean refused,
      boolean open,
      String evidence) {
    return new Candidate(
        status,
        since,
        answered,
        refused,
        open,
        OperatorState.READY,
        false,
        FailbackFitness.BY_TIME,
        "evidence " + evidence);
  }
}
