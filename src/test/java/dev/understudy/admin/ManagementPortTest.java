package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.admin.port.PortConnections;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.Rows;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What is served on which port. */
class ManagementPortTest extends OnSharedServer {
  private static final String LOCAL = "Host: localhost";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/assets/0/app/main.js",
        "/webjars/lit-html/lit-html.js",
        "/api/pools",
        "/status",
        "/api/events/stream",
        "/actuator/health",
        "/actuator/prometheus"
      })
  void main_port_leaves_every_path_to_the_application(String path) {
    HttpResponse<String> response = server.send(AdminServer.requestTo(server.mainPort(), path));

    assertThat(response.body()).isEqualTo("application");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /actuator/prometheus, gzip, gzip",
    "GET, /actuator/prometheus, identity, ",
    "GET, /actuator/prometheus?by=test, gzip, gzip",
    "GET, /api/pools, gzip, gzip",
    "GET, /api/pools, 'br;q=1.0, gzip;q=0.8', gzip",
    "GET, /api/pools, gzip;q=0, ",
    "GET, /api/pools, identity, ",
    "GET, /api/overview, gzip, gzip",
    "GET, /, gzip, gzip",
    "GET, /, identity, ",
    "GET, /favicon.svg, gzip, gzip",
    "HEAD, /api/pools, gzip, "
  })
  void text_and_json_are_compressed_for_who_takes_it(
      String method, String path, String accepted, @Nullable String encoding) throws Exception {
    HttpResponse<byte[]> response =
        server
            .client()
            .send(
                server
                    .request(path)
                    .header("Accept-Encoding", accepted)
                    .method(method, BodyPublishers.noBody())
                    .build(),
                BodyHandlers.ofByteArray());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body().length == 0).isEqualTo(method.equals("HEAD"));
    assertThat(response.headers().firstValue("Content-Encoding").orElse(null)).isEqualTo(encoding);
    assertThat(response.headers().allValues("Vary")).containsExactly("Accept-Encoding");
    if (encoding != null) {
      try (var decoded = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
        assertThat(decoded.readAllBytes()).hasSizeGreaterThan(response.body().length);
      }
    }
  }

  @Test
  void a_compressed_response_leaves_its_connection_to_others() {
    String accepting = "Accept-Encoding: gzip";
    try (RawClient client = new RawClient(server.managementPort())) {
      for (int i = 0; i < 2; i++) {
        assertThat(client.get("/api/pools", LOCAL, accepting).header("Content-Encoding"))
            .isEqualTo("gzip");
        assertThat(client.request("HEAD", "/api/pools", LOCAL, accepting).response("HEAD").status())
            .isEqualTo(200);
        assertThat(client.get("/api/nothing", LOCAL, accepting).body()).startsWith("{");
        assertThat(client.get("/api/pools", LOCAL).body()).startsWith("{").endsWith("}\n");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/api/events/stream", "/api/overview/stream", "/actuator/health", "/api/nothing"})
  void streams_and_short_responses_are_sent_as_they_are(String path) {
    try (RawClient client = new RawClient(server.managementPort())) {
      client.request("GET", path, LOCAL, "Accept-Encoding: gzip");

      assertThat(client.readUntil("\r\n\r\n").toLowerCase(Locale.ROOT))
          .doesNotContain("content-encoding", "vary");
    }
  }

  @Rows(
      """
      /nothing
      /api
      /api/pools/
      /status/
      /actuator/nothing
      /index.html
      /assets/0/app/main.js
      """)
  void a_path_that_is_nobodys_is_a_404_and_never_a_route_of_the_gateway(String path) {
    HttpResponse<String> response = server.get(path);

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(AdminServer.json(response).path("instance").asString()).isEqualTo(path);
  }

  /** What advisories on Spring are about: endpoints that give away or change what is set. */
  @Rows(
      """
      GET  | /actuator/env
      POST | /actuator/env
      GET  | /actuator/gateway/routes
      POST | /actuator/gateway/routes/x
      POST | /actuator/gateway/refresh
      POST | /actuator/refresh
      GET  | /actuator/heapdump
      """)
  void no_endpoint_of_spring_tells_or_changes_settings(String method, String path) {
    HttpResponse<String> response =
        server.send(server.request(path).method(method, BodyPublishers.noBody()));

    assertThat(response.statusCode()).isEqualTo(404);
  }

  @Rows(
      """
      DELETE  | /api/pools                          | GET, HEAD
      POST    | /api/pools/sense                    | GET, HEAD
      PUT     | /api/pools/sense/switch             | DELETE, GET, HEAD, POST
      POST    | /api/pools/sense/servers/sen1/state | PUT
      HEAD    | /api/events/stream                  | GET
      OPTIONS | /api/pools/sense/switch             | DELETE, GET, HEAD, POST
      POST    | /                                   | GET, HEAD
      POST    | /status                             | GET, HEAD
      PUT     | /status/sense                       | GET, HEAD
      """)
  void a_wrong_method_is_a_405_that_says_which_are_right(
      String method, String path, String allowed) {
    HttpResponse<String> response =
        server.send(server.request(path).method(method, BodyPublishers.noBody()));

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).contains(allowed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/favicon.svg", "/api/pools", "/api/nothing"})
  void responses_tell_browsers_to_be_strict(String path) {
    HttpResponse<String> response = server.get(path);

    assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(response.headers().firstValue("X-Frame-Options")).contains("DENY");
    assertThat(response.headers().allValues("Content-Security-Policy"))
        .singleElement()
        .asString()
        .contains("default-src 'none'")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
  }

  @Test
  void a_client_with_too_many_connections_closes_its_own_and_keeps_nobody_out() {
    int max = PortConnections.Limits.DEFAULT.connections();
    List<RawClient> flood = new ArrayList<>();
    try {
      for (int i = 0; i < max + 50; i++) {
        RawClient client = new RawClient(server.managementPort(), "127.0.0.2");
        flood.add(client.send("GET /api/pools HTTP/1.1\r\nX: "));
      }
      try (RawClient probe = new RawClient(server.managementPort(), "127.0.0.3")) {
        assertThat(probe.get("/actuator/health/liveness").status()).isEqualTo(200);
      }
      JsonNode limits = server.json("/api/process").path("limits");
      JsonNode limit = limits.get(limits.size() - 1);
      assertThat(limit.path("name").asString()).isEqualTo("management connections");
      assertThat(limit.path("used").asInt()).isBetween(max - 10, max);
      assertThat(flood.get(0).isEnded()).isTrue();
    } finally {
      flood.forEach(RawClient::close);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "as many segments as may be, /api, 255, /a, '', 404",
    "one segment more, /api, 256, /a, '', 414",
    "as many parameters as may be, /api/pools?, 512, a&, '', 200",
    "one parameter more, /api/pools?, 513, a&, '', 414",
    "as many cookies as may be, /api/pools, 200, '', x=;, 200",
    "one cookie more, /api/pools, 201, '', x=;, 431",
  })
  void a_request_with_too_many_parts_is_refused_before_spring_makes_objects_of_them(
      String what, String path, int count, String part, String cookie, int status) {
    try (RawClient client = new RawClient(server.managementPort())) {
      client.request("GET", "/api/pools", LOCAL);
      client.request(
          "POST", path + part.repeat(count), new byte[9], LOCAL, "Cookie: " + cookie.repeat(count));

      assertThat(client.response().status()).isEqualTo(200);
      Response response = client.response();
      assertThat(response.status()).isEqualTo(status == 200 ? 405 : status);
      assertThat(isClosed(response)).isEqualTo(status == 414 || status == 431);
    }
  }

  private static boolean isClosed(Response response) {
    return "close".equalsIgnoreCase(response.header("connection"));
  }

  @ParameterizedTest(name = "{1} of a foreign page for {0}: {2}")
  @CsvSource({
    "/api/events/stream, cors, 403",
    "/%61pi/events/stream, cors, 403",
    "/api;a/events/stream, cors, 403",
    "/api/pools, navigate, 200"
  })
  void a_foreign_page_is_turned_away_and_a_link_on_it_works(String path, String mode, int status) {
    HttpResponse<String> response =
        server.send(
            server
                .request(path)
                .header("Sec-Fetch-Site", "cross-site")
                .header("Sec-Fetch-Mode", mode));

    assertThat(response.statusCode()).isEqualTo(status);
  }

  @Test
  void no_origin_is_let_in_by_cors() {
    HttpResponse<String> response =
        server.send(server.request("/api/pools").header("Origin", "https://elsewhere.example"));

    assertThat(response.headers().map()).doesNotContainKey("Access-Control-Allow-Origin");
  }
}
