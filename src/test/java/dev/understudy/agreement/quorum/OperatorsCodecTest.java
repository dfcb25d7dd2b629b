package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP;
import static dev.understudy.agreement.quorum.Scene.MASTER;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.NOW;
import static dev.understudy.agreement.quorum.Scene.held;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The operators of a record, as a document that other versions write too. */
class OperatorsCodecTest {
  private static final Operator ALICE = new Operator("alice", "\"disk\" swap \\ \uD83D\uDEE0");
  private static final Operator BOB = new Operator("bob", null);

  private static PoolRecord record() {
    return switched(ALICE, BOB)
        .with(
            OperatorStates.NONE
                .with(BACKUP, OperatorState.DRAIN, null, ALICE)
                .with(MASTER, OperatorState.DRAIN, null, BOB)
                .with(MASTER, OperatorState.READY, null, BOB));
  }

  private static PoolRecord switched(Operator ofSwitch, Operator ofPin) {
    RoleState pinned = new RoleState(MASTER, 7, MASTER, 0, null, RoleMemory.NONE);
    AgreedRole next = new AgreedRole(pinned, SwitchReason.OPERATOR, NOW, "evidence");
    return held(MASTER_IDENTITY, 6)
        .next(next.with(new RoleOperators(ofSwitch, ofPin)), MASTER_IDENTITY, "a");
  }

  private static RegisterDocument document(Map<String, String> attributes) {
    return new RegisterDocument("sen2", 7, NOW, NOW, attributes);
  }

  @Test
  void what_is_written_comes_back() {
    PoolRecord record = record();
    assertThat(RecordCodec.read(RecordCodec.write(record, null, NOW))).isEqualTo(record);
    assertThat(record.agreed().operators()).isEqualTo(new RoleOperators(ALICE, BOB));
    assertThat(record.operatorStates().setter(BACKUP)).isEqualTo(ALICE);
    assertThat(record.operatorStates().setter(MASTER)).isEqualTo(BOB);
  }

  @Test
  void the_form_is_the_one_that_other_versions_know() {
    assertThat(RecordCodec.write(record(), null, NOW).attributes())
        .containsEntry(
            "switched-by",
            "{\"name\":\"alice\",\"reason\":\"\\\"disk\\\" swap \\\\ \uD83D\uDEE0\"}")
        .containsEntry("pinned-by", "{\"name\":\"bob\"}")
        .containsEntry(
            "states-by",
            "[{\"server\":\"sen1\",\"state\":\"drain\",\"name\":\"alice\","
                + "\"reason\":\"\\\"disk\\\" swap \\\\ \uD83D\uDEE0\"},"
                + "{\"server\":\"sen2\",\"state\":\"ready\",\"name\":\"bob\"}]")
        .containsEntry("schema", "1");
  }

  @Test
  void a_record_without_operators_is_written_as_it_always_was() {
    assertThat(RecordCodec.write(held(MASTER_IDENTITY, 7), null, NOW).attributes())
        .doesNotContainKeys("switched-by", "pinned-by", "states-by");
  }

  @Test
  void a_record_of_an_earlier_version_has_no_operators() {
    PoolRecord read =
        RecordCodec.read(document(Map.of("schema", "1", "pinned", "true", "states", "sen1=drain")));
    assertThat(read.agreed().operators()).isEqualTo(RoleOperators.NONE);
    assertThat(read.operatorStates().acts()).isEmpty();
    assertThat(read.pinned()).isTrue();
    assertThat(read.operatorStates().states()).containsEntry(BACKUP, OperatorState.DRAIN);
  }

  static Stream<String> unreadable() {
    return VoterCodecTest.texts(
        """
        «» ¦ { ¦ null ¦ 7 ¦ [7] ¦ "alice" ¦ {} ¦ {"name":7} ¦ {"name":""} ¦ {"name":"a b"} ¦
        [{"server":"No Label","state":"drain","name":"alice"}] ¦
        [{"server":"sen1","state":"later","name":"alice"}] ¦
        [{"server":"sen1","name":"alice"}]
        """);
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void what_cannot_be_read_is_not_known(String text) {
    PoolRecord read =
        RecordCodec.read(
            document(Map.of("switched-by", text, "pinned-by", text, "states-by", text)));
    assertThat(read.agreed().operators()).isEqualTo(RoleOperators.NONE);
    assertThat(read.operatorStates().acts()).isEmpty();
    assertThat(read.epoch()).isEqualTo(7);
  }

  @Test
  void a_reason_that_cannot_be_one_is_left_out() {
    String tooLong = "{\"name\":\"alice\",\"reason\":\"" + "a".repeat(201) + "\",\"later\":1}";
    PoolRecord read = RecordCodec.read(document(Map.of("switched-by", tooLong)));
    assertThat(read.agreed().operators().ofSwitch()).isEqualTo(new Operator("alice", null));
  }

  @Test
  void a_state_that_was_edited_later_is_nobodys() {
    String by = "[{\"server\":\"sen1\",\"state\":\"drain\",\"name\":\"alice\"}]";
    PoolRecord edited =
        RecordCodec.read(document(Map.of("states", "sen1=maintenance", "states-by", by)));
    assertThat(edited.operatorStates().setter(BACKUP)).isNull();
  }

  @Test
  void the_newest_operators_are_kept_and_they_fit_into_a_lease() {
    OperatorStates operators = OperatorStates.NONE;
    Operator talkative = new Operator("a".repeat(64), "\uD83D\uDEE0".repeat(200));
    for (int i = 0; i < 100; i++) {
      operators =
          operators.with(
              new ServerId("s" + "x".repeat(30) + i), OperatorState.DRAIN, null, talkative);
    }
    assertThat(operators.acts())
        .hasSize(64)
        .containsKey(new ServerId("s" + "x".repeat(30) + 99))
        .doesNotContainKey(new ServerId("s" + "x".repeat(30) + 35));
    PoolRecord record =
        switched(talkative, talkative).with(new OperatorStates(Map.of(), operators.acts(), null));
    int bytes =
        RecordCodec.write(record, null, NOW).attributes().values().stream()
            .mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length)
            .sum();
    assertThat(bytes).isLessThan(64 * 1024);
    assertThat(RecordCodec.read(RecordCodec.write(record, null, NOW))).isEqualTo(record);
  }

  @Test
  void an_epoch_without_an_operator_forgets_those_of_the_one_before() {
    RoleState later = new RoleState(BACKUP, 8, null, 0, null, RoleMemory.NONE);
    AgreedRole next = new AgreedRole(later, SwitchReason.FAILBACK, NOW, "");
    assertThat(record().next(next, null, "a").agreed().operators()).isEqualTo(RoleOperators.NONE);
  }
}
