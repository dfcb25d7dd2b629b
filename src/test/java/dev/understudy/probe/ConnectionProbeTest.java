package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.CONNECT_FAILED;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static dev.understudy.probe.ProbeHarness.AMPLE;
import static dev.understudy.probe.ProbeHarness.SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.TestSettings;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Probes and the connection under them. */
class ConnectionProbeTest {
  private static final TcpCheck TCP = new TcpCheck(List.of(), CheckConnection.DEFAULT);

  /** For a server at that port, which an agent has for itself. */
  static Stream<IntFunction<Check>> checks() {
    return Stream.of(
        port -> TCP,
        port -> HttpCheck.DEFAULT,
        port -> new AgentCheck(port, null, Duration.ofSeconds(2), null));
  }

  @ParameterizedTest
  @MethodSource("checks")
  void refused_connection_is_reported_at_once(IntFunction<Check> check) throws IOException {
    try (Socket deaf = new Socket();
        ProbeHarness harness = new ProbeHarness()) {
      // Whose port nobody else can have meanwhile.
      deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Observation.Probe probe =
          harness.probe(check.apply(deaf.getLocalPort()), deaf.getLocalPort(), AMPLE);

      assertThat(probe.outcome()).isEqualTo(CONNECT_FAILED);
      assertThat(probe.detail()).isEqualTo("connection refused");
      harness.close();
      assertThat(harness.reported).isEmpty();
    }
  }

  /** A link's address without the link: nothing can be sent there. */
  @Test
  void the_systems_message_is_reported_without_the_address() {
    InetAddress nowhere = NetUtil.createInetAddressFromIpAddressString("fe80::1");
    try (ProbeHarness harness = new ProbeHarness()) {
      harness.prober.probe(
          ProbeHarness.request(
              TCP, TestSettings.address(false, "a.test", 9), nowhere, UpstreamTls.DEFAULT, AMPLE),
          harness.reported::add);

      Observation.Probe probe = harness.next();
      assertThat(probe.outcome()).isEqualTo(CONNECT_FAILED);
      assertThat(probe.detail()).doesNotContain("fe80").endsWithIgnoringCase("Invalid argument");
    }
  }

  @ParameterizedTest
  @MethodSource("checks")
  void port_that_drops_connections_is_timed_out(IntFunction<Check> check) {
    try (BlackHole hole = new BlackHole();
        ProbeHarness harness = new ProbeHarness()) {
      Observation.Probe probe = harness.probe(check.apply(hole.port()), hole.port(), SHORT);

      assertThat(probe.outcome()).isEqualTo(TIMED_OUT);
      assertThat(probe.detail()).isEqualTo("connection not accepted within 1 s");
      harness.close();
      assertThat(harness.reported).isEmpty();
    }
  }

  // The check's port and the server's own for probes, if any, and the port that is probed.
  @ParameterizedTest
  @CsvSource({",, 5432", "8008,, 8008", ", 8009, 8009", "8008, 8009, 8009"})
  void a_servers_own_port_for_probes_comes_before_the_checks(
      @Nullable Integer ofCheck, @Nullable Integer ofServer, int expected) {
    TcpCheck check = new TcpCheck(List.of(), new CheckConnection(optional(ofCheck), null, false));
    assertThat(request(check, 5432, optional(ofServer)).port()).isEqualTo(expected);
  }

  private static OptionalInt optional(@Nullable Integer port) {
    return port == null ? OptionalInt.empty() : OptionalInt.of(port);
  }

  @Test
  void an_agent_is_asked_at_its_own_port() {
    Check agent = new AgentCheck(9999, null, AMPLE, null);
    assertThat(request(agent, 5432, OptionalInt.of(8009)).port()).isEqualTo(9999);
  }

  @Test
  void a_probe_connects_to_the_servers_own_port_for_probes() {
    try (ScriptedServer server = new ScriptedServer(ScriptedServer.Connection::awaitEnd);
        ProbeHarness harness = new ProbeHarness()) {
      Prober.Request request = request(TCP, 1, OptionalInt.of(server.port()));
      harness.prober.probe(request, harness.reported::add);

      assertThat(harness.next().outcome()).isEqualTo(OK);
    }
  }

  private static Prober.Request request(Check check, int port, OptionalInt healthPort) {
    Server server =
        new Server(
            new ServerId("a"),
            TestSettings.address(false, "127.0.0.1", port),
            null,
            new ServerSettings(Rank.MASTER, OptionalInt.empty(), 1, healthPort, null, null));
    return new Prober.Request(
        server,
        UpstreamTls.DEFAULT,
        check,
        InetAddress.getLoopbackAddress(),
        AMPLE,
        ProbeHarness.STARTED,
        null);
  }

  @Test
  void many_probes_run_at_once_and_a_hanging_one_delays_none() {
    try (BlackHole hole = new BlackHole();
        ScriptedServer server =
            new ScriptedServer(
                ScriptedServer.responding("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        ProbeHarness harness = new ProbeHarness()) {
      harness.start(HttpCheck.DEFAULT, hole.port(), AMPLE);
      for (int i = 0; i < 100; i++) {
        harness.start(HttpCheck.DEFAULT, server.port(), AMPLE);
      }
      for (int i = 0; i < 100; i++) {
        assertThat(harness.next().outcome()).isEqualTo(OK);
      }
    }
  }

  @Test
  void probes_on_their_way_are_not_reported_when_the_prober_closes() {
    CountDownLatch asked = new CountDownLatch(1);
    try (ScriptedServer server =
            new ScriptedServer(
                connection -> {
                  connection.readHead();
                  asked.countDown();
                  connection.awaitEnd();
                });
        ProbeHarness harness = new ProbeHarness()) {
      harness.start(HttpCheck.DEFAULT, server.port(), AMPLE);
      Await.open("the probe is under way", asked);
      harness.close();
      harness.start(HttpCheck.DEFAULT, server.port(), AMPLE);

      assertThat(harness.reported).isEmpty();
    }
  }

  @Test
  void consumer_that_throws_harms_no_other_probe() {
    try (ScriptedServer server =
            new ScriptedServer(
                ScriptedServer.responding("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        ProbeHarness harness = new ProbeHarness()) {
      harness.prober.probe(
          ProbeHarness.request(
              HttpCheck.DEFAULT,
              TestSettings.address(false, "127.0.0.1", server.port()),
              UpstreamTls.DEFAULT,
              AMPLE),
          probe -> {
            throw new IllegalStateException("on purpose");
          });
      assertThat(harness.probe(HttpCheck.DEFAULT, server.port(), AMPLE).outcome()).isEqualTo(OK);
    }
  }
}
