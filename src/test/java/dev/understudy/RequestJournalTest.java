package dev.understudy;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.serverError;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.matching.RequestPatternBuilder;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The servers' own journals as witnesses of which requests they got, and how often. */
class RequestJournalTest {
  private static final String ORDERS = "/orders";
  private static final WireMockServer MASTER = new WireMockServer(options().dynamicPort());
  private static final WireMockServer BACKUP = new WireMockServer(options().dynamicPort());
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) {
    MASTER.start();
    BACKUP.start();
    stubServers();
    proxy =
        new TestProxy(
            folder,
            """
            pools:
              shop:
                servers:
                  one: { url: "http://127.0.0.1:%d", role: master }
                  two: { url: "http://127.0.0.1:%d", role: backup }
                health: { path: /status, expect: { body: version }, interval: 100ms, fast-interval: 50ms, down-interval: 50ms }
            routes:
              - { id: shop, uri: "pool://shop", predicates: ["Path=/**"] }
            """
                .formatted(MASTER.port(), BACKUP.port()));
  }

  @AfterAll
  static void stop() {
    proxy.close();
    MASTER.stop();
    BACKUP.stop();
  }

  private static void stubServers() {
    for (WireMockServer server : new WireMockServer[] {MASTER, BACKUP}) {
      server.resetAll();
      server.stubFor(get("/status").willReturn(ok("version 1")));
      server.stubFor(get(ORDERS).willReturn(ok(name(server))));
      server.stubFor(post(ORDERS).willReturn(ok(name(server))));
    }
  }

  private static String name(WireMockServer server) {
    return server == MASTER ? "master" : "backup";
  }

  @BeforeEach
  void serveFromTheMaster() {
    stubServers();
    Await.until("the master serves", () -> send("GET").body().equals("master"));
    MASTER.resetRequests();
    BACKUP.resetRequests();
  }

  private static HttpResponse<String> send(String method) {
    try {
      return CLIENT.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + ORDERS))
              .method(method, BodyPublishers.ofString(method.equals("POST") ? "order" : ""))
              .build(),
          BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static RequestPatternBuilder gets() {
    return getRequestedFor(urlEqualTo(ORDERS));
  }

  private static RequestPatternBuilder posts() {
    return postRequestedFor(urlEqualTo(ORDERS));
  }

  @Test
  void a_post_whose_connection_breaks_is_executed_once() {
    MASTER.stubFor(post(ORDERS).willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
    assertThat(send("POST").statusCode()).isEqualTo(502);
    MASTER.verify(1, posts());
    BACKUP.verify(0, posts());
  }

  @Test
  void a_get_whose_connection_breaks_is_replayed_on_the_server_that_serves() {
    MASTER.stubFor(
        get(ORDERS)
            .inScenario("broken once")
            .whenScenarioStateIs(Scenario.STARTED)
            .willReturn(aResponse().withFault(Fault.EMPTY_RESPONSE))
            .willSetStateTo("restored"));
    assertThat(send("GET").body()).isEqualTo("master");
    MASTER.verify(2, gets());
    BACKUP.verify(0, gets());
  }

  @Test
  void a_master_whose_status_page_fails_gets_no_requests_until_it_is_well() {
    MASTER.stubFor(get("/status").willReturn(serverError()));
    Await.until("the backup serves", () -> send("GET").body().equals("backup"));
    MASTER.resetRequests();
    assertThat(send("POST").body()).isEqualTo("backup");
    assertThat(send("GET").body()).isEqualTo("backup");
    MASTER.verify(0, gets());
    MASTER.verify(0, posts());
    BACKUP.verify(1, posts());
    MASTER.stubFor(get("/status").willReturn(ok("version 2")));
    Await.until("the master serves", () -> send("GET").body().equals("master"));
  }

  @Test
  void a_server_gets_the_clients_address_and_the_request_id_and_nothing_that_the_client_made_up() {
    assertThat(send("GET").headers().firstValue("X-Request-Id")).isPresent();
    MASTER.verify(
        1,
        gets()
            .withHeader("X-Request-Id", matching("[A-Za-z0-9._-]{1,128}"))
            .withHeader("X-Forwarded-For", matching("127\\.0\\.0\\.1"))
            .withHeader("X-Forwarded-Proto", matching("http"))
            .withoutHeader("Connection"));
  }
}
