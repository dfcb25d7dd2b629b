package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.testing.Trusting;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client of the JDK before the lane behind TLS, in HTTP/1.1 and HTTP/2. */
class SecureLaneTest extends ScriptedLaneTable {
  @ParameterizedTest
  @EnumSource(Version.class)
  void a_request_over_tls_is_served_and_marked(Version version) throws Exception {
    app.use(List.of("RedirectToHttps=301", "StrictTransportSecurity=max-age=1"), everything());
    try (HttpClient client = HttpClient.newBuilder().sslContext(Trusting.anonymous()).build()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("https://localhost:" + app.securePort() + "/a?b=c"))
                  .version(version)
                  .header("x-http2-path", "/spoofed")
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.version()).isEqualTo(version);
      assertThat(response.body()).isEqualTo("/a?b=c");
      assertThat(response.headers().firstValue("Strict-Transport-Security")).contains("max-age=1");
    }
    ProxyRequest request = last().request;
    assertThat(request.client().tls()).isTrue();
    assertThat(request.headers().get("Host")).isEqualTo("localhost:" + app.securePort());
    assertThat(request.headers().names())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("x-http2-"));
  }
}
