package dev.understudy.statistics;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.PoolTraffic;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Describes one pool's state at a fixed time. */
final class States {
  static final Instant NOW = Instant.parse("2026-11-21T18:00:00Z");

  private final PoolId id;
  private final PoolMode mode;
  private final List<ServerState> servers = new ArrayList<>();
  private final Map<String, ServerTraffic> traffic = new HashMap<>();
  private String serving;
  private Authority authority = Authority.FULL;
  private @Nullable PlannedSwitch planned;
  private final Map<ServerId, Instant> fenced = new HashMap<>();
  private @Nullable ServerId promoted;
  private @Nullable PoolMaintenance maintenance;
  private ChoiceExplanation explanation;

  private States(String id, PoolMode mode) {
    this.id = new PoolId(id);
    this.mode = mode;
  }

  static States failover(String id) {
    return new States(id, PoolMode.FAILOVER);
  }

  static States balance(String id) {
    return new States(id, PoolMode.BALANCE);
  }

  /** One server's state. */
  record Is(
      HealthStatus status,
      Duration since,
      OperatorState operator,
      boolean circuitOpen,
      ServerState.LastProbe probe,
      ServerState.Checks checks) {
    private static final ServerState.Checks IN_TIME =
        new ServerState.Checks(NOW.minusSeconds(1), false);

    Is(
        HealthStatus status,
        Duration since,
        OperatorState operator,
        boolean circuitOpen,
        ServerState.LastProbe probe) {
      this(status, since, operator, circuitOpen, probe, IN_TIME);
    }

    Is maintenance() {
      return new Is(status, since, OperatorState.MAINTENANCE, circuitOpen, probe, checks);
    }

    Is drain() {
      return new Is(status, since, OperatorState.DRAIN, circuitOpen, probe, checks);
    }

    Is open() {
      return new Is(status, since, operator, true, probe, checks);
    }

    Is probed(ServerState.@Nullable LastProbe last) {
      return new Is(status, since, operator, circuitOpen, last, checks);
    }

    /** Its checks are late, and the newest is that old. */
    Is late(Duration age) {
      return new Is(
          status,
          since,
          operator,
          circuitOpen,
          probe,
          new ServerState.Checks(NOW.minus(age), true));
    }

    boolean usable() {
      return status == HealthStatus.UP && operator == OperatorState.READY && !circuitOpen;
    }
  }

  static Is up() {
    return new Is(
        HealthStatus.UP,
        Duration.ofHours(1),
        OperatorState.READY,
        false,
        probe(ProbeOutcome.OK, "status 200"));
  }

  static Is down(Duration since, ProbeOutcome outcome, String detail) {
    return new Is(HealthStatus.DOWN, since, OperatorState.READY, false, probe(outcome, detail));
  }

  static Is unknown() {
    return new Is(HealthStatus.UNKNOWN, Duration.ZERO, OperatorState.READY, false, null);
  }

  static ServerState.LastProbe probe(ProbeOutcome outcome, String detail) {
    return new ServerState.LastProbe(NOW.minusSeconds(1), Duration.ofMillis(2), outcome, detail);
  }

  States master(String name, Is is) {
    return server(name, Rank.MASTER, is, OptionalInt.empty());
  }

  States backup(String name, Is is) {
    return server(name, Rank.BACKUP, is, OptionalInt.empty());
  }

  States server(String name, Rank rank, Is is, OptionalInt maxRequests) {
    ServerTraffic counters = traffic.computeIfAbsent(name, fresh -> new ServerTraffic());
    servers.add(
        new ServerState(
            id,
            TestServers.of(
                new ServerId(name),
                TestSettings.address(false, name + ".test", 80),
                rank,
                maxRequests),
            InetSocketAddress.createUnresolved(name + ".test", 80),
            is.status(),
            NOW.minus(is.since()),
            is.operator(),
            ServerState.OperatorAct.UNKNOWN,
            is.circuitOpen(),
            is.usable(),
            1,
            1,
            null,
            is.probe(),
            counters,
            null,
            ServerState.FULL_WEIGHT,
            null,
            is.checks(),
            null));
    return this;
  }

  States serving(String name) {
    serving = name;
    return this;
  }

  States authority(Authority of) {
    authority = of;
    return this;
  }

  /** A planned switch to {@code sen1} is in that phase, for that reason. */
  States planned(SwitchPhase phase, String why) {
    ServerId sen2 = new ServerId("sen2");
    SwitchRequest request =
        new SwitchRequest(new ServerId("sen1"), SwitchRequest.DEFAULT_PAUSE, false, null, null);
    planned =
        new PlannedSwitch(
            "1-a",
            sen2,
            request,
            2,
            "",
            Set.of(),
            false,
            List.of(new PlannedSwitch.Stage(phase, NOW, why)));
    return this;
  }

  /** That server is to be fenced. */
  States fence(String name) {
    fenced.put(new ServerId(name), NOW.minusSeconds(90));
    return this;
  }

  /** That server is to be promoted. */
  States promote(String name) {
    promoted = new ServerId(name);
    return this;
  }

  States maintenance(PoolMaintenance value) {
    maintenance = value;
    return this;
  }

  States explanation(ChoiceExplanation value) {
    explanation = value;
    return this;
  }

  PoolState state() {
    return new PoolState(
        TestPools.pool(id)
            .mode(mode)
            .servers(servers.stream().map(ServerState::server).toArray(Server[]::new))
            .build(),
        servers,
        servers.stream()
            .filter(server -> server.server().id().value().equals(serving))
            .findFirst()
            .orElse(null),
        3,
        authority,
        SwitchReason.FAILBACK,
        NOW.minusSeconds(60),
        null,
        explanation,
        planned,
        planned != null && planned.phase().pauses(),
        new OwedHooks(null, fenced, promoted, false),
        maintenance,
        new PoolTraffic());
  }
}
