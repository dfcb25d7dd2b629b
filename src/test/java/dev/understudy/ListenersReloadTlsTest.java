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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
  private static final String WEB = "web: { port: 0, tls: { certificates: [site.pem, more] } }\n";

  @TempDir Path folder;
  private ListeningProxy proxy;

  @BeforeEach
  void start() throws IOException {
    Files.createDirectory(folder.resolve("more"));
    put("site.pem", issue("first", "www.test"));
    put("more/a.pem", issue("a", "a.test"));
    proxy =
        new ListeningProxy(
            folder,
            WEB,
            ListeningProxy.ROUTES,
            "server.port=-1",
            "understudy.tls.provider=" + provider);
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  private static Issued issue(String subject, String name) {
    return AUTHORITY.issue("CN=" + subject, "EC", name);
  }

  private void put(String file, Issued issued) {
    PemAuthority.write(folder.resolve(file), issued.pem());
  }

  private String served(String name) throws IOException {
    try (var socket = Trusting.secure(new Socket("127.0.0.1", proxy.port("web")), name)) {
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  private RawClient client() {
    return RawClient.secure(proxy.port("web"), new byte[0], "www.test");
  }

  @Test
  void a_changed_file_is_served_to_new_connections_and_open_ones_stay() throws Exception {
    int port = proxy.port("web");
    try (RawClient open = client()) {
      assertThat(open.request("GET", "/1").response().status()).isEqualTo(200);
      put("site.pem", issue("second", "www.test"));
      put("more/b.pem", issue("b", "b.test"));
      Await.until("the file is served", () -> served("www.test").equals("CN=second"));
      Await.until("so is the new one", () -> served("b.test").equals("CN=b"));
      assertThat(open.request("GET", "/2").response().status()).isEqualTo(200);
    }
    assertThat(proxy.port("web")).isEqualTo(port);
    assertThat(proxy.events.toString())
        .contains("listener web: tls.certificates changed")
        .doesNotContain("PRIVATE");
  }

  @Test
  void a_bad_file_is_a_problem_and_the_last_good_one_stays() throws Exception {
    PemAuthority.write(
        folder.resolve("more/a.pem"),
        issue("a", "a.test").certificates() + issue("other", "a.test").keyPem());
    Await.until(
        "the problem is told",
        () ->
            proxy
                .events
                .toString()
                .contains(
                    "gateway.yaml:7: listeners.web.tls.certificates[1]: expected the private key"
                        + " of the certificate of CN=a ("
                        + folder.resolve("more/a.pem")
                        + " has that of another), found \"more\""));
    assertThat(served("a.test")).isEqualTo("CN=a");
    assertThat(served("www.test")).isEqualTo("CN=first");
  }

  @Test
  void client_certificates_can_be_required_by_a_reload() throws Exception {
    PemAuthority.write(folder.resolve("ca.pem"), AUTHORITY.pem());
    int port = proxy.port("web");
    assertThat(status()).isEqualTo(200);
    proxy.reload(required("ca.pem"), ListeningProxy.ROUTES);
    assertThat(proxy.port("web")).isEqualTo(port);
    assertThat(status()).isZero();
  }

  private static String required(String authorities) {
    return "web: { port: 0, tls: { certificates: [site.pem], client-auth: required, client-ca: "
        + authorities
        + " } }\n";
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"TLS", "HTTP_2"})
  void connections_without_the_certificate_end_once_it_is_required(Protocol protocol)
      throws Exception {
    PemAuthority.write(folder.resolve("ca.pem"), AUTHORITY.pem());
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
    try (TestClient fresh = protocol.connect(proxy.port("web"));
        TestClient idle = protocol.connect(proxy.port("web"));
        TestClient busy = protocol.connect(proxy.port("web"))) {
      assertThat(idle.get("/1").status()).isEqualTo(200);
      busy.request("GET", "/slow");
      if (protocol == Protocol.HTTP_2) {
        // Keeps the connection until the client has read: it loses what it has not read by then.
        busy.request("GET", "/other");
      }
      int sent = protocol == Protocol.HTTP_2 ? 3 : 2;
      Await.until("the server has them", () -> proxy.server.calls().size() == sent);
      proxy.reload(required("ca.pem"), ListeningProxy.ROUTES);
      Await.until("the idle connection ends", () -> isEnded(idle));
      Await.until("so does one without a request", () -> isEnded(fresh));
      reloaded.countDown();
      assertThat(busy.response().body()).isEqualTo("server");
      read.countDown();
      Await.until("the other one ends after its requests", () -> isEnded(busy));
    }
  }

  @Test
  void requests_that_are_queued_do_not_keep_such_a_connection() throws Exception {
    PemAuthority.write(folder.resolve("ca.pem"), AUTHORITY.pem());
    CountDownLatch reloaded = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          reloaded.await(20, TimeUnit.SECONDS);
          call.reply(200, "server");
        });
    try (RawClient client = client()) {
      client.request("GET", "/slow").request("GET", "/next");
      Await.until("the server has one", () -> proxy.server.calls().size() == 1);
      proxy.reload(required("ca.pem"), ListeningProxy.ROUTES);
      reloaded.countDown();
      assertThat(client.response().header("connection")).isEqualTo("close");
      Await.until("the connection ends", client::isEnded);
      assertThat(proxy.server.calls()).hasSize(1);
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
}
