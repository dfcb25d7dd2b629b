package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Http2Server;
import dev.understudy.testing.Lane;
import dev.understudy.testing.LaneTable;
import dev.understudy.testing.NettyFrontend;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which version of HTTP is spoken to a server of a pool with {@code http2: true}. */
class Http2NegotiationTest extends LaneTable {
  @TempDir static Path directory;

  @Override
  protected Lane.Factory factory() {
    return NettyFrontend::new;
  }

  @Override
  protected SslContext upstreamTls(TlsOffer offer) {
    try {
      return SslContextBuilder.forClient()
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null)
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  offer.protocols()))
          .build();
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  private static X509Bundle certificate() throws Exception {
    return new Certificates(directory).issue("server", "localhost");
  }

  private static TestPools.Builder https(int port) {
    return TestPools.pool().tlsMaster("a", port).tls(new UpstreamTls(null, null, false)).http2();
  }

  private static TestServer oldServer(TestServer.Script script) throws Exception {
    SSLContext tls = SSLContext.getInstance("TLS");
    KeyManager[] keys = certificate().toKeyManagerFactory().getKeyManagers();
    tls.init(keys, null, null);
    return new TestServer("old", script, tls);
  }

  private Http2Server https(Http2Settings settings) throws Exception {
    SslContext tls =
        SslContextBuilder.forServer(certificate().toKeyManagerFactory())
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    "h2",
                    "http/1.1"))
            .build();
    Http2Server server = new Http2Server(call -> call.reply(200, call.text()), tls, settings);
    closeLater(server);
    start(https(server.port()));
    return server;
  }

  @Test
  void an_https_server_that_chooses_it_is_spoken_to_in_http_2() throws Exception {
    Http2Server server = https(Http2Settings.defaultSettings());
    assertThat(client().request("POST", "/", bytes(3)).response().body()).isEqualTo("abc");
    assertThat(server.calls().get(0).header(":scheme")).isEqualTo("https");
  }

  @Test
  void an_https_server_that_chooses_it_takes_one_request_before_its_settings() throws Exception {
    Http2Server server = https(Http2Settings.defaultSettings().maxConcurrentStreams(1));
    server.beSilent();
    List<TestClient> clients =
        IntStream.range(0, 6).mapToObj(i -> client().request("GET", "/")).toList();
    clients.forEach(client -> assertThat(client.response().status()).isEqualTo(200));
    assertThat(seen.retries).isEmpty();
  }

  @Test
  void an_https_server_without_it_is_spoken_to_in_http_1_1() throws Exception {
    TestServer server = oldServer(call -> call.reply(200, call.line()));
    closeLater(server);
    start(https(server.port()));
    List<TestClient> clients =
        IntStream.range(0, 6).mapToObj(i -> client().request("GET", "/")).toList();
    clients.forEach(client -> assertThat(client.response().body()).isEqualTo("GET / HTTP/1.1"));
    int connections = server.connections();
    assertThat(clients.get(0).get("/").body()).isEqualTo("GET / HTTP/1.1");
    assertThat(server.connections()).as("connections are used again").isEqualTo(connections);
  }

  @Test
  void a_websocket_that_an_https_server_of_http_2_alone_refuses_is_no_failure_of_the_server()
      throws Exception {
    SslContext tls =
        SslContextBuilder.forServer(certificate().toKeyManagerFactory())
            .sslProvider(SslProvider.JDK)
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.FATAL_ALERT,
                    SelectedListenerFailureBehavior.FATAL_ALERT,
                    "h2"))
            .build();
    Http2Server server =
        new Http2Server(call -> call.reply(200, "two"), tls, Http2Settings.defaultSettings());
    closeLater(server);
    start(https(server.port()));
    for (int i = 0; i < 3; i++) {
      TestClient webSocket = client().request("GET", "/", LaneProtocolTable.HANDSHAKE);
      assertThat(webSocket.response().status()).isEqualTo(502);
      assertThat(client().get("/").body()).isEqualTo("two");
    }
    assertThat(seen.troubles).isEmpty();
    assertThat(seen.retries).isEmpty();
  }

  @Test
  void a_server_that_does_not_speak_http_2_by_prior_knowledge_counts_as_unreachable() {
    start(
        TestPools.pool().master("a", master.port()).hold(Duration.ofMillis(300), 10, 1000).http2());
    assertThat(client().request("POST", "/", bytes(3)).response().status()).isEqualTo(503);
    assertThat(seen.details).anyMatch(detail -> detail.contains("SETTINGS"));
  }

  @Test
  void the_setting_can_change_while_requests_run() {
    Http2Server server = new Http2Server(call -> call.reply(200, "two"));
    closeLater(server);
    start(TestPools.pool().master("a", server.port()).http2());
    TestClient client = client();
    assertThat(client.get("/").body()).isEqualTo("two");
    assertThat(server.connections()).isEqualTo(1);
    pools.configure(
        TestPools.pool().master("a", server.port()).hold(Duration.ofMillis(300), 10, 1000).build());
    assertThat(client.get("/").status()).isNotEqualTo(200);
  }
}
