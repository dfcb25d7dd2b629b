package dev.understudy.notification;

import dev.understudy.file.FileTenure;
import dev.understudy.hook.HttpPost;
import dev.understudy.notification.ReceiverStatus.Delivery;
import dev.understudy.notification.ReceiverStatus.Outcome;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.text.Words;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One receiver: its queue, and one message at a time. Its methods but {@link #status} and {@link
 * #waiting} are called on one thread; a message is sent on a virtual thread.
 *
 * <table>
 * <caption>What comes of a message</caption>
 * <tr><td>2xx</td><td>delivered</td></tr>
 * <tr><td>408, 429, 5xx, no response</td><td>sent again after {@link RetryDelay}</td></tr>
 * <tr><td>any other, redirects too</td><td>failed, not sent again</td></tr>
 * </table>
 */
final class Receiver {
  private static final Logger log = LoggerFactory.getLogger(Receiver.class);

  /** Time that others of the same moment have to join. */
  private static final Duration GATHERING = Duration.ofMillis(500);

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final ReceiverSettings settings;
  private final Set<Topic> topics;
  private final URI url;
  private final UpstreamTls tls;
  private final @Nullable Signature signature;
  private final NotificationSource origin;
  private final HttpPost http;
  private final InstantSource clock;
  private final ScheduledExecutorService thread;
  private final FileTenure tenure;
  private final Runnable changed;
  private final Outbox outbox = new Outbox();

  /** Whether a message is under way, or the time of the next one is set. */
  private boolean busy;

  private int failures;

  /** Why the last notification was refused for good; null if none was, or one arrived since. */
  private @Nullable String refused;

  private volatile ReceiverStatus status;
  private volatile List<Notification> waiting = List.of();

  /** Completed when nothing waits, or what does has to wait longer; null before the end. */
  private @Nullable CompletableFuture<Void> ending;

  /**
   * @param changed run when what waits has changed
   */
  Receiver(
      ReceiverSettings settings,
      NotificationSource origin,
      HttpPost http,
      InstantSource clock,
      ScheduledExecutorService thread,
      FileTenure tenure,
      Runnable changed) {
    this.settings = settings;
    this.topics = settings.topics();
    this.url = URI.create(settings.url());
    this.tls = new UpstreamTls(settings.bundle(), null, true);
    this.signature = settings.secretFile() == null ? null : new Signature(settings.secretFile());
    this.origin = origin;
    this.http = http;
    this.clock = clock;
    this.thread = thread;
    this.tenure = tenure;
    this.changed = changed;
    this.status =
        new ReceiverStatus(settings.name(), Words.lower(settings.format()), 0, 0, 0, 0, null);
  }

  String name() {
    return settings.name();
  }

  ReceiverStatus status() {
    return status;
  }

  /** What waits, oldest first. */
  List<Notification> waiting() {
    return waiting;
  }

  /** Whether it wants notifications on that topic. Alertmanager also wants the end of a state. */
  boolean wants(Topic topic, @Nullable Topic ends) {
    return topics.contains(topic)
        || (settings.format() == Format.ALERTMANAGER && ends != null && topics.contains(ends));
  }

  /** Sends a notification soon. */
  void add(Notification notification) {
    int dropped = outbox.add(notification);
    if (dropped > 0 && status.dropped() == 0) {
      log.warn("Notifications to {}: the queue is full, and the oldest ones are dropped", name());
    }
    update(0, 0, dropped, status.last());
    if (!busy) {
      later(GATHERING);
    }
  }

  private void later(Duration wait) {
    busy = true;
    var unused = thread.schedule(this::next, wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void next() {
    if (!tenure.isOurs()) {
      later(GATHERING);
      return;
    }
    List<Notification> batch = outbox.next(settings.format());
    busy = !batch.isEmpty();
    if (busy) {
      var unused = send(batch).thenAcceptAsync(result -> ended(batch, result), thread);
    } else if (ending != null) {
      ending.complete(null);
    }
  }

  /** Sends one message now, past the queue, and not again. */
  CompletionStage<Delivery> test(String operator) {
    Notification test = Notification.test(name(), operator, clock.instant(), origin);
    return send(List.of(test))
        .thenApplyAsync(
            result -> {
              Delivery delivery =
                  outcome(result.result()) == Outcome.DELIVERED
                      ? delivery(result, Outcome.DELIVERED, null)
                      : delivery(result, Outcome.FAILED, null);
              update(0, 0, 0, delivery);
              return delivery;
            },
            thread);
  }

  private record Sent(HttpPost.Result result, Instant at, long tookMillis) {}

  private CompletableFuture<Sent> send(List<Notification> batch) {
    return CompletableFuture.supplyAsync(
        () -> {
          long began = System.nanoTime();
          HttpPost.Result result;
          try {
            result = post(batch);
          } catch (RuntimeException | Error e) {
            log.error("Notifications to {}: a message could not be written", name(), e);
            result = new HttpPost.Response(0, null, "no message could be written: " + e);
          }
          long took = Duration.ofNanos(System.nanoTime() - began).toMillis();
          return new Sent(result, clock.instant(), took);
        },
        Thread.ofVirtual().name("understudy-notification")::start);
  }

  private HttpPost.Result post(List<Notification> batch) {
    byte[] body = Rendering.body(settings.format(), batch, origin).getBytes(StandardCharsets.UTF_8);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", settings.format().contentType());
    headers.put("User-Agent", "understudy");
    headers.putAll(settings.headers());
    if (signature != null) {
      headers.put(Signature.HEADER, signature.of(body, clock.instant()));
    }
    return http.send(url, headers, body, tls, TIMEOUT);
  }

  private static Outcome outcome(HttpPost.Result result) {
    return switch (result) {
      case HttpPost.Failure failure -> Outcome.DELAYED;
      case HttpPost.Response response ->
          switch (response.status()) {
            case 408, 429 -> Outcome.DELAYED;
            default ->
                switch (response.status() / 100) {
                  case 2 -> Outcome.DELIVERED;
                  case 5 -> Outcome.DELAYED;
                  default -> Outcome.FAILED;
                };
          };
    };
  }

  private static Delivery delivery(Sent sent, Outcome outcome, @Nullable Instant next) {
    return new Delivery(outcome, sent.at(), sent.tookMillis(), sent.result().detail(), next);
  }

  private void ended(List<Notification> batch, Sent sent) {
    Outcome outcome = outcome(sent.result());
    if (outcome == Outcome.DELAYED) {
      failures++;
      String asked =
          sent.result() instanceof HttpPost.Response response ? response.retryAfter() : null;
      Duration wait = RetryDelay.after(failures, asked, sent.at(), RandomGenerator.getDefault());
      if (failures == 1) {
        log.warn(
            "Notifications to {} cannot be delivered now, and are tried again: {}",
            name(),
            sent.result().detail());
      }
      update(0, 0, 0, delivery(sent, outcome, sent.at().plus(wait)));
      later(wait);
      if (ending != null) {
        ending.complete(null);
      }
      return;
    }
    if (outcome == Outcome.FAILED) {
      if (!sent.result().detail().equals(refused)) {
        log.warn("Notifications to {} are refused: {}", name(), sent.result().detail());
      }
      refused = sent.result().detail();
    } else if (failures > 0 || refused != null) {
      log.info("Notifications to {} are delivered again", name());
      refused = null;
    }
    failures = 0;
    outbox.remove(batch);
    boolean delivered = outcome == Outcome.DELIVERED;
    update(
        delivered ? batch.size() : 0,
        delivered ? 0 : batch.size(),
        0,
        delivery(sent, outcome, null));
    next();
  }

  private void update(int delivered, int failed, int dropped, @Nullable Delivery last) {
    waiting = outbox.waiting();
    status =
        new ReceiverStatus(
            status.name(),
            status.format(),
            waiting.size(),
            status.delivered() + delivered,
            status.failed() + failed,
            status.dropped() + dropped,
            last);
    changed.run();
  }

  /** Sends what waits; completed when that is done, or has to wait longer. */
  CompletableFuture<Void> end() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    ending = done;
    if (failures > 0 || waiting.isEmpty()) {
      done.complete(null);
    }
    return done;
  }
}
