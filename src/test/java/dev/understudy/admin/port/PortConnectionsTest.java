package dev.understudy.admin.port;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.RawClient;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/** What clients that are too many, or that read nothing, can do to the management port. */
class PortConnectionsTest {
  private static final int LARGE = 4 << 20;
  private static final Duration STALL = Duration.ofMillis(300);
  private static final Duration NEVER = Duration.ofHours(1);
  private static final PortConnections.Limits FEW =
      new PortConnections.Limits(4, Long.MAX_VALUE, 1, NEVER);

  @TempDir private Path directory;
  private final Sinks.One<String> late = Sinks.one();
  private final List<RawClient> clients = new ArrayList<>();
  private @Nullable DisposableServer server;

  @AfterEach
  void close() {
    clients.forEach(RawClient::close);
    if (server != null) {
      server.disposeNow();
    }
  }

  /**
   * A server of {@code /large}, {@code /small}, {@code /late} and {@code /never}, which has no
   * response.
   */
  private PortConnections serve(PortConnections.Limits limits, @Nullable SslContext tls) {
    PortConnections connections = new PortConnections(limits);
    byte[] large = new byte[LARGE];
    HttpServer http =
        HttpServer.create()
            .host("127.0.0.1")
            .protocol(HttpProtocol.HTTP11)
            .childOption(ChannelOption.SO_SNDBUF, 64 * 1024)
            .doOnChannelInit((observer, channel, client) -> connections.add(channel))
            .handle(
                (request, response) ->
                    switch (request.uri()) {
                      case "/large" -> response.send(Mono.just(Unpooled.wrappedBuffer(large)));
                      case "/small" -> response.sendString(Mono.just("small"));
                      case "/late" -> response.sendString(late.asMono());
                      case "/ticks" ->
                          response
                              .sse()
                              .sendString(Flux.interval(Duration.ofMillis(50)).map(i -> ":" + i));
                      case "/never" -> Mono.never();
                      default -> response.sendNotFound();
                    });
    server = (tls == null ? http : http.secure(spec -> spec.sslContext(tls))).bindNow();
    return connections;
  }

  private RawClient client(String from) {
    return opened(new RawClient(server.port(), from));
  }

  /** One whose kernel takes little, and that has asked for much. */
  private RawClient slow(boolean tls) {
    return opened(RawClient.slow(server.port(), tls)).request("GET", "/large");
  }

  private RawClient opened(RawClient client) {
    clients.add(client);
    return client;
  }

  private static void responds(RawClient client) {
    client.request("GET", "/small");
    assertThat(client.response().body()).isEqualTo("small");
  }

  private static void assertClosed(RawClient client) {
    while (!client.isEnded()) {
      // More was on its way.
    }
  }

  private static void awaitCount(PortConnections connections, int count) {
    Await.until(count + " are open", () -> connections.count() == count);
  }

  private static void awaitBusy(PortConnections connections, int count) {
    Await.until(count + " have requests", () -> connections.busy() == count);
  }

  @Test
  void connections_of_a_port_that_another_process_has_end_with_their_responses() {
    PortConnections connections = serve(FEW, null);
    RawClient idle = client("127.0.0.1");
    responds(idle);
    awaitBusy(connections, 0);
    RawClient running = client("127.0.0.1").request("GET", "/late");
    awaitBusy(connections, 1);
    connections.leaveAll();
    assertThat(idle.isEnded()).isTrue();
    late.tryEmitValue("small");
    assertThat(running.response().body()).isEqualTo("small");
    assertThat(running.isEnded()).isTrue();
  }

  @Test
  void one_too_many_closes_the_longest_idle_one_of_the_network_with_the_most() {
    PortConnections connections = serve(FEW, null);
    RawClient other = client("127.0.0.3");
    awaitCount(connections, 1);
    RawClient first = client("127.0.0.2");
    awaitCount(connections, 2);
    RawClient second = client("127.0.0.2");
    awaitCount(connections, 3);
    // No longer the longest idle one.
    responds(first);
    client("127.0.0.2");
    awaitCount(connections, 4);

    responds(client("127.0.0.4"));

    assertThat(second.isEnded()).isTrue();
    responds(first);
    responds(other);
    assertThat(connections.count()).isEqualTo(4);
  }

  @Test
  void a_network_whose_connections_all_have_requests_keeps_out_itself_and_nobody_else() {
    PortConnections connections = serve(FEW, null);
    for (int i = 1; i <= 4; i++) {
      client("127.0.0.2").request("GET", "/never");
      awaitBusy(connections, i);
    }
    RawClient newest = clients.getLast();
    assertThat(client("127.0.0.2").isEnded()).isTrue();

    for (int i = 0; i < 8; i++) {
      try (RawClient probe = client("127.0.0.3")) {
        responds(probe);
      }
      awaitCount(connections, 3);
    }
    assertThat(newest.isEnded()).isTrue();
    assertThat(connections.busy()).isEqualTo(3);
  }

  @ParameterizedTest(name = "TLS: {0}")
  @ValueSource(booleans = {false, true})
  void a_client_that_reads_nothing_is_cut_off(boolean secure) throws Exception {
    PortConnections connections =
        serve(new PortConnections.Limits(100, Long.MAX_VALUE, 1024, STALL), secure ? tls() : null);
    slow(secure);
    Await.until("bytes wait", () -> connections.bytes() > LARGE / 4);
    awaitCount(connections, 0);
    assertThat(connections.bytes()).isZero();
  }

  private SslContext tls() throws Exception {
    return SslContextBuilder.forServer(
            new Certificates(directory).issue("localhost", "localhost").toKeyManagerFactory())
        .build();
  }

  @Test
  void a_client_that_reads_a_trickle_is_cut_off() {
    PortConnections connections =
        serve(new PortConnections.Limits(100, Long.MAX_VALUE, 1 << 20, STALL), null);
    InputStream in = slow(false).in();
    Await.until(
        "it is cut off",
        () -> {
          // The limit is 1 MB in 300 ms; this takes less than that.
          in.skipNBytes(Math.min(1024, in.available()));
          return connections.count() == 0;
        });
  }

  @Test
  void a_client_that_reads_slowly_gets_all() throws IOException {
    Duration stall = Duration.ofSeconds(2);
    serve(new PortConnections.Limits(100, Long.MAX_VALUE, 1024, stall), null);
    RawClient stream = client("127.0.0.2").request("GET", "/ticks");
    InputStream in = slow(false).readFast().in();
    long begin = System.nanoTime();
    long[] read = {0};
    Await.until(
        "all is read",
        () -> {
          int more = in.read(new byte[48 * 1024]);
          assertThat(more).as("after %d bytes", read[0]).isPositive();
          read[0] += more;
          return read[0] >= LARGE;
        });
    assertThat(System.nanoTime() - begin).as("longer than a stall").isGreaterThan(stall.toNanos());
    stream.in().skipNBytes(500);
  }

  @Test
  void too_many_bytes_cost_the_one_that_has_let_its_wait_longest() {
    PortConnections connections =
        serve(new PortConnections.Limits(100, LARGE + LARGE / 2, 1, NEVER), null);
    RawClient alone = slow(false);
    Await.until("its bytes wait", () -> connections.bytes() > LARGE / 2);

    RawClient second = client("127.0.0.2").request("GET", "/large");
    assertClosed(alone);
    second.skip(LARGE);
    Await.until("nothing waits", () -> connections.bytes() == 0);
    responds(client("127.0.0.3"));
  }

  @Test
  void a_connection_that_is_closed_before_it_counts_leaves_nothing_behind() {
    PortConnections connections = new PortConnections(FEW);
    EmbeddedChannel closed = new EmbeddedChannel();
    closed.close();

    new PortConnection(connections, closed).open();

    assertThat(connections.count()).isZero();
  }

  @Test
  void counts_are_zero_when_all_have_left() {
    PortConnections connections = serve(PortConnections.Limits.DEFAULT, null);
    for (String path : List.of("/large", "/small", "/never", "/ticks", "/unknown")) {
      client("127.0.0.2").request("GET", path);
    }
    awaitCount(connections, 5);
    clients.forEach(RawClient::close);
    awaitCount(connections, 0);
    assertThat(connections.bytes()).isZero();
  }
}
