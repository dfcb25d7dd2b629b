package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.OwedHooksForm;
import dev.understudy.agreement.PlannedSwitchForm;
import dev.understudy.agreement.PoolMaintenanceForm;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.text.Words;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Converts a {@link PoolRecord} to and from a document. Holder and epoch are read whatever the
 * schema; other attributes that cannot be read count as absent, and are carried along with those
 * that are not known. Replicas of version 0.9.0 do not carry along: what is later is not known of a
 * record that one of them wrote, until another writes it.
 */
final class RecordCodec {
  /** A greater epoch comes from an edit by hand, and a Lease's 32 bits end soon after. */
  private static final long GREATEST_EPOCH = 2_000_000_000;

  /** The most that is carried along, in characters; a document has 128 KB at most. */
  private static final int MOST_CARRIED = 16 * 1024;

  private static final String STATES = "states";

  private static final JsonMapper JSON = JsonMapper.shared();

  private RecordCodec() {}

  /**
   * The record as a document.
   *
   * @param base the document that the record was made from, of which what this version does not
   *     know is carried along; null if there is none
   */
  static RegisterDocument write(PoolRecord record, @Nullable RegisterDocument base, Instant now) {
    Map<String, String> attributes = attributes(record);
    if (base != null) {
      carryAlong(base.attributes(), read(base), record, attributes);
    }
    ServerIdentity holder = record.holder();
    String name = holder == null ? "" : holder.id().value();
    return new RegisterDocument(name, record.epoch(), record.agreed().since(), now, attributes);
  }

  /**
   * Carries along attributes that are not known or not understood, and what JSON has beside the
   * known, as long as the known part stays as it was.
   *
   * @param before what {@code base} says
   * @param next is added to
   */
  private static void carryAlong(
      Map<String, String> base, PoolRecord before, PoolRecord record, Map<String, String> next) {
    Map<String, String> known = attributes(before);
    int left = MOST_CARRIED;
    for (Map.Entry<String, String> each : new TreeMap<>(base).entrySet()) {
      String name = each.getKey();
      String value = each.getValue();
      boolean later = !known.containsKey(name);
      left -= later ? name.length() + value.length() : 0;
      boolean same = Objects.equals(known.get(name), next.get(name));
      if (same && (later ? left >= 0 : value.startsWith("{") || value.startsWith("["))) {
        next.put(name, value);
      }
    }
    String states = otherStates(base.getOrDefault(STATES, ""), before, record);
    if (left >= states.length() && !states.isEmpty()) {
      next.put(STATES, (next.get(STATES) + states).strip());
    }
  }

  /** The states that are not understood, of servers that no operator has set since. */
  private static String otherStates(String written, PoolRecord before, PoolRecord record) {
    StringBuilder others = new StringBuilder();
    for (String part : written.split(" ", -1)) {
      int equals = part.indexOf('=');
      ServerId id = equals > 0 ? server(part.substring(0, equals)) : null;
      if (id != null
          && state(part.substring(equals + 1)) == null
          && !record.operatorStates().states().containsKey(id)
          && Objects.equals(
              before.operatorStates().acts().get(id), record.operatorStates().acts().get(id))) {
        others.append(' ').append(part);
      }
    }
    return others.toString();
  }

  private static Map<String, String> attributes(PoolRecord record) {
    Map<String, String> attributes = new HashMap<>();
    RoleState roleState = record.agreed().roleState();
    attributes.put("schema", "1");
    attributes.put("evidence", record.agreed().evidence());
    attributes.put("decided-by", record.decidedBy());
    attributes.put("pinned", Boolean.toString(record.pinned()));
    attributes.put("failbacks", Integer.toString(roleState.failbacks()));
    attributes.put("failback-epoch", Long.toString(record.failbackEpoch()));
    SwitchReason reason = record.agreed().reason();
    if (reason != null) {
      attributes.put("reason", reason.name());
    }
    attributes.put(STATES, states(record.operatorStates().states()));
    OperatorsCodec.write(record.agreed().operators(), record.operatorStates(), attributes);
    RoleMemory memory = roleState.memory();
    if (memory.holder() != null) {
      attributes.put("last-holder", memory.holder().value());
    }
    if (memory.history() != null) {
      attributes.put("history", memory.history());
    }
    if (!memory.stale().isEmpty()) {
      attributes.put(
          "stale",
          memory.stale().stream().map(ServerId::value).sorted().collect(Collectors.joining(" ")));
    }
    PlannedSwitch planned = record.planned();
    if (planned != null) {
      attributes.put("planned", JSON.writeValueAsString(PlannedSwitchForm.of(planned)));
    }
    OwedHooksForm owed = OwedHooksForm.of(record.agreed().owed());
    if (owed != null) {
      attributes.put("owed-hooks", JSON.writeValueAsString(owed));
    }
    PoolMaintenance maintenance = record.operatorStates().maintenance();
    if (maintenance != null) {
      attributes.put("maintenance", JSON.writeValueAsString(PoolMaintenanceForm.of(maintenance)));
    }
    ServerIdentity holder = record.holder();
    if (holder != null) {
      attributes.put("address", holder.address());
    }
    return attributes;
  }

  static PoolRecord read(RegisterDocument document) {
    Map<String, String> attributes = document.attributes();
    ServerIdentity holder = holder(document.holder(), attributes.getOrDefault("address", ""));
    boolean damaged =
        (holder == null && !document.holder().isEmpty()) || document.transitions() > GREATEST_EPOCH;
    long epoch = damaged ? 0 : Math.max(0, document.transitions());
    ServerId serving = epoch == 0 || holder == null ? null : holder.id();
    boolean pinned = Boolean.parseBoolean(attributes.get("pinned"));
    RoleState roleState =
        new RoleState(
            serving,
            epoch,
            pinned ? serving : null,
            (int) Math.min(Integer.MAX_VALUE, number(attributes.get("failbacks"))),
            null,
            memory(attributes));
    AgreedRole.Decision decision =
        new AgreedRole.Decision(
            SwitchReason.ofStored(attributes.get("reason")),
            document.acquired(),
            attributes.getOrDefault("evidence", ""),
            attributes.getOrDefault("decided-by", ""));
    return new PoolRecord(
        new AgreedRole(
            roleState,
            decision,
            serving == null ? null : holder,
            OperatorsCodec.operators(attributes),
            VoterCodec.readable(
                json -> form(json, PlannedSwitchForm.class).value(), attributes.get("planned")),
            owed(attributes.get("owed-hooks"))),
        number(attributes.get("failback-epoch")),
        new OperatorStates(
            states(attributes.getOrDefault(STATES, "")),
            OperatorsCodec.acts(attributes),
            VoterCodec.readable(
                json -> form(json, PoolMaintenanceForm.class).value(),
                attributes.get("maintenance"))));
  }

  private static OwedHooks owed(@Nullable String written) {
    OwedHooks owed =
        VoterCodec.readable(json -> OwedHooksForm.value(form(json, OwedHooksForm.class)), written);
    return owed == null ? OwedHooks.NONE : owed;
  }

  private static <T> T form(String json, Class<T> type) {
    try {
      T form = JSON.readValue(json, type);
      if (form == null) {
        throw new IllegalArgumentException("expected an object, found null");
      }
      return form;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static RoleMemory memory(Map<String, String> attributes) {
    Set<ServerId> stale = new HashSet<>();
    for (String name : attributes.getOrDefault("stale", "").split(" ", -1)) {
      ServerId id = server(name);
      if (id != null) {
        stale.add(id);
      }
    }
    return new RoleMemory(server(attributes.get("last-holder")), attributes.get("history"), stale);
  }

  static @Nullable OperatorState state(@Nullable String name) {
    return VoterCodec.readable(each -> OperatorState.valueOf(each.toUpperCase(Locale.ROOT)), name);
  }

  static @Nullable ServerId server(@Nullable String name) {
    return VoterCodec.readable(ServerId::new, name);
  }

  private static @Nullable ServerIdentity holder(String name, String address) {
    ServerId id = server(name);
    return id == null ? null : new ServerIdentity(id, address);
  }

  private static long number(@Nullable String text) {
    try {
      return text == null ? 0 : Math.max(0, Long.parseLong(text));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Format: {@code sen1=drain sen2=maintenance}. */
  private static String states(Map<ServerId, OperatorState> states) {
    Map<String, String> sorted = new TreeMap<>();
    states.forEach((id, state) -> sorted.put(id.value(), Words.lower(state)));
    return sorted.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(" "));
  }

  private static Map<ServerId, OperatorState> states(String text) {
    Map<ServerId, OperatorState> states = new HashMap<>();
    for (String part : text.split(" ", -1)) {
      int equals = part.indexOf('=');
      ServerId id = equals > 0 ? server(part.substring(0, equals)) : null;
      OperatorState state = state(part.substring(equals + 1));
      if (id != null && state != null) {
        states.put(id, state);
      }
    }
    return states;
  }
}
