package dev.understudy.admin;

import dev.understudy.admin.OverviewDocument.AgreementPart;
import dev.understudy.admin.OverviewDocument.ConfigPart;
import dev.understudy.statistics.Overview;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sequence of overviews and their bytes, each made once for all readers. To be used on one
 * thread. A failure leaves the newest overview as it is: the next one brings what changed since.
 */
final class EncodedOverviews {
  private final Supplier<Overview> overviews;
  private final ConfigurationStatus configuration;
  private final ReplicaInfo process;
  private final Duration interval;

  private @Nullable OverviewDocument newest;

  /** When the newest one was made. */
  private long madeNanos;

  private byte @Nullable [] document;

  /**
   * Creates the sequence, without an overview.
   *
   * @param overviews makes the present overview
   * @param interval the time between two overviews
   */
  EncodedOverviews(
      Supplier<Overview> overviews,
      ConfigurationStatus configuration,
      ReplicaInfo process,
      Duration interval) {
    this.overviews = overviews;
    this.configuration = configuration;
    this.process = process;
    this.interval = interval;
  }

  Duration interval() {
    return interval;
  }

  /**
   * The newest overview as a JSON document.
   *
   * @param ticking whether {@link #advance} is called each interval; if not, an overview older than
   *     that is replaced here
   */
  byte[] document(boolean ticking) {
    OverviewDocument present = newest;
    if (present == null || (!ticking && isOlderThan(interval))) {
      present = next(present);
      replace(present);
    }
    byte[] known = document;
    if (known == null) {
      known = Json.COMPACT.writeValueAsBytes(present);
      document = known;
    }
    return known;
  }

  private boolean isOlderThan(Duration age) {
    return System.nanoTime() - madeNanos >= age.toNanos();
  }

  /**
   * Whether the newest overview is older than two intervals: {@link #advance} failed, or is late.
   */
  boolean isStale() {
    return newest != null && isOlderThan(interval.plus(interval));
  }

  /** The newest overview as the stream's event {@code overview}. */
  byte[] whole(boolean ticking) {
    return event("overview", document(ticking));
  }

  /** Makes the next overview, and the stream's event {@code delta} of the changes. */
  byte[] advance() {
    OverviewDocument before = newest;
    if (before == null) {
      throw new IllegalStateException("there is no overview yet");
    }
    OverviewDocument now = next(before);
    byte[] event = event("delta", Json.COMPACT.writeValueAsBytes(now.since(before)));
    replace(now);
    return event;
  }

  private void replace(OverviewDocument next) {
    newest = next;
    madeNanos = System.nanoTime();
    document = null;
  }

  private OverviewDocument next(@Nullable OverviewDocument before) {
    Overview overview = overviews.get();
    return new OverviewDocument(
        process.name(),
        overview.now(),
        process.version(),
        OverviewDocument.millis(process.startedAt()),
        before == null ? 1 : before.sequence() + 1,
        interval.toMillis(),
        overview.totals(),
        ConfigPart.of(configuration.document(), process.fingerprint()),
        AgreementPart.of(process.agreementMode(), process.agreement()),
        process.checks(),
        process.alarms().stream().map(OverviewDocument::shown).toList(),
        overview.pools());
  }

  /** One server-sent event (WHATWG HTML §9.2). */
  private static byte[] event(String name, byte[] json) {
    byte[] head = ("event: " + name + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
    byte[] event = new byte[head.length + json.length + 2];
    System.arraycopy(head, 0, event, 0, head.length);
    System.arraycopy(json, 0, event, head.length, json.length);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    return event;
  }
}
