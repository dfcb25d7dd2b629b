package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.BAD_RESPONSE;
import static dev.understudy.health.ProbeOutcome.BROKEN;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static dev.understudy.probe.ProbeHarness.AMPLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.GrpcCheck;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.proxy.listener.BundleFailureText;
import dev.understudy.proxy.listener.KeyExchangeGroups;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.proxy.listener.TlsLibrary;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Http2Server;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestSettings;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.mock.env.MockEnvironment;

/** Calls of gRPC's health service, frame by frame. */
class GrpcProbeTest {
  private static final String TYPE = "content-type: application/grpc";

  /** A whole response: a message in hexadecimal, then trailers. */
  private static Http2Server.Script response(String message, String... trailers) {
    return call -> {
      call.head(200, false, TYPE);
      call.data(HexFormat.of().parseHex(message), false);
      call.trailers(trailers);
    };
  }

  private static GrpcCheck check(String service, Boolean tls) {
    return new GrpcCheck(service, null, new CheckConnection(OptionalInt.empty(), tls, false));
  }

  /** From a message in hexadecimal and trailers, or from what else a server can do. */
  private static Http2Server.Script script(String text) {
    String[] words = text.split(" ", 2);
    return switch (words[0]) {
      case "trailers" -> call -> call.head(200, true, (TYPE + "; " + words[1]).split("; "));
      case "page" -> call -> call.reply(Integer.parseInt(words[1]), "hello");
      case "reset" -> call -> call.reset(Http2Error.REFUSED_STREAM);
      case "sizes" ->
          call -> {
            call.headerTableSizes(Integer.parseInt(words[1]));
            response("00000000020801", "grpc-status: 0").respond(call);
          };
      default -> response(words[0], "grpc-status: 0");
    };
  }

  @Rows(
      """
      SERVING is good                                   | 00000000020801 | OK         | SERVING
      a field that is cut short is no response          | 000000000b120361626310ac02080118 | BAD_RESPONSE | no response of a gRPC health service
      whole fields of a later version are skipped       | 000000000a120361626310ac020801 | OK | SERVING
      NOT_SERVING is bad                                | 00000000020802 | BAD_STATUS | NOT_SERVING, expected SERVING
      no status is UNKNOWN                              | 0000000000     | BAD_STATUS | UNKNOWN, expected SERVING
      a service that the server does not know is bad    | trailers grpc-status: 5; grpc-message: no such service | BAD_STATUS | grpc-status 5: no such service
      a server without a health service is bad          | trailers grpc-status: 12 | BAD_STATUS | grpc-status 12
      a message cut short is no response                | 000000000208   | BAD_RESPONSE | no response of a gRPC health service
      a page is no response of gRPC                     | page 200       | BAD_RESPONSE | no gRPC response: it has no grpc-status
      an HTTP error is bad                              | page 503       | BAD_STATUS | HTTP status 503, gRPC has 200
      a reset breaks the probe                          | reset          | BROKEN     | stream reset by the server: REFUSED_STREAM
      a server may change its header table size         | sizes 200      | OK         | SERVING
      but not without end, as Netty keeps each change   | sizes 201      | BAD_RESPONSE | HTTP/2 header table size set more than 200 times
      """)
  void a_response_of_the_health_service_decides(
      String says, String response, ProbeOutcome outcome, String detail) throws Exception {
    try (Http2Server server = new Http2Server(script(response));
        ProbeHarness harness = new ProbeHarness()) {
      Observation.Probe probe = harness.probe(check(null, null), server.port(), AMPLE);
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(outcome);
      assertThat(probe.detail()).isEqualTo(detail);
    }
  }

  @Test
  void the_call_is_that_of_the_health_service() {
    try (Http2Server server = new Http2Server(response("00000000020801", "grpc-status: 0"));
        ProbeHarness harness = new ProbeHarness()) {
      assertThat(harness.probe(check("shop.Orders", null), server.port(), AMPLE).outcome())
          .isEqualTo(OK);
      Http2Server.Call call = server.calls().getFirst();
      assertThat(call.header(":method")).isEqualTo("POST");
      assertThat(call.header(":path")).isEqualTo("/grpc.health.v1.Health/Check");
      assertThat(call.header(":scheme")).isEqualTo("http");
      assertThat(call.header(":authority")).isEqualTo("127.0.0.1:" + server.port());
      assertThat(call.header("content-type")).isEqualTo("application/grpc");
      assertThat(call.header("te")).isEqualTo("trailers");
      assertThat(call.header("grpc-timeout")).isEqualTo("20000m");
      assertThat(call.soFar()).isEqualTo("\0\0\0\0\r\n\u000bshop.Orders");
    }
  }

  @ParameterizedTest
  @EnumSource
  void over_tls_the_server_must_choose_http_2(
      ListenerProperties.Tls.Provider provider, @TempDir Path folder) throws Exception {
    var keys = new Certificates(folder).issue("server", "localhost").toKeyManagerFactory();
    SslContext tls =
        SslContextBuilder.forServer(keys)
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2))
            .build();
    UpstreamTlsContexts contexts =
        new UpstreamTlsContexts(
            new DefaultSslBundleRegistry(),
            new BundleFailureText(new MockEnvironment()),
            new TlsLibrary(provider, KeyExchangeGroups.DEFAULT));
    try (Http2Server server =
            new Http2Server(
                response("00000000020801", "grpc-status: 0"),
                tls,
                Http2Settings.defaultSettings());
        ProbeHarness harness = new ProbeHarness(contexts::offering)) {
      Observation.Probe probe =
          harness.probe(
              check(null, null),
              TestSettings.address(true, "localhost", server.port()),
              new UpstreamTls(null, null, false));
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(OK);
      assertThat(server.calls().getFirst().header(":scheme")).isEqualTo("https");
    }
  }

  @Test
  void a_server_of_http_1_is_no_grpc_server() {
    try (TestServer server = new TestServer("a");
        ProbeHarness harness = new ProbeHarness()) {
      Observation.Probe probe = harness.probe(check(null, null), server.port(), AMPLE);
      assertThat(probe.outcome()).as(probe.detail()).isIn(BAD_RESPONSE, BROKEN);
    }
  }

  @Test
  void a_server_that_says_nothing_is_out_of_time() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (Http2Server server = new Http2Server(call -> over.await(20, TimeUnit.SECONDS));
        ProbeHarness harness = new ProbeHarness()) {
      Observation.Probe probe =
          harness.probe(check(null, null), server.port(), Duration.ofMillis(300));
      assertThat(probe.outcome()).isEqualTo(TIMED_OUT);
      assertThat(probe.detail()).startsWith("no response within");
      over.countDown();
    }
  }
}
