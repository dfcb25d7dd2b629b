package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.proxy.tcp.Sockets;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Http2Server;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.Response;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.Trusting;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Peers that end TLS by their closure alert and go on reading, with each library that speaks TLS
 * here. Since TLS 1.3 the alert ends one direction (RFC 8446 §6.1). Before, both (RFC 5246 §7.2.1):
 * the JDK's library then sends nothing more, BoringSSL does.
 */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("dev.understudy.testing.Extent#tlsLibraries")
class TlsHalfCloseTest {
  private static final String LISTENERS =
      """
      web: { port: 0, tls: { certificates: [main.pem] } }
      relay: { port: 0, pool: t, tls: { certificates: [main.pem] } }
      """;

  private static final String POOLS =
      TestProxy.POOLS
          + """
            t: { servers: { a: { url: 'tcp://127.0.0.1:TCP' } }, health: { interval: 1h, timeout: 30s } }
            s: { servers: { a: { url: 'https://127.0.0.1:TLS' } }, tls: { verify: false },
                 health: { type: tcp, interval: 1h } }
            h: { servers: { a: { url: 'https://127.0.0.1:TWO' } }, tls: { verify: false }, http2: true,
                 health: { type: tcp, interval: 1h } }
          """;

  private static final String ROUTES =
      """
      - { id: s, uri: "pool://s", predicates: ["Path=/secure/**"] }
      - { id: h, uri: "pool://h", predicates: ["Path=/two/**"] }
      """;

  private static final String UPGRADE =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  private static final String CONSENT =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

  /** An unmasked close frame. */
  private static final String CLOSE = "\u0088\0";

  @TempDir static Path folder;
  private static ListeningProxy proxy;
  private static TcpServer tcp;
  private static ScriptedServer secure;
  private static Http2Server two;
  private static SSLContext keys;

  /** What {@link #secure} speaks, and what it does with each connection, by turns. */
  private static volatile Version spoken = Version.TLS_1_3;

  private static final Queue<Answer> ANSWERS = new ConcurrentLinkedQueue<>();

  /**
   * What the https server does with a request.
   *
   * @param then null: it does not end TLS
   */
  private record Answer(String text, Tcp then) {}

  @Parameter ListenerProperties.Tls.Provider provider;

  private final CountDownLatch go = new CountDownLatch(1);

  @BeforeParameterizedClassInvocation
  static void start(ListenerProperties.Tls.Provider provider) throws Exception {
    PemAuthority.write(
        folder.resolve("main.pem"),
        new PemAuthority("CN=authority").issue("CN=main", "RSA", "localhost").pem());
    tcp = new TcpServer();
    keys = SSLContext.getInstance("TLS");
    keys.init(
        new PemAuthority("CN=authority").issue("CN=server", "RSA", "localhost").keyManagers(),
        null,
        null);
    secure = new ScriptedServer(TlsHalfCloseTest::serve);
    two = new Http2Server(call -> {}, http2(), Http2Settings.defaultSettings());
    proxy =
        new ListeningProxy(
            folder,
            LISTENERS,
            ListeningProxy.ROUTES,
            "server.port=0",
            "understudy.tls.provider=" + provider);
    proxy.write(
        POOLS
                .replace("TCP", "" + tcp.port())
                .replace("TLS", "" + secure.port())
                .replace("TWO", "" + two.port())
            + "listeners:\n"
            + LISTENERS.indent(2)
            + "routes:\n"
            + ROUTES.indent(2)
            + TestProxy.routes("all", "p", "'Path=/LANE/**'", "[ ]"));
    Await.until("the routes are in force", () -> proxy.lanes().size() == 4);
  }

  private static void serve(ScriptedServer.Connection connection) throws IOException {
    Socket raw = connection.socket();
    SSLSocket tls =
        (SSLSocket) keys.getSocketFactory().createSocket(raw, "localhost", raw.getPort(), false);
    tls.setUseClientMode(false);
    tls.setEnabledProtocols(new String[] {spoken.name});
    if (new ScriptedServer.Connection(tls).readHead().isEmpty()) {
      return;
    }
    Answer answer = ANSWERS.remove();
    tls.getOutputStream().write(answer.text.getBytes(StandardCharsets.ISO_8859_1));
    if (answer.then != null) {
      endTls(tls, raw, answer.then);
    }
    connection.awaitEnd();
  }

  private static SslContext http2() throws Exception {
    return SslContextBuilder.forServer(
            new Certificates(folder).issue("server", "localhost").toKeyManagerFactory())
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                "h2"))
        .build();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    proxy.close();
    tcp.close();
    secure.close();
    two.close();
  }

  @AfterEach
  void nothing_is_left() {
    go.countDown();
    Await.until("no client is connected", () -> proxy.connections() == 0);
    Await.until("the server is left", () -> secure.open() == 0);
  }

  enum Version {
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3");

    private final String name;

    Version(String name) {
      this.name = name;
    }
  }

  /** What follows the alert. */
  enum Tcp {
    OPEN,
    FIN
  }

  static Stream<Arguments> ways() {
    return Stream.of(Version.values())
        .flatMap(version -> Stream.of(Tcp.values()).map(then -> Arguments.of(version, then)));
  }

  static Stream<Arguments> laneWays() {
    return ways()
        .flatMap(
            way ->
                TestProxy.LANES.stream()
                    .map(lane -> Arguments.of(way.get()[0], way.get()[1], lane)));
  }

  /** Whether nothing can be sent once the other side has ended TLS. */
  private boolean endsBoth(Version version) {
    return provider == ListenerProperties.Tls.Provider.JDK && version == Version.TLS_1_2;
  }

  /** A connection of a client: TLS, and what it runs on. */
  private record Connection(SSLSocket tls, Socket raw) implements AutoCloseable {
    private static Connection open(int port, Version version, String... protocols)
        throws IOException {
      Socket raw = new Socket("127.0.0.1", port);
      raw.setSoTimeout(20_000);
      SSLSocket tls =
          (SSLSocket)
              Trusting.anonymous()
                  .getSocketFactory()
                  .createSocket(raw, "localhost", raw.getPort(), false);
      SSLParameters parameters = tls.getSSLParameters();
      parameters.setProtocols(new String[] {version.name});
      parameters.setApplicationProtocols(protocols);
      tls.setSSLParameters(parameters);
      tls.startHandshake();
      return new Connection(tls, raw);
    }

    private Connection send(String text) throws IOException {
      tls.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      return this;
    }

    private Connection end(Tcp then) throws IOException {
      endTls(tls, raw, then);
      return this;
    }

    /** All that comes until the end of TLS, and of TCP. */
    private String rest() throws IOException {
      String text = new String(tls.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      awaitEnd();
      return text;
    }

    private void awaitEnd() {
      new ScriptedServer.Connection(raw).awaitEnd();
    }

    @Override
    public void close() throws IOException {
      raw.close();
    }
  }

  private static void endTls(Socket tls, Socket raw, Tcp then) throws IOException {
    tls.shutdownOutput();
    if (then == Tcp.FIN) {
      raw.shutdownOutput();
    }
  }

  private Connection asks(Version version, String lane, String more) throws IOException {
    int before = proxy.server.calls().size();
    Connection client = Connection.open(proxy.port("web"), version);
    client.send("GET " + lane + "x HTTP/1.1\r\nHost: h\r\n" + more + "\r\n");
    Await.until("it is at the server", () -> proxy.server.calls().size() > before);
    return client;
  }

  @ParameterizedTest
  @MethodSource("laneWays")
  void a_client_of_http_1_gets_what_is_owed(Version version, Tcp then, String lane)
      throws IOException {
    proxy.server.script(
        call -> {
          go.await();
          call.reply(200, "late");
        });
    try (Connection client = asks(version, lane, "")) {
      client.end(then);
      if (!endsBoth(version)) {
        go.countDown();
      }
      assertThat(client.rest()).endsWith(endsBoth(version) ? "" : "\r\n\r\nlate");
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_client_of_http_1_that_owes_nothing_is_left(Version version, Tcp then) throws IOException {
    try (Connection client = Connection.open(proxy.port("web"), version)) {
      assertThat(client.end(then).rest()).isEmpty();
    }
  }

  /** One that ends TCP, too, has ended both directions: HTTP/2 needs them. */
  @ParameterizedTest
  @MethodSource("laneWays")
  void a_client_of_http_2_gets_what_is_owed_and_is_left(Version version, Tcp then, String lane)
      throws Exception {
    proxy.server.script(
        call -> {
          go.await();
          call.reply(200, "late");
        });
    int before = proxy.server.calls().size();
    try (Connection client = Connection.open(proxy.port("web"), version, "h2")) {
      RawHttp2 frames = RawHttp2.over(client.tls).settings().get(1, lane + "x");
      Await.until("it is at the server", () -> proxy.server.calls().size() > before);
      client.end(then);
      boolean owed = then == Tcp.OPEN && !endsBoth(version);
      if (owed) {
        go.countDown();
      }
      assertThat(frames.rest().stream().anyMatch(each -> each.type() == RawHttp2.DATA))
          .isEqualTo(owed);
      client.awaitEnd();
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_client_of_http_2_that_owes_nothing_is_left(Version version, Tcp then) throws Exception {
    try (Connection client = Connection.open(proxy.port("web"), version, "h2")) {
      RawHttp2.over(client.tls).settings();
      client.end(then).rest();
    }
  }

  @ParameterizedTest
  @MethodSource("laneWays")
  void a_request_of_http_2_that_never_ends_is_cancelled(Version version, Tcp then, String lane)
      throws Exception {
    proxy.server.script(call -> call.reply(200, call.text()));
    int before = proxy.server.calls().size();
    try (Connection client = Connection.open(proxy.port("web"), version, "h2")) {
      RawHttp2.over(client.tls).settings().post(1, lane + "x", "content-length: 9");
      Await.until("it is at the server", () -> proxy.server.calls().size() > before);
      client.end(then).rest();
      Await.until("the server is left", () -> proxy.server.openConnections() == 0);
    }
  }

  /** The server's end of the relayed connection; others are of health checks. */
  private static Socket asked() throws IOException {
    while (true) {
      Socket server = tcp.accept();
      try {
        if (Sockets.receive(server, 5).equals("query")) {
          return server;
        }
      } catch (SocketException e) {
        // A health check has reset it.
      }
      server.close();
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_client_of_a_relay_gets_what_is_owed(Version version, Tcp then) throws IOException {
    try (Connection client = Connection.open(proxy.port("relay"), version)) {
      client.send("query");
      try (Socket server = asked()) {
        client.end(then);
        assertThat(server.getInputStream().read()).as("the client's end").isNegative();
        if (!endsBoth(version)) {
          server.getOutputStream().write("result".getBytes(StandardCharsets.US_ASCII));
        }
      }
      assertThat(client.rest()).isEqualTo(endsBoth(version) ? "" : "result");
    }
  }

  @ParameterizedTest
  @MethodSource("laneWays")
  void a_client_of_a_websocket_gets_the_servers_last_word(Version version, Tcp then, String lane)
      throws IOException {
    proxy.server.script(
        call -> {
          call.write(CONSENT);
          call.in().transferTo(OutputStream.nullOutputStream());
          call.socket().getOutputStream().write(CLOSE.getBytes(StandardCharsets.ISO_8859_1));
          call.close();
        });
    try (Connection client = asks(version, lane, UPGRADE)) {
      new ScriptedServer.Connection(client.tls).readHead();
      assertThat(client.end(then).rest()).isEqualTo(endsBoth(version) ? "" : CLOSE);
    }
    Await.until("the server is left", () -> proxy.server.openConnections() == 0);
  }

  private Response fromServer(Version version, Answer... answers) {
    spoken = version;
    ANSWERS.addAll(List.of(answers));
    try (RawClient client = new RawClient(proxy.mainPort())) {
      return client.get("/secure/x");
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_response_that_a_server_ends_by_the_alert_is_whole(Version version, Tcp then) {
    Response response = fromServer(version, new Answer("HTTP/1.1 200 X\r\n\r\nall", then));
    assertThat(response.body()).isEqualTo("all");
    assertThat(response.reset()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_response_of_which_a_part_is_missing_is_not(Version version, Tcp then) {
    String half = "HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nhalf";
    assertThat(fromServer(version, new Answer(half, then)).reset()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_request_that_a_server_leaves_without_a_response_is_replayed(Version version, Tcp then) {
    String again = "HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nagain";
    Response response = fromServer(version, new Answer("", then), new Answer(again, then));
    assertThat(response.body()).isEqualTo("again");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_connection_of_a_server_that_ends_tls_after_a_response_is_not_used_again(
      Version version, Tcp then) {
    String response = "HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\nall";
    for (int i = 0; i < 2; i++) {
      assertThat(fromServer(version, new Answer(response, then)).body()).isEqualTo("all");
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void what_a_server_says_at_once_with_its_consent_arrives_before_its_end(
      Version version, Tcp then) {
    spoken = version;
    ANSWERS.add(new Answer(CONSENT + CLOSE, then));
    try (RawClient client = new RawClient(proxy.mainPort())) {
      client.send("GET /secure/x HTTP/1.1\r\nHost: h\r\n" + UPGRADE + "\r\n");
      assertThat(client.readAll()).endsWith("\r\n\r\n" + CLOSE);
    }
  }

  @Test
  void a_request_that_a_server_of_http_2_leaves_without_a_response_is_replayed() {
    AtomicBoolean left = new AtomicBoolean();
    two.script(
        call -> {
          if (left.getAndSet(true)) {
            call.reply(200, "again");
          } else {
            two.endTls();
          }
        });
    try (RawClient client = new RawClient(proxy.mainPort())) {
      assertThat(client.get("/two/x").body()).isEqualTo("again");
    }
  }
}
