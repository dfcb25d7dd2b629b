package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import dev.understudy.testing.Response;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS with several names, and the plain listener beside it, in both lanes. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecureEntranceTest {
  private static final long MAX_STREAM = Integer.MAX_VALUE;

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = TestProxy.secure(folder);
  }

  private static String subject(SSLSession session) throws IOException {
    return ((X509Certificate) session.getPeerCertificates()[0]).getSubjectX500Principal().getName();
  }

  @ParameterizedTest
  @CsvSource({
    "www.domain.com, CN=exact",
    "x.domain.com, CN=wild",
    "other.test, CN=main",
  })
  void every_name_is_served_with_its_certificate(String name, String subject) throws IOException {
    for (String lane : TestProxy.LANES) {
      assertServed(name, subject, lane + "a");
    }
  }

  private static void assertServed(String name, String subject, String target) throws IOException {
    try (RawHttp2 connection = RawHttp2.connect(proxy.port(), new byte[0], name, 0).settings();
        RawClient client = RawClient.secure(proxy.port(), new byte[0], name)) {
      assertThat(subject(connection.session())).isEqualTo(subject);
      connection.head(
          1, true, ":method: GET", ":scheme: https", ":authority: " + name, ":path: " + target);
      Http2Headers head = connection.read(RawHttp2.HEADERS, 1).fields();
      assertThat(head.status()).hasToString("200");
      assertThat(head.get("strict-transport-security")).hasToString("max-age=16000000");

      assertThat(subject(((SSLSocket) client.socket()).getSession())).isEqualTo(subject);
      Response response = client.get(target, "Host: " + name);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("strict-transport-security")).isEqualTo("max-age=16000000");
    }
    assertThat(proxy.server.calls())
        .filteredOn(call -> name.equals(call.header("host")) && call.line().contains(target))
        .hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(call -> assertThat(call.header("x-forwarded-proto")).isEqualTo("https"));
  }

  @EachLane
  void the_plain_listener_sends_everybody_to_https(String lane) {
    int calls = proxy.server.calls().size();
    String target = lane + "a?b=c%20d|";
    try (RawClient client = new RawClient(proxy.plainPort())) {
      for (String method : List.of("GET", "GET", "HEAD", "POST", "POST")) {
        client.request(method, target, "Host: www.domain.com");
        Response response = client.response(method);
        assertThat(response.status()).isEqualTo(301);
        assertThat(response.header("location")).isEqualTo("https://www.domain.com" + target);
        assertThat(response.header("strict-transport-security")).isNull();
      }
    }
    assertThat(proxy.server.calls()).hasSize(calls);
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void at_a_stop_open_streams_get_their_responses_and_the_client_a_goaway() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          go.await();
          call.reply(200, "to the end");
        });
    try (RawHttp2 connection = RawHttp2.connect(proxy.port()).settings()) {
      int calls = proxy.server.calls().size();
      connection.get(1, "/express/").get(3, "/gateway/");
      Await.until("both are under way", () -> proxy.server.calls().size() == calls + 2);
      Thread stop = Thread.ofVirtual().start(proxy::stop);
      Frame told = connection.read(RawHttp2.GOAWAY);
      assertThat(told.number(0)).as("whatever is on its way is taken").isEqualTo(MAX_STREAM);
      assertThat(told.number(4)).isEqualTo(Http2Error.NO_ERROR.code());
      Frame ping = connection.read(RawHttp2.PING);
      connection.frame(RawHttp2.PING, RawHttp2.ACK, 0, ping.payload());
      Frame last = connection.read(RawHttp2.GOAWAY);
      assertThat(last.number(0)).isEqualTo(3);
      // It crosses that on its way, and costs the others nothing.
      connection.post(5, "/express/").frame(RawHttp2.DATA, RawHttp2.END_STREAM, 5, new byte[9]);
      assertThat(connection.read(RawHttp2.RST_STREAM).number(0))
          .isEqualTo(Http2Error.REFUSED_STREAM.code());
      go.countDown();
      assertThat(connection.rest())
          .filteredOn(frame -> frame.type() == RawHttp2.DATA && frame.payload().length > 0)
          .extracting(frame -> new String(frame.payload(), StandardCharsets.US_ASCII))
          .containsExactly("to the end", "to the end");
      stop.join();
    }
  }
}
