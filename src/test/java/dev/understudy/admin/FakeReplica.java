package dev.understudy.admin;

import dev.understudy.history.HistoryStatus;
import dev.understudy.statistics.LimitUse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Facts of a process that a test makes up. */
final class FakeReplica implements ReplicaView {
  static final Instant STARTED = Instant.parse("2026-11-21T18:00:00Z");

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
  public CompletionStage<ProcessDocument> process() {
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
            List.of(new LimitUse("client connections", 6, 20_000)),
            new HistoryStatus(false, 3, 2)));
  }
}
