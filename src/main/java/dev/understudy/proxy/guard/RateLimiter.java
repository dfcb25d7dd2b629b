package dev.understudy.proxy.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.TrustedProxies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The counters of one {@code RateLimit}, one for each key. Refused requests count too, as with
 * HAProxy's {@code track-sc0} before {@code deny}: a client that does not slow down stays limited.
 *
 * <p>Holds at most {@code entries} keys: if more are seen within two periods, those seen least give
 * way, so that a flood of new keys does not make the proxy forget the busy ones. Thread-safe: a key
 * has a lock of its own, held for a few additions.
 */
public final class RateLimiter {
  private final RateSettings settings;
  private final long periodMillis;
  private final LongSupplier nanoTime;
  private final Cache<Object, RateCounter> counters;

  RateLimiter(RateSettings settings, LongSupplier nanoTime) {
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.periodMillis = settings.period().toMillis();
    this.counters =
        Caffeine.newBuilder()
            .maximumSize(settings.entries())
            .expireAfterAccess(settings.period().multipliedBy(2).plus(Duration.ofMillis(1)))
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /**
   * Counts a request.
   *
   * @param headers all values of a header field by its name in small letters
   * @return 0 if the request may pass; else the seconds, at least 1, after which another may, if
   *     there is none before it
   */
  public long count(
      ClientConnection client, TrustedProxies trusted, Function<String, List<String>> headers) {
    Object key = settings.key().of(client, trusted, headers);
    return key == null ? 0 : count(key);
  }

  private long count(Object key) {
    long now = nowMillis();
    RateCounter counter = counters.get(key, fresh -> new RateCounter(periodMillis, now));
    if (counter.add(now) <= settings.requests()) {
      return 0;
    }
    long wait = counter.millisUntilBelow(settings.requests(), now);
    return Math.max(1, (wait + 999) / 1000);
  }

  /**
   * One key's count, as another process has it.
   *
   * @param key a number or a text
   * @param ageMillis since its last request
   */
  record Entry(Object key, long ageMillis, RateCounter.Reading reading) {}

  /** All keys in memory. */
  List<Entry> entries() {
    long now = nowMillis();
    counters.cleanUp();
    Policy.FixedExpiration<Object, RateCounter> ages =
        counters.policy().expireAfterAccess().orElseThrow();
    List<Entry> entries = new ArrayList<>();
    counters
        .asMap()
        .forEach(
            (key, counter) ->
                ages.ageOf(key, TimeUnit.MILLISECONDS)
                    .ifPresent(age -> entries.add(new Entry(key, age, counter.reading(now)))));
    return entries;
  }

  /** Goes on counting from what another process has counted; what is counted here is kept. */
  void restore(Entry entry) {
    RateCounter counter = RateCounter.of(periodMillis, entry.reading(), nowMillis());
    counters.asMap().putIfAbsent(entry.key(), counter);
  }

  private long nowMillis() {
    return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
  }

  /** The number of keys in memory. */
  long size() {
    counters.cleanUp();
    return counters.estimatedSize();
  }

  @Override
  public String toString() {
    return "RateLimiter[" + settings + "]";
  }
}
