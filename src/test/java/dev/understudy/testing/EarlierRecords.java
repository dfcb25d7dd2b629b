package dev.understudy.testing;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.text.Words;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the last release wrote, see the README beside it, and what it said of it: {@code facts.json}
 * has each pool as that release's API had it.
 */
public final class EarlierRecords {
  public static final Path FOLDER = Path.of("src/test/resources/dev/understudy/release-0.9.0");

  /** Its planned switch was under way, with its hook called. */
  public static final String UNDER_WAY = "under-way";

  private EarlierRecords() {}

  public static String text(String name) {
    try {
      return Files.readString(FOLDER.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static JsonNode json(String name) {
    return JsonMapper.shared().readTree(text(name));
  }

  /** The pools, but for {@link #UNDER_WAY}. */
  public static List<String> pools() {
    return json("facts.json").propertyNames().stream().toList();
  }

  /** What the release said of a pool. */
  public static Map<String, String> said(String pool) {
    JsonNode said = json("facts.json").path(pool);
    Map<String, String> facts = new TreeMap<>();
    for (String each : List.of("serving", "epoch", "reason", "pinned", "phase")) {
      facts.put(each, said.path(each).asString(""));
    }
    facts.put("closed", said.path("closed").asString());
    said.path("servers")
        .properties()
        .forEach(server -> facts.put(server.getKey(), state(server.getValue())));
    return facts;
  }

  private static String state(JsonNode server) {
    return "%s by %s: %s"
        .formatted(
            server.path("state").asString(""),
            server.path("operator").asString(""),
            server.path("operatorReason").asString(""));
  }

  /** The same of what this version reads. */
  public static Map<String, String> read(AgreedRole role, OperatorStates states) {
    Map<String, String> facts = new TreeMap<>();
    facts.put("serving", text(role.roleState().serving()));
    facts.put("epoch", Long.toString(role.roleState().epoch()));
    facts.put("reason", role.reason() == null ? "" : role.reason().name());
    facts.put("pinned", text(role.roleState().pinned()));
    PlannedSwitch planned = role.planned();
    facts.put("phase", planned == null ? "" : planned.phase().name());
    PoolMaintenance maintenance = states.maintenance();
    facts.put("closed", Boolean.toString(maintenance != null && maintenance.on()));
    for (String name : List.of("master", "backup")) {
      ServerId server = new ServerId(name);
      OperatorState state = states.of(server);
      Operator operator = states.setter(server);
      facts.put(
          name,
          "%s by %s: %s"
              .formatted(
                  Words.lower(state),
                  operator == null ? "" : operator.name(),
                  operator == null ? "" : operator.reason()));
    }
    return facts;
  }

  private static String text(@Nullable ServerId server) {
    return server == null ? "" : server.value();
  }
}
