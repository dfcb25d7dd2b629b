package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the {@link GatewayLane}, which Spring's context makes after the listeners accept
 * connections. Requests that come before wait for it, {@value #MOST} at most and for {@link
 * #LONGEST_WAIT} at most; all others get 503. The log has the first of these and their number.
 */
public final class GatewayEntrance {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayEntrance.class);

  private static final int MOST = 1024;

  /** As {@code hold.time} is by default. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  /** In seconds. */
  private static final long RETRY_AFTER = 1;

  private final CompletableFuture<GatewayLane> made = new CompletableFuture<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile @Nullable GatewayLane lane;

  /** Lets the requests that wait go on. */
  public void use(GatewayLane now) {
    lane = now;
    made.complete(now);
    if (refused.get() > 0) {
      LOG.warn("The Gateway lane is ready; {} of its requests got 503 before", refused);
    }
  }

  /** Returns the exchange of a request; null if it has got its response. */
  @Nullable Exchange exchange(GatewayRequest request, Downstream client) {
    GatewayLane now = lane;
    return now == null ? await(request, client) : now.exchange(request, client);
  }

  private @Nullable Exchange await(GatewayRequest request, Downstream client) {
    if (waiting.incrementAndGet() > MOST) {
      waiting.decrementAndGet();
      return unavailable(request, client);
    }
    CompletableFuture<@Nullable GatewayLane> patient =
        made.copy()
            .<@Nullable GatewayLane>thenApply(now -> now)
            .completeOnTimeout(null, LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    // A client that goes away cancels it, and gives up its place.
    var unused = patient.whenComplete((now, failure) -> waiting.decrementAndGet());
    return new SuspendedExchange<@Nullable GatewayLane>(
        request.loop(),
        patient,
        now -> now == null ? unavailable(request, client) : now.exchange(request, client),
        request,
        client);
  }

  private @Nullable Exchange unavailable(GatewayRequest request, Downstream client) {
    if (refused.getAndIncrement() == 0) {
      LOG.warn(
          "A request got 503, as the Gateway lane is not ready yet; {} others are waiting",
          waiting);
    }
    request.respond(503, RETRY_AFTER, client, RequestEnd.LOCAL);
    return null;
  }
}
