package dev.understudy.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The part of a Kubernetes API that one replica's agreement uses: Leases in memory, which are
 * created, patched, read, watched and deleted, and events about them; without authentication and
 * without conflicts.
 */
final class LeaseApi {
  static final String NAMESPACE = "training";

  private static final String PATH =
      "/apis/coordination.k8s.io/v1/namespaces/" + NAMESPACE + "/leases";
  private static final String EVENTS = "/api/v1/namespaces/" + NAMESPACE + "/events";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Map<String, ObjectNode> leases = new TreeMap<>();
  private final List<OutputStream> watches = new ArrayList<>();
  private final HttpServer server;
  private long version = 1;

  private LeaseApi(HttpServer server) {
    this.server = server;
  }

  /** Starts it on a free port; it ends with the process. */
  static LeaseApi start() throws IOException {
    LeaseApi api =
        new LeaseApi(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    api.server.createContext(PATH, api::handle);
    api.server.createContext(EVENTS, LeaseApi::accept);
    api.server.setExecutor(Executors.newCachedThreadPool());
    api.server.start();
    return api;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    if (query != null && query.contains("watch=")) {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().flush();
      watches.add(exchange.getResponseBody());
      return;
    }
    String name = exchange.getRequestURI().getPath().substring(PATH.length()).replace("/", "");
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    ObjectNode response = response(exchange.getRequestMethod(), name, body);
    byte[] json = JSON.writeValueAsBytes(response == null ? JSON.createObjectNode() : response);
    exchange.sendResponseHeaders(response == null ? 404 : 200, json.length);
    exchange.getResponseBody().write(json);
    exchange.close();
  }

  /** Takes an event, and forgets it. */
  private static void accept(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(201, -1);
    exchange.close();
  }

  /** Null if there is no such Lease. */
  private @Nullable ObjectNode response(String method, String name, String body) {
    return switch (method) {
      case "POST" -> create((ObjectNode) JSON.readTree(body));
      case "PATCH" -> patch(leases.get(name), JSON.readTree(body));
      case "DELETE" -> leases.remove(name);
      default -> name.isEmpty() ? list() : leases.get(name);
    };
  }

  private ObjectNode create(ObjectNode lease) {
    leases.put(lease.at("/metadata/name").asString(), lease);
    return written("ADDED", lease);
  }

  /** Applies a JSON Patch (RFC 6902) whose operations all set members of objects. */
  private @Nullable ObjectNode patch(@Nullable ObjectNode lease, JsonNode operations) {
    if (lease == null) {
      return null;
    }
    for (JsonNode operation : operations) {
      String path = operation.path("path").asString();
      int end = path.lastIndexOf('/');
      ObjectNode parent = (ObjectNode) lease.at(path.substring(0, end));
      parent.set(path.substring(end + 1), operation.path("value"));
    }
    return written("MODIFIED", lease);
  }

  private ObjectNode written(String type, ObjectNode lease) {
    version++;
    ((ObjectNode) lease.path("metadata")).put("resourceVersion", Long.toString(version));
    ObjectNode event = JSON.createObjectNode().put("type", type);
    event.set("object", lease);
    byte[] line = (JSON.writeValueAsString(event) + "\n").getBytes(StandardCharsets.UTF_8);
    watches.removeIf(watch -> !isSent(line, watch));
    return lease;
  }

  /** False if the client has ended the watch. */
  private static boolean isSent(byte[] line, OutputStream watch) {
    try {
      watch.write(line);
      watch.flush();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private ObjectNode list() {
    ObjectNode list = JSON.createObjectNode();
    list.putObject("metadata").put("resourceVersion", Long.toString(version));
    leases.values().forEach(list.putArray("items")::add);
    return list;
  }
}
