package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists of revoked client certificates on listeners of HTTP and TCP. */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("dev.understudy.testing.Extent#tlsLibraries")
class RevokedClientsTest {
  @Parameter ListenerProperties.Tls.Provider provider;

  private static final PemAuthority ROOT = new PemAuthority("CN=root");
  private static final PemAuthority BRANCH = ROOT.intermediate("CN=branch");
  private static final PemAuthority CLOSED = ROOT.intermediate("CN=closed branch");

  private static final Map<String, Issued> CLIENTS =
      Map.of(
          "alice", ROOT.issue("CN=alice", "EC"),
          "mallory", ROOT.issue("CN=mallory", "EC"),
          "bob", BRANCH.issue("CN=bob", "EC"),
          "eve", BRANCH.issue("CN=eve", "EC"),
          "carol", CLOSED.issue("CN=carol", "EC"));

  private static final String TLS =
      "tls: { certificates: [main.pem], client-auth: %s, client-ca: root.pem, crl: %s } }\n";

  private static final String LISTENERS =
      "web: { port: 0, "
          + TLS.formatted("required", "all.pem")
          + "root-only: { port: 0, "
          + TLS.formatted("required", "root.der")
          + "optional: { port: 0, "
          + TLS.formatted("optional", "all.pem")
          + "expired: { port: 0, "
          + TLS.formatted("required", "expired.pem")
          + "late: { port: 0, "
          + TLS.formatted("required", "late.pem")
          + "relay: { port: 0, pool: t, "
          + TLS.formatted("required", "all.pem")
          + "changing: { port: 0, "
          + TLS.formatted("required", "changing.pem");

  @TempDir static Path folder;
  private static ListeningProxy proxy;

  @BeforeParameterizedClassInvocation
  static void start(ListenerProperties.Tls.Provider provider) throws Exception {
    put("main.pem", ROOT.issue("CN=main", "EC", "a.test").pem());
    put("root.pem", ROOT.pem());
    X509CRL root = ROOT.revoking(leaf("mallory"), CLOSED.certificate());
    put("all.pem", PemAuthority.pem(root, BRANCH.revoking(leaf("eve")), CLOSED.revoking()));
    Files.write(folder.resolve("root.der"), root.getEncoded());
    put(
        "expired.pem",
        PemAuthority.pem(ROOT.revoking(Instant.now().minus(1, ChronoUnit.HOURS), leaf("eve"))));
    Instant justNow = Instant.now().minus(5, ChronoUnit.MINUTES);
    put("late.pem", PemAuthority.pem(ROOT.revoking(justNow, leaf("mallory"))));
    put("changing.pem", PemAuthority.pem(ROOT.revoking()));
    proxy =
        new ListeningProxy(
            folder,
            LISTENERS,
            ListeningProxy.ROUTES,
            "server.port=-1",
            "understudy.tls.provider=" + provider);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    proxy.close();
  }

  private static void put(String name, String text) {
    PemAuthority.write(folder.resolve(name), text);
  }

  private static java.security.cert.X509Certificate leaf(String client) {
    return CLIENTS.get(client).chain().getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "web, alice, 200",
    "web, mallory, refused",
    "web, bob, 200",
    "web, eve, refused",
    "web, carol, refused",
    "root-only, alice, 200",
    "root-only, mallory, refused",
    "root-only, bob, refused",
    "optional, , 200",
    "optional, alice, 200",
    "optional, mallory, refused",
    "expired, alice, refused",
    "late, alice, 200",
    "late, mallory, refused",
  })
  void each_certificate_of_a_chain_needs_a_list_that_does_not_name_it(
      String listener, String client, String status) throws Exception {
    for (HttpClient.Version version : HttpClient.Version.values()) {
      assertThat(request(listener, client, version)).as(version.name()).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @CsvSource({"alice, 200", "mallory, refused", "bob, 200", "eve, refused", "carol, refused"})
  void it_is_so_where_tcp_is_relayed(String client, String status) throws Exception {
    try (SSLSocket socket = connect("relay", client)) {
      assertThat(ask(socket)).isEqualTo(status);
    }
  }

  @Test
  void a_changed_list_holds_for_connections_from_then_on_and_ends_others() throws Exception {
    try (SSLSocket connected = connect("changing", "alice")) {
      send(connected, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(connected.getInputStream().read()).isEqualTo('H');
      put("changing.pem", PemAuthority.pem(ROOT.revoking(leaf("alice"))));
      Await.until(
          "she is refused",
          () -> request("changing", "alice", HttpClient.Version.HTTP_1_1).equals("refused"));
      assertThat(request("changing", "mallory", HttpClient.Version.HTTP_1_1)).isEqualTo("200");
      connected.getInputStream().readAllBytes();
    }
  }

  @Test
  void a_list_that_cannot_be_read_leaves_the_one_before_in_place() throws Exception {
    int before = proxy.events.size();
    put("root.der", "no list");
    Await.until(
        "it is refused",
        () ->
            proxy.events.stream()
                .skip(before)
                .anyMatch(
                    each ->
                        each.toString()
                            .contains("a PEM or DER file with a list of revoked certificates")));
    assertThat(request("root-only", "alice", HttpClient.Version.HTTP_2)).isEqualTo("200");
    assertThat(request("root-only", "mallory", HttpClient.Version.HTTP_2)).isEqualTo("refused");
    Files.write(folder.resolve("root.der"), ROOT.revoking(leaf("mallory")).getEncoded());
  }

  private static SSLContext context(String client) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        client == null ? null : CLIENTS.get(client).keyManagers(),
        InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
        null);
    return context;
  }

  private static String request(String listener, String client, HttpClient.Version version)
      throws Exception {
    try (HttpClient http =
        HttpClient.newBuilder().sslContext(context(client)).version(version).build()) {
      URI uri = URI.create("https://127.0.0.1:" + proxy.port(listener) + "/x");
      HttpResponse<String> response =
          http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(response.version()).isEqualTo(version);
      return Integer.toString(response.statusCode());
    } catch (IOException e) {
      return "refused";
    }
  }

  private static SSLSocket connect(String listener, String client) throws Exception {
    SSLSocket socket =
        (SSLSocket)
            context(client).getSocketFactory().createSocket("127.0.0.1", proxy.port(listener));
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static void send(SSLSocket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String ask(SSLSocket socket) {
    try {
      send(socket, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      byte[] begin = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
      return new String(begin, StandardCharsets.US_ASCII).substring(9);
    } catch (IOException e) {
      return "refused";
    }
  }
}
