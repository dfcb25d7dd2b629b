package dev.understudy.proxy.forwardauth;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.fairness.FairQueue;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RouteStatistics;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
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

  /** Subrequests under way: one network's newest makes room for another's. */
  private final FairQueue<Subrequest> running;

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
    this.running = new FairQueue<>(settings.concurrent());
  }

  public ForwardAuthSettings settings() {
    return settings;
  }

  /**
   * Asks whether a request may pass; done at once if it is known or cannot be asked. Once as many
   * are asked about as may be, one of the client network that has the most is given up for a
   * newcomer, unless the newcomer's then has as many.
   *
   * @param loop the client's event loop, which must be the calling thread's; the result comes on it
   * @return never fails; to cancel it ends the subrequest, from any thread
   */
  // Subrequests are compared by identity.
  @SuppressWarnings("ReferenceEquality")
  public CompletableFuture<AuthVerdict> check(
      AuthQuestion question, ExchangeFactory engine, EventLoop loop) {
    ByteBuffer key = cache.key(question);
    AuthVerdict known = key == null ? null : cache.find(key);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    ClientNetwork network = ClientNetwork.of(question.address());
    Subrequest subrequest =
        new Subrequest(this, question, loop, ended -> running.remove(network, ended));
    Subrequest displaced = running.add(network, subrequest);
    if (displaced == subrequest) {
      return CompletableFuture.completedFuture(AuthVerdict.Unanswered.BUSY);
    }
    if (displaced != null) {
      displaced.displace();
    }
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
