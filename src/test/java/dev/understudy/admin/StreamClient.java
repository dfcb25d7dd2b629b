package dev.understudy.admin;

import dev.understudy.testing.RawClient;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A client that reads a stream of server-sent events line by line. */
final class StreamClient implements AutoCloseable {
  private final RawClient client;

  StreamClient(AdminServer server, String target, String... fields) {
    this(new RawClient(server.managementPort()), target, fields);
  }

  /**
   * @param client not used yet
   */
  StreamClient(RawClient client, String target, String... fields) {
    List<String> all = new ArrayList<>(List.of(fields));
    all.add("Host: localhost");
    this.client = client.request("GET", target, all.toArray(String[]::new));
  }

  /** The rest of the next line that begins so. */
  String next(String prefix) {
    String line = "";
    while (!line.startsWith(prefix)) {
      line = client.readUntil("\n").strip();
    }
    return line.substring(prefix.length()).strip();
  }

  /** The data of the next event. */
  JsonNode data() {
    return AdminServer.JSON.readTree(next("data:"));
  }

  RawClient raw() {
    return client;
  }

  @Override
  public void close() {
    client.close();
  }
}
