package dev.understudy.failover;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** The pools, servers and candidates that these tests put on stage. */
final class Cast {
  static final Instant ZERO = Instant.parse("2026-01-01T00:00:00Z");

  /** Master, preferred to the other one. */
  static final ServerId MASTER = new ServerId("master");

  static final ServerId MASTER2 = new ServerId("master2");

  /** Backup, preferred to the other one. */
  static final ServerId BACKUP = new ServerId("backup");

  static final ServerId BACKUP2 = new ServerId("backup2");

  /** What a server can be like; UP since {@link #ZERO} where it is UP. */
  enum Look {
    UNKNOWN(HealthStatus.UNKNOWN, false, false, OperatorState.READY),
    UP(HealthStatus.UP, true, false, OperatorState.READY),
    /** UP, with an open circuit breaker. */
    OPEN(HealthStatus.UP, true, false, OperatorState.READY),
    /** UP when it was last checked, but its checks are late. */
    LATE(HealthStatus.UP, true, false, OperatorState.READY),
    /** The same, with an open circuit breaker. */
    LATE_OPEN(HealthStatus.UP, true, false, OperatorState.READY),
    /** DOWN when it was last checked, did not answer; its checks are late. */
    LATE_DOWN(HealthStatus.DOWN, false, false, OperatorState.READY),
    /** DOWN, does not answer. */
    DOWN(HealthStatus.DOWN, false, false, OperatorState.READY),
    /** DOWN, answers badly. */
    SICK(HealthStatus.DOWN, true, false, OperatorState.READY),
    /** DOWN, accepts no connections. */
    REFUSING(HealthStatus.DOWN, false, true, OperatorState.READY),
    DRAIN(HealthStatus.UP, true, false, OperatorState.DRAIN),
    MAINTENANCE(HealthStatus.UP, true, false, OperatorState.MAINTENANCE),
    /** DOWN and answering, in maintenance. */
    SICK_MAINTENANCE(HealthStatus.DOWN, true, false, OperatorState.MAINTENANCE),
    /** Another server since the last choice, not probed yet. */
    CHANGED(HealthStatus.UNKNOWN, false, false, OperatorState.READY),
    /** Another server since the last choice, found UP. */
    CHANGED_UP(HealthStatus.UP, true, false, OperatorState.READY),
    /** Of which there is no candidate. */
    GONE(HealthStatus.UNKNOWN, false, false, OperatorState.READY);

    private final Candidate candidate;

    Look(HealthStatus status, boolean answered, boolean refusing, OperatorState state) {
      boolean changed = name().startsWith("CHANGED");
      boolean open = name().endsWith("OPEN");
      boolean late = name().startsWith("LATE");
      FailbackFitness fitness = FailbackFitness.BY_TIME;
      String evidence = "evidence of " + this;
      candidate =
          new Candidate(status, ZERO, answered, refusing, open, state, changed, fitness, evidence)
              .withLateChecks(late);
    }
  }

  private Cast() {}

  static Candidate candidate(Look look) {
    return look.candidate;
  }

  static Candidate upSince(Instant since) {
    return upSince(since, FailbackFitness.BY_TIME);
  }

  static Candidate upSince(Instant since, FailbackFitness fitness) {
    OperatorState state = OperatorState.READY;
    String evidence = "2 good probes in a row";
    return new Candidate(
        HealthStatus.UP, since, true, false, false, state, false, fitness, evidence);
  }

  /** Seconds after {@link #ZERO}. */
  static Instant at(double seconds) {
    return ZERO.plusMillis(Math.round(seconds * 1_000));
  }

  private static String seconds(Instant instant) {
    double seconds = Duration.between(ZERO, instant).toMillis() / 1_000.0;
    return String.valueOf(seconds).replaceAll("\\.0$", "");
  }

  /** From a look, {@code UP@90} since 90 s, {@code UP@90:FIT}, or {@code DOWN:kept} in a doubt. */
  private static Candidate candidate(String text) {
    String[] parts = text.split(":", -1);
    String[] since = parts[0].split("@", -1);
    if (since.length == 2) {
      FailbackFitness fitness =
          parts.length == 2 ? FailbackFitness.valueOf(parts[1]) : FailbackFitness.BY_TIME;
      return upSince(at(Double.parseDouble(since[1])), fitness);
    }
    Candidate candidate = candidate(Look.valueOf(parts[0]));
    return parts.length == 2 ? candidate.kept() : candidate;
  }

  /** From {@code master=UP@90 backup=DOWN}. */
  static Map<ServerId, Candidate> view(String text) {
    Map<ServerId, Candidate> view = new LinkedHashMap<>();
    for (String word : text.split(" ", -1)) {
      String[] parts = word.split("=", -1);
      view.put(new ServerId(parts[0]), candidate(parts[1]));
    }
    return view;
  }

  /** From who serves and the epoch, such as {@code backup 7 pinned 2@-10}: two failbacks before. */
  static RoleState roleState(String text) {
    String[] words = text.replace(" pinned", "").split(" ", -1);
    ServerId serving = words[0].equals("nobody") ? null : new ServerId(words[0]);
    String[] failbacks = words.length == 3 ? words[2].split("@", -1) : new String[] {"0"};
    return new RoleState(
        serving,
        Long.parseLong(words[1]),
        text.contains(" pinned") ? serving : null,
        Integer.parseInt(failbacks[0]),
        failbacks.length == 2 ? at(Double.parseDouble(failbacks[1])) : null,
        RoleMemory.NONE);
  }

  private static String text(RoleState state) {
    return (state.serving() == null ? "nobody" : state.serving())
        + " "
        + state.epoch()
        + (state.pinned() == null ? "" : state.pinned().equals(state.serving()) ? " pinned" : " ?")
        + (state.failbacks() == 0 ? "" : " " + state.failbacks())
        + (state.lastFailback() == null ? "" : "@" + seconds(state.lastFailback()));
  }

  /** As {@code FAILBACK master 8 1@100}, or {@code stay backup 7 until 130}. */
  static String text(Choice choice) {
    String kind = choice instanceof Choice.Switch change ? change.reason().name() : "stay";
    return kind
        + " "
        + text(choice.roleState())
        + (choice.lookAgain() == null ? "" : " until " + seconds(choice.lookAgain()));
  }

  /** From {@code IMMEDIATE}, or {@code DELAYED/4}: after 4 s instead of 30. */
  static Pool pool(String policy) {
    String[] parts = (policy + "/30").split("/", -1);
    Duration after = Duration.ofSeconds(Long.parseLong(parts[1]));
    return pool(TestSettings.failback(Policy.valueOf(parts[0]), after));
  }

  /** One candidate for each pair of a server and its look, but for those that are GONE. */
  static Map<ServerId, Candidate> view(Object... pairs) {
    Map<ServerId, Candidate> view = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      Look look = (Look) pairs[i + 1];
      if (look != Look.GONE) {
        view.put((ServerId) pairs[i], candidate(look));
      }
    }
    return view;
  }

  /** Of all four servers, backups written first: rank goes before order. */
  static Pool pool(FailbackSettings failback) {
    return pool(PoolMode.FAILOVER, failback, BACKUP, BACKUP2, MASTER, MASTER2);
  }

  static Pool pool(Policy policy) {
    return pool(TestSettings.failback(policy, Duration.ofSeconds(30)));
  }

  static Pool pool(PoolMode mode, FailbackSettings failback, ServerId... servers) {
    return TestPools.pool(new PoolId("sense"))
        .mode(mode)
        .servers(Stream.of(servers).map(Cast::server).toArray(Server[]::new))
        .failback(failback)
        .build();
  }

  /** The same pool, whose servers speak TCP. */
  static Pool tcp(Pool pool) {
    return pool.with(
        pool.servers().stream()
            .map(
                server ->
                    TestServers.of(
                        server.id(),
                        new ServerAddress(Protocol.TCP, false, server.id().value(), 5432),
                        server.rank(),
                        OptionalInt.empty()))
            .toList());
  }

  /** Of databases, of which the first is the master, and whose checks ask for that role. */
  static Pool database(DatabaseRole role, String... names) {
    List<Server> servers = new ArrayList<>();
    for (String name : names) {
      ServerAddress address = new ServerAddress(Protocol.TCP, false, name + ".example", 6379);
      Rank rank = servers.isEmpty() ? Rank.MASTER : Rank.BACKUP;
      servers.add(TestServers.of(new ServerId(name), address, rank, OptionalInt.empty()));
    }
    return TestPools.pool(new PoolId("db"))
        .servers(servers.toArray(Server[]::new))
        .health(TestSettings.health(new RedisCheck(null, null, role, CheckConnection.DEFAULT)))
        .build();
  }

  static RoleState serving(ServerId server) {
    return new RoleState(server, 7, null, 0, null, RoleMemory.NONE);
  }

  private static Server server(ServerId id) {
    Rank rank = id.value().startsWith("master") ? Rank.MASTER : Rank.BACKUP;
    return TestServers.of(
        id, TestSettings.address(false, id.value(), 80), rank, OptionalInt.empty());
  }
}
