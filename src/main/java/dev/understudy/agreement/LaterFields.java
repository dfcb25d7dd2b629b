package dev.understudy.agreement;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a state file has that this version does not know, as a later one may have written it: fields
 * beside those that are known, and values that are not understood. They are written again as long
 * as the known part of what they stand in stays as it was.
 */
record LaterFields(Map<String, Of> pools, ObjectNode root) {
  /** The most that is kept of one pool, and of the file itself, in characters. */
  static final int MOST = 16 * 1024;

  /** Nothing. */
  static final LaterFields NONE = new LaterFields(Map.of(), JsonMapper.shared().createObjectNode());

  private static final String ACTS = "statesBy";

  /** Fields whose own fields are servers' names. */
  private static final Set<String> BY_SERVER = Set.of("operatorStates", ACTS);

  /**
   * Of one object.
   *
   * @param later what to write again
   * @param known what this version would write of what it has read
   */
  record Of(ObjectNode later, ObjectNode known) {}

  /**
   * Compares a file with what this version writes of it.
   *
   * @param read the file
   * @param known the document made of it, of which pools that could not be read are absent
   */
  static LaterFields of(JsonNode read, JsonNode known) {
    Map<String, Of> pools = new TreeMap<>();
    for (Map.Entry<String, JsonNode> pool : known.path("pools").properties()) {
      if (read.path("pools").path(pool.getKey()) instanceof ObjectNode source
          && pool.getValue() instanceof ObjectNode written) {
        ObjectNode later = later(source, written, true);
        if (!later.isEmpty() && later.toString().length() <= MOST) {
          pools.put(pool.getKey(), new Of(later, written));
        }
      }
    }
    ObjectNode root = JsonMapper.shared().createObjectNode();
    for (Map.Entry<String, JsonNode> field : read.properties()) {
      if (!known.has(field.getKey())) {
        root.set(field.getKey(), field.getValue());
      }
    }
    return root.toString().length() <= MOST
        ? new LaterFields(pools, root)
        : new LaterFields(pools, NONE.root);
  }

  private static ObjectNode later(ObjectNode source, ObjectNode known, boolean top) {
    ObjectNode later = JsonMapper.shared().createObjectNode();
    for (Map.Entry<String, JsonNode> field : source.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      JsonNode written = known.get(name);
      if (top && BY_SERVER.contains(name) && value instanceof ObjectNode servers) {
        ObjectNode of =
            written instanceof ObjectNode all ? all : JsonMapper.shared().createObjectNode();
        ObjectNode some = later(servers, of, false);
        if (!some.isEmpty()) {
          later.set(name, some);
        }
      } else if (value.isObject() ? !value.equals(written) : isNone(written) && !isNone(value)) {
        later.set(name, value);
      }
    }
    return later;
  }

  private static boolean isNone(@Nullable JsonNode value) {
    return value == null || value.isNull();
  }

  boolean isEmpty() {
    return pools.isEmpty() && root.isEmpty();
  }

  /** Adds them to a document of the same form. */
  void addTo(ObjectNode document) {
    for (Map.Entry<String, Of> pool : pools.entrySet()) {
      if (document.path("pools").path(pool.getKey()) instanceof ObjectNode next) {
        add(next, pool.getValue(), next.path(ACTS).deepCopy());
      }
    }
    document.setAll(root);
  }

  /**
   * Adds those of one pool.
   *
   * @param acts who has set which server until now: what is later of one goes once it is set
   */
  private static void add(ObjectNode next, Of of, JsonNode acts) {
    for (Map.Entry<String, JsonNode> field : of.later.properties()) {
      String name = field.getKey();
      if (BY_SERVER.contains(name) && next.get(name) instanceof ObjectNode servers) {
        for (Map.Entry<String, JsonNode> server : field.getValue().properties()) {
          String id = server.getKey();
          if (acts.path(id).equals(of.known.path(ACTS).path(id))) {
            add(servers, server, of.known.path(name).get(id));
          }
        }
      } else {
        add(next, field, of.known.get(name));
      }
    }
  }

  private static void add(
      ObjectNode next, Map.Entry<String, JsonNode> later, @Nullable JsonNode was) {
    JsonNode now = next.get(later.getKey());
    if (isNone(now) ? isNone(was) : now.equals(was)) {
      next.set(later.getKey(), later.getValue());
    }
  }
}
