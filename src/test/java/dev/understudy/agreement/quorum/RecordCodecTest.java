package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP;
import static dev.understudy.agreement.quorum.Scene.MASTER;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.NOW;
import static dev.understudy.agreement.quorum.Scene.held;
import static dev.understudy.agreement.quorum.Scene.record;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.network.Networks;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A pool's record, as a document that anybody may have edited. */
class RecordCodecTest {
  private static final PlannedSwitch PLANNED =
      new PlannedSwitch(
          "7-1f",
          MASTER,
          new SwitchRequest(
              BACKUP,
              Duration.ofMillis(1_500),
              true,
              NOW.plusSeconds(60),
              new Operator("alice", "disk swap")),
          8,
          "b",
          Set.of("a", "b"),
          true,
          List.of(
              new PlannedSwitch.Stage(SwitchPhase.SCHEDULED, NOW.minusSeconds(2), ""),
              new PlannedSwitch.Stage(SwitchPhase.PAUSING, NOW.minusSeconds(1), ""),
              new PlannedSwitch.Stage(
                  SwitchPhase.FENCING, NOW, "nothing is sent to sen2 any more")));

  /** One that was given up. */
  static final PlannedSwitch FAILBACK =
      new PlannedSwitch(
          "7-2a",
          BACKUP,
          new SwitchRequest(MASTER, Duration.ofSeconds(20), false, null, null, true, false),
          8,
          "a",
          Set.of("a"),
          false,
          List.of(new PlannedSwitch.Stage(SwitchPhase.GIVEN_UP, NOW, "refused")));

  private static final OwedHooks OWED =
      new OwedHooks(MASTER, Map.of(MASTER, NOW, new ServerId("sen3"), NOW), BACKUP, false);

  private static final PoolMaintenance MAINTENANCE =
      new PoolMaintenance(
          true,
          NOW.plusNanos(123_456_789),
          NOW.plusSeconds(3600),
          Networks.of(List.of("10.0.0.0/8", "fd00::/8")),
          new Operator("alice", "disk swap"));

  private static final AgentOverride OVER =
      new AgentOverride(OperatorState.DRAIN, NOW.plusNanos(123_456_789));

  static List<PoolRecord> records() {
    PoolRecord pinned =
        record(MASTER_IDENTITY, 7, SwitchReason.OPERATOR, true, 3)
            .with(new OperatorStates(Map.of(BACKUP, OperatorState.DRAIN), Map.of(), null));
    PoolRecord nobody = record(null, 8, SwitchReason.NO_SERVER, false, 0);
    RoleMemory replication =
        new RoleMemory(
            MASTER, "replication 22af before:11cd empty", Set.of(BACKUP, new ServerId("sen3")));
    RoleMemory timeline = new RoleMemory(MASTER, "timeline 7", Set.of());
    PoolRecord master = held(MASTER_IDENTITY, 4);
    return List.of(
        PoolRecord.NONE,
        PoolRecord.NONE.with(OperatorStates.NONE.with(BACKUP, OperatorState.DRAIN, null, null)),
        held(MASTER_IDENTITY, 1),
        held(MASTER_IDENTITY, 2_000_000_000),
        pinned,
        nobody,
        nobody.next(nobody.agreed(null).with(nobody.roleState(null).with(replication)), null, "b"),
        master.next(
            master.agreed(null).with(master.roleState(null).with(timeline)), MASTER_IDENTITY, "a"),
        pinned.next(pinned.agreed(null).with(PLANNED), MASTER_IDENTITY, "a"),
        pinned.next(pinned.agreed(null).with(FAILBACK), MASTER_IDENTITY, "a"),
        nobody.next(nobody.agreed(null).with(OWED.pinning()), null, "b"),
        pinned.next(pinned.agreed(null).with(OWED.done(true, BACKUP)), MASTER_IDENTITY, "a"),
        pinned.with(pinned.operatorStates().with(MASTER, OperatorState.MAINTENANCE, null, null)),
        pinned.with(pinned.operatorStates().with(MAINTENANCE)),
        PoolRecord.NONE.with(
            OperatorStates.NONE.with(PoolMaintenance.ended(NOW.plusNanos(1), null))),
        pinned.with(pinned.operatorStates().with(BACKUP, OperatorState.READY, null, null)),
        pinned.with(
            pinned.operatorStates().with(BACKUP, OperatorState.READY, OVER, MAINTENANCE.by())),
        pinned.with(pinned.operatorStates().with(BACKUP, OperatorState.READY, OVER, null)));
  }

  private static RegisterDocument recorded(String file) {
    JsonNode document =
        JsonMapper.shared()
            .readTree(Path.of("src/test/resources/dev/understudy/agreement", file).toFile());
    Map<String, String> attributes = new HashMap<>();
    document
        .path("attributes")
        .properties()
        .forEach(each -> attributes.put(each.getKey(), each.getValue().asString()));
    return new RegisterDocument(
        document.path("holder").asString(),
        document.path("transitions").asLong(),
        Instant.parse(document.path("acquired").asString()),
        NOW,
        attributes);
  }

  @Test
  void a_record_of_0_9_0_is_read_and_written_as_it_is() {
    RegisterDocument recorded = recorded("record-0.9.0.json");
    PoolRecord record = RecordCodec.read(recorded);
    assertThat(record.epoch()).isEqualTo(7);
    assertThat(record.pinned()).isTrue();
    assertThat(record.agreed().reason()).isEqualTo(SwitchReason.OPERATOR);
    assertThat(record.operatorStates().of(MASTER)).isEqualTo(OperatorState.DRAIN);
    assertThat(record.operatorStates().maintenance()).isNotNull();
    assertThat(record.agreed().owed().demote()).containsOnlyKeys(MASTER);
    assertThat(RecordCodec.write(record, recorded, NOW)).isEqualTo(recorded);
    assertThat(RecordCodec.write(record, null, NOW)).isEqualTo(recorded);
  }

  @Rows(
      """
      // what this version does    | attributes that are not as the later version wrote them
      nothing                      | schema
      sets another server          | schema states states-by
      sets the server              | schema states states-by
      ends the maintenance         | schema maintenance
      moves the role               | schema address decided-by evidence history pinned pinned-by reason switched-by
      """)
  void what_a_later_version_wrote_is_carried_along(String does, String changed) {
    RegisterDocument recorded = recorded("record-later.json");
    PoolRecord record = RecordCodec.read(recorded);
    assertThat(record.agreed().reason()).isNull();
    assertThat(record.operatorStates().states()).containsOnlyKeys(MASTER);
    Operator carol = new Operator("carol", null);
    OperatorStates states = record.operatorStates();
    AgreedRole agreed = record.agreed(null);
    RoleMemory memory = new RoleMemory(BACKUP, "timeline 9", Set.of(MASTER));
    PoolRecord next =
        switch (does) {
          case "sets another server" ->
              record.with(states.with(BACKUP, OperatorState.DRAIN, null, carol));
          case "sets the server" ->
              record.with(states.with(MASTER, OperatorState.MAINTENANCE, null, carol));
          case "ends the maintenance" ->
              record.with(states.with(PoolMaintenance.ended(NOW, carol)));
          case "moves the role" ->
              record.next(
                  new AgreedRole(
                          new RoleState(MASTER, 8, null, 2, null, memory),
                          SwitchReason.CONNECTION_FAILED,
                          recorded.acquired(),
                          "refused")
                      .with(record.agreed().owed()),
                  MASTER_IDENTITY,
                  "proxy-2");
          default -> record;
        };
    RegisterDocument written = RecordCodec.write(next, recorded, NOW);
    assertThat(RecordCodec.read(written)).isEqualTo(next);
    assertThat(written.attributes()).containsEntry("moon", "full");
    assertThat(written.attributes().get("states")).contains("sen3=asleep");
    Set<String> differ = new TreeSet<>(recorded.attributes().keySet());
    differ.addAll(written.attributes().keySet());
    differ.removeIf(
        name -> Objects.equals(recorded.attributes().get(name), written.attributes().get(name)));
    assertThat(agreed.roleState().epoch()).isEqualTo(7);
    assertThat(String.join(" ", differ)).isEqualTo(String.join(" ", sorted(changed)));
  }

  private static Set<String> sorted(String words) {
    return new TreeSet<>(List.of(words.split(" ")));
  }

  @Test
  void a_state_that_is_not_understood_goes_once_an_operator_sets_another() {
    RegisterDocument recorded = recorded("record-later.json");
    OperatorStates states = RecordCodec.read(recorded).operatorStates();
    ServerId other = new ServerId("sen3");
    for (OperatorState state : List.of(OperatorState.READY, OperatorState.DRAIN)) {
      PoolRecord next =
          RecordCodec.read(recorded)
              .with(states.with(other, state, null, new Operator("carol", null)));
      assertThat(RecordCodec.write(next, recorded, NOW).attributes().get("states"))
          .isEqualTo(state == OperatorState.READY ? "sen2=drain" : "sen2=drain sen3=drain");
    }
  }

  @Test
  void more_than_sixteen_kilobytes_is_not_carried_along() {
    RegisterDocument base = with("moon", "x".repeat(16 * 1024));
    PoolRecord record = RecordCodec.read(base);
    assertThat(RecordCodec.write(record, base, NOW).attributes()).doesNotContainKey("moon");
    RegisterDocument small = with("moon", "x".repeat(16_000));
    assertThat(RecordCodec.write(record, small, NOW).attributes()).containsKey("moon");
  }

  @Rows(
      """
      {"from":"sen2","demote":{"sen2":null},"promote":null,"pin":false}
      {"from":"sen2","demote":{"sen2":"soon"}}
      {"from":"Not A Label"}
      {"by":
      """)
  void what_cannot_be_read_costs_nothing_else(String owed) {
    PoolRecord record = RecordCodec.read(with("owed-hooks", owed));
    assertThat(record.epoch()).isEqualTo(4);
    assertThat(record.agreed().owed()).isEqualTo(OwedHooks.NONE);
    RegisterDocument base = with("owed-hooks", owed);
    assertThat(RecordCodec.write(record, base, NOW).attributes()).containsEntry("owed-hooks", owed);
  }

  private static RegisterDocument with(String name, String value) {
    RegisterDocument written = RecordCodec.write(held(MASTER_IDENTITY, 4), null, NOW);
    Map<String, String> attributes = new HashMap<>(written.attributes());
    attributes.put(name, value);
    return new RegisterDocument(
        written.holder(), written.transitions(), written.acquired(), NOW, attributes);
  }

  @ParameterizedTest
  @MethodSource("records")
  void what_is_written_comes_back(PoolRecord record) {
    assertThat(RecordCodec.read(RecordCodec.write(record, null, NOW))).isEqualTo(record);
  }

  @Rows(
      """
      ``
      null
      []
      {
      {}
      {"id":"x","phase":"HOVERING"}
      {"id":"x","from":"a b","to":"b","phase":"PAUSING"}
      """)
  void a_planned_switch_that_cannot_be_read_counts_as_none(String planned) {
    assertThat(RecordCodec.read(with("planned", planned))).isEqualTo(held(MASTER_IDENTITY, 4));
  }

  @Rows(
      """
      null
      []
      {"on":true,"since":"2026-11-24T22:00:00Z"}
      {"on":true,"allow":[]}
      {"on":true,"since":"2026-11-24T22:00:00Z","allow":["everybody"]}
      {"on":"maybe","since":"2026-11-24T22:00:00Z","allow":[]}
      """)
  void a_maintenance_that_cannot_be_read_counts_as_none(String maintenance) {
    assertThat(RecordCodec.read(with("maintenance", maintenance)).operatorStates().maintenance())
        .isNull();
  }

  @Test
  void a_maintenance_of_a_later_version_is_read_as_far_as_it_is_known() {
    assertThat(
            RecordCodec.read(
                    with(
                        "maintenance",
                        "{\"on\":true,\"since\":\"2026-11-24T22:00:00Z\",\"allow\":[],\"more\":[1]}"))
                .operatorStates()
                .maintenance())
        .isEqualTo(
            new PoolMaintenance(
                true, Instant.parse("2026-11-24T22:00:00Z"), null, Networks.NONE, null));
  }

  @Test
  void a_record_without_maintenance_has_no_attribute_that_earlier_versions_do_not_know() {
    assertThat(RecordCodec.write(held(MASTER_IDENTITY, 4), null, NOW).attributes())
        .doesNotContainKey("maintenance");
  }

  @ParameterizedTest
  @EnumSource(SwitchReason.class)
  void every_reason_comes_back(SwitchReason reason) {
    PoolRecord record = record(MASTER_IDENTITY, 2, reason, false, 0);
    assertThat(RecordCodec.read(RecordCodec.write(record, null, NOW)).agreed().reason())
        .isEqualTo(reason);
  }

  @Test
  void the_time_is_as_fine_as_a_register_keeps_it() {
    RoleState second = new RoleState(MASTER, 2, null, 0, null, RoleMemory.NONE);
    AgreedRole next = new AgreedRole(second, SwitchReason.INITIAL, NOW.plusNanos(123_456_789), "");
    PoolRecord record = held(MASTER_IDENTITY, 1).next(next, MASTER_IDENTITY, "a");
    RegisterDocument document = RecordCodec.write(record, null, NOW);
    RegisterDocument kept =
        new RegisterDocument(
            document.holder(),
            document.transitions(),
            document.acquired().truncatedTo(ChronoUnit.MICROS),
            document.renewed(),
            document.attributes());
    assertThat(RecordCodec.read(kept)).isEqualTo(record);
    assertThat(record.agreed().since()).isEqualTo(NOW.plusNanos(123_456_000));
  }

  @Rows(
      """
      // row                                     | holder | epoch | address | read as
      as it was written                         | sen2   | 7     | hash    | sen2 7
      without an address: of a later schema     | sen2   | 7     | ``      | sen2 7
      another holder, by hand                   | sen1   | 7     | hash    | sen1 7
      nobody                                    | ``     | 7     | hash    | nobody 7
      a holder that no server can be            | No Way | 7     | hash    | nobody 0
      a holder without an epoch                 | sen2   | 0     | hash    | nobody 0
      a negative epoch                          | sen2   | -7    | hash    | nobody 0
      the highest epoch                         | sen2   | 2000000000 | hash | sen2 2000000000
      an epoch that leaves none for the next    | sen2   | 2000000001 | hash | nobody 0
      the greatest number                       | sen2   | 9223372036854775807 | hash | nobody 0
      """)
  void holder_and_epoch(String row, String holder, long epoch, String address, String expected) {
    PoolRecord record =
        RecordCodec.read(new RegisterDocument(holder, epoch, NOW, NOW, Map.of("address", address)));
    ServerIdentity found = record.holder();
    assertThat((found == null ? "nobody" : found.id().value()) + " " + record.epoch())
        .isEqualTo(expected);
  }

  @Test
  void holder_and_epoch_are_read_without_any_attribute() {
    PoolRecord record = RecordCodec.read(new RegisterDocument("sen2", 7, NOW, NOW, Map.of()));
    assertThat(record.epoch()).isEqualTo(7);
    assertThat(record.roleState(null))
        .isEqualTo(new RoleState(MASTER, 7, null, 0, null, RoleMemory.NONE));
    assertThat(record.operatorStates().states()).isEmpty();
    assertThat(record.agreed().evidence()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-3", "1.5", "99999999999999999999"})
  void a_number_that_is_none_is_nought(String text) {
    Map<String, String> attributes = Map.of("failbacks", text, "failback-epoch", text);
    PoolRecord record = RecordCodec.read(new RegisterDocument("sen2", 7, NOW, NOW, attributes));
    assertThat(record.agreed().roleState().failbacks()).isZero();
    assertThat(record.failbackEpoch()).isZero();
  }

  @Rows(
      """
      sen1=drain               | sen1=DRAIN
      sen1=drain sen2=maintenance | sen1=DRAIN sen2=MAINTENANCE
      sen1=DRAIN               | sen1=DRAIN
      sen1=later sen2=drain    | sen2=DRAIN
      sen1 sen2=drain          | sen2=DRAIN
      =drain sen2=drain        | sen2=DRAIN
      sen1= sen2=drain         | sen2=DRAIN
      No_Way!=drain sen2=drain | sen2=DRAIN
      sen1=ready sen2=drain    | sen2=DRAIN
      sen1=drain=x sen2=drain  | sen2=DRAIN
      """)
  void states_that_can_be_read_hold(String text, String expected) {
    PoolRecord record =
        RecordCodec.read(new RegisterDocument("sen2", 7, NOW, NOW, Map.of("states", text)));
    Map<ServerId, OperatorState> states = new HashMap<>();
    for (String part : expected.split(" ", -1)) {
      String[] sides = part.split("=", -1);
      states.put(new ServerId(sides[0]), OperatorState.valueOf(sides[1]));
    }
    assertThat(record.operatorStates().states()).isEqualTo(states);
  }

  @ParameterizedTest
  @CsvSource({"'', 7", "sen2, 0"})
  void nobody_is_pinned_nor_a_holder_without_an_epoch(String holder, long epoch) {
    Map<String, String> pinned = Map.of("pinned", "true");
    PoolRecord record = RecordCodec.read(new RegisterDocument(holder, epoch, NOW, NOW, pinned));
    assertThat(record.pinned() && holder.isEmpty()).isFalse();
    assertThat(record.roleState(null))
        .isEqualTo(new RoleState(null, epoch, null, 0, null, RoleMemory.NONE));
  }
}
