package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a visitor has it: buttons of the console work, and Ctrl-C ends it. */
class DemoStopIT {
  private static final Pattern LINK = Pattern.compile("http://localhost:\\d+/#token=(\\S+)");

  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  private static String token(ProxyProcess demo) throws IOException {
    Matcher link = LINK.matcher(demo.log());
    assertThat(link.find()).as(demo.log()).isTrue();
    return link.group(1);
  }

  private HttpResponse<String> send(int port, String method, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.ofString("{\"to\":\"backup\"}"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void the_printed_token_is_one_that_the_console_can_use_and_the_page_links() throws Exception {
    try (ProxyProcess demo = ProxyProcess.startDemo(folder)) {
      Await.until("the demo says where it is", () -> LINK.matcher(demo.log()).find());
      String token = token(demo);
      String switched = "/api/pools/demo/switch";
      assertThat(send(demo.managementPort(), "POST", switched).statusCode()).isEqualTo(401);
      assertThat(
              send(
                      demo.managementPort(),
                      "POST",
                      switched,
                      "Authorization",
                      "Bearer " + token,
                      "Content-Type",
                      "application/json")
                  .statusCode())
          .isEqualTo(200);
      assertThat(send(demo.port(), "GET", "/demo/state").body())
          .contains(
              "\"console\":{\"port\":" + demo.managementPort() + ",\"token\":\"" + token + "\"}");
      assertThat(send(demo.port(), "GET", "/demo/pool").body())
          .contains("\"now\":\"", "\"pool\":{", "\"serving\" : \"backup\"");
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void the_printed_commands_do_what_they_say() throws Exception {
    try (ProxyProcess demo = ProxyProcess.startDemo(folder)) {
      Await.until("the demo says what to try", () -> demo.log().contains("Ctrl-C ends all"));
      List<URI> posts = addresses(demo, "curl -X POST (\\S+)");
      assertThat(posts)
          .extracting(URI::getPath)
          .containsExactly("/demo/master/kill", "/demo/master/restore", "/demo/master/freeze");
      for (URI post : posts) {
        assertThat(send(post.getPort(), "POST", post.getPath()).statusCode())
            .as("%s", post)
            .isEqualTo(200);
      }
      URI whoami = addresses(demo, "curl -s (\\S+?);").getFirst();
      Await.until(
          "the backup serves",
          () -> send(whoami.getPort(), "GET", whoami.getPath()).body().contains("backup"));
      URI events = addresses(demo, "curl '(\\S+)'").getFirst();
      assertThat(send(events.getPort(), "GET", events.getPath() + "?" + events.getQuery()).body())
          .contains("Pool demo: server backup serves");
      assertThat(send(demo.port(), "GET", "/demo/pool").body())
          .contains("\"history\":{", "Pool demo: server backup serves");
    }
  }

  private static List<URI> addresses(ProxyProcess demo, String command) throws IOException {
    return Pattern.compile(command)
        .matcher(demo.log())
        .results()
        .map(found -> URI.create(found.group(1)))
        .toList();
  }

  /** All of 127.0.0.0/8 is this machine, so another of its addresses stands for the others. */
  @Test
  void other_addresses_of_the_machine_are_refused() throws Exception {
    try (ProxyProcess demo = ProxyProcess.startDemo(folder)) {
      for (int port : List.of(demo.port(), demo.managementPort())) {
        assertThatExceptionOfType(ConnectException.class)
            .isThrownBy(() -> new Socket("127.0.0.2", port).close());
        new Socket("127.0.0.1", port).close();
      }
    }
  }

  /** How long it takes is printed; the demo promises 2 s. */
  @Tag(Extent.SLOW)
  @Test
  void ctrl_c_ends_it_with_browsers_streams_and_web_sockets_open() throws Exception {
    List<InputStream> streams = new ArrayList<>();
    try (ProxyProcess demo = ProxyProcess.startDemo(folder);
        TunnelClients tunnels = TunnelClients.open(demo.port(), 5);
        HttpConnection kept = new HttpConnection(demo.port());
        HttpConnection held = new HttpConnection(demo.port())) {
      assertThat(kept.send("GET", "/whoami", "").status()).isEqualTo(200);
      for (int i = 0; i < 3; i++) {
        HttpRequest stream =
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + demo.managementPort() + "/api/events/stream"))
                .build();
        streams.add(http.send(stream, BodyHandlers.ofInputStream()).body());
      }
      // Nobody serves, so a browser's request is held.
      send(demo.port(), "POST", "/demo/master/kill");
      send(demo.port(), "POST", "/demo/backup/kill");
      held.write("GET /whoami HTTP/1.1\r\nHost: test\r\n\r\n");
      Await.until(
          "a request is held",
          () ->
              demo.manage("/actuator/prometheus")
                  .contains("understudy_held_requests{pool=\"demo\"} 1.0"));
      long asked = System.nanoTime();
      demo.interrupt();
      assertThat(demo.awaitEnd()).isTrue();
      System.out.printf("demo ended %.2f s after Ctrl-C%n", (System.nanoTime() - asked) / 1e9);
      assertThat(tunnels.awaitClosed()).hasSize(5);
    } finally {
      for (InputStream stream : streams) {
        stream.close();
      }
      http.shutdownNow();
    }
  }
}
