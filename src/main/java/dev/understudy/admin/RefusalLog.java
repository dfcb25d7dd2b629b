package dev.understudy.admin;

import dev.understudy.network.IpAddress;
import dev.understudy.text.Printable;
import dev.understudy.text.Words;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Counts and logs refused requests: at most one line each second, which names how many before it
 * were not logged. Thread-safe.
 *
 * <p>The metric is {@code understudy_admin_refused_total} {cause}.
 */
public final class RefusalLog implements MeterBinder {
  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
  private static final long INTERVAL = Duration.ofSeconds(1).toNanos();
  private static final int LONGEST = 100;

  /** Why a request was refused; the label {@code cause} of the metric. */
  public enum Cause {
    /** The request needs a token and presents none. */
    NO_TOKEN("it presents no token"),
    /** The request presents something that is none of the tokens. */
    WRONG_TOKEN("its token is wrong"),
    /** The request presents a token whose role is not enough. */
    ROLE("the role of its token is not enough"),
    /** No token could be accepted. */
    OFF("no token is set, or the tokens cannot be read"),
    /** A page of another origin sent it. */
    FOREIGN_ORIGIN("a page of another origin sent it"),
    /** The request names a host by which nobody may address this port. */
    HOST("its Host is not in " + AllowedHosts.SETTING);

    private final String text;

    Cause(String text) {
      this.text = text;
    }

    /** {@code no-token} */
    public String label() {
      return Words.kebab(name());
    }
  }

  private final LongSupplier nanoTime;
  private final Map<Cause, LongAdder> counts = new EnumMap<>(Cause.class);
  private final AtomicLong next;
  private final AtomicLong unlogged = new AtomicLong();

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public RefusalLog(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.next = new AtomicLong(nanoTime.getAsLong());
    for (Cause cause : Cause.values()) {
      counts.put(cause, new LongAdder());
    }
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    counts.forEach(
        (cause, count) ->
            FunctionCounter.builder("understudy.admin.refused", count, LongAdder::sum)
                .description(
                    "Requests that the management API refused because their sender lacks a right")
                .tag("cause", cause.label())
                .register(registry));
  }

  /**
   * Takes a refusal.
   *
   * @param token the name of the token that was presented; null if none was accepted
   */
  void refused(Cause cause, ServerHttpRequest request, @Nullable String token) {
    Objects.requireNonNull(counts.get(cause)).increment();
    long now = nanoTime.getAsLong();
    long due = next.get();
    if (now - due < 0 || !next.compareAndSet(due, now + INTERVAL)) {
      unlogged.incrementAndGet();
      return;
    }
    long before = unlogged.getAndSet(0);
    log.atWarn()
        .addKeyValue("cause", cause.label())
        .addKeyValue("notLogged", before)
        .log(
            "Refused {} {} from {}: {}{}{}",
            shown(request.getMethod().name()),
            shown(request.getPath().value()),
            client(request),
            cause.text,
            token == null ? "" : ": " + token,
            before == 0 ? "" : "; " + before + " more before it were not logged");
  }

  private static String shown(String text) {
    return Printable.ascii(Words.cut(text, LONGEST, "..."));
  }

  private static String client(ServerHttpRequest request) {
    IpAddress address = IpAddress.of(request.getRemoteAddress());
    return address == null ? "an unknown address" : address.toString();
  }
}
