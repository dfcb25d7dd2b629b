package dev.understudy.monitor;

import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The version of a simulated replica, as its documents show it. */
enum SimVersion {
  /** 1.0.0-rc.1: a vote of which it does not know the word is none. */
  CANDIDATE,
  /** 0.9.0: what came after it is neither read nor written, and nothing is carried along. */
  BEFORE,
  THIS,
  /** Writes attributes, fields and words that this version does not know. */
  LATER;

  private static final JsonMapper JSON = JsonMapper.shared();

  /** The state of a server, as no version before knows it. */
  private static final String STATE = "sen3=asleep";

  private static final Map<String, String> ATTRIBUTES =
      Map.of("moon", "full", "tide", "{\"high\":[1,2]}");

  /** Operators' states as far as this version knows them. */
  static String knownStates(RegisterDocument document) {
    return document.attributes().getOrDefault("states", "").replace(STATE, "").strip();
  }

  /** Whether it says so if its checks are late. */
  boolean tellsLate() {
    return this != BEFORE && this != CANDIDATE;
  }

  RegisterEntry read(RegisterEntry entry) {
    RegisterDocument document =
        switch (this) {
          case BEFORE -> withoutLate(asBefore(entry.document()));
          case CANDIDATE -> withoutLate(entry.document());
          case THIS, LATER -> entry.document();
        };
    return new RegisterEntry(entry.key(), entry.revision(), document);
  }

  private static RegisterDocument withoutLate(RegisterDocument document) {
    Map<String, String> next = new HashMap<>(document.attributes());
    next.computeIfPresent("votes", (name, votes) -> votes.replace("\"LATE", "\"UNREADABLE"));
    return with(document, next);
  }

  RegisterDocument write(Kind kind, RegisterDocument document) {
    return switch (this) {
      case BEFORE -> asBefore(document);
      case THIS, CANDIDATE -> document;
      case LATER -> asLater(kind, document);
    };
  }

  private static RegisterDocument asBefore(RegisterDocument document) {
    Map<String, String> next = new HashMap<>(document.attributes());
    next.keySet().removeAll(ATTRIBUTES.keySet());
    next.computeIfPresent("states", (name, was) -> knownStates(document));
    edit(next, "votes", votes -> votes.forEach(pool -> remove(pool, "calling", "hooks", "tide")));
    edit(next, "owed-hooks", owed -> remove(owed, "passed"));
    edit(next, "states-by", acts -> acts.forEach(act -> remove(act, "over", "at")));
    return with(document, next);
  }

  private static RegisterDocument asLater(Kind kind, RegisterDocument document) {
    Map<String, String> next = new HashMap<>(document.attributes());
    next.putAll(ATTRIBUTES);
    next.put("schema", "2");
    edit(next, "votes", votes -> votes.forEach(pool -> ((ObjectNode) pool).put("tide", "low")));
    if (kind == Kind.POOL) {
      next.put("states", (knownStates(document) + " " + STATE).strip());
    }
    return with(document, next);
  }

  private static RegisterDocument with(RegisterDocument was, Map<String, String> attributes) {
    return new RegisterDocument(
        was.holder(), was.transitions(), was.acquired(), was.renewed(), attributes);
  }

  private static void edit(Map<String, String> attributes, String name, Consumer<JsonNode> edit) {
    attributes.computeIfPresent(
        name,
        (any, json) -> {
          JsonNode tree = JSON.readTree(json);
          edit.accept(tree);
          return tree.toString();
        });
  }

  private static void remove(JsonNode from, String... fields) {
    ((ObjectNode) from).remove(List.of(fields));
  }

  /** What a later version wrote is there as long as no older one than this writes the record. */
  void checkCarried(@Nullable RegisterEntry before, RegisterDocument next) {
    if (this == BEFORE || before == null || before.key().kind() != Kind.POOL) {
      return;
    }
    Map<String, String> was = before.document().attributes();
    ATTRIBUTES.forEach(
        (name, value) ->
            SimWorld.require(
                !was.containsKey(name) || value.equals(next.attributes().get(name)),
                () -> name + " of a later version is lost"));
    SimWorld.require(
        !was.getOrDefault("states", "").contains(STATE)
            || next.attributes().get("states").contains(STATE),
        () -> STATE + " of a later version is lost");
  }
}
