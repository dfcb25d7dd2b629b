package dev.understudy.application;

import dev.understudy.admin.CertificateDocument;
import dev.understudy.admin.ChecksDocument;
import dev.understudy.admin.HookDocument;
import dev.understudy.admin.ProcessDocument;
import dev.understudy.admin.ReplicaInfo;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Alarm;
import dev.understudy.history.HistoryRecorder;
import dev.understudy.hook.HookCommand;
import dev.understudy.hook.HookInvocation;
import dev.understudy.monitor.Monitor;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.listener.CertificateInventory;
import dev.understudy.proxy.listener.EventLoopLoad;
import dev.understudy.proxy.route.CurrentRouteTable;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.reload.RouteListing;
import dev.understudy.settings.StaticSettings;
import dev.understudy.statistics.LimitUse;
import dev.understudy.statistics.ProcessUse;
import dev.understudy.statistics.Statistics;
import dev.understudy.statistics.StatisticsThread;
import dev.understudy.switchover.HookCall;
import dev.understudy.telemetry.Metrics;
import dev.understudy.text.BuildVersion;
import dev.understudy.text.Words;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** Collects what the packages know of this process, for the management port. Thread-safe. */
record RunningReplica(
    StaticSettings settings,
    Environment environment,
    LiveConfiguration configuration,
    CurrentRouteTable inForce,
    RouteListing listing,
    CertificateInventory inventory,
    EventLoopLoad loops,
    Frontend frontend,
    ProcessUse use,
    Monitor monitor,
    Metrics metrics,
    Statistics statistics,
    HistoryRecorder history,
    StatisticsThread background)
    implements ReplicaInfo {
  /** Read once: an event loop that is pinned to a CPU sees only that one. */
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private static final Instant STARTED_AT =
      Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());

  @Override
  public @Nullable String name() {
    String replica = agreement().replica();
    return replica == null ? environment.getProperty("HOSTNAME") : replica;
  }

  @Override
  public String version() {
    return BuildVersion.shown();
  }

  @Override
  public Instant startedAt() {
    return STARTED_AT.plus(monitor.ahead());
  }

  @Override
  public boolean isReady() {
    return monitor.ready() && configuration.isComplete();
  }

  @Override
  public @Nullable String fingerprint() {
    return configuration.fingerprint();
  }

  @Override
  public String agreementMode() {
    return settings.agreement().mode().word();
  }

  @Override
  public AgreementStatus agreement() {
    return monitor.agreement();
  }

  @Override
  public ChecksDocument checks() {
    return ChecksDocument.of(monitor.current().checks().by(monitor.ahead()), monitor.stretch());
  }

  @Override
  public List<Alarm> alarms() {
    return monitor.alarms();
  }

  @Override
  public HookDocument hook(HookCall call) {
    return switch (HookInvocation.masked(call)) {
      case HookInvocation.Http http ->
          HookDocument.request(http.url().toString(), http.headers(), http.body());
      case HookInvocation.Command command ->
          new HookDocument(
              null,
              Map.of(),
              null,
              command.program(),
              command.arguments(),
              command.environment(),
              HookCommand.problem(settings.hooks().directory(), command.program()));
    };
  }

  @Override
  public List<Route> routes() {
    Map<String, Double> rates = statistics.routeRates();
    return inForce.current().lanes().stream()
        .map(lane -> route(lane, rates.getOrDefault(lane.id(), 0.0)))
        .toList();
  }

  private Route route(RouteLane lane, double rate) {
    RouteListing.Shown shown = listing.of(lane.id());
    return new Route(
        lane.id(),
        lane.name(),
        lane.why(),
        shown.pool(),
        shown.predicates(),
        shown.filters(),
        rate);
  }

  @Override
  public Map<String, Double> routeRates() {
    Map<String, Double> rates = new TreeMap<>(statistics.routeRates());
    rates.values().removeIf(rate -> rate == 0);
    return rates;
  }

  @Override
  public List<CertificateDocument> certificates() {
    Instant now = monitor.wall();
    return inventory.read().stream().map(each -> certificate(each, now)).toList();
  }

  private static CertificateDocument certificate(CertificateInventory.Entry entry, Instant now) {
    X509Certificate certificate = entry.certificate();
    Instant end = certificate.getNotAfter().toInstant();
    return new CertificateDocument(
        entry.bundle(),
        Words.kebab(entry.use().name()).replace('-', ' '),
        certificate.getSubjectX500Principal().getName(),
        entry.names(),
        certificate.getIssuerX500Principal().getName(),
        certificate.getNotBefore().toInstant(),
        end,
        CertificateDocument.daysLeft(now, end));
  }

  @Override
  public CompletionStage<ProcessDocument> process(List<LimitUse> limits) {
    // Not on the event loop that happens to be the last to respond.
    return loops.read().thenApplyAsync(readings -> document(readings, limits), background::execute);
  }

  private ProcessDocument document(List<EventLoopLoad.Reading> readings, List<LimitUse> more) {
    ProcessUse.Reading now = use.read();
    return new ProcessDocument(
        version(),
        Runtime.version() + " " + System.getProperty("java.vendor"),
        ProcessHandle.current().pid(),
        startedAt(),
        Math.max(0, Duration.between(STARTED_AT, monitor.now()).toSeconds()),
        new ProcessDocument.Cpu(PROCESSORS, now.cpuSeconds(), now.cpuPercent()),
        new ProcessDocument.Memory(
            now.heapUsed(), now.heapCommitted(), now.heapMax(), direct(), now.resident()),
        new ProcessDocument.FileDescriptors(now.openFiles(), now.maxFiles()),
        eventLoops(readings),
        limits(now, more),
        settings.stateFile() == null ? null : history.status());
  }

  private static long direct() {
    return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider
        ? provider.metric().usedDirectMemory()
        : 0;
  }

  private static ProcessDocument.EventLoops eventLoops(List<EventLoopLoad.Reading> readings) {
    List<ProcessDocument.EventLoopUse> uses = new ArrayList<>();
    int connections = 0;
    double longest = 0;
    for (EventLoopLoad.Reading reading : readings) {
      double lag = Math.round(reading.lagNanos() / 1e4) / 1e2;
      uses.add(
          new ProcessDocument.EventLoopUse(reading.connections(), reading.pendingTasks(), lag));
      connections += reading.connections();
      longest = Math.max(longest, lag);
    }
    return new ProcessDocument.EventLoops(uses.size(), connections, longest, uses);
  }

  private List<LimitUse> limits(ProcessUse.Reading now, List<LimitUse> more) {
    List<LimitUse> limits = new ArrayList<>();
    limits.add(
        new LimitUse(
            "client connections",
            frontend.connections().connections(),
            frontend.limits().maxConnections()));
    if (now.maxFiles() > 0) {
      limits.add(new LimitUse("file descriptors", now.openFiles(), now.maxFiles()));
    }
    if (now.heapMax() > 0) {
      limits.add(new LimitUse("heap bytes", now.heapUsed(), now.heapMax()));
    }
    limits.addAll(LimitUse.nearest(monitor.current(), metrics::held));
    limits.addAll(more);
    return limits;
  }
}
