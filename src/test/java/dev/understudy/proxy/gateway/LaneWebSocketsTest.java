package dev.understudy.proxy.gateway;

import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.testing.Await;
import dev.understudy.testing.Http2Client;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestOutcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.socket.HandshakeInfo;
import org.springframework.web.reactive.socket.WebSocketMessage;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** WebSockets to targets that are no pools, over HTTP/1 and HTTP/2: bounds and ends. */
class LaneWebSocketsTest extends ScriptedLaneTable {
  private static final int MANY = 30_000;
  private static final byte[] GOING_AWAY = {(byte) 0x88, 2, 3, (byte) 0xe9};

  /** Takes a WebSocket itself, and reads it as the test says. */
  static class ListenGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    volatile Reader reader;
    volatile Duration idle;

    ListenGatewayFilterFactory() {
      super(Object.class);
    }

    @Override
    public GatewayFilter apply(Object config) {
      return (exchange, chain) ->
          new LaneWebSockets(new HttpClientProperties(), idle)
              .upgrade(
                  exchange,
                  session -> {
                    session.receive().subscribe(reader);
                    return Mono.fromFuture(reader.ended);
                  },
                  null,
                  () -> new HandshakeInfo(URI.create("/"), new HttpHeaders(), Mono.empty(), null));
    }
  }

  /** Asks for messages when the test does. */
  static final class Reader extends BaseSubscriber<WebSocketMessage> {
    final AtomicInteger read = new AtomicInteger();
    final CompletableFuture<Void> ended = new CompletableFuture<>();
    volatile Subscription source;

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      source = subscription;
      request(1);
    }

    @Override
    protected void hookOnNext(WebSocketMessage message) {
      read.incrementAndGet();
    }

    @Override
    protected void hookOnComplete() {
      ended.complete(null);
    }

    int waiting() {
      return Scannable.from(source).scanOrDefault(Scannable.Attr.BUFFERED, 0);
    }
  }

  private final TestServer target = new TestServer("target");
  private final CountDownLatch go = new CountDownLatch(1);
  private TestClient client;
  private InputStream in;

  @BeforeEach
  void lead_there() {
    app.use(List.of(), route("ws", "ws://127.0.0.1:" + target.port(), "Path=/**"));
  }

  @AfterEach
  void stop() {
    go.countDown();
    if (client != null) {
      client.close();
      // Else it would be told to the next row.
      Await.until("its end is told", () -> !app.ended.outcomes.isEmpty());
    }
    target.close();
  }

  private static TestServer.Script then(TestServer.Script next) {
    return call -> {
      call.write(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Accept: "
              + Http2WebSocketTest.accept(call.header("sec-websocket-key"))
              + "\r\n\r\n");
      next.respond(call);
    };
  }

  private void open(boolean http2) {
    if (http2) {
      Http2Client opened = new Http2Client(app.clearPort(), false);
      client = opened;
      opened.head(
          Http2Client.headers("CONNECT", "/ws")
              .add(":protocol", "websocket")
              .add("sec-websocket-version", "13"),
          false);
    } else {
      RawClient opened = connect();
      client = opened;
      in = opened.request("GET", "/ws", LaneProtocolTable.HANDSHAKE).in();
      assertThat(opened.response().status()).isEqualTo(101);
    }
  }

  private void send(byte[] bytes) {
    if (client instanceof RawClient raw) {
      raw.write(bytes);
    } else {
      client.body(bytes);
    }
  }

  /** All that comes until the proxy ends the connection, or the stream. */
  private String rest() {
    try {
      return in == null
          ? client.response().body()
          : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A client's frame, whose mask is zero. */
  private static byte[] frame(int first, String payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(first);
    frame.write(0x80 | payload.length());
    frame.writeBytes(new byte[4]);
    frame.writeBytes(payload.getBytes(StandardCharsets.ISO_8859_1));
    return frame.toByteArray();
  }

  private static byte[] message(String text) {
    return frame(0x81, text);
  }

  private static byte[] many() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < MANY; i++) {
      all.writeBytes(message("" + i % 10));
    }
    return all.toByteArray();
  }

  /** The first byte and the payload of the target's next frame, which is masked. */
  private static String next(InputStream in) throws IOException {
    int first = in.read();
    int length = in.read() & 0x7f;
    byte[] mask = in.readNBytes(4);
    byte[] payload = in.readNBytes(length);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i % 4];
    }
    return Integer.toHexString(first) + " " + new String(payload, StandardCharsets.ISO_8859_1);
  }

  private void assertEnded() {
    Await.until("the target's connection has ended", () -> target.openConnections() == 0);
    Await.until("its end is told", () -> !upgraded().isEmpty());
    assertThat(upgraded()).hasSize(1);
  }

  /** That of a request of the row before may be told only now. */
  private List<RequestOutcome> upgraded() {
    return app.ended.outcomes.stream().filter(end -> end.status() == 101).toList();
  }

  private ListenGatewayFilterFactory listen(Duration idle) {
    ListenGatewayFilterFactory listen = app.context.getBean(ListenGatewayFilterFactory.class);
    listen.reader = new Reader();
    listen.idle = idle;
    app.use(List.of(), LaneApp.everything("Listen"));
    return listen;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void messages_come_one_by_one_as_they_are_asked_for(boolean http2) {
    Reader reader = listen(Duration.ofHours(1)).reader;
    open(http2);
    byte[] all = many();
    CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send(all));
    Await.until("the first has come", () -> reader.read.get() == 1);
    for (int i = 2; i <= 100; i++) {
      int wanted = i;
      reader.request(1);
      Await.until("the next has come", () -> reader.read.get() == wanted);
      assertThat(reader.waiting()).isZero();
    }
    reader.request(MANY);
    Await.until("all have come", () -> reader.read.get() == MANY);
    sent.join();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void many_messages_wait_for_a_target_that_does_not_read(boolean http2) {
    AtomicInteger read = new AtomicInteger();
    target.script(
        then(
            call -> {
              go.await();
              while (next(call.in()).equals("81 " + read.get() % 10)) {
                read.incrementAndGet();
              }
              call.close();
            }));
    open(http2);
    byte[] all = many();
    CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send(all));
    Await.until("it is opened", () -> target.calls().size() == 1);
    go.countDown();
    Await.until("all have come", () -> read.get() == MANY);
    sent.join();
    send(message("x"));
    rest();
    assertEnded();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void one_that_is_idle_ends(boolean http2) {
    Reader reader = listen(Duration.ofMillis(500)).reader;
    open(http2);
    send(message("a"));
    assertThat(rest()).isEqualTo(text(GOING_AWAY));
    assertThat(reader.ended).isCompleted();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_client_that_ends_its_output_without_a_close_frame_ends_the_target_s_side(boolean http2) {
    target.script(then(call -> call.in().transferTo(ByteArrayOutputStream.nullOutputStream())));
    open(http2);
    if (client instanceof RawClient raw) {
      raw.endOutput();
    } else {
      client.end();
    }
    assertEnded();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_client_that_breaks_off_ends_the_target_s_side(boolean http2) {
    target.script(then(call -> call.in().transferTo(ByteArrayOutputStream.nullOutputStream())));
    open(http2);
    Await.until("it is opened", () -> target.calls().size() == 1);
    client.abort();
    assertEnded();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_target_that_ends_without_a_close_frame_ends_the_client_s_side(boolean http2) {
    target.script(then(TestServer.Call::close));
    open(http2);
    assertThat(rest()).startsWith(text(new byte[] {(byte) 0x88}));
    assertEnded();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_target_s_close_frame_reaches_the_client(boolean http2) {
    target.script(
        then(
            call -> {
              call.socket().getOutputStream().write(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8});
              call.socket().getOutputStream().flush();
              call.in().transferTo(ByteArrayOutputStream.nullOutputStream());
            }));
    open(http2);
    assertThat(rest()).isEqualTo(text(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8}));
    assertEnded();
  }

  /** Each loop's websockets end for good: in an application of its own. */
  @Test
  void when_the_process_stops_clients_and_targets_are_told() throws IOException {
    try (LaneApp stopping = LaneApp.start(new Class<?>[] {TestParts.class})) {
      AtomicInteger told = new AtomicInteger();
      target.script(
          then(
              call -> {
                if (next(call.in()).equals("88 \u0003\u00e9")) {
                  told.incrementAndGet();
                }
                call.close();
              }));
      stopping.use(List.of(), route("ws", "ws://127.0.0.1:" + target.port(), "Path=/**"));
      LaneApp borrowed = app;
      app = stopping;
      try {
        open(false);
        InputStream first = in;
        TestClient firstClient = client;
        in = null;
        open(true);
        Await.until("both are opened", () -> target.calls().size() == 2);
        CompletableFuture<?> drained =
            app.context
                .getBean(Frontend.class)
                .tunnels()
                .drainAll(Duration.ZERO)
                .toCompletableFuture();
        assertThat(first.readNBytes(4)).isEqualTo(GOING_AWAY);
        ((RawClient) firstClient).write(frame(0x88, "\u0003\u00e9"));
        assertThat(first.read()).isNegative();
        client.awaitBody(4);
        send(frame(0x88, "\u0003\u00e9"));
        assertThat(rest()).isEqualTo(text(GOING_AWAY));
        drained.join();
        Await.until("the targets are told", () -> told.get() == 2);
        firstClient.close();
        in = null;
        client.close();
        open(false);
        assertThat(in.readNBytes(4)).isEqualTo(GOING_AWAY);
      } finally {
        app = borrowed;
        client.close();
        client = null;
      }
    }
  }
}
