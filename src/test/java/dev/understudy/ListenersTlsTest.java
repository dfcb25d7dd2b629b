package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.admin.ReplicaInfo;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Http2FrameClient;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import dev.understudy.testing.Trusting;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * TLS of the dynamic file's listeners: certificates by server name, client certificates, lists of
 * revoked ones, and conditions and values about them in both lanes.
 */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("dev.understudy.testing.Extent#tlsLibraries")
class ListenersTlsTest {
  @Parameter ListenerProperties.Tls.Provider provider;

  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");
  private static final PemAuthority CLIENTS = new PemAuthority("CN=clients");

  /** Whose lists name some of the clients. */
  private static final PemAuthority ROOT = new PemAuthority("CN=root");

  private static final PemAuthority BRANCH = ROOT.intermediate("CN=branch");
  private static final PemAuthority CLOSED = ROOT.intermediate("CN=closed branch");

  private static final Map<String, Issued> LISTED =
      Map.of(
          "alice", ROOT.issue("CN=alice", "EC"),
          "mallory", ROOT.issue("CN=mallory", "EC"),
          "bob", BRANCH.issue("CN=bob", "EC"),
          "eve", BRANCH.issue("CN=eve", "EC"),
          "carol", CLOSED.issue("CN=carol", "EC"));

  private static final String LISTENERS =
      """
      web: { port: 0, tls: { certificates: [main.pem, sites, both] } }
      strict: { port: 0, tls: { certificates: [main.pem], strict-names: true } }
      old: { port: 0, tls: { certificates: [main.pem], http2: false } }
      new: { port: 0, tls: { certificates: [main.pem], min-version: TLSv1.3 } }
      bundle: { port: 0, tls: { bundle: internal } }
      optional: { port: 0, tls: { certificates: [main.pem], client-auth: optional, client-ca: clients.pem } }
      required: { port: 0, tls: { certificates: [main.pem], client-auth: required, client-ca: clients.pem } }
      relay: { port: 0, pool: t, tls: { certificates: [main.pem] } }
      all: { port: 0, tls: { LISTED, crl: all.pem } }
      root-only: { port: 0, tls: { LISTED, crl: root.der } }
      maybe: { port: 0, tls: { certificates: [main.pem], client-auth: optional, client-ca: root.pem, crl: all.pem } }
      expired: { port: 0, tls: { LISTED, crl: expired.pem } }
      late: { port: 0, tls: { LISTED, crl: late.pem } }
      relayed: { port: 0, pool: t, tls: { LISTED, crl: all.pem } }
      changing: { port: 0, tls: { LISTED, crl: changing.pem } }
      """
          .replace(
              "LISTED", "certificates: [main.pem], client-auth: required, client-ca: root.pem");

  /** Conditions and values about the client's session and certificate, for two hosts. */
  private static final String ROUTES =
      """
      - { id: express, uri: "pool://p", predicates: ["Host=express.test"], filters: *certain }
      - { id: gateway, uri: "pool://p", predicates: ["Host=gateway.test", "After=2020-01-01T00:00:00Z"], filters: *certain }
      - { id: all, uri: "pool://p", predicates: ["Path=/**"] }
      """
          .replace(
              "*certain",
              TestProxy.list(
                  List.of(
                      "Deny=403 when path-prefix(/admin) and not"
                          + " client-certificate-subject-contains(CN=alice)",
                      "Respond=201, {tls.subject} {tls.subject.CN}{tls.subject.OU} {tls.issuer}"
                          + " {tls.verified} {tls.server-name} {listener} when client-certificate",
                      "Respond=200, {tls.version} {tls.verified} {listener} when listener(optional)"
                          + " and tls")));

  @TempDir static Path folder;
  private static ListeningProxy proxy;

  @BeforeParameterizedClassInvocation
  static void start(ListenerProperties.Tls.Provider provider) throws Exception {
    Path sites = Files.createDirectories(folder.resolve("sites"));
    put("main.pem", issue("main", "RSA", "www.main.test").pem());
    Issued exact = issue("exact", "EC", "www.domain.com", "api.domain.com");
    PemAuthority.write(sites.resolve("a.pem"), exact.keyPem() + exact.certificates());
    Issued wild = issue("wild", "EC", "*.domain.com");
    PemAuthority.write(sites.resolve("b.crt"), wild.certificates());
    PemAuthority.write(sites.resolve("b.key"), wild.keyPem());
    Issued named = issue("named.test", "EC");
    PemAuthority.write(sites.resolve("c.pem"), named.certificates());
    PemAuthority.write(sites.resolve("c.pem.key"), named.keyPem());
    put("both.rsa", issue("rsa", "RSA", "both.test").pem());
    put("both.ecdsa", issue("ecdsa", "EC", "both.test").pem());
    put("clients.pem", CLIENTS.pem());
    Issued internal = issue("internal", "EC", "internal.test");
    put("internal.pem", internal.certificates());
    put("internal.key", internal.keyPem());
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
            ROUTES,
            "server.port=0",
            "understudy.tls.provider=" + provider,
            "spring.ssl.bundle.pem.internal.keystore.certificate=file:"
                + folder.resolve("internal.pem"),
            "spring.ssl.bundle.pem.internal.keystore.private-key=file:"
                + folder.resolve("internal.key"),
            "spring.ssl.bundle.pem.internal.reload-on-update=true",
            "spring.ssl.bundle.watch.file.quiet-period=50ms");
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    proxy.close();
  }

  private static void put(String name, String text) {
    PemAuthority.write(folder.resolve(name), text);
  }

  private static X509Certificate leaf(String client) {
    return LISTED.get(client).chain().getFirst();
  }

  private static Issued issue(String name, String algorithm, String... names) {
    return AUTHORITY.issue("CN=" + name, algorithm, names);
  }

  private static SSLContext context(KeyManager[] identity) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    return context;
  }

  /** A connection that has done its handshake. */
  private static SSLSocket connect(
      String listener, String serverName, KeyManager[] identity, String... suites)
      throws IOException, GeneralSecurityException {
    SSLSocket socket =
        (SSLSocket)
            context(identity).getSocketFactory().createSocket("127.0.0.1", proxy.port(listener));
    socket.setSoTimeout(30_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(
        serverName == null ? List.of() : List.of(new SNIHostName(serverName)));
    if (suites.length > 0) {
      parameters.setProtocols(new String[] {"TLSv1.2"});
      parameters.setCipherSuites(suites);
    }
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static String served(String listener, String serverName, String... suites)
      throws IOException, GeneralSecurityException {
    try (SSLSocket socket = connect(listener, serverName, null, suites)) {
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  /** The status line of a request on that connection. */
  private static String ask(Socket socket) throws IOException {
    return ask(socket, "a", "/x").lines().findFirst().orElse("");
  }

  private static String ask(Socket socket, String host, String path) throws IOException {
    send(socket, host, path, "Connection: close\r\n");
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void send(Socket socket, String host, String path, String fields)
      throws IOException {
    String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  @ParameterizedTest
  @CsvSource({
    "www.domain.com, CN=exact",
    "API.domain.com, CN=exact",
    "other.domain.com, CN=wild",
    "a.b.domain.com, CN=main",
    "domain.com, CN=main",
    "named.test, CN=named.test",
    "www.main.test, CN=main",
    "nobody.test, CN=main",
    ", CN=main",
  })
  void the_certificate_follows_the_server_name(String name, String subject) throws Exception {
    assertThat(served("web", name)).isEqualTo(subject);
  }

  @ParameterizedTest
  @CsvSource({
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, CN=rsa",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CN=ecdsa"
  })
  void the_clients_abilities_decide_between_two_certificates_for_one_name(
      String suite, String subject) throws Exception {
    assertThat(served("web", "both.test", suite)).isEqualTo(subject);
  }

  @Test
  void the_chain_is_sent_with_the_certificate() throws Exception {
    try (SSLSocket socket = connect("web", "other.domain.com", null)) {
      assertThat(socket.getSession().getPeerCertificates())
          .hasSize(2)
          .endsWith(AUTHORITY.certificate());
    }
  }

  @Test
  void strict_names_refuse_others() throws Exception {
    assertThat(served("strict", "www.main.test")).isEqualTo("CN=main");
    assertThatThrownBy(() -> served("strict", "other.test")).isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> served("strict", null)).isInstanceOf(SSLException.class);
  }

  @Test
  void http_2_is_offered_unless_it_is_off() throws Exception {
    try (Http2FrameClient client = new Http2FrameClient(proxy.port("web"))) {
      assertThat(client.get("/x").await().body()).isEqualTo("server");
    }
    assertThat(chosen("web")).isEqualTo("h2");
    assertThat(chosen("old")).isNotEqualTo("h2");
  }

  /** The protocol that a listener chooses from h2 and http/1.1. */
  private static String chosen(String listener) throws IOException {
    try (SSLSocket socket =
        Trusting.secure(
            new Socket("127.0.0.1", proxy.port(listener)), "www.main.test", "h2", "http/1.1")) {
      return socket.getApplicationProtocol();
    }
  }

  @Test
  void the_lowest_version_can_be_raised() {
    assertThatThrownBy(
            () -> served("new", "www.main.test", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void requests_are_known_to_be_https() throws Exception {
    try (SSLSocket socket = connect("web", "www.domain.com", null)) {
      assertThat(ask(socket)).isEqualTo("HTTP/1.1 200 X");
    }
    assertThat(proxy.server.calls().getLast().headers("x-forwarded-proto"))
        .containsExactly("https");
    assertThat(proxy.server.calls().getLast().headers("x-forwarded-port"))
        .containsExactly(Integer.toString(proxy.port("web")));
  }

  @Test
  void a_changed_bundle_is_served_without_a_reload_of_the_file() throws Exception {
    assertThat(served("bundle", null)).isEqualTo("CN=internal");
    Issued renewed = issue("renewed", "EC", "internal.test");
    put("internal.key", renewed.keyPem());
    put("internal.pem", renewed.certificates());
    Await.until("it is served", () -> served("bundle", null).equals("CN=renewed"));
  }

  @ParameterizedTest
  @CsvSource({
    "optional, none, HTTP/1.1 200 X",
    "optional, good, HTTP/1.1 200 X",
    "optional, foreign, none",
    "required, none, none",
    "required, good, HTTP/1.1 200 X",
    "required, foreign, none",
  })
  void client_certificates_are_asked_for(String listener, String shown, String status)
      throws Exception {
    KeyManager[] identity =
        switch (shown) {
          case "good" -> CLIENTS.issue("CN=alice", "EC").keyManagers();
          // Of an authority that says to be the same, so that it is shown.
          case "foreign" -> new PemAuthority("CN=clients").issue("CN=mallory", "EC").keyManagers();
          default -> null;
        };
    String found;
    try (SSLSocket socket = connect(listener, null, identity)) {
      found = ask(socket);
    } catch (IOException e) {
      found = "none";
    }
    assertThat(found).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CN=alice,O=x | /      | 201 | CN=alice,O=x alice CN=clients true a.test optional",
        "CN=bob       | /      | 201 | CN=bob bob CN=clients true a.test optional",
        "             | /      | 200 | TLSv1.3 false optional",
        "CN=alice     | /admin | 201 | CN=alice alice CN=clients true a.test optional",
        "CN=bob       | /admin | 403 | ",
        "             | /admin | 403 | ",
      })
  void a_certificate_decides(String subject, String path, int status, String text)
      throws Exception {
    KeyManager[] identity = subject == null ? null : CLIENTS.issue(subject, "EC").keyManagers();
    for (String lane : List.of("express", "gateway")) {
      try (SSLSocket socket = connect("optional", "a.test", identity)) {
        assertThat(ask(socket, lane + ".test", path))
            .startsWith("HTTP/1.1 " + status)
            .endsWith(text == null ? "" : "\r\n\r\n" + text);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"relay", "web"})
  void a_client_that_ends_its_output_gets_what_a_server_sends(String listener) throws Exception {
    try (SSLSocket socket = connect(listener, null, null)) {
      send(socket, "a", "/x", "");
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readAllBytes())
          .asString(StandardCharsets.US_ASCII)
          .startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void the_certificates_are_known_to_operators() {
    assertThat(proxy.bean(ReplicaInfo.class).certificates())
        .anySatisfy(
            each -> {
              assertThat(each.bundle()).isEqualTo(folder.resolve("sites/b.crt").toString());
              assertThat(each.names()).containsExactly("*.domain.com");
              assertThat(each.use()).isEqualTo("server");
            });
  }

  // ------------------------------------------------------------ lists of revoked certificates

  @ParameterizedTest
  @CsvSource({
    "all, alice, 200",
    "all, mallory, refused",
    "all, bob, 200",
    "all, eve, refused",
    "all, carol, refused",
    "root-only, alice, 200",
    "root-only, mallory, refused",
    "root-only, bob, refused",
    "maybe, , 200",
    "maybe, alice, 200",
    "maybe, mallory, refused",
    "expired, alice, refused",
    "late, alice, 200",
    "late, mallory, refused",
  })
  void each_certificate_of_a_chain_needs_a_list_that_does_not_name_it(
      String listener, String client, String status) throws Exception {
    if (listener.equals("all")) {
      assertThat(relayed(client)).as("where TCP is relayed").isEqualTo(status);
    }
    for (HttpClient.Version version : HttpClient.Version.values()) {
      assertThat(request(listener, client, version)).as(version.name()).isEqualTo(status);
    }
  }

  private static String relayed(String client) throws Exception {
    try (SSLSocket socket = connect("relayed", null, LISTED.get(client).keyManagers())) {
      send(socket, "a", "/x", "");
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)
          .replace("HTTP/1.1 ", "");
    } catch (IOException e) {
      return "refused";
    }
  }

  @Test
  void a_changed_list_holds_for_connections_from_then_on_and_ends_others() throws Exception {
    try (SSLSocket connected = connect("changing", null, LISTED.get("alice").keyManagers())) {
      send(connected, "a", "/x", "");
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

  private static String request(String listener, String client, HttpClient.Version version)
      throws Exception {
    try (HttpClient http =
        HttpClient.newBuilder()
            .sslContext(context(client == null ? null : LISTED.get(client).keyManagers()))
            .version(version)
            .build()) {
      URI uri = URI.create("https://127.0.0.1:" + proxy.port(listener) + "/x");
      HttpResponse<String> response =
          http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(response.version()).isEqualTo(version);
      return Integer.toString(response.statusCode());
    } catch (IOException e) {
      return "refused";
    }
  }
}
