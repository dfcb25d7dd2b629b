package dev.understudy.admin;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Alarm;
import dev.understudy.history.HistoryStatus;
import dev.understudy.pool.Hook;
import dev.understudy.statistics.LimitUse;
import dev.understudy.switchover.HookCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** Facts of a process that a test makes up. */
final class FakeReplica implements ReplicaInfo {
  static final Instant STARTED = Instant.parse("2026-11-21T18:00:00Z");

  final AtomicBoolean ready = new AtomicBoolean(true);
  private final Runnable asked;
  private volatile String mode = "standalone";
  private volatile AgreementStatus agreement = AgreementStatus.alone(Instant.EPOCH);

  FakeReplica() {
    this(() -> {});
  }

  /**
   * @param asked is run when the routes are asked for
   */
  FakeReplica(Runnable asked) {
    this.asked = asked;
  }

  void agree(String newMode, AgreementStatus status) {
    mode = newMode;
    agreement = status;
  }

  @Override
  public String name() {
    return agreement.replica();
  }

  @Override
  public boolean isReady() {
    return ready.get();
  }

  @Override
  public String agreementMode() {
    return mode;
  }

  @Override
  public AgreementStatus agreement() {
    return agreement;
  }

  @Override
  public ChecksDocument checks() {
    return new ChecksDocument(6, 2, STARTED, 1.95);
  }

  @Override
  public List<Alarm> alarms() {
    return List.of();
  }

  @Override
  public HookDocument hook(HookCall call) {
    Hook hook = call.pool().settings().hooks().of(call.promote());
    return HookDocument.request(
        Hook.expand(hook.url(), call.pool().id(), call.server()),
        hook.headers(),
        call.key() + " from " + call.from() + " to " + call.to());
  }

  @Override
  public List<Route> routes() {
    asked.run();
    return AdminServer.LANES;
  }

  @Override
  public Map<String, Double> routeRates() {
    return Map.of("second", 2.5);
  }

  @Override
  public String version() {
    return "1.2.3";
  }

  @Override
  public Instant startedAt() {
    return STARTED;
  }

  @Override
  public String fingerprint() {
    return "0123456789ab";
  }

  @Override
  public List<CertificateDocument> certificates() {
    return List.of(certificate("later", 90), certificate("soon", 3), certificate("gone", -1));
  }

  private static CertificateDocument certificate(String bundle, int days) {
    Instant now = Instant.now();
    Instant end = now.plus(Duration.ofDays(days)).plusSeconds(3600);
    return new CertificateDocument(
        bundle,
        "server",
        "CN=" + bundle,
        List.of(bundle + ".test"),
        "CN=ca",
        now.minus(Duration.ofDays(30)),
        end,
        CertificateDocument.daysLeft(now, end));
  }

  @Override
  public CompletionStage<ProcessDocument> process(List<LimitUse> more) {
    List<LimitUse> limits = new ArrayList<>(more);
    limits.addFirst(new LimitUse("client connections", 6, 20_000));
    return CompletableFuture.completedFuture(
        new ProcessDocument(
            version(),
            "25",
            42,
            STARTED,
            7,
            new ProcessDocument.Cpu(2, 1.5, 3.5),
            new ProcessDocument.Memory(1, 2, 3, 4, 5L),
            new ProcessDocument.FileDescriptors(10, 1024),
            new ProcessDocument.EventLoops(
                1, 6, 0.5, List.of(new ProcessDocument.EventLoopUse(6, 0, 0.5))),
            limits,
            new HistoryStatus(false, 3, 2)));
  }
}
