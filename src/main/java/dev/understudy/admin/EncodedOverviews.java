package dev.understudy.admin;

import dev.understudy.admin.OverviewDocument.AgreementPart;
import dev.understudy.admin.OverviewDocument.ConfigPart;
import dev.understudy.monitor.Alarm;
import dev.understudy.pool.PoolId;
import dev.understudy.statistics.Overview;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sequence of overviews and their bytes, each made once for all readers. To be used on one
 * thread. A failure leaves the newest overview as it is: the next one brings what changed since.
 */
final class EncodedOverviews {
  /** One overview with everything around it. */
  private record Frame(
      long sequence,
      long nanoTime,
      Overview overview,
      ConfigPart config,
      AgreementPart agreement,
      List<Alarm> alarms) {}

  private final Supplier<Overview> overviews;
  private final ConfigurationStatus configuration;
  private final ReplicaView process;
  private final Duration interval;

  private @Nullable Frame newest;
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
      ReplicaView process,
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
    Frame frame = newest;
    if (frame == null || (!ticking && isOld(frame))) {
      frame = next(frame);
      replace(frame);
    }
    byte[] known = document;
    if (known == null) {
      known = Json.COMPACT.writeValueAsBytes(document(frame));
      document = known;
    }
    return known;
  }

  private boolean isOld(Frame frame) {
    return System.nanoTime() - frame.nanoTime() >= interval.toNanos();
  }

  /**
   * Whether the newest overview is older than two intervals: {@link #advance} failed, or is late.
   */
  boolean isStale() {
    Frame frame = newest;
    return frame != null && System.nanoTime() - frame.nanoTime() > 2 * interval.toNanos();
  }

  /** The newest overview as the stream's event {@code overview}. */
  byte[] whole(boolean ticking) {
    return event("overview", document(ticking));
  }

  /** Makes the next overview, and of what changed the stream's event {@code delta}. */
  byte[] advance() {
    Frame before = newest;
    if (before == null) {
      throw new IllegalStateException("there is no overview yet");
    }
    Frame now = next(before);
    byte[] event = event("delta", Json.COMPACT.writeValueAsBytes(delta(before, now)));
    replace(now);
    return event;
  }

  private void replace(Frame frame) {
    newest = frame;
    document = null;
  }

  private Frame next(@Nullable Frame before) {
    return new Frame(
        before == null ? 1 : before.sequence() + 1,
        System.nanoTime(),
        overviews.get(),
        ConfigPart.of(configuration.document(), process.fingerprint()),
        AgreementPart.of(process.agreementMode(), process.agreement()),
        process.alarms().stream().map(OverviewDocument::shown).toList());
  }

  private static OverviewDocument.Delta delta(Frame before, Frame now) {
    Overview.Delta delta = now.overview().since(before.overview());
    Map<PoolId, List<@Nullable List<Number>>> probes = new TreeMap<>();
    delta.probed().forEach(pool -> probes.put(pool.name(), OverviewDocument.probeTimes(pool)));
    return new OverviewDocument.Delta(
        now.sequence(),
        now.overview().now(),
        now.overview().totals(),
        now.config().equals(before.config()) ? null : now.config(),
        now.agreement().equals(before.agreement()) ? null : now.agreement(),
        now.alarms().equals(before.alarms()) ? null : now.alarms(),
        delta.changed(),
        delta.removed(),
        probes);
  }

  private OverviewDocument document(Frame frame) {
    return new OverviewDocument(
        process.name(),
        frame.overview().now(),
        process.version(),
        OverviewDocument.millis(process.startedAt()),
        frame.sequence(),
        interval.toMillis(),
        frame.overview().totals(),
        frame.config(),
        frame.agreement(),
        frame.alarms(),
        frame.overview().pools());
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
