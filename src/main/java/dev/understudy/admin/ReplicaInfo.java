package dev.understudy.admin;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Alarm;
import dev.understudy.statistics.LimitUse;
import dev.understudy.switchover.HookCall;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What other packages know of this process, for display; implemented in {@code application}.
 * Thread-safe.
 */
public interface ReplicaInfo {
  /**
   * This replica's name for people: the one by which other replicas know it, or else the name of
   * this process's host, which in Kubernetes is the Pod's name; null if there is none.
   */
  @Nullable String name();

  /** The version of Understudy. */
  String version();

  /** When this process started. */
  Instant startedAt();

  /** Whether this replica is ready as far as the monitor and the agreement are concerned. */
  boolean isReady();

  /**
   * The SHA-256 digest of the dynamic file in force, its first 12 hexadecimal digits; null before
   * the first file.
   */
  @Nullable String fingerprint();

  /** The configured store that replicas share; {@code standalone} if there is none. */
  String agreementMode();

  /** The present state of the replicas' agreement. */
  AgreementStatus agreement();

  /** How old the newest checks of all servers are. */
  ChecksDocument checks();

  /** What speaks against this replica's own view of its servers now. */
  List<Alarm> alarms();

  /** The certificates in use now, in no order. May take milliseconds. */
  List<CertificateDocument> certificates();

  /**
   * Reads the process's figures; completes within about a second.
   *
   * @param limits what is used of the management port's own limits
   */
  CompletionStage<ProcessDocument> process(List<LimitUse> limits);

  /** What that call of a hook, which the pool has, would send or start. Nothing is called. */
  HookDocument hook(HookCall call);

  /** The routes in force, in the order in which they are tried. */
  List<Route> routes();

  /** Requests per second by route, of those that had any; see {@link Route#requestsPerSecond}. */
  Map<String, Double> routeRates();

  /**
   * One route; an element of the response of {@code GET /api/routes}.
   *
   * @param lane {@code express}: served by the frontend itself; {@code gateway}: by Spring Cloud
   *     Gateway
   * @param why the reason, as one sentence without a full stop
   * @param pool the pool that it leads to; null if the Gateway serves its URI itself
   * @param predicates in the short form; values that may be secrets are replaced by {@code ***}
   * @param filters the default filters and then its own, in the same form
   * @param requestsPerSecond requests that ended, over the last 10 to 15 s
   */
  record Route(
      String id,
      String lane,
      String why,
      @Nullable String pool,
      List<String> predicates,
      List<String> filters,
      double requestsPerSecond) {
    public Route {
      predicates = List.copyOf(predicates);
      filters = List.copyOf(filters);
    }
  }
}
