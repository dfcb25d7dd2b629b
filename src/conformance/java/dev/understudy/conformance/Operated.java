package dev.understudy.conformance;

import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A process of either release, as operators see it: by the API that both have.
 *
 * @param earlier whether it is of {@link EarlierRelease}
 */
record Operated(ProxyProcess process, boolean earlier) implements AutoCloseable {
  static final String TOKEN = "a-token-for-tests-only";

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final JsonMapper JSON = JsonMapper.shared();

  JsonNode pool(String pool) {
    return JSON.readTree(process.manage("/api/pools/" + pool));
  }

  /** Moves and pins a role; {@code auto} ends the pin. */
  void switchTo(String pool, String server) throws IOException, InterruptedException {
    write("POST", "/api/pools/" + pool + "/switch", Map.of("to", server, "reason", "disk swap"));
  }

  /** Begins a planned switch. */
  void plan(String pool, String server, Map<String, Object> more)
      throws IOException, InterruptedException {
    Map<String, Object> body = new TreeMap<>(more);
    body.put("to", server);
    body.put("planned", true);
    write("POST", "/api/pools/" + pool + "/switch", body);
  }

  void state(String pool, String server, String state) throws IOException, InterruptedException {
    String path = "/api/pools/" + pool + "/servers/" + server + "/state";
    write("PUT", path, Map.of("state", state, "reason", "a new kernel"));
  }

  /** Sets a pool to maintenance, but for some addresses. */
  void close(String pool, String... allow) throws IOException, InterruptedException {
    Map<String, Object> body = new TreeMap<>(Map.of("state", "maintenance"));
    if (allow.length > 0) {
      body.put("allow", allow);
    }
    if (!earlier) {
      body.put("force", true); // 0.9.0 asks for none, and does not know it.
    }
    write("PUT", "/api/pools/" + pool + "/state", body);
  }

  /** Ends a pool's maintenance. */
  void open(String pool) throws IOException, InterruptedException {
    write("PUT", "/api/pools/" + pool + "/state", Map.of("state", "ready"));
  }

  /**
   * Writes until it is allowed, and kept: a replica may be out of touch, or the servers not probed
   * yet.
   */
  private void write(String method, String path, Map<String, Object> change)
      throws IOException, InterruptedException {
    Map<String, Object> body = new TreeMap<>(change);
    if (!earlier) {
      body.put("durable", true);
    }
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + process.managementPort() + path))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(30))
            .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
            .build();
    Await.until(
        method + " " + path + " " + body,
        () -> {
          HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
          if (response.statusCode() / 100 == 4 && response.statusCode() != 409) {
            throw new IllegalStateException(response.body());
          }
          return response.statusCode() / 100 == 2;
        });
  }

  /**
   * What has to be the same in the next process, by pool. Who set a server to ready is left out: a
   * process that has read that from etcd or from Leases shows it only once it is set again.
   */
  ObjectNode facts(Iterable<String> pools) {
    ObjectNode all = JSON.createObjectNode();
    for (String name : pools) {
      JsonNode pool = pool(name);
      ObjectNode facts = all.putObject(name);
      for (String field : new String[] {"state", "serving", "epoch", "reason", "pinned"}) {
        facts.set(field, pool.path(field));
      }
      facts.put("closed", !pool.path("maintenance").isNull());
      ObjectNode servers = facts.putObject("servers");
      for (JsonNode server : pool.path("servers")) {
        ObjectNode one = servers.putObject(server.path("name").asString());
        one.set("state", server.path("state"));
        if (!server.path("state").asString().equals("ready")) {
          one.set("operator", server.path("operator"));
          one.set("operatorReason", server.path("operatorReason"));
        }
      }
      facts.put("phase", pool.at("/planned/phase").asString(""));
    }
    return all;
  }

  @Override
  public void close() throws InterruptedException {
    process.close();
  }
}
