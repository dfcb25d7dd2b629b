package dev.understudy.bench.jmh;

import dev.understudy.pool.ServerId;
import dev.understudy.telemetry.AccessLog;
import dev.understudy.telemetry.LogFields;
import dev.understudy.telemetry.Metrics;
import dev.understudy.telemetry.RequestTelemetry;
import dev.understudy.testing.Outcomes;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RouteStatistics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** What is counted for one request when it ends, by two event loops for the same route. */
@State(Scope.Benchmark)
@Threads(2)
public class RequestCountBenchmark {
  private static final class Route implements MatchedRoute {
    private volatile @Nullable RouteStatistics statistics;

    @Override
    public String id() {
      return "app";
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

  private RequestTelemetry telemetry;
  private RequestOutcome download;
  private RequestOutcome upload;

  @Setup
  public void start() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    TestPools pools = TestPools.pool().master("a", 1).start();
    telemetry =
        new RequestTelemetry(
            new Metrics(registry, new PrometheusRegistry(), Map.of(), pools, () -> 0),
            new AccessLog(
                AccessLog.Format.OFF,
                LogFields.NONE,
                OutputStream.nullOutputStream(),
                InstantSource.system(),
                registry));
    Route route = new Route();
    download = outcome(route, 0);
    upload = outcome(route, 500);
  }

  private static RequestOutcome outcome(MatchedRoute route, long bytesIn) {
    return Outcomes.of(
        route,
        TestPools.POOL,
        new ServerId("a"),
        "GET",
        "/",
        200,
        RequestEnd.COMPLETED,
        1,
        1_500_000,
        bytesIn,
        1024);
  }

  @Benchmark
  public void countDownload() {
    telemetry.endedLocally(download, EmptyHttpHeaders.INSTANCE);
  }

  @Benchmark
  public void countUpload() {
    telemetry.endedLocally(upload, EmptyHttpHeaders.INSTANCE);
  }
}
