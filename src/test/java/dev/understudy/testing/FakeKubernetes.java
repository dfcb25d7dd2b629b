package dev.understudy.testing;

import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.testing.ScriptedServer.Connection;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An API of a cluster over HTTP/1.1 that stores objects: lists in pages, watches, merge patches of
 * a status upon a revision, and Events. It fails as it is told to.
 */
public final class FakeKubernetes implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String SLICES = "/apis/discovery.k8s.io/v1/endpointslices";
  private static final Pattern TARGET =
      Pattern.compile(
          "(/api/v1|/apis/[^/]+/[^/]+)(?:/namespaces/([^/]+))?/([^/]+)(?:/([^/]+)(/status)?)?");

  /** What happened to an object. */
  private record Change(long revision, String type, String resource, String key, String object) {}

  /** A status instead of a result. */
  private record Refusal(int status, String fields) {}

  /** A request, taken apart. */
  private record Call(
      String method,
      String resource,
      @Nullable String namespace,
      @Nullable String name,
      Map<String, String> query,
      String body) {}

  private final Map<String, NavigableMap<String, ObjectNode>> resources = new HashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private final Map<String, Refusal> refusals = new HashMap<>();
  private final Set<Connection> watches = new HashSet<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final ScriptedServer server = new ScriptedServer(this::run);
  private long revision = 100;
  private long compacted;
  private int bookmarks;

  /** The revision of the last bookmark. */
  private long marked;

  private int page = 500;
  private boolean silent;
  private boolean gone;
  private int ended;

  /** An API that has the kinds of the Gateway API, what they refer to, and EndpointSlices. */
  public FakeKubernetes() {
    for (ObjectKind kind : ObjectKind.values()) {
      resources.put(resource(kind), new TreeMap<>());
    }
    resources.put(SLICES, new TreeMap<>());
    resources.put("/api/v1/events", new TreeMap<>());
  }

  private static String resource(ObjectKind kind) {
    return (kind.group().isEmpty() ? "/api/" : "/apis/") + kind.apiVersion() + "/" + kind.plural();
  }

  private static String resource(String kind) {
    return kind.equals("EndpointSlice")
        ? SLICES
        : List.of(ObjectKind.values()).stream()
            .filter(each -> each.kind().equals(kind))
            .findFirst()
            .map(FakeKubernetes::resource)
            .orElseThrow();
  }

  /** Settings by which a client finds it. */
  public KubernetesSettings settings() {
    return KubernetesSettings.of(
            new KubernetesSettings.Given("http://127.0.0.1:" + server.port(), "own", null, null),
            "u",
            "proxy-1",
            null,
            variable -> null,
            Path.of("/nowhere"))
        .withCallTimeout(Duration.ofSeconds(20));
  }

  /** Creates or changes the objects of a YAML text; what was observed as their status stays. */
  public synchronized void apply(String yaml) {
    for (Object each : new Yaml().loadAll(yaml)) {
      apply((ObjectNode) JSON.valueToTree(each));
    }
  }

  private void apply(ObjectNode object) {
    String resource = resource(object.path("kind").asString());
    String key = key(object);
    ObjectNode before = resources.get(resource).get(key);
    ObjectNode metadata = (ObjectNode) object.get("metadata");
    long generation = before == null ? 0 : before.path("metadata").path("generation").asLong();
    boolean same = before != null && before.path("spec").equals(object.path("spec"));
    metadata.put("generation", same ? generation : generation + 1);
    if (before == null) {
      metadata.put("uid", "uid-" + (revision + 1));
      if (!metadata.has("creationTimestamp")) {
        Instant created = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(revision);
        metadata.put("creationTimestamp", created.toString());
      }
    } else {
      metadata.set("uid", before.path("metadata").path("uid"));
      metadata.set("creationTimestamp", before.path("metadata").path("creationTimestamp"));
      if (before.has("status") && !object.has("status")) {
        object.set("status", before.get("status"));
      }
    }
    store(resource, key, object, before == null ? "ADDED" : "MODIFIED");
  }

  private static String key(JsonNode object) {
    String namespace = object.path("metadata").path("namespace").asString("");
    String name = object.path("metadata").path("name").asString("");
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }

  private void store(String resource, String key, ObjectNode object, String type) {
    ((ObjectNode) object.get("metadata")).put("resourceVersion", Long.toString(++revision));
    resources.get(resource).put(key, object);
    changes.add(new Change(revision, type, resource, key, object.toString()));
    notifyAll();
  }

  /** Deletes an object, by {@code namespace/name} or name. */
  public synchronized void delete(String kind, String key) {
    ObjectNode object = resources.get(resource(kind)).remove(key);
    ((ObjectNode) object.get("metadata")).put("resourceVersion", Long.toString(++revision));
    changes.add(new Change(revision, "DELETED", resource(kind), key, object.toString()));
    notifyAll();
  }

  /** A copy of an object; missing if there is none. */
  public synchronized JsonNode get(String kind, String key) {
    ObjectNode object = resources.get(resource(kind)).get(key);
    return object == null ? JSON.missingNode() : object.deepCopy();
  }

  /** The Events that were posted, oldest first. */
  public synchronized List<JsonNode> events() {
    return List.copyOf(resources.get("/api/v1/events").values());
  }

  /** From now on the API has the kind, or not; with its objects. */
  public synchronized void serve(String kind, boolean served) {
    if (served) {
      resources.putIfAbsent(resource(kind), new TreeMap<>());
    } else {
      resources.remove(resource(kind));
    }
  }

  /**
   * From now on calls have that status; 0: they succeed again.
   *
   * @param what method ({@code GET} for lists, {@code WATCH}, {@code PATCH}) and kind: {@code GET
   *     Secret}; for one object its key follows: {@code PATCH Gateway a/b}
   * @param fields further fields of the response's head, with line ends
   */
  public synchronized void refuse(String what, int status, String... fields) {
    String[] words = what.split(" ");
    String call = words[0] + " " + resource(words[1]) + (words.length > 2 ? " " + words[2] : "");
    if (status == 0) {
      refusals.remove(call);
    } else {
      refusals.put(call, new Refusal(status, String.join("", fields)));
    }
  }

  /** From now on a page has no more than so many objects. */
  public synchronized void page(int most) {
    page = most;
  }

  /** From now on watches are told nothing, or all that they were not told. */
  public synchronized void silent(boolean now) {
    silent = now;
    notifyAll();
  }

  /** From now on every connection is closed at once, or not. */
  public synchronized void gone(boolean now) throws IOException {
    gone = now;
    cutWatches();
  }

  /** Closes the connections of all watches. */
  public synchronized void cutWatches() throws IOException {
    for (Connection each : watches) {
      each.socket().close();
    }
    notifyAll();
  }

  /** Ends all watches in order. */
  public synchronized void endWatches() {
    ended++;
    notifyAll();
  }

  /** Sends each watch a bookmark. */
  public synchronized void bookmark() {
    bookmarks++;
    marked = revision;
    notifyAll();
  }

  /** Forgets the changes so far: a watch from before gets 410. */
  public synchronized void compact() {
    compacted = revision;
    changes.clear();
  }

  public synchronized int watches() {
    return watches.size();
  }

  /** How many such calls there were: {@code GET Secret}, {@code WATCH Secret}, {@code PATCH …}. */
  public long count(String what) {
    String[] words = what.split(" ");
    String call = words[0] + " " + resource(words[1]);
    return requests.stream().filter(call::equals).count();
  }

  private void run(Connection connection) throws Exception {
    String head = connection.readHead();
    if (head.isEmpty()) {
      return;
    }
    Call call = call(head, connection);
    boolean watch = call.query().containsKey("watch");
    String what = (watch ? "WATCH" : call.method()) + " " + call.resource();
    synchronized (this) {
      if (gone) {
        return;
      }
      requests.add(what);
      Refusal refusal =
          refusals.getOrDefault(
              what + " " + call.namespace() + "/" + call.name(), refusals.get(what));
      if (refusal != null) {
        respond(connection, refusal.status(), refusal.fields(), failure(refusal.status()));
        return;
      }
      if (!resources.containsKey(call.resource())) {
        respond(connection, 404, "", failure(404));
        return;
      }
      if (!watch) {
        respond(connection, call);
        return;
      }
    }
    watch(connection, call);
  }

  private static Call call(String head, Connection connection) throws IOException {
    String[] line = head.split(" ", 3);
    String[] target = line[1].split("\\?", 2);
    Matcher parts = TARGET.matcher(target[0]);
    if (!parts.matches()) {
      throw new IllegalArgumentException(target[0]);
    }
    Matcher length = Pattern.compile("(?i)content-length: *([0-9]+)").matcher(head);
    String body =
        length.find()
            ? new String(
                connection.socket().getInputStream().readNBytes(Integer.parseInt(length.group(1))),
                StandardCharsets.UTF_8)
            : "";
    Map<String, String> query = new HashMap<>();
    for (String each : target.length > 1 ? target[1].split("&") : new String[0]) {
      String[] pair = each.split("=", 2);
      query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
    }
    return new Call(
        line[0],
        parts.group(1) + "/" + parts.group(3),
        parts.group(2),
        parts.group(4),
        query,
        body);
  }

  private void respond(Connection connection, Call call) throws IOException {
    switch (call.method()) {
      case "GET" -> respond(connection, 200, "", list(call));
      case "PATCH" -> patch(connection, call);
      case "POST" -> {
        ObjectNode object = (ObjectNode) JSON.readTree(call.body());
        String name = object.path("metadata").path("generateName").asString() + revision;
        store(call.resource(), call.namespace() + "/" + name, object, "ADDED");
        respond(connection, 201, "", object.toString());
      }
      default -> respond(connection, 405, "", failure(405));
    }
  }

  private static boolean isOf(Call call, String key, JsonNode object) {
    if (call.namespace() != null && !key.startsWith(call.namespace() + "/")) {
      return false;
    }
    String type = call.query().getOrDefault("fieldSelector", "").replace("type=", "");
    String label = call.query().getOrDefault("labelSelector", "");
    String[] wanted = label.split("=", 2);
    JsonNode has = object.path("metadata").path("labels").path(wanted[0]);
    return (type.isEmpty() || object.path("type").asString("").equals(type))
        && (label.isEmpty()
            || (has.isString() && (wanted.length < 2 || has.asString().equals(wanted[1]))));
  }

  private String list(Call call) {
    int most = Math.min(page, Integer.parseInt(call.query().getOrDefault("limit", "1000000")));
    ObjectNode list = JSON.createObjectNode();
    ObjectNode metadata = list.putObject("metadata");
    metadata.put("resourceVersion", Long.toString(revision));
    var items = list.putArray("items");
    String after = call.query().getOrDefault("continue", "");
    String last = "";
    for (var each : resources.get(call.resource()).tailMap(after, false).entrySet()) {
      if (isOf(call, each.getKey(), each.getValue())) {
        if (items.size() == most) {
          metadata.put("continue", last);
          break;
        }
        items.add(each.getValue().deepCopy());
        last = each.getKey();
      }
    }
    return list.toString();
  }

  private void patch(Connection connection, Call call) throws IOException {
    String key = call.namespace() == null ? call.name() : call.namespace() + "/" + call.name();
    ObjectNode before = resources.get(call.resource()).get(key);
    JsonNode patch = JSON.readTree(call.body());
    if (before == null) {
      respond(connection, 404, "", failure(404));
      return;
    }
    JsonNode has = before.path("metadata").path("resourceVersion");
    if (!has.equals(patch.path("metadata").path("resourceVersion"))) {
      respond(connection, 409, "", failure(409));
      return;
    }
    ObjectNode after = before.deepCopy();
    if (!after.has("status")) {
      after.putObject("status");
    }
    merge((ObjectNode) after.get("status"), patch.path("status"));
    if (!after.equals(before)) {
      store(call.resource(), key, after, "MODIFIED");
    }
    respond(connection, 200, "", after.toString());
  }

  private static void merge(ObjectNode into, JsonNode patch) {
    patch.forEachEntry(
        (name, value) -> {
          if (value.isNull()) {
            into.remove(name);
          } else if (value.isObject() && into.path(name).isObject()) {
            merge((ObjectNode) into.get(name), value);
          } else {
            into.set(name, value);
          }
        });
  }

  private void watch(Connection connection, Call call) throws Exception {
    connection.socket().setTcpNoDelay(true);
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    long told = Long.parseLong(call.query().get("resourceVersion"));
    synchronized (this) {
      if (told < compacted) {
        send(connection, "ERROR", "{\"kind\":\"Status\",\"code\":410,\"message\":\"too old\"}");
        connection.send("0\r\n\r\n");
        return;
      }
      watches.add(connection);
      int end = ended;
      int seen = bookmarks;
      try {
        while (true) {
          for (Change each : silent ? List.<Change>of() : List.copyOf(changes)) {
            if (each.revision() > told && each.resource().equals(call.resource())) {
              told = each.revision();
              if (isOf(call, each.key(), JSON.readTree(each.object()))) {
                send(connection, each.type(), each.object());
              }
            }
          }
          if (seen < bookmarks) {
            seen = bookmarks;
            send(
                connection,
                "BOOKMARK",
                "{\"metadata\":{\"resourceVersion\":\"%d\"}}".formatted(marked));
          }
          if (end != ended || connection.socket().isClosed()) {
            break;
          }
          wait();
        }
        connection.send("0\r\n\r\n");
      } finally {
        watches.remove(connection);
      }
    }
  }

  private static void send(Connection connection, String type, String object) throws IOException {
    String event = "{\"type\":\"%s\",\"object\":%s}\n".formatted(type, object);
    int length = event.getBytes(StandardCharsets.UTF_8).length;
    connection.send(Integer.toHexString(length) + "\r\n" + event + "\r\n");
  }

  private static String failure(int status) {
    return "{\"kind\":\"Status\",\"message\":\"refused\",\"code\":%d}".formatted(status);
  }

  private static void respond(Connection connection, int status, String fields, String body)
      throws IOException {
    connection.send(
        "HTTP/1.1 %d Status\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s"
            .formatted(status, body.getBytes(StandardCharsets.UTF_8).length, fields, body));
  }

  @Override
  public void close() {
    server.close();
  }
}
