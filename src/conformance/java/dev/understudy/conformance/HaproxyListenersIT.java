package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.ListeningProxy;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HAProxy's {@code bind … ssl} and our listeners, with the same files before the same server: the
 * certificate that a client gets, whether it may come in, and what the server is told of its own.
 */
class HaproxyListenersIT {
  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");
  private static final PemAuthority CLIENTS = new PemAuthority("CN=clients");
  private static final Issued ALICE = CLIENTS.issue("CN=alice,OU=shop,O=Example", "EC");
  private static final String RSA = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
  private static final String ECDSA = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

  @TempDir private static Path folder;
  private static ListeningProxy understudy;
  private static Process haproxy;
  private static final Map<String, Integer> HAPROXY_PORTS = new TreeMap<>();

  /** Listeners with lists of revoked certificates, of the same names. */
  private static final List<String> REVOKING = List.of("listed", "revoking", "expired", "unlisted");

  private static final List<String> LISTENERS =
      Stream.concat(Stream.of("sites", "strict", "optional", "required"), REVOKING.stream())
          .toList();

  private static final Set<String> REFUSED =
      Set.of("strict: a name that nobody has", "required: no certificate");

  /**
   * @param suite the only one of TLS 1.2 that the client has; null for all of TLS 1.3
   * @param identity whether the client shows its certificate
   */
  private record Row(
      String name,
      String listener,
      @Nullable String serverName,
      @Nullable String suite,
      boolean identity) {
    static Row name(String what, String listener, @Nullable String serverName) {
      return new Row(what, listener, serverName, null, false);
    }

    @Override
    public String toString() {
      return listener + ": " + name;
    }
  }

  /**
   * @param certificate the subject of the server's; "none" if there was no connection
   * @param told what the server got as X-Subject; null if it got none
   */
  private record Seen(String certificate, @Nullable String told) {}

  static Stream<Row> rows() {
    return Stream.of(
        Row.name("a name in full", "sites", "www.domain.com"),
        Row.name("in capital letters", "sites", "WWW.DOMAIN.com"),
        Row.name("a name in full beside a wildcard", "sites", "api.domain.com"),
        Row.name("a name below a wildcard", "sites", "shop.domain.com"),
        Row.name("two labels below a wildcard", "sites", "a.shop.domain.com"),
        Row.name("the wildcard's domain itself", "sites", "domain.com"),
        Row.name("a certificate with a common name alone", "sites", "common.test"),
        Row.name("a key in a file beside", "sites", "beside.test"),
        Row.name("a name that nobody has", "sites", "nobody.test"),
        Row.name("no name", "sites", null),
        new Row("RSA alone", "sites", "both.test", RSA, false),
        new Row("ECDSA alone", "sites", "both.test", ECDSA, false),
        Row.name("a name that is known", "strict", "default.test"),
        Row.name("a name that nobody has", "strict", "nobody.test"),
        Row.name("no certificate", "optional", null),
        new Row("a certificate", "optional", null, null, true),
        Row.name("no certificate", "required", null),
        new Row("a certificate", "required", null, null, true),
        new Row("a certificate over TLS 1.2", "required", null, ECDSA, true),
        Row.name("no certificate", "listed", null),
        new Row("a certificate that is not revoked", "listed", null, null, true),
        new Row("a revoked certificate", "revoking", null, null, true),
        new Row("a revoked certificate over TLS 1.2", "revoking", null, ECDSA, true),
        new Row("a certificate whose list is out of date", "expired", null, null, true),
        new Row("a certificate of an authority without a list", "unlisted", null, null, true));
  }

  @BeforeAll
  static void start() throws Exception {
    Path sites = Files.createDirectory(folder.resolve("sites"));
    put("sites/a-default.pem", issue("default", "EC", "default.test").pem());
    put("sites/b-exact.pem", issue("exact", "EC", "www.domain.com", "api.domain.com").pem());
    put("sites/c-wild.pem", issue("wild", "EC", "*.domain.com").pem());
    put("sites/d-common.pem", issue("common.test", "EC").pem());
    Issued beside = issue("beside", "EC", "beside.test");
    put("sites/e-beside.pem", beside.certificates());
    put("sites/e-beside.pem.key", beside.keyPem());
    put("sites/f-rsa.pem", issue("rsa", "RSA", "both.test").pem());
    put("sites/g-ecdsa.pem", issue("ecdsa", "EC", "both.test").pem());
    put("clients.pem", CLIENTS.pem());
    put("listed.pem", PemAuthority.pem(CLIENTS.revoking(), AUTHORITY.revoking()));
    put("revoking.pem", PemAuthority.pem(CLIENTS.revoking(ALICE.chain().getFirst())));
    put("expired.pem", PemAuthority.pem(CLIENTS.revoking(Instant.now().minusSeconds(3600))));
    put("unlisted.pem", PemAuthority.pem(AUTHORITY.revoking()));
    understudy =
        new ListeningProxy(
            folder,
            """
            sites: { port: 0, tls: { certificates: [sites] } }
            strict: { port: 0, tls: { certificates: [sites], strict-names: true } }
            optional: { port: 0, tls: { certificates: [sites/a-default.pem], client-auth: optional, client-ca: clients.pem } }
            required: { port: 0, tls: { certificates: [sites/a-default.pem], client-auth: required, client-ca: clients.pem } }
            """
                + REVOKING.stream().map(HaproxyListenersIT::revoking).collect(Collectors.joining()),
            """
            - id: all
              uri: "pool://p"
              predicates: ["Path=/**"]
              filters: [{ name: SetRequestHeader, args: { name: X-Subject, value: "{tls.subject}" }, when: "client-certificate" }]
            """,
            "server.port=-1");
    startHaproxy(sites);
  }

  private static String revoking(String list) {
    return "%1$s: { port: 0, tls: { certificates: [sites/a-default.pem], client-auth: optional,"
            .formatted(list)
        + " client-ca: clients.pem, crl: %s.pem } }\n".formatted(list);
  }

  private static void startHaproxy(Path sites) throws IOException {
    for (String listener : LISTENERS) {
      HAPROXY_PORTS.put(listener, Ports.free());
    }
    String one = sites + "/a-default.pem ca-file " + folder.resolve("clients.pem") + " verify ";
    Path file =
        Files.writeString(
            folder.resolve("haproxy.cfg"),
            """
            defaults
              mode http
              timeout connect 5s
              timeout client 30s
              timeout server 30s
            frontend in
              bind 127.0.0.1:%d ssl crt %s
              bind 127.0.0.1:%d ssl strict-sni crt %s
              bind 127.0.0.1:%d ssl crt %s
              bind 127.0.0.1:%d ssl crt %s
              %s
              http-request set-header X-Subject %%[ssl_c_s_dn(,0,rfc2253)] if { ssl_c_used }
              default_backend servers
            backend servers
              server a 127.0.0.1:%d
            """
                .formatted(
                    HAPROXY_PORTS.get("sites"),
                    sites,
                    HAPROXY_PORTS.get("strict"),
                    sites,
                    HAPROXY_PORTS.get("optional"),
                    one + "optional",
                    HAPROXY_PORTS.get("required"),
                    one + "required",
                    REVOKING.stream()
                        .map(
                            list ->
                                "bind 127.0.0.1:%d ssl crt %soptional crl-file %s.pem\n  "
                                    .formatted(HAPROXY_PORTS.get(list), one, folder.resolve(list)))
                        .collect(Collectors.joining()),
                    understudy.server.port()));
    Path log = folder.resolve("haproxy.log");
    haproxy =
        new ProcessBuilder("haproxy", "-db", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Await.until(
        "HAProxy listens",
        () -> {
          if (!haproxy.isAlive()) {
            throw new IllegalStateException(Files.readString(log));
          }
          return Ports.listening(HAPROXY_PORTS.get("required"));
        });
  }

  @AfterAll
  static void stop() throws Exception {
    if (haproxy != null) {
      haproxy.destroyForcibly().waitFor();
    }
    understudy.close();
  }

  private static Issued issue(String name, String algorithm, String... names) {
    return AUTHORITY.issue("CN=" + name, algorithm, names);
  }

  private static void put(String file, String text) {
    PemAuthority.write(folder.resolve(file), text);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void both_do_the_same(Row row) throws Exception {
    Seen theirs = ask(row, Objects.requireNonNull(HAPROXY_PORTS.get(row.listener())));
    assertThat(ask(row, understudy.port(row.listener()))).isEqualTo(theirs);
    assertThat(theirs.certificate().equals("none"))
        .isEqualTo(
            REFUSED.contains(row.toString())
                || row.listener().matches("revoking|expired|unlisted"));
  }

  private static Seen ask(Row row, int port) throws GeneralSecurityException, IOException {
    int before = understudy.server.calls().size();
    KeyManager[] identity = row.identity() ? ALICE.keyManagers() : null;
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.setSoTimeout(30_000);
      SSLParameters parameters = socket.getSSLParameters();
      String name = row.serverName();
      parameters.setServerNames(name == null ? List.of() : List.of(new SNIHostName(name)));
      if (row.suite() != null) {
        parameters.setProtocols(new String[] {"TLSv1.2"});
        parameters.setCipherSuites(new String[] {row.suite()});
      }
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      String subject =
          ((X509Certificate) socket.getSession().getPeerCertificates()[0])
              .getSubjectX500Principal()
              .getName();
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] response = socket.getInputStream().readAllBytes();
      if (!new String(response, StandardCharsets.US_ASCII).startsWith("HTTP/1.1 200")) {
        return new Seen("none", null);
      }
      assertThat(understudy.server.calls()).hasSizeGreaterThan(before);
      return new Seen(subject, understudy.server.calls().getLast().header("x-subject"));
    } catch (IOException e) {
      return new Seen("none", null);
    }
  }
}
