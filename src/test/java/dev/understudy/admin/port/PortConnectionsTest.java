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
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
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
  private final List<Socket> clients = new ArrayList<>();
  private @Nullable DisposableServer server;

  @AfterEach
  void close() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
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

  /** A client whose kernel takes little. */
  private Socket client(String from) throws IOException {
    return client(from, 4096);
  }

  private Socket client(String from, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    clients.add(socket);
    socket.setReceiveBufferSize(receiveBuffer);
    socket.setSoTimeout(60_000);
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
    return socket;
  }

  private Socket asking(String from, String path) throws IOException {
    return ask(client(from), path);
  }

  private static Socket ask(Socket socket, String path) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: a\r\n\r\n"
                .formatted(path)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** Reads a small response to its end. */
  private static void responds(Socket socket) throws IOException {
    StringBuilder seen = new StringBuilder();
    while (!seen.toString().endsWith("small\r\n0\r\n\r\n")
        && !seen.toString().endsWith("\r\n\r\nsmall")) {
      int read = socket.getInputStream().read();
      assertThat(read).as("after '%s'", seen).isNotNegative();
      seen.append((char) read);
    }
  }

  private static void awaitCount(PortConnections connections, int count) {
    Await.until(count + " are open", () -> connections.count() == count);
  }

  private static boolean isClosed(Socket socket) throws IOException {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      return true;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void connections_of_a_port_that_another_process_has_end_with_their_responses()
      throws IOException {
    PortConnections connections = serve(FEW, null);
    Socket idle = asking("127.0.0.1", "/small");
    responds(idle);
    Await.until("it is idle", () -> connections.busy() == 0);
    Socket running = asking("127.0.0.1", "/late");
    Await.until("it runs", () -> connections.busy() == 1);
    connections.leaveAll();
    assertThat(idle.getInputStream().read()).isNegative();
    late.tryEmitValue("small");
    responds(running);
    assertThat(running.getInputStream().read()).isNegative();
  }

  @Test
  void one_too_many_closes_the_longest_idle_one_of_the_network_with_the_most() throws IOException {
    PortConnections connections = serve(FEW, null);
    Socket other = client("127.0.0.3");
    awaitCount(connections, 1);
    Socket first = client("127.0.0.2");
    awaitCount(connections, 2);
    Socket second = client("127.0.0.2");
    awaitCount(connections, 3);
    // No longer the longest idle one.
    responds(ask(first, "/small"));
    client("127.0.0.2");
    awaitCount(connections, 4);

    responds(asking("127.0.0.4", "/small"));

    assertThat(isClosed(second)).isTrue();
    responds(ask(first, "/small"));
    responds(ask(other, "/small"));
    assertThat(connections.count()).isEqualTo(4);
  }

  @Test
  void a_network_whose_connections_all_have_requests_keeps_out_itself_and_nobody_else()
      throws IOException {
    PortConnections connections = serve(FEW, null);
    List<Socket> flood = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      flood.add(asking("127.0.0.2", "/never"));
      int count = i + 1;
      Await.until("it is asked", () -> connections.busy() == count);
    }
    assertThat(isClosed(client("127.0.0.2"))).isTrue();

    for (int i = 0; i < 8; i++) {
      try (Socket probe = asking("127.0.0.3", "/small")) {
        responds(probe);
      }
      awaitCount(connections, 3);
    }
    assertThat(isClosed(flood.get(3))).isTrue();
    assertThat(connections.busy()).isEqualTo(3);
  }

  @ParameterizedTest(name = "TLS: {0}")
  @ValueSource(booleans = {false, true})
  void a_client_that_reads_nothing_is_cut_off(boolean secure) throws Exception {
    PortConnections connections =
        serve(new PortConnections.Limits(100, Long.MAX_VALUE, 1024, STALL), secure ? tls() : null);
    if (secure) {
      RawClient client = new RawClient(server.port(), true);
      clients.add(client.socket());
      client.request("GET", "/large");
    } else {
      asking("127.0.0.2", "/large");
    }
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
  void a_client_that_reads_a_trickle_is_cut_off() throws IOException {
    PortConnections connections =
        serve(new PortConnections.Limits(100, Long.MAX_VALUE, 1 << 20, STALL), null);
    Socket client = asking("127.0.0.2", "/large");
    Await.until(
        "it is cut off",
        () -> {
          // The limit is 1 MB in 300 ms; this takes less than that.
          client.getInputStream().skipNBytes(Math.min(1024, client.getInputStream().available()));
          return connections.count() == 0;
        });
  }

  @Test
  void a_client_that_reads_slowly_gets_all() throws IOException {
    Duration stall = Duration.ofSeconds(2);
    serve(new PortConnections.Limits(100, Long.MAX_VALUE, 1024, stall), null);
    Socket stream = asking("127.0.0.2", "/ticks");
    Socket reader = ask(client("127.0.0.2", 64 * 1024), "/large");
    long begin = System.nanoTime();
    long[] read = {0};
    Await.until(
        "all is read",
        () -> {
          int more = reader.getInputStream().read(new byte[48 * 1024]);
          assertThat(more).as("after %d bytes", read[0]).isPositive();
          read[0] += more;
          return read[0] >= LARGE;
        });
    assertThat(System.nanoTime() - begin).as("longer than a stall").isGreaterThan(stall.toNanos());
    stream.getInputStream().skipNBytes(500);
  }

  @Test
  void too_many_bytes_cost_the_one_that_has_let_its_wait_longest() throws IOException {
    PortConnections connections =
        serve(new PortConnections.Limits(100, LARGE + LARGE / 2, 1, NEVER), null);
    Socket alone = asking("127.0.0.2", "/large");
    Await.until("its bytes wait", () -> connections.bytes() > LARGE / 2);

    Socket second = asking("127.0.0.2", "/large");
    assertThat(isClosed(alone)).isTrue();
    second.getInputStream().skipNBytes(LARGE);
    Await.until("nothing waits", () -> connections.bytes() == 0);
    responds(asking("127.0.0.3", "/small"));
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
  void counts_are_zero_when_all_have_left() throws IOException {
    PortConnections connections = serve(PortConnections.Limits.DEFAULT, null);
    List<Socket> all = new ArrayList<>();
    for (String path : List.of("/large", "/small", "/never", "/ticks", "/unknown")) {
      all.add(asking("127.0.0.2", path));
    }
    awaitCount(connections, 5);
    for (Socket each : all) {
      each.close();
    }
    awaitCount(connections, 0);
    assertThat(connections.bytes()).isZero();
  }
}
