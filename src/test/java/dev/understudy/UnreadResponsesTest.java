package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.Response;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import reactor.netty.http.server.HttpServer;

/**
 * Clients that send requests and read no responses: the proxy keeps no more for them than one
 * response beyond the watermark, and they get everything once they read.
 */
@Tag(Extent.FULL)
class UnreadResponsesTest {
  private static final int PAGE = 60_000;

  /** Netty's default high watermark. */
  private static final int WATERMARK = 64 * 1024;

  /** What a response has beside its content: fields, TLS records, entries of Netty's queues. */
  private static final int EXTRA = 8 * 1024;

  /** SETTINGS_INITIAL_WINDOW_SIZE. */
  private static final int INITIAL_WINDOW = 4;

  private static final String FILE =
      """
      pools:
        p: { servers: { a: { url: "http://SERVER" } }, health: { type: tcp }, error-pages: { 403: page.html } }
      routes:
      """
          + TestProxy.named(
              """
              deny: [ 'Deny=404' ]
              page: [ 'Deny' ]
              respond: [ 'Respond=200, text' ]
              redirect: [ 'RedirectToHost=308, https://other.test' ]
              server: [ 'SetRequestHeader=X-A,1' ]
              """);

  @AutoClose private static TestProxy proxy;

  private final List<AutoCloseable> clients = new ArrayList<>();

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = proxy(folder);
  }

  private static TestProxy proxy(Path folder, String... more) throws Exception {
    Files.writeString(folder.resolve("page.html"), "x".repeat(PAGE));
    Watched watched = new Watched();
    SpringApplication application =
        SpringProxy.application(
            new Instrumentation(
                OutputStream.nullOutputStream(),
                UnaryOperator.identity(),
                watched::watch,
                new GuardRegistry()));
    application.addInitializers(
        fresh -> fresh.getBeanFactory().registerSingleton("watched", watched));
    return new TestProxy(application, folder, FILE, TestProxy.tls(folder, more));
  }

  @AfterEach
  void clients_leave() throws Exception {
    for (AutoCloseable client : clients) {
      client.close();
    }
  }

  /** The most bytes that were written on one connection of a client and not sent. */
  private static final class Pending extends ChannelOutboundHandlerAdapter {
    private final Channel channel;
    private volatile long most;

    Pending(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise)
        throws Exception {
      super.write(ctx, msg, promise);
      most = Math.max(most, now());
    }

    long most() {
      return most;
    }

    long now() {
      ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
      return out == null ? 0 : out.totalPendingWriteBytes();
    }

    /** Returns once bytes are pending and nothing more happens on the channel's event loop. */
    void awaitStandstill() {
      long[] last = {0, 0};
      Await.until(
          "the proxy waits for the client",
          () -> {
            long pending = channel.eventLoop().submit(this::now).get();
            last[1] = pending > 0 && pending == last[0] ? last[1] + 1 : 0;
            last[0] = pending;
            return last[1] >= 20;
          });
    }
  }

  /** Makes the kernel's buffers small, and watches Netty's. */
  static final class Watched {
    final Map<Integer, Pending> byClientPort = new ConcurrentHashMap<>();

    private HttpServer watch(HttpServer http) {
      return http.childOption(ChannelOption.SO_SNDBUF, 8192)
          .doOnChannelInit((observer, channel, address) -> watch(channel));
    }

    private void watch(Channel channel) {
      Pending pending = new Pending(channel);
      channel.pipeline().addFirst(pending);
      if (channel.remoteAddress() instanceof InetSocketAddress client) {
        byClientPort.put(client.getPort(), pending);
      }
    }
  }

  private static Pending pending(TestProxy proxy, int clientPort) {
    Map<Integer, Pending> all = proxy.bean(Watched.class).byClientPort;
    Await.until("the connection is known", () -> all.containsKey(clientPort));
    return all.get(clientPort);
  }

  /** Protocol, target, number of requests, status, and the length of a response's content. */
  static Stream<Arguments> http1() {
    return Extent.ends(
        Stream.of(
                Arguments.of("/nowhere", 2_000, 404, 1_000),
                Arguments.of("/express/deny", 2_000, 404, 1_000),
                Arguments.of("/express/page", 200, 403, PAGE),
                Arguments.of("/express/respond", 5_000, 200, 4),
                Arguments.of("/express/redirect", 5_000, 308, 0),
                Arguments.of("/express/server", 2_000, 200, 6),
                Arguments.of("/gateway/deny", 1_000, 404, 1_000),
                Arguments.of("/gateway/page", 200, 403, PAGE),
                Arguments.of("/gateway/redirect", 1_000, 308, 0),
                Arguments.of("/gateway/server", 1_000, 200, 6))
            .map(Arguments::get)
            .flatMap(
                row ->
                    Stream.of(Protocol.HTTP_1_1, Protocol.TLS)
                        .map(each -> Arguments.of(each, row[0], row[1], row[2], row[3]))));
  }

  @ParameterizedTest
  @MethodSource("http1")
  void pipelined_requests_wait_until_the_client_reads(
      Protocol protocol, String target, int requests, int status, int length) {
    RawClient client = RawClient.slow(proxy.port(protocol), protocol.isSecure());
    clients.add(client);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < requests; i++) {
      all.append("GET ")
          .append(target)
          .append(" HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nX-Request-Id: ")
          .append(i)
          .append("\r\n\r\n");
    }
    var sent = CompletableFuture.runAsync(() -> client.send(all.toString()));
    Pending pending = pending(proxy, client.socket().getLocalPort());
    pending.awaitStandstill();
    assertThat(pending.most()).isLessThan(WATERMARK + length + EXTRA);
    client.readFast();
    for (int i = 0; i < requests; i++) {
      Response response = client.response();
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.header("x-request-id")).isEqualTo("" + i);
      assertThat(response.body().length()).isGreaterThanOrEqualTo(length);
    }
    assertThat(pending.most()).isLessThan(WATERMARK + length + EXTRA);
    sent.join();
    assertThat(client.get("/express/respond").body()).isEqualTo("text");
  }

  /** A client that has not read the whole of a small response, beside one that has. */
  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP_1_1", "TLS"})
  void the_end_of_a_response_outlasts_keep_alive_and_a_stop(Protocol protocol, @TempDir Path folder)
      throws Exception {
    try (TestProxy proxy = proxy(folder, "understudy.client.keep-alive=300ms")) {
      RawClient slow = RawClient.slow(proxy.port(protocol), protocol.isSecure());
      clients.add(slow);
      slow.request("GET", "/express/page", "Accept: text/html");
      Pending pending = pending(proxy, slow.socket().getLocalPort());
      pending.awaitStandstill();
      for (int i = 0; i < 2; i++) {
        try (RawClient quick = new RawClient(proxy.port(protocol), protocol.isSecure())) {
          assertThat(quick.get("/express/respond").status()).isEqualTo(200);
          assertThat(quick.isEnded()).isTrue();
        }
      }
      var stopped = CompletableFuture.runAsync(proxy::stop);
      Await.until("nobody is accepted", () -> !accepts(slow.socket().getPort()));
      assertThat(pending.now()).isPositive();
      assertThat(slow.readFast().response().body()).hasSize(PAGE);
      assertThat(slow.isEnded()).isTrue();
      stopped.join();
    }
  }

  /** The first three have been read; the fourth may still be in the kernel's buffer. */
  @Tag(Extent.SLOW)
  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP_1_1", "TLS"})
  void the_last_response_before_a_stop_announces_the_end(Protocol protocol, @TempDir Path folder)
      throws Exception {
    try (TestProxy proxy = proxy(folder)) {
      List<RawClient> slow = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        RawClient client = RawClient.slow(proxy.port(protocol), protocol.isSecure());
        clients.add(client);
        slow.add(client);
        client.send(get("/express/page") + get("/express/page"));
        pending(proxy, client.socket().getLocalPort()).awaitStandstill();
        client.send(get("/express/page"));
        client.send(get("/express/respond"));
      }
      var stopped = CompletableFuture.runAsync(proxy::stop);
      Await.until("nobody is accepted", () -> !accepts(slow.getFirst().socket().getPort()));
      for (RawClient client : slow) {
        assertThat(client.readFast().response().header("connection")).isNull();
        assertThat(client.response().header("connection")).isNull();
        Response last = client.response();
        assertThat(last.body()).hasSize(PAGE);
        if (last.header("connection") == null) {
          last = client.response();
          assertThat(last.body()).isEqualTo("text");
        }
        assertThat(last.header("connection")).isEqualTo("close");
        assertThat(client.isEnded()).isTrue();
      }
      stopped.join();
    }
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n";
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }

  /** Content waits for the windows; heads alone are in the queue of the connection. */
  @ParameterizedTest
  @ValueSource(strings = {"/express/page", "/gateway/page"})
  void streams_wait_for_their_windows(String target) throws Exception {
    RawHttp2 client = RawHttp2.connect(proxy.port(), new byte[0], "localhost", 4096);
    clients.add(client);
    client.settings(INITIAL_WINDOW, 0);
    for (int i = 0; i < 100; i++) {
      client.get(2 * i + 1, target, "accept: text/html");
    }
    for (int i = 0; i < 100; i++) {
      assertThat(client.read(RawHttp2.HEADERS).fields().status()).hasToString("403");
    }
    Pending pending = pending(proxy, client.localPort());
    assertThat(pending.most()).isLessThan(WATERMARK);
    client.window(0, 100 * PAGE);
    for (int i = 0; i < 100; i++) {
      client.window(2 * i + 1, PAGE);
    }
    long bytes = 0;
    for (int ended = 0; ended < 100; ) {
      RawHttp2.Frame frame = client.read(RawHttp2.DATA);
      bytes += frame.payload().length;
      ended += frame.is(RawHttp2.END_STREAM) ? 1 : 0;
    }
    assertThat(bytes).isEqualTo(100L * PAGE);
    assertThat(pending.most()).isLessThan(WATERMARK + PAGE + EXTRA);
  }
}
