package dev.understudy.application;

import dev.understudy.admin.CertificateDocument;
import dev.understudy.admin.ProcessDocument;
import dev.understudy.admin.ReplicaView;
import dev.understudy.history.HistoryStatus;
import dev.understudy.monitor.Alarm;
import dev.understudy.monitor.SnapshotSource;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.listener.CertificateInventory;
import dev.understudy.proxy.listener.EventLoopReadings;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.statistics.LimitUse;
import dev.understudy.statistics.ProcessUse;
import dev.understudy.text.Words;
import dev.understudy.traffic.RequestTotals;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what the packages know of this process, for the management port. Thread-safe. */
final class RunningProxy implements ReplicaView {
  private final String version;
  private final LiveConfiguration configuration;
  private final CertificateInventory certificates;
  private final EventLoopReadings loops;
  private final FrontDoor door;
  private final ProcessUse use;
  private final SnapshotSource snapshots;
  private final RequestTotals totals;
  private final Supplier<List<Alarm>> alarms;
  private final Supplier<@Nullable HistoryStatus> history;
  private final Executor background;

  /** Read once: an event loop that is pinned to a CPU sees only that one. */
  private final int processors = Runtime.getRuntime().availableProcessors();

  private final Instant startedAt =
      Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());

  RunningProxy(
      String version,
      LiveConfiguration configuration,
      CertificateInventory certificates,
      EventLoopReadings loops,
      FrontDoor door,
      ProcessUse use,
      SnapshotSource snapshots,
      RequestTotals totals,
      Supplier<List<Alarm>> alarms,
      Supplier<@Nullable HistoryStatus> history,
      Executor background) {
    this.version = version;
    this.configuration = configuration;
    this.certificates = certificates;
    this.loops = loops;
    this.door = door;
    this.use = use;
    this.snapshots = snapshots;
    this.totals = totals;
    this.alarms = alarms;
    this.history = history;
    this.background = background;
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public Instant startedAt() {
    return startedAt;
  }

  @Override
  public @Nullable String fingerprint() {
    return configuration.fingerprint();
  }

  @Override
  public List<Alarm> alarms() {
    return alarms.get();
  }

  @Override
  public List<CertificateDocument> certificates() {
    Instant now = snapshots.now();
    return certificates.read().stream().map(each -> certificate(each, now)).toList();
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
  public CompletionStage<ProcessDocument> process() {
    // Not on the event loop that happens to be the last to respond.
    return loops.read().thenApplyAsync(this::document, background);
  }

  private ProcessDocument document(List<EventLoopReadings.Reading> readings) {
    ProcessUse.Reading now = use.read();
    return new ProcessDocument(
        version,
        Runtime.version() + " " + System.getProperty("java.vendor"),
        ProcessHandle.current().pid(),
        startedAt,
        Math.max(0, Duration.between(startedAt, Instant.now()).toSeconds()),
        new ProcessDocument.Cpu(processors, now.cpuSeconds(), now.cpuPercent()),
        new ProcessDocument.Memory(
            now.heapUsed(), now.heapCommitted(), now.heapMax(), direct(), now.resident()),
        new ProcessDocument.FileDescriptors(now.openFiles(), now.maxFiles()),
        eventLoops(readings),
        limits(now),
        history.get());
  }

  private static long direct() {
    return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider
        ? provider.metric().usedDirectMemory()
        : 0;
  }

  private static ProcessDocument.EventLoops eventLoops(List<EventLoopReadings.Reading> readings) {
    List<ProcessDocument.EventLoopUse> uses = new ArrayList<>();
    int connections = 0;
    double longest = 0;
    for (EventLoopReadings.Reading reading : readings) {
      double lag = Math.round(reading.lagNanos() / 1e4) / 1e2;
      uses.add(
          new ProcessDocument.EventLoopUse(reading.connections(), reading.pendingTasks(), lag));
      connections += reading.connections();
      longest = Math.max(longest, lag);
    }
    return new ProcessDocument.EventLoops(uses.size(), connections, longest, uses);
  }

  private List<LimitUse> limits(ProcessUse.Reading now) {
    List<LimitUse> limits = new ArrayList<>();
    limits.add(
        new LimitUse(
            "client connections",
            door.connections().connections(),
            door.limits().maxConnections()));
    if (now.maxFiles() > 0) {
      limits.add(new LimitUse("file descriptors", now.openFiles(), now.maxFiles()));
    }
    if (now.heapMax() > 0) {
      limits.add(new LimitUse("heap bytes", now.heapUsed(), now.heapMax()));
    }
    limits.addAll(LimitUse.nearest(snapshots.current(), totals::held));
    return limits;
  }
}
