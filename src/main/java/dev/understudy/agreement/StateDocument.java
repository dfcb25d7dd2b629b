package dev.understudy.agreement;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.text.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Content of the state file in the form in which it is written: names as text, sorted, so that two
 * files can be compared by eye.
 *
 * @param version version of this form; files of other versions are rejected
 */
record StateDocument(int version, Map<String, Entry> pools) {
  static final int VERSION = 1;

  /**
   * State of one pool.
   *
   * @param operatorStates of the servers that are not {@code ready}
   * @param switchedBy who caused the last change; null if no operator did
   * @param pinnedBy who pinned the serving server, or ended the pin; null if none did
   * @param statesBy who set the operator states; null in files of versions that did not keep it
   * @param planned the planned switch that is under way, or the last one; null if there was none
   * @param owed the calls of hooks that are owed; null if there are none
   * @param maintenance null if the pool was never in maintenance, as in files of such versions
   * @param servers {@link ServerIdentity} of each server of the file; null in files of versions
   *     that did not keep it
   * @param holder see {@link RoleMemory}, as the next two; null in files of such versions too
   */
  record Entry(
      @Nullable String serving,
      long epoch,
      @Nullable String reason,
      @Nullable Instant since,
      @Nullable String pinned,
      int failbacks,
      @Nullable Instant lastFailback,
      Map<String, String> operatorStates,
      @Nullable Who switchedBy,
      @Nullable Who pinnedBy,
      @Nullable Map<String, Who> statesBy,
      @Nullable String holder,
      @Nullable String history,
      @Nullable List<String> stale,
      @Nullable PlannedSwitchForm planned,
      @Nullable OwedHooksForm owed,
      @Nullable PoolMaintenanceForm maintenance,
      @Nullable List<String> servers) {}

  /**
   * An operator.
   *
   * @param reason null if the operator gave none
   * @param state the operator state that was set; null for a switch or a pin
   * @param over see {@link AgentOverride}, as {@code at}; null if nothing was overridden
   */
  record Who(
      @Nullable String name,
      @Nullable String reason,
      @Nullable String state,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String over,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant at) {
    static @Nullable Who of(@Nullable Operator operator) {
      return operator == null
          ? null
          : new Who(operator.name(), operator.reason(), null, null, null);
    }

    static Who of(OperatorStates.Act act) {
      Operator by = act.operator();
      AgentOverride over = act.over();
      return new Who(
          by == null ? null : by.name(),
          by == null ? null : by.reason(),
          Words.lower(act.state()),
          over == null ? null : Words.lower(over.state()),
          over == null ? null : over.at());
    }

    /** Empty if it says nothing that this version knows. */
    private Optional<OperatorStates.Act> act() {
      AgentOverride override =
          at == null ? null : known(over).map(said -> new AgentOverride(said, at)).orElse(null);
      Operator operator = operator();
      return operator == null && override == null
          ? Optional.empty()
          : known(state).map(set -> new OperatorStates.Act(set, operator, override));
    }

    private @Nullable Operator operator() {
      return Operator.ofStored(name, reason);
    }

    private static @Nullable Operator operator(@Nullable Who who) {
      return who == null ? null : who.operator();
    }
  }

  /**
   * @param ahead by how much the clock on the wall, by which the next process begins, is ahead
   */
  static StateDocument of(Map<PoolId, RememberedPool> memory, Duration ahead) {
    Map<String, Entry> pools = new TreeMap<>();
    memory.forEach((pool, remembered) -> pools.put(pool.value(), entry(remembered, ahead)));
    return new StateDocument(VERSION, pools);
  }

  private static Entry entry(RememberedPool memory, Duration ahead) {
    Map<String, String> states = new TreeMap<>();
    memory
        .operatorStates()
        .states()
        .forEach((id, state) -> states.put(id.value(), Words.lower(state)));
    Map<String, Who> statesBy = new LinkedHashMap<>();
    memory.operatorStates().acts().forEach((id, act) -> statesBy.put(id.value(), Who.of(act)));
    PoolMaintenance set = memory.operatorStates().maintenance();
    PoolMaintenanceForm maintenance = set == null ? null : PoolMaintenanceForm.of(set);
    List<String> servers =
        memory.servers().stream().map(ServerIdentity::toString).sorted().toList();
    AgreedRole known = memory.agreed();
    AgreedRole agreed = known == null ? AgreedRole.nothing(Instant.EPOCH) : known;
    RoleState roleState = agreed.roleState();
    Instant lastFailback = roleState.lastFailback();
    return new Entry(
        ServerId.text(roleState.serving()),
        roleState.epoch(),
        agreed.reason() == null ? null : agreed.reason().name(),
        known == null ? null : agreed.since(),
        ServerId.text(roleState.pinned()),
        roleState.failbacks(),
        lastFailback == null ? null : lastFailback.plus(ahead),
        states,
        Who.of(agreed.operators().ofSwitch()),
        Who.of(agreed.operators().ofPin()),
        statesBy,
        ServerId.text(roleState.memory().holder()),
        roleState.memory().history(),
        roleState.memory().stale().stream().map(ServerId::value).sorted().toList(),
        agreed.planned() == null ? null : PlannedSwitchForm.of(agreed.planned()),
        OwedHooksForm.of(agreed.owed()),
        maintenance,
        servers);
  }

  /**
   * Converts the text back into values.
   *
   * @param now upper limit of all remembered times, whatever the clock did meanwhile
   * @throws IllegalArgumentException if a value is impossible
   */
  static RememberedPool memory(Entry entry, Instant now) {
    Map<ServerId, OperatorState> states = new TreeMap<>();
    entry
        .operatorStates()
        .forEach((id, word) -> known(word).ifPresent(state -> states.put(new ServerId(id), state)));
    OperatorStates operatorStates =
        new OperatorStates(
            states,
            acts(entry.statesBy()),
            entry.maintenance() == null ? null : entry.maintenance().value());
    Set<ServerIdentity> servers = new HashSet<>();
    if (entry.servers() != null) {
      entry.servers().forEach(server -> servers.add(ServerIdentity.parse(server)));
    }
    if (entry.since() == null) {
      return new RememberedPool(null, operatorStates, servers);
    }
    RoleState roleState =
        new RoleState(
            ServerId.ofText(entry.serving()),
            entry.epoch(),
            ServerId.ofText(entry.pinned()),
            entry.failbacks(),
            entry.lastFailback() == null ? null : earlier(entry.lastFailback(), now),
            roleMemory(entry));
    SwitchReason reason = SwitchReason.ofStored(entry.reason());
    AgreedRole agreed =
        new AgreedRole(roleState, reason, earlier(entry.since(), now), "")
            .with(
                new RoleOperators(Who.operator(entry.switchedBy()), Who.operator(entry.pinnedBy())))
            .with(entry.planned() == null ? null : entry.planned().value())
            .with(OwedHooksForm.value(entry.owed()));
    return new RememberedPool(agreed, operatorStates, servers);
  }

  private static RoleMemory roleMemory(Entry entry) {
    Set<ServerId> stale = new HashSet<>();
    if (entry.stale() != null) {
      entry.stale().forEach(id -> stale.add(new ServerId(id)));
    }
    return new RoleMemory(ServerId.ofText(entry.holder()), entry.history(), stale);
  }

  private static Map<ServerId, OperatorStates.Act> acts(@Nullable Map<String, Who> written) {
    Map<ServerId, OperatorStates.Act> acts = new LinkedHashMap<>();
    if (written != null) {
      written.forEach((id, who) -> who.act().ifPresent(act -> acts.put(new ServerId(id), act)));
    }
    return acts;
  }

  /** Empty if this version does not know it. */
  private static Optional<OperatorState> known(@Nullable String word) {
    return Arrays.stream(OperatorState.values())
        .filter(each -> Words.lower(each).equals(word))
        .findFirst();
  }

  private static Instant earlier(Instant remembered, Instant now) {
    return remembered.isAfter(now) ? now : remembered;
  }
}
