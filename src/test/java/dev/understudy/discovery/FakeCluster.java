package dev.understudy.discovery;

import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** An API that lists and watches what the test has set, over HTTP/1.1. */
final class FakeCluster implements AutoCloseable {
  /** Path of a collection to the items of its list. */
  private final Map<String, String> lists = new ConcurrentHashMap<>();

  private final Map<String, Integer> refused = new ConcurrentHashMap<>();
  private final Map<String, Connection> watches = new ConcurrentHashMap<>();
  final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile CountDownLatch gate = new CountDownLatch(0);

  /** Whether a list waits, or has waited. */
  volatile boolean isHolding;

  private final ScriptedServer server = new ScriptedServer(this::run);

  int port() {
    return server.port();
  }

  /** From now on the collection has these items; watches are not told. */
  void list(String path, String... items) {
    lists.put(path, String.join(",", items));
  }

  /**
   * From now on calls of the collection have that status; 0: they succeed again. After {@code
   * "WATCH "} or {@code "GET "} the path is that of its watches or its lists alone.
   */
  void refuse(String path, int status) {
    if (status == 0) {
      refused.remove(path);
    } else {
      refused.put(path, status);
    }
  }

  /** From now on lists, as they are when they are asked for, wait until the gate is opened. */
  CountDownLatch holdLists() {
    gate = new CountDownLatch(1);
    return gate;
  }

  private void hold(CountDownLatch closed) throws InterruptedException {
    if (closed.getCount() > 0) {
      isHolding = true;
      closed.await();
    }
  }

  boolean isWatched(String path) {
    return watches.containsKey(path);
  }

  /** Tells the newest watch. */
  void event(String path, String type, String object) throws IOException {
    String event = "{\"type\":\"%s\",\"object\":%s}\n".formatted(type, object);
    int length = event.getBytes(StandardCharsets.UTF_8).length;
    watches.get(path).send(Integer.toHexString(length) + "\r\n" + event + "\r\n");
  }

  /** Ends the newest watch without a proper end. */
  void cut(String path) throws IOException {
    watches.remove(path).socket().close();
  }

  long lists(String path) {
    return count("GET " + path);
  }

  long count(String request) {
    return requests.stream().filter(request::equals).count();
  }

  private void run(Connection connection) throws Exception {
    String head = connection.readHead();
    if (head.isEmpty()) {
      return;
    }
    String target = head.split(" ", 3)[1];
    String path = target.substring(0, target.indexOf('?'));
    boolean watch = target.contains("watch=true");
    String request = (watch ? "WATCH " : "GET ") + path;
    Integer status = refused.getOrDefault(request, refused.get(path));
    String items = lists.get(path);
    boolean accepted = status == null && items != null;
    if (watch && accepted) {
      connection.socket().setTcpNoDelay(true);
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      watches.put(path, connection);
    }
    requests.add(request);
    if (!accepted) {
      int code = status == null ? 404 : status;
      respond(connection, code + " Refused", "{\"kind\":\"Status\",\"message\":\"refused\"}");
    } else if (watch) {
      connection.awaitEnd();
    } else {
      hold(gate);
      respond(
          connection,
          "200 OK",
          "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[" + items + "]}");
    }
  }

  private static void respond(Connection connection, String status, String body)
      throws IOException {
    connection.send(
        "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(status, body.length(), body));
  }

  @Override
  public void close() {
    server.close();
  }
}
