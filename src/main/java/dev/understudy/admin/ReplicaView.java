package dev.understudy.admin;

import dev.understudy.monitor.Alarm;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What other packages know of this process, for display; implemented in {@code application}.
 * Thread-safe.
 */
public interface ReplicaView {
  /** The version of Understudy. */
  String version();

  /** When this process started. */
  Instant startedAt();

  /**
   * The SHA-256 digest of the dynamic file in force, its first 12 hexadecimal digits; null before
   * the first file.
   */
  @Nullable String fingerprint();

  /** What speaks against this replica's own view of its servers now. */
  default List<Alarm> alarms() {
    return List.of();
  }

  /** The certificates in use now, in no order. May take milliseconds. */
  List<CertificateDocument> certificates();

  /** Reads the process's figures; completes within about a second. */
  CompletionStage<ProcessDocument> process();
}
