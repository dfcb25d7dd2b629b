package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The lane behind TLS, in HTTP/1.1 and HTTP/2. */
class SecureLaneTest {
  private static final int MEBIBYTE = 1024 * 1024;

  @TempDir static Path directory;
  private static LaneApp app;
  private static SSLContext trust;
  private HttpClient client;

  @BeforeAll
  static void start() throws Exception {
    Certificates certificates = new Certificates(directory);
    certificates.issue("main", "localhost");
    List<String> properties = new ArrayList<>(certificates.properties("main"));
    properties.add("server.ssl.bundle=main");
    app = LaneApp.start(properties.toArray(String[]::new));
    trust = SSLContext.getInstance("TLS");
    trust.init(null, new TrustManager[] {certificates.authority().toTrustManager()}, null);
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @BeforeEach
  void fresh() {
    app.use(List.of("RedirectToHttps=301", "StrictTransportSecurity=max-age=1"), everything());
    app.engine.script(ScriptedEngine.Call::echo);
    client = HttpClient.newBuilder().sslContext(trust).build();
  }

  @AfterEach
  void close() {
    client.shutdownNow();
    client.close();
  }

  private static HttpRequest.Builder request(Version version, String target) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + app.port() + target))
        .version(version);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void a_request_over_tls_is_served_and_marked(Version version) throws Exception {
    HttpResponse<String> response = send(request(version, "/a?b=c"));
    assertThat(response.version()).isEqualTo(version);
    assertThat(response.body()).isEqualTo("/a?b=c");
    assertThat(response.headers().firstValue("Strict-Transport-Security")).contains("max-age=1");
    assertThat(app.engine.last().request.client().tls()).isTrue();
  }

  @Test
  void fields_that_the_http_2_codec_adds_reach_no_server() throws Exception {
    send(request(Version.HTTP_2, "/").header("x-http2-path", "/spoofed"));
    assertThat(app.engine.last().request.headers().names())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("x-http2-"));
    assertThat(app.engine.last().request.headers().get("Host"))
        .isEqualTo("localhost:" + app.port());
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void a_body_of_unknown_length_arrives_whole(Version version) throws Exception {
    app.engine.script(
        call -> {
          call.onEnd = () -> call.respond(200, String.valueOf(call.received.get()));
          call.downstream.requestRead();
        });
    byte[] body = new byte[3 * MEBIBYTE];
    HttpResponse<String> response =
        send(
            request(version, "/up")
                .POST(
                    HttpRequest.BodyPublishers.fromPublisher(
                        HttpRequest.BodyPublishers.ofByteArray(body))));
    assertThat(response.body()).isEqualTo(String.valueOf(body.length));
    assertThat(app.engine.last().request.body()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void a_response_that_breaks_never_looks_whole(Version version) throws Exception {
    app.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200));
          call.downstream.body(ScriptedEngine.text("half"));
        });
    CompletableFuture<Void> begun = new CompletableFuture<>();
    CompletableFuture<Throwable> broken = new CompletableFuture<>();
    var sent =
        client.sendAsync(
            request(version, "/").build(),
            HttpResponse.BodyHandlers.fromSubscriber(new Reader(begun, broken)));
    begun.get(20, TimeUnit.SECONDS);
    ScriptedEngine.Call call = app.engine.last();
    call.loop.execute(call.downstream::abort);
    assertThat(broken.get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> sent.get(20, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(IOException.class);
  }

  private record Reader(CompletableFuture<Void> begun, CompletableFuture<Throwable> broken)
      implements Flow.Subscriber<List<ByteBuffer>> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
      begun.complete(null);
    }

    @Override
    public void onError(Throwable throwable) {
      broken.complete(throwable);
    }

    @Override
    public void onComplete() {
      broken.completeExceptionally(new AssertionError("It looked whole"));
    }
  }

  @Test
  void another_stream_of_the_same_connection_does_not_notice() throws Exception {
    app.engine.script(
        call -> {
          if (call.request.target().equals("/breaks")) {
            call.downstream.head(ScriptedEngine.head(200));
            call.downstream.abort();
          } else {
            call.downstream.head(ScriptedEngine.head(200));
            call.downstream.body(ScriptedEngine.text("first,"));
          }
        });
    var other =
        client.sendAsync(
            request(Version.HTTP_2, "/stays").build(), HttpResponse.BodyHandlers.ofString());
    Await.until("it is there", () -> !app.engine.calls.isEmpty());
    ScriptedEngine.Call stays = app.engine.last();
    assertThatThrownBy(() -> send(request(Version.HTTP_2, "/breaks")))
        .isInstanceOf(IOException.class);
    stays.loop.execute(
        () -> {
          stays.downstream.body(ScriptedEngine.text("last"));
          stays.downstream.end(EmptyHttpHeaders.INSTANCE);
        });
    assertThat(other.get(20, TimeUnit.SECONDS).body()).isEqualTo("first,last");
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void a_client_that_cancels_is_noticed(Version version) throws Exception {
    app.engine.script(call -> call.downstream.head(ScriptedEngine.head(200)));
    var sent =
        client.sendAsync(request(version, "/").build(), HttpResponse.BodyHandlers.discarding());
    Await.until("it is there", () -> !app.engine.calls.isEmpty());
    ScriptedEngine.Call last = app.engine.last();
    sent.cancel(true);
    // Over HTTP/1 a client may end its output and read on: a write tells.
    Await.until(
        "the engine is told",
        () -> {
          last.loop.execute(() -> last.downstream.body(ScriptedEngine.text("more")));
          last.loop.execute(last.downstream::flush);
          return last.gone.get();
        });
  }

  @Test
  void a_websocket_over_tls_gets_the_channel_with_tls_kept_and_what_filters_added()
      throws Exception {
    CompletableFuture<String> hsts = new CompletableFuture<>();
    app.engine.script(
        call -> {
          String key = call.request.headers().get("Sec-WebSocket-Key");
          var head =
              ScriptedEngine.head(
                  101,
                  "Upgrade",
                  "websocket",
                  "Connection",
                  "upgrade",
                  "Sec-WebSocket-Accept",
                  accept(key));
          var channel = call.downstream.upgrade(head);
          hsts.complete(head.headers().get("Strict-Transport-Security"));
          // A text frame "hi" (RFC 6455 §5.7).
          channel.writeAndFlush(
              io.netty.buffer.Unpooled.wrappedBuffer(new byte[] {(byte) 0x81, 2, 'h', 'i'}));
        });
    CompletableFuture<String> text = new CompletableFuture<>();
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("wss://localhost:" + app.port() + "/ws"),
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onText(
                      WebSocket webSocket, CharSequence data, boolean last) {
                    text.complete(data.toString());
                    return null;
                  }
                })
            .get(20, TimeUnit.SECONDS);
    assertThat(text.get(20, TimeUnit.SECONDS)).isEqualTo("hi");
    assertThat(hsts.join()).isEqualTo("max-age=1");
    socket.abort();
  }

  private static String accept(String key) {
    try {
      return java.util.Base64.getEncoder()
          .encodeToString(
              java.security.MessageDigest.getInstance("SHA-1")
                  .digest(
                      (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                          .getBytes(StandardCharsets.US_ASCII)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
