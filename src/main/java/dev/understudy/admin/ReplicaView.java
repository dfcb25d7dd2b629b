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
  List<Certificate> certificates();

  /** Reads the process's figures; completes within about a second. */
  CompletionStage<ProcessDocument> process();

  /**
   * One certificate.
   *
   * @param bundle the Spring SSL bundle that holds it, or the prefix of the settings that do
   * @param use {@code server}: shown to clients; {@code client}: shown to servers; {@code upstream
   *     trust}: servers' certificates are verified against it
   * @param names the host names that it is for, and for {@code server} is served to
   */
  record Certificate(
      String bundle,
      String use,
      String subject,
      List<String> names,
      String issuer,
      Instant notBefore,
      Instant notAfter) {
    public Certificate {
      names = List.copyOf(names);
    }
  }
}
