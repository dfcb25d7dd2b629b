package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Http2Client;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.Trusting;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates of listeners that change while connections are open. */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("dev.understudy.testing.Extent#tlsLibraries")
class ListenersReloadTlsTest {
  @Parameter ListenerProperties.Tls.Provider provider;

  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");

  /** More than there are event loops, among which connections go round. */
  private static final int ALL_LOOPS = 16;

  @TempDir static Path folder;
  private static ListeningProxy proxy;
  private static int tests;

  /** A listener of the test alone. */
  private final String web = "web" + ++tests;

  private int calls;

  @BeforeParameterizedClassInvocation
  static void start(ListenerProperties.Tls.Provider provider) throws IOException {
    Files.createDirectories(folder.resolve("more"));
    PemAuthority.write(folder.resolve("ca.pem"), AUTHORITY.pem());
    proxy =
        new ListeningProxy(
            folder,
            "plain: { port: 0 }\n",
            ListeningProxy.ROUTES,
            "server.port=-1",
            "understudy.tls.provider=" + provider);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    proxy.close();
  }

  @BeforeEach
  void open() throws IOException {
    Files.deleteIfExists(folder.resolve("more/b.pem"));
    put("site.pem", issue("first", "www.test"));
    put("more/a.pem", issue("a", "a.test"));
    reload("certificates: [site.pem, more]");
    calls = proxy.server.calls().size();
  }

  @AfterEach
  void reset() {
    proxy.rest();
  }

  private void reload(String tls) {
    proxy.reload(web + ": { port: 0, tls: { " + tls + " } }\n");
  }

  private void requireCertificates() {
    reload("certificates: [site.pem], client-auth: required, client-ca: ca.pem");
  }

  private static Issued issue(String subject, String name) {
    return AUTHORITY.issue("CN=" + subject, "EC", name);
  }

  private static Issued put(String file, Issued issued) {
    PemAuthority.write(folder.resolve(file), issued.pem());
    return issued;
  }

  private String served(String name) throws IOException {
    try (var socket = Trusting.secure(new Socket("127.0.0.1", proxy.port(web)), name)) {
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  private RawClient client() {
    return RawClient.secure(proxy.port(web), new byte[0], "www.test");
  }

  @Test
  void a_changed_file_is_served_to_new_connections_and_open_ones_stay() {
    int port = proxy.port(web);
    try (RawClient open = client()) {
      assertThat(open.request("GET", "/1").response().status()).isEqualTo(200);
      put("site.pem", issue("second", "www.test"));
      put("more/b.pem", issue("b", "b.test"));
      Await.until("the file is served", () -> served("www.test").equals("CN=second"));
      Await.until("so is the new one", () -> served("b.test").equals("CN=b"));
      assertThat(open.request("GET", "/2").response().status()).isEqualTo(200);
    }
    assertThat(proxy.port(web)).isEqualTo(port);
    // The file is in force before the event says so.
    String changed = "listener " + web + ": tls.certificates changed";
    Await.until("the change is told", () -> proxy.events.toString().contains(changed));
    assertThat(proxy.events.toString()).doesNotContain("PRIVATE");
  }

  @Test
  void a_bad_file_is_a_problem_and_the_last_good_one_stays() throws Exception {
    PemAuthority.write(
        folder.resolve("more/a.pem"),
        issue("a", "a.test").certificates() + issue("other", "a.test").keyPem());
    String problem =
        "gateway.yaml:5: listeners.%s.tls.certificates[1]: expected the private key of the"
            + " certificate of CN=a (%s has the key of another certificate), found \"more\"";
    Await.until(
        "the problem is told",
        () ->
            proxy.events.toString().contains(problem.formatted(web, folder.resolve("more/a.pem"))));
    assertThat(served("a.test")).isEqualTo("CN=a");
    assertThat(served("www.test")).isEqualTo("CN=first");
  }

  @Test
  void client_certificates_can_be_required_by_a_reload() {
    int port = proxy.port(web);
    assertThat(status()).isEqualTo(200);
    requireCertificates();
    assertThat(proxy.port(web)).isEqualTo(port);
    assertThat(status()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"TLS", "HTTP_2"})
  void connections_without_the_certificate_end_once_it_is_required(Protocol protocol) {
    CountDownLatch reloaded = new CountDownLatch(1);
    CountDownLatch read = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          if (call.line().contains("/slow")) {
            reloaded.await(20, TimeUnit.SECONDS);
          } else if (call.line().contains("/other")) {
            read.await(20, TimeUnit.SECONDS);
          }
          call.reply(200, "server");
        });
    try (TestClient fresh = protocol.connect(proxy.port(web));
        TestClient idle = protocol.connect(proxy.port(web));
        TestClient busy = protocol.connect(proxy.port(web))) {
      assertThat(idle.get("/1").status()).isEqualTo(200);
      busy.request("GET", "/slow");
      if (protocol == Protocol.HTTP_2) {
        // Keeps the connection until the client has read: it loses what it has not read by then.
        busy.request("GET", "/other");
      }
      int sent = calls + (protocol == Protocol.HTTP_2 ? 3 : 2);
      Await.until("the server has them", () -> proxy.server.calls().size() == sent);
      requireCertificates();
      Await.until("the idle connection ends", () -> isEnded(idle));
      Await.until("so does one without a request", () -> isEnded(fresh));
      reloaded.countDown();
      assertThat(busy.response().body()).isEqualTo("server");
      read.countDown();
      Await.until("the other one ends after its requests", () -> isEnded(busy));
    }
  }

  @Test
  void requests_that_are_queued_do_not_keep_such_a_connection() {
    CountDownLatch reloaded = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          reloaded.await(20, TimeUnit.SECONDS);
          call.reply(200, "server");
        });
    List<RawClient> idle = new ArrayList<>();
    try (RawClient client = client()) {
      client.request("GET", "/slow").request("GET", "/next");
      Await.until("the server has one", () -> proxy.server.calls().size() == calls + 1);
      for (int i = 0; i < ALL_LOOPS; i++) {
        idle.add(client());
      }
      requireCertificates();
      // The file is in force before the event loops have heard of it.
      idle.forEach(each -> assertThat(each.isEnded()).isTrue());
      reloaded.countDown();
      assertThat(client.response().header("connection")).isEqualTo("close");
      Await.until("the connection ends", client::isEnded);
      assertThat(proxy.server.calls()).hasSize(calls + 1);
    } finally {
      idle.forEach(RawClient::close);
    }
  }

  private static boolean isEnded(TestClient client) {
    return client instanceof RawClient raw ? raw.isEnded() : ((Http2Client) client).isEnded();
  }

  /** The status of a request on a connection of its own; 0 if the connection breaks. */
  private int status() {
    try (RawClient client = client()) {
      return client.request("GET", "/").response().status();
    } catch (UncheckedIOException e) {
      return 0;
    }
  }

  @Test
  void only_certificates_in_use_have_an_expiry() throws Exception {
    Issued used = put("web.pem", issue("web", "a.test"));
    Issued relay = put("relay.pem", issue("relay", "a.test"));
    X509CRL list = AUTHORITY.revoking();
    PemAuthority.write(folder.resolve("revoked.pem"), PemAuthority.pem(list));
    String http = "web: { port: 0, tls: { certificates: [web.pem] } }\n";
    proxy.reload(
        http
            + "db: { port: 0, pool: t, tls: { certificates: [relay.pem],"
            + " client-auth: required, client-ca: ca.pem, crl: revoked.pem } }\n");
    assertThat(ends())
        .isEqualTo(
            Map.of(
                "web.pem server",
                end(used),
                "relay.pem server",
                end(relay),
                "revoked.pem crl",
                (double) list.getNextUpdate().toInstant().getEpochSecond()));
    proxy.reload(http);
    assertThat(ends()).isEqualTo(Map.of("web.pem server", end(used)));
  }

  private static double end(Issued issued) {
    return issued.chain().getFirst().getNotAfter().toInstant().getEpochSecond();
  }

  /** When certificates expire, by file and use, as the metric says. */
  private static Map<String, Double> ends() {
    Map<String, Double> ends = new TreeMap<>();
    proxy.bean(PrometheusRegistry.class).scrape().stream()
        .filter(
            each ->
                each.getMetadata()
                    .getPrometheusName()
                    .equals("understudy_certificate_expiry_timestamp_seconds"))
        .flatMap(each -> ((GaugeSnapshot) each).getDataPoints().stream())
        .forEach(
            each -> {
              Path file = Path.of(each.getLabels().get("certificate")).getFileName();
              ends.put(file + " " + each.getLabels().get("use"), each.getValue());
            });
    return ends;
  }
}
