package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.RevocationLists;
import dev.understudy.pool.TlsUse;
import dev.understudy.pool.TlsUses;
import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.proxy.tcp.TcpRelays;
import dev.understudy.testing.Await;
import dev.understudy.testing.Engines;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestRoutes;
import dev.understudy.testing.Trusting;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.Limit;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import java.io.ByteArrayInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** HTTP, TLS that ends here and TLS that is relayed, on one port and on real sockets. */
class ServerNameChoiceTest {
  private static final Map<String, TlsUse> NAMES =
      Map.of(
          "web.test",
          TlsUse.HTTP,
          "**.passed.test",
          new TlsUse(TlsUse.Kind.PASSTHROUGH, TestPools.POOL),
          "ended.test",
          new TlsUse(TlsUse.Kind.TERMINATED, TestPools.POOL),
          "closed.test",
          TlsUse.CLOSED);

  private static final ListenerTls FRONT = front();

  private final Recorder seen = new Recorder();
  private TcpServer server;
  private TestPools pools;
  private Engine engine;
  private Frontend frontend;
  private TcpRelays relays;
  private Listeners listeners;

  private static ListenerTls front() {
    Issued issued = new PemAuthority("CN=authority").issue("CN=front", "EC", "web.test");
    return new ListenerTls(
        List.of(),
        null,
        ListenerTls.ClientAuth.NONE,
        null,
        true,
        "TLSv1.2",
        false,
        null,
        List.of(new CertifiedKey("front", issued.key(), issued.chain())),
        List.of(),
        RevocationLists.NONE);
  }

  private void start(TlsUse others, String... limits) throws Exception {
    server = new TcpServer();
    Thread.ofVirtual().start(this::serve);
    pools = TestPools.pool().master("a", server.port()).start();
    engine =
        Engines.create(
            pools,
            seen,
            seen,
            TrustedProxies.NONE,
            offer -> {
              throw new AssertionError("no TLS to servers here");
            },
            TcpRig.NO_TUNNELS);
    RouteTable routes =
        RouteCompiler.compile(
            List.of(TestRoutes.route("web", "no://op", "Path=/**", "Respond=200, web")), List.of());
    frontend =
        new Frontend(
            engine,
            () -> routes,
            seen,
            TrustedProxies.NONE,
            FrontendRig.limits(limits),
            new ErrorResponses());
    relays = new TcpRelays(engine, frontend.connections(), Duration.ofSeconds(20));
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("test", Map.of("server.port", "-1")));
    listeners =
        TestListeners.of(
            environment,
            new DefaultSslBundleRegistry(),
            own -> frontend,
            relays,
            grace -> CompletableFuture.completedFuture(null));
    listeners.open();
    use(new TlsUses(NAMES, others));
  }

  private void use(TlsUses uses) {
    OpenListeners.Change change =
        listeners
            .ofFile()
            .prepare(
                List.of(
                    new Listener(
                        "gw.443",
                        "127.0.0.1",
                        0,
                        null,
                        Map.of(),
                        Map.of(),
                        Duration.ofSeconds(3),
                        false,
                        false,
                        FRONT,
                        uses)));
    assertThat(change.problems()).isEmpty();
    change.commit();
  }

  /** Answers each connection, with TLS of its own if the client begins so. */
  private void serve() {
    try {
      while (true) {
        Socket accepted = server.accept();
        Thread.ofVirtual().start(() -> answer(accepted));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private static void answer(Socket accepted) {
    try (accepted) {
      SSLContext own = SSLContext.getInstance("TLS");
      own.init(OwnKeys.of(Algorithm.ecp256).toKeyManagerFactory().getKeyManagers(), null, null);
      int first = accepted.getInputStream().read();
      boolean secure = first == 0x16;
      Socket spoken =
          secure
              ? own.getSocketFactory()
                  .createSocket(accepted, new ByteArrayInputStream(new byte[] {0x16}), true)
              : accepted;
      String kind =
          secure ? "passed " + (char) spoken.getInputStream().read() : "ended " + (char) first;
      spoken.getOutputStream().write(kind.getBytes(StandardCharsets.US_ASCII));
      spoken.getOutputStream().flush();
      spoken.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (Exception gone) {
      // The client sees it.
    }
  }

  @AfterEach
  void close() {
    relays.drainAll(Duration.ZERO).toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    listeners.close();
    Await.until("no connection is counted", () -> frontend.connections().connections() == 0);
    relays.close();
    engine.close();
    try {
      server.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Socket connect() throws IOException {
    int port = listeners.ofFile().port("gw.443").orElseThrow();
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(120_000);
    socket.setTcpNoDelay(true);
    return socket;
  }

  /** What a client gets that asks for the name; which certificate it saw, and the answer. */
  private String ask(Socket over, String name) throws IOException {
    try (SSLSocket socket = Trusting.secure(over, name, "h2", "http/1.1")) {
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      String protocol = socket.getApplicationProtocol();
      String answer = protocol;
      if (protocol.isEmpty()) {
        socket.getOutputStream().write('x');
        StringBuilder relayed = new StringBuilder();
        while (relayed.indexOf("x") < 0) {
          relayed.append((char) socket.getInputStream().read());
        }
        answer = relayed.toString();
      }
      return shown.getSubjectX500Principal().getName() + " " + answer;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "web.test, CN=front h2",
    "WEB.test, CN=front h2",
    "a.passed.test, CN=localhost passed x",
    "b.a.passed.test, CN=localhost passed x",
    "ended.test, CN=front ended x",
    "other.test, CN=front h2",
  })
  void a_server_name_leads_to_its_use(String name, String answer) throws Exception {
    start(TlsUse.HTTP);
    assertThat(ask(connect(), name)).isEqualTo(answer);
    assertThat(ask(new Dripping(connect()), name)).as("byte by byte").isEqualTo(answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"closed.test", "other.test", "passed.test"})
  void a_name_that_no_listener_has_ends_the_connection(String name) throws Exception {
    start(TlsUse.CLOSED);
    assertThatThrownBy(() -> ask(connect(), name)).isInstanceOf(IOException.class);
    assertThat(ask(connect(), "web.test")).isEqualTo("CN=front h2");
  }

  @ParameterizedTest
  @CsvSource({"HTTP, CN=front", "CLOSED,", "TERMINATED, CN=front", "PASSTHROUGH, CN=localhost"})
  void a_client_without_a_name_is_one_of_the_others(TlsUse.Kind kind, String shown)
      throws Exception {
    boolean relayed = kind == TlsUse.Kind.TERMINATED || kind == TlsUse.Kind.PASSTHROUGH;
    start(new TlsUse(kind, relayed ? TestPools.POOL : null));
    try (Socket raw = connect();
        SSLSocket socket =
            (SSLSocket)
                Trusting.anonymous().getSocketFactory().createSocket(raw, "127.0.0.1", 1, true)) {
      if (shown == null) {
        assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
      } else {
        socket.startHandshake();
        X509Certificate by = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        assertThat(by.getSubjectX500Principal().getName()).isEqualTo(shown);
      }
    }
  }

  @Test
  void a_relayed_connection_has_an_outcome_with_its_name_and_is_counted_once() throws Exception {
    start(TlsUse.CLOSED);
    Socket open = Trusting.secure(connect(), "ended.test");
    open.getOutputStream().write('x');
    assertThat(open.getInputStream().read()).isEqualTo('e');
    assertThat(frontend.connections().connections()).isEqualTo(1);
    assertThat(listeners.readings().read().toCompletableFuture().join())
        .as("it is HTTP's no more")
        .allMatch(loop -> loop.connections() == 0);
    open.close();
    Await.until("its outcome", () -> seen.connections.size() == 1);
    ConnectionOutcome outcome = seen.connections.get(0);
    assertThat(outcome.listener()).isEqualTo("gw.443");
    assertThat(outcome.serverName()).isEqualTo("ended.test");
    assertThat(outcome.pool()).isEqualTo(TestPools.POOL);
    assertThat(outcome.end()).isNotEqualTo(ConnectionEnd.REFUSED);
  }

  @Test
  void a_change_is_for_connections_that_come_and_leaves_those_that_are_open() throws Exception {
    start(TlsUse.CLOSED);
    SSLSocket open = Trusting.secure(connect(), "ended.test");
    open.getOutputStream().write('x');
    assertThat(open.getInputStream().readNBytes(7))
        .isEqualTo("ended x".getBytes(StandardCharsets.US_ASCII));
    Socket waiting = connect();
    use(new TlsUses(Map.of("ended.test", TlsUse.HTTP, "web.test", TlsUse.CLOSED), TlsUse.CLOSED));
    assertThat(ask(waiting, "ended.test")).isEqualTo("CN=front h2");
    assertThatThrownBy(() -> ask(connect(), "web.test")).isInstanceOf(IOException.class);
    open.getOutputStream().write('y');
    use(null);
    assertThat(ask(connect(), "web.test")).isEqualTo("CN=front h2");
    assertThat(seen.connections).isEmpty();
    open.close();
  }

  @Test
  void half_a_client_hello_has_the_header_time() throws Exception {
    start(TlsUse.HTTP, "header-timeout=300ms");
    try (Socket silent = connect()) {
      silent.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1});
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(seen.limits).containsExactly(Limit.HEADER_TIME);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "\u0016\u0003\u0001\u0040\u0000\u0001\u0001\u0000\u0000"
      })
  void what_is_no_client_hello_ends_the_connection(String sent) throws Exception {
    start(TlsUse.HTTP);
    try (Socket client = connect()) {
      client.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
      client.shutdownOutput();
      assertThat(client.getInputStream().readAllBytes().length).isLessThan(10);
    }
    assertThat(seen.connections).isEmpty();
  }

  /** Sends each byte by itself. */
  private static final class Dripping extends Socket {
    private final Socket to;

    Dripping(Socket to) {
      this.to = to;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(to.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
          for (int i = from; i < from + count; i++) {
            out.write(bytes[i]);
            out.flush();
          }
        }
      };
    }

    @Override
    public java.io.InputStream getInputStream() throws IOException {
      return to.getInputStream();
    }

    @Override
    public boolean isConnected() {
      return to.isConnected();
    }

    @Override
    public int getPort() {
      return to.getPort();
    }

    @Override
    public void close() throws IOException {
      to.close();
    }
  }
}
