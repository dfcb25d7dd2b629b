package dev.understudy.proxy.forwardauth;

import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RouteStatistics;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the authenticator of one {@code ForwardAuth}. To the metrics and the access log its
 * subrequests are requests of a route of their own. Thread-safe.
 */
public final class ForwardAuth implements MatchedRoute {
  private final ForwardAuthSettings settings;
  private final String id;
  private final AdmissionCache cache;
  private final AtomicInteger running = new AtomicInteger();
  private volatile @Nullable RouteStatistics statistics;

  /**
   * @param route the id of the filter's route; empty for a default filter
   */
  public ForwardAuth(String route, ForwardAuthSettings settings) {
    this(route, settings, System::nanoTime);
  }

  ForwardAuth(String route, ForwardAuthSettings settings, LongSupplier nanoTime) {
    this.settings = settings;
    this.id = route.isEmpty() ? "forward-auth" : route + "/forward-auth";
    this.cache = new AdmissionCache(settings, nanoTime);
  }

  public ForwardAuthSettings settings() {
    return settings;
  }

  /**
   * Asks whether a request may pass; done at once if it is known or cannot be asked.
   *
   * @param loop the client's event loop, which must be the calling thread's; the result comes on it
   * @return never fails; to cancel it ends the subrequest, from any thread
   */
  public CompletableFuture<AuthVerdict> check(
      AuthQuestion question, ExchangeFactory engine, EventLoop loop) {
    ByteBuffer key = cache.key(question);
    AuthVerdict known = key == null ? null : cache.find(key);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    if (running.incrementAndGet() > settings.concurrent()) {
      running.decrementAndGet();
      return CompletableFuture.completedFuture(AuthVerdict.Unanswered.BUSY);
    }
    Subrequest subrequest = new Subrequest(this, question, loop, running::decrementAndGet);
    CompletableFuture<AuthVerdict> verdict = subrequest.start(engine);
    if (key != null) {
      var unused =
          verdict.thenAccept(
              found -> {
                if (found instanceof AuthVerdict.Admitted admitted && subrequest.isAnswered()) {
                  cache.keep(key, admitted);
                }
              });
    }
    return verdict;
  }

  /** Of the subrequests, not of the requests that they are about. */
  @Override
  public String id() {
    return id;
  }

  @Override
  public @Nullable RouteStatistics statistics() {
    return statistics;
  }

  @Override
  public void keep(RouteStatistics found) {
    statistics = found;
  }
}
