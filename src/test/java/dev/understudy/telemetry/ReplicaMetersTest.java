package dev.understudy.telemetry;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.PoolId;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What Prometheus sees of the agreement, read from a real scrape. */
class ReplicaMetersTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicReference<AgreementStatus> status = new AtomicReference<>(status(true));
  private final Consumer<EventLog.Entry> meters =
      new ReplicaMeters(registry).agreement(status::get);

  /** Three replicas that are known, of which two are counted. */
  private static AgreementStatus status(boolean inTouch) {
    List<AgreementStatus.Voter> voters = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      voters.add(
          new AgreementStatus.Voter(
              "proxy-" + i, "i" + i, i != 3, true, false, true, Instant.EPOCH, Map.of()));
    }
    return new AgreementStatus(
        "etcd at http://etcd:2379",
        "proxy-1",
        inTouch,
        Instant.EPOCH,
        inTouch ? null : "no answer",
        voters,
        List.of(),
        4,
        1);
  }

  private void switched(@Nullable Duration agreeing) {
    Event switched =
        new Event.Switched(
            new PoolId("p"),
            null,
            null,
            SwitchReason.INITIAL,
            8,
            "",
            null,
            null,
            agreeing,
            null,
            "");
    meters.accept(new EventLog.Entry(1, Instant.EPOCH, switched));
  }

  @Test
  void gauges_follow_the_agreement() {
    Scraped.assertScraped(
        registry,
        """
        agreement_in_touch 1.0
        agreement_voters 2.0
        agreement_config_skew 1.0
        agreement_conflicts_total 4.0
        """);
    status.set(status(false));
    Scraped.assertScraped(registry, "agreement_in_touch 0.0");
  }

  @Test
  void a_switch_is_timed_where_this_replica_saw_the_need_for_it() {
    switched(Duration.ofMillis(40));
    switched(null);
    Scraped.assertScraped(
        registry,
        """
        agreement_decision_seconds_count 1
        agreement_decision_seconds_bucket{le="0.05"} 1
        agreement_decision_seconds_bucket{le="0.025"} 0
        """);
  }
}
