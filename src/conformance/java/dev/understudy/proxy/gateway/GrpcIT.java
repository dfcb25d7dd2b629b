package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.GrpcCheck;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.probe.NettyProber;
import dev.understudy.probe.Prober;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** gRPC from a real client over TLS to a real server by prior knowledge, in each lane. */
@ParameterizedClass
@MethodSource("http2")
class GrpcIT extends LaneProtocolTable {
  /** Where the build puts gRPC, which is not on the class path. */
  private static final Path JARS = Path.of("target", "grpc");

  private static Process peer(String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                JARS + "/*",
                "src/conformance/resources/GrpcPeer.java"));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        " | OK SERVING",
        "test.Echo | OK SERVING",
        "test.Other | BAD_STATUS grpc-status 5: unknown service"
      })
  @Timeout(120)
  void its_health_service_is_understood(String service, String expected) throws Exception {
    Process server = peer("server");
    BlockingQueue<Observation.Probe> seen = new LinkedBlockingQueue<>();
    try (BufferedReader said = server.inputReader();
        NettyProber prober = new NettyProber(tls -> null, failure -> {})) {
      ServerAddress address =
          TestSettings.address(false, "127.0.0.1", Integer.parseInt(said.readLine()));
      prober.probe(
          new Prober.Request(
              TestServers.of(new ServerId("a"), address, Rank.MASTER, OptionalInt.empty()),
              UpstreamTls.DEFAULT,
              new GrpcCheck(service, null, CheckConnection.DEFAULT),
              InetAddress.getLoopbackAddress(),
              Duration.ofSeconds(20),
              Instant.now(),
              null),
          seen::add);
      Observation.Probe probe = seen.poll(30, TimeUnit.SECONDS);
      assertThat(probe.outcome() + " " + probe.detail()).isEqualTo(expected);
    } finally {
      server.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
  }

  @Test
  @Timeout(120)
  void calls_of_all_kinds_have_their_messages_and_statuses() throws Exception {
    Process server = peer("server");
    closeLater(() -> server.destroyForcibly().waitFor(5, TimeUnit.SECONDS));
    try (BufferedReader cancelled = server.inputReader()) {
      start(TestPools.pool().master("a", Integer.parseInt(cancelled.readLine())).http2());
      Process client =
          peer(lane.protocol().isSecure() ? "client" : "clear-client", Integer.toString(port));
      closeLater(() -> client.destroyForcibly().waitFor(5, TimeUnit.SECONDS));
      assertThat(client.inputReader().lines())
          .containsExactly(
              "small: hello x",
              "large: 1000006",
              "failed: NOT_FOUND no such thing",
              "unknown: UNIMPLEMENTED Method not found: test.Echo/unknown",
              "many: 5000 DATA_LOSS",
              "to and fro: 0!1!2!3!4!completed",
              "late: DEADLINE_EXCEEDED");
      assertThat(cancelled.readLine()).isEqualTo("cancelled: unary");
    }
  }
}
