package dev.understudy.notification;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.EventLog;
import dev.understudy.file.FileTenure;
import dev.understudy.hook.HttpPost;
import dev.understudy.notification.ReceiverStatus.Delivery;
import dev.understudy.pool.UpstreamTls;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events to their receivers, each at least once as long as its queue has room for it. An
 * event that all replicas emit is sent by one of them, at first the one that decided; the others
 * keep it for a while, and the next one sends it if that replica is gone by then.
 */
public final class EventNotifier implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventNotifier.class);

  /** The most events that wait to be looked at, and the most kept for another replica. */
  private static final int MOST_EVENTS = 1_000;

  private static final Duration CHECK = Duration.ofSeconds(1);

  /** The longest wait for receivers at the end. */
  private static final Duration END = Duration.ofSeconds(3);

  /**
   * An event.
   *
   * @param agreed the agreed part of it; null for an event of this replica alone
   * @param since when it came, by {@link System#nanoTime}
   */
  private record Arrived(EventLog.Entry entry, @Nullable AgreedEvent agreed, long since) {}

  private final NotificationSource origin;
  private final Supplier<AgreementStatus> agreement;
  private final Duration standby;
  private final List<Receiver> receivers;
  private final @Nullable QueueFile file;
  private final AtomicInteger arriving = new AtomicInteger();

  /** Events that another replica has to send, oldest first. */
  private final Deque<Arrived> others = new ArrayDeque<>();

  /** How many events had an id that may be of several, the newest {@value #MOST_EVENTS} ids. */
  private final LinkedHashMap<String, Integer> given = new LinkedHashMap<>();

  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1,
          Thread.ofPlatform().name("understudy-notifications").daemon().factory(),
          new ThreadPoolExecutor.DiscardPolicy());

  /**
   * Takes up what waited at the end of the last run.
   *
   * @param settings at least one receiver
   * @param agreement the present state of the agreement
   * @param standby for how long an event is kept that another replica has to send
   * @param path the file of waiting notifications; null for memory only
   * @param tls the context of TLS settings
   * @param tenure while the files are another process's, nothing is sent
   */
  public EventNotifier(
      List<ReceiverSettings> settings,
      NotificationSource origin,
      Supplier<AgreementStatus> agreement,
      Duration standby,
      @Nullable Path path,
      Function<UpstreamTls, SslContext> tls,
      InstantSource clock,
      FileTenure tenure) {
    this.origin = origin;
    this.agreement = agreement;
    this.standby = standby;
    this.file = path == null ? null : new QueueFile(path, tenure, this::waiting);
    HttpPost http = new HttpPost(tls);
    receivers =
        settings.stream()
            .map(each -> new Receiver(each, origin, http, clock, thread, tenure, this::changed))
            .toList();
    if (file != null) {
      Map<String, List<Notification>> before = file.read();
      thread.execute(
          () ->
              receivers.forEach(
                  each -> before.getOrDefault(each.name(), List.of()).forEach(each::add)));
    }
    if (origin.replicated()) {
      var unused =
          thread.scheduleWithFixedDelay(
              this::lookAtOthers, CHECK.toMillis(), CHECK.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private Map<String, List<Notification>> waiting() {
    Map<String, List<Notification>> all = new LinkedHashMap<>();
    receivers.forEach(each -> all.put(each.name(), each.waiting()));
    return all;
  }

  private void changed() {
    if (file != null) {
      file.changed();
    }
  }

  /** Sends an event to those that want it; for {@link EventLog#subscribe}. Returns at once. */
  public void happened(EventLog.Entry entry) {
    Topic topic = Topic.of(entry.event());
    Topic ends = Topic.endedBy(entry.event());
    if (receivers.stream().noneMatch(each -> each.wants(topic, ends))) {
      return;
    }
    if (arriving.incrementAndGet() > MOST_EVENTS) {
      arriving.decrementAndGet();
      log.warn(
          "An event is not sent to the receivers, as {} others are waiting: {}",
          MOST_EVENTS,
          entry.event().message());
      return;
    }
    thread.execute(
        () -> {
          arriving.decrementAndGet();
          take(new Arrived(entry, agreed(entry), System.nanoTime()));
        });
  }

  private @Nullable AgreedEvent agreed(EventLog.Entry entry) {
    AgreedEvent agreed = AgreedEvent.of(entry, origin);
    if (agreed == null || !agreed.repeats()) {
      return agreed;
    }
    int number = given.merge(agreed.id(), 1, Integer::sum);
    if (given.size() > MOST_EVENTS) {
      given.pollFirstEntry();
    }
    return agreed.numbered(number);
  }

  private void take(Arrived event) {
    if (isOurs(event)) {
      send(event);
      return;
    }
    others.add(event);
    if (others.size() > MOST_EVENTS) {
      others.remove();
    }
  }

  private boolean isOurs(Arrived event) {
    return event.agreed() == null || event.agreed().isTurnOf(agreement.get());
  }

  private void send(Arrived event) {
    Notification notification = Notification.of(event.entry(), event.agreed(), origin);
    for (Receiver each : receivers) {
      if (each.wants(Topic.of(event.entry().event()), notification.ends())) {
        each.add(notification);
      }
    }
  }

  /** Sends what a replica that is gone has perhaps not sent. */
  private void lookAtOthers() {
    for (Iterator<Arrived> each = others.iterator(); each.hasNext(); ) {
      Arrived event = each.next();
      if (isOurs(event)) {
        each.remove();
        send(event);
      } else if (System.nanoTime() - event.since() - standby.toNanos() > 0) {
        each.remove();
      }
    }
  }

  /** All receivers, in the order of the settings. */
  public List<ReceiverStatus> status() {
    return receivers.stream().map(Receiver::status).toList();
  }

  /**
   * Sends a test to a receiver, past its queue.
   *
   * @return null if there is no receiver of that name
   */
  public @Nullable CompletionStage<Delivery> test(String name, String operator) {
    return receivers.stream()
        .filter(each -> each.name().equals(name))
        .map(each -> each.test(operator))
        .findFirst()
        .orElse(null);
  }

  /** Sends what waits, for 3 s at most; with a file, the rest is sent after the next start. */
  @Override
  public void close() {
    if (thread.isShutdown()) {
      return;
    }
    CompletableFuture<Void> sent =
        CompletableFuture.supplyAsync(
                () -> receivers.stream().map(Receiver::end).toArray(CompletableFuture<?>[]::new),
                thread)
            .thenCompose(CompletableFuture::allOf);
    try {
      sent.get(END.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      log.warn(
          "Notifications that could not be sent before the stop: {}",
          status().stream()
              .filter(each -> each.waiting() > 0)
              .map(each -> each.waiting() + " to " + each.name())
              .collect(Collectors.joining(", ")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.shutdownNow();
    if (file != null) {
      file.close();
    }
  }
}
