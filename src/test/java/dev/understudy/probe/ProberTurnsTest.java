package dev.understudy.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.probe.Prober.InFlight;
import dev.understudy.probe.Prober.Urgency;
import dev.understudy.testing.Await;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Probes that were asked for while the thread had no time, on real sockets. */
class ProberTurnsTest {
  @AutoClose private final ProbeHarness harness = new ProbeHarness();
  @AutoClose private final TestServer quick = new TestServer("quick");
  @AutoClose private final Backlog server = new Backlog();
  private final CountDownLatch release = new CountDownLatch(1);
  private final Map<String, InFlight> asked = new HashMap<>();

  /** A server whose connections are accepted in the order in which they were made. */
  private static final class Backlog implements AutoCloseable {
    private final ServerSocket socket;
    private final List<Socket> accepted = new ArrayList<>();

    Backlog() {
      try {
        socket = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(30_000);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    /** The next connection's path, without its slash; it gets a response that is good. */
    String next() throws IOException {
      Socket connection = socket.accept();
      accepted.add(connection);
      String line =
          new BufferedReader(
                  new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1))
              .readLine();
      connection
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      return line.split(" ")[1].substring(1);
    }

    @Override
    public void close() throws IOException {
      for (Socket each : accepted) {
        each.close();
      }
      socket.close();
    }
  }

  /** Has the thread of the probes do nothing until {@link #release}. */
  @BeforeEach
  void block() {
    CountDownLatch blocked = new CountDownLatch(1);
    harness.prober.probe(
        request("status", quick.port()),
        result -> {
          blocked.countDown();
          Await.open("the thread may go on", release);
        });
    Await.open("the thread is blocked", blocked);
  }

  private static Prober.Request request(String path, int port) {
    HttpCheck check =
        new HttpCheck(
            "GET",
            "/" + path,
            null,
            List.of(),
            ProbeHarness.status("200"),
            null,
            CheckConnection.DEFAULT);
    return ProbeHarness.request(
        check,
        TestSettings.address(false, "127.0.0.1", port),
        UpstreamTls.DEFAULT,
        ProbeHarness.AMPLE);
  }

  private void ask(String path, Urgency urgency) {
    asked.put(
        path,
        harness.prober.probe(
            request(path, server.socket.getLocalPort()).with(urgency), harness.reported::add));
  }

  private void askForRoutine(int count) {
    IntStream.range(0, count).forEach(i -> ask("r" + i, Urgency.ROUTINE));
  }

  private List<String> connections(int count) throws IOException {
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      paths.add(server.next());
    }
    return paths;
  }

  @Test
  void what_is_suspected_and_what_is_late_go_in_turn_before_what_is_routine() throws Exception {
    askForRoutine(20);
    ask("s0", Urgency.SUSPECTED);
    ask("l0", Urgency.LATE);
    ask("s1", Urgency.SUSPECTED);
    release.countDown();
    List<String> paths = connections(23);
    assertThat(paths.subList(0, 2)).containsExactlyInAnyOrder("s0", "l0");
    assertThat(paths.subList(2, 4)).containsExactlyInAnyOrder("s1", "r0");
  }

  @Test
  void a_hundred_servers_that_clients_suspect_keep_no_other_waiting() throws Exception {
    IntStream.range(0, 100).forEach(i -> ask("s" + i, Urgency.SUSPECTED));
    ask("r101", Urgency.ROUTINE);
    release.countDown();
    assertThat(connections(2)).contains("r101");
  }

  @Test
  void one_that_became_suspected_while_it_waited_goes_first_and_once() throws Exception {
    askForRoutine(20);
    asked.get("r19").hasten();
    asked.get("r19").hasten();
    release.countDown();
    List<String> paths = connections(20);
    assertThat(paths.subList(0, 2)).containsExactlyInAnyOrder("r19", "r0");
    assertThat(paths).doesNotHaveDuplicates();
  }

  @Test
  void one_that_is_cancelled_while_it_waits_never_connects_and_is_not_reported() throws Exception {
    askForRoutine(3);
    asked.get("r1").cancel();
    release.countDown();
    assertThat(connections(2)).containsExactly("r0", "r2");
    harness.next();
    harness.next();
    assertThat(harness.reported).isEmpty();
    assertThat(asked.get("r1").isWaiting()).isFalse();
  }

  @Test
  void one_that_is_cancelled_on_its_way_is_closed_and_not_reported() throws Exception {
    release.countDown();
    ask("r0", Urgency.ROUTINE);
    try (Socket connection = server.socket.accept()) {
      asked.get("r0").cancel();
      Await.until("it is closed", () -> isClosed(connection));
    }
    assertThat(
            harness
                .probe(
                    ProbeHarness.http(ProbeHarness.status("200")), quick.port(), ProbeHarness.AMPLE)
                .outcome())
        .isEqualTo(ProbeOutcome.OK);
    assertThat(harness.reported).isEmpty();
  }

  private static boolean isClosed(Socket connection) {
    try {
      connection.setSoTimeout(100);
      return connection.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void each_says_when_it_went_on_its_way_and_the_prober_that_it_had_no_time() throws Exception {
    AtomicBoolean crowded = new AtomicBoolean();
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed.close();
      harness.prober.probe(
          request("refused", closed.getLocalPort()),
          refused -> crowded.set(harness.prober.isCrowded()));
    }
    askForRoutine(2);
    assertThat(asked.get("r0").isWaiting()).isTrue();
    long begun = System.nanoTime();
    Duration waited = NettyProber.LONGEST_WAIT.multipliedBy(2);
    Await.until("they have waited", () -> System.nanoTime() - begun > waited.toNanos());
    release.countDown();
    connections(2);
    Observation.Probe probe = harness.next();
    harness.next();
    assertThat(probe.started()).isEqualTo(ProbeHarness.STARTED);
    assertThat(probe.asked()).isAfter(ProbeHarness.STARTED.plus(waited));
    assertThat(crowded).isTrue();
    Await.until("there is time again", () -> !harness.prober.isCrowded());
  }
}
