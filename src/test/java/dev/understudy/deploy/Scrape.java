package dev.understudy.deploy;

import static dev.understudy.testing.TestPools.POOL;

import dev.understudy.admin.RefusalLog;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.history.HistoryStatus;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.telemetry.CertificateMeters;
import dev.understudy.telemetry.Metrics;
import dev.understudy.telemetry.ReplicaMeters;
import dev.understudy.testing.Outcomes;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import dev.understudy.tracing.SpanMeters;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.Reference;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the program's own meters give Prometheus once everything has happened that they count: each
 * metric, its labels, and the values that these have had.
 */
final class Scrape {
  private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? [^ ]+");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");
  private static final Pattern PART = Pattern.compile("_(bucket|count|sum|max)$");

  private static final ServerId MASTER = new ServerId("one");
  private static final ServerId BACKUP = new ServerId("two");

  /** A check by which two servers may be found to be primary. */
  private static final HealthSettings PROVES_ROLE =
      TestSettings.health(
          new RedisCheck(null, null, DatabaseRole.PRIMARY, CheckConnection.DEFAULT));

  private static final Duration TIME = Duration.ofMillis(1);
  private static final InetSocketAddress CLIENT = new InetSocketAddress("127.0.0.1", 1);
  private static final Hook HOOK =
      new Hook("http://hooks.test/", List.of(), Map.of(), Duration.ofSeconds(5), false);

  private static final Hook REQUIRED =
      new Hook("http://hooks.test/", List.of(), Map.of(), Duration.ofSeconds(5), true);

  private final Map<String, Map<String, Set<String>>> metrics = new TreeMap<>();

  private Scrape(String text) {
    text.lines().filter(line -> !line.startsWith("#")).forEach(this::sample);
  }

  private static Server server(ServerId id, Rank rank) {
    ServerAddress address = new ServerAddress(Protocol.TCP, false, "127.0.0.1", 1);
    return TestServers.of(id, address, rank, OptionalInt.of(10));
  }

  /** Of a failover pool with a master and a backup, which has the meters of TCP pools too. */
  static Scrape ofEverything() {
    TestPools pools =
        TestPools.pool()
            .sticky(AfterFailback.KEEP)
            .health(PROVES_ROLE)
            .hooks(new HookSettings(HOOK, REQUIRED))
            .servers(server(MASTER, Rank.MASTER), server(BACKUP, Rank.BACKUP))
            .start();
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (Metrics metrics =
        new Metrics(registry, registry.getPrometheusRegistry(), Map.of(), pools, () -> 0)) {
      for (RequestEnd end : RequestEnd.values()) {
        for (int status : new int[] {0, 101, 200, 301, 404, 503}) {
          metrics.ended(
              metrics.route("all"), Outcomes.of(POOL, MASTER, status, end, 1_000_000, 0, 0));
        }
      }
      for (ConnectionEnd end : ConnectionEnd.values()) {
        metrics.ended(connection(end));
      }
      for (RetryReason reason : RetryReason.values()) {
        metrics.retried(POOL, reason);
      }
      for (ProbeOutcome outcome : ProbeOutcome.values()) {
        metrics.probed(POOL, MASTER, outcome, TIME);
      }
      CertificateMeters.register(
          registry.getPrometheusRegistry(),
          Map.of(),
          () ->
              List.of(
                  new CertificateMeters.Certificate("site.pem", "server", Instant.EPOCH),
                  new CertificateMeters.Certificate("revoked.pem", "crl", Instant.EPOCH)));
      SpanMeters.register(registry);
      ReplicaMeters replica = new ReplicaMeters(registry);
      replica.clientMemory(() -> 1, 2);
      replica.selfCheck(resource -> 1, List::of);
      replica.checks(() -> 1);
      replica.receiver(
          "ops", () -> 1, Map.of("delivered", () -> 1, "failed", () -> 1, "dropped", () -> 1));
      replica.history(() -> new HistoryStatus(false, 1, 1));
      Consumer<EventLog.Entry> agreement =
          replica.agreement(() -> AgreementStatus.alone(Instant.EPOCH));
      for (SwitchReason reason : SwitchReason.values()) {
        metrics.happened(switched(reason));
        agreement.accept(switched(reason));
      }
      Stream.of(SwitchPhase.values())
          .filter(SwitchPhase::isOver)
          .forEach(phase -> metrics.happened(planned(phase)));
      for (SwitchFacts.Call outcome : SwitchFacts.Call.values()) {
        if (outcome != SwitchFacts.Call.RUNNING) {
          metrics.called(
              hookCall(pools.state().pool()), new HookResult(outcome, "status 200", TIME));
        }
      }
      RefusalLog refusals = new RefusalLog(System::nanoTime);
      refusals.bindTo(registry);
      try {
        return new Scrape(registry.scrape() + ofBalance() + ofTransactions());
      } finally {
        Reference.reachabilityFence(refusals);
      }
    }
  }

  private static String ofBalance() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    TestPools pools =
        TestPools.pool()
            .servers(server(MASTER, Rank.MASTER), server(BACKUP, Rank.BACKUP))
            .mode(PoolMode.BALANCE)
            .start();
    try (Metrics metrics =
        new Metrics(registry, registry.getPrometheusRegistry(), Map.of(), pools, () -> 0)) {
      metrics.retried(POOL, RetryReason.CONNECT_FAILED);
      return registry.scrape();
    }
  }

  /** Of a pool whose check counts transactions. */
  private static String ofTransactions() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    MysqlCheck check = new MysqlCheck("probe", null, DatabaseRole.SYNCED, CheckConnection.DEFAULT);
    TestPools pools =
        TestPools.pool()
            .health(TestSettings.health(check))
            .servers(server(MASTER, Rank.MASTER), server(BACKUP, Rank.BACKUP))
            .start();
    try (Metrics metrics =
        new Metrics(registry, registry.getPrometheusRegistry(), Map.of(), pools, () -> 0)) {
      metrics.retried(POOL, RetryReason.CONNECT_FAILED);
      return registry.scrape();
    }
  }

  private static ConnectionOutcome connection(ConnectionEnd end) {
    return new ConnectionOutcome("pg", null, POOL, MASTER, CLIENT, end, 1, 0, 1_000_000, 0, 0);
  }

  private static EventLog.Entry switched(SwitchReason reason) {
    return entry(
        new Event.Switched(POOL, MASTER, BACKUP, reason, 2, "", "a", TIME, TIME, null, ""));
  }

  private static EventLog.Entry planned(SwitchPhase phase) {
    return entry(
        new Event.PlannedSwitchChanged(
            POOL, "1-a", MASTER, BACKUP, phase, 2, null, "", TIME, null, ""));
  }

  private static EventLog.Entry entry(Event event) {
    return new EventLog.Entry(1, Instant.EPOCH, event);
  }

  private static HookCall hookCall(Pool pool) {
    Server server = pool.servers().getFirst();
    SwitchReason why = SwitchReason.CONNECTION_FAILED;
    Instant when = Instant.EPOCH;
    return new HookCall(
        pool, false, server, MASTER, BACKUP, 2, when, why, "", null, false, false, TIME);
  }

  private void sample(String line) {
    MatchResult sample = SAMPLE.matcher(line).results().findFirst().orElseThrow();
    Map<String, Set<String>> labels =
        metrics.computeIfAbsent(sample.group(1), any -> new TreeMap<>());
    if (sample.group(2) != null) {
      LABEL
          .matcher(sample.group(2))
          .results()
          .forEach(
              label ->
                  labels
                      .computeIfAbsent(label.group(1), any -> new TreeSet<>())
                      .add(label.group(2)));
    }
  }

  /** The names as queries use them. */
  Set<String> names() {
    return metrics.keySet();
  }

  /** The names without what a timer adds. */
  Set<String> families() {
    Set<String> families = new TreeSet<>();
    names().forEach(name -> families.add(family(name)));
    return families;
  }

  static String family(String name) {
    return PART.matcher(name).replaceFirst("");
  }

  /** The labels of a metric, with every value that they have. */
  Map<String, Set<String>> labels(String name) {
    return metrics.getOrDefault(name, Map.of());
  }
}
