package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.EarlierRecords;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Records and votes of the last release, and what of today's that release understands. */
class EarlierRecordsTest {
  private static RegisterDocument document(String kind, String name) {
    JsonNode value =
        EarlierRecords.json("etcd.json").properties().stream()
            .filter(each -> each.getKey().endsWith("/" + kind + "/" + name))
            .map(each -> JsonMapper.shared().readTree(each.getValue().asString()))
            .findFirst()
            .orElseThrow();
    Map<String, String> attributes = new HashMap<>();
    value
        .path("attributes")
        .properties()
        .forEach(each -> attributes.put(each.getKey(), each.getValue().asString()));
    return new RegisterDocument(
        value.path("holder").asString(),
        value.path("transitions").asLong(),
        Instant.parse(value.path("acquired").asString()),
        Instant.parse(value.path("renewed").asString()),
        attributes);
  }

  private static PoolRecord record(String pool) {
    return RecordCodec.read(document("pool", pool));
  }

  static List<String> pools() {
    return EarlierRecords.pools();
  }

  @ParameterizedTest
  @MethodSource("pools")
  void a_pool_goes_on_where_the_release_left_it(String pool) {
    PoolRecord record = record(pool);
    assertThat(EarlierRecords.read(record.agreed(), record.operatorStates()))
        .isEqualTo(EarlierRecords.said(pool));
  }

  /** So that neither release takes the other's record for a change. */
  @ParameterizedTest
  @MethodSource("pools")
  void a_record_is_written_as_the_release_wrote_it(String pool) {
    RegisterDocument earlier = document("pool", pool);
    RegisterDocument next = RecordCodec.write(record(pool), null, earlier.renewed());
    assertThat(next).isEqualTo(earlier);
  }

  @Test
  void a_planned_switch_goes_on_in_its_phase() {
    PlannedSwitch planned = record(EarlierRecords.UNDER_WAY).agreed().planned();
    assertThat(planned.phase()).isEqualTo(SwitchPhase.FENCING);
    assertThat(planned.driver()).isEqualTo("r1");
  }

  @Test
  void hooks_that_were_owed_are_owed() {
    assertThat(record("owed").agreed().owed().demote().keySet())
        .isEqualTo(Set.of(new ServerId("master")));
  }

  @Test
  void the_votes_of_a_replica_count() {
    Voter voter = VoterCodec.read("r1", document("voter", "r1"));
    assertThat(voter.ballots().keySet()).hasSize(EarlierRecords.pools().size() + 1);
  }

  /** What a replica of the release does not understand, it leaves out of a record or a vote. */
  @ParameterizedTest
  @ValueSource(classes = {SwitchReason.class, SwitchPhase.class, OperatorState.class})
  void the_release_understands_each_word_of_a_record(Class<? extends Enum<?>> words) {
    assertThat(words.getEnumConstants()).extracting(Enum::name).isSubsetOf(understood(words));
  }

  /** It takes them for UNKNOWN, and so for no vote against the server. */
  @Test
  void the_release_does_not_understand_these_findings() {
    Set<String> later = Stream.of(Finding.values()).map(Enum::name).collect(Collectors.toSet());
    later.removeAll(understood(Finding.class));
    assertThat(later)
        .containsExactlyInAnyOrder(
            "DOUBTED",
            "LATE",
            "LATE_DOWN",
            "TOO_FAR_BEHIND",
            "AGENT_DRAIN",
            "AGENT_MAINTENANCE",
            "CLUSTER_DRAIN");
  }

  private static List<String> understood(Class<?> words) {
    String kind = words.getSimpleName() + " ";
    return EarlierRecords.text("words.txt")
        .lines()
        .filter(line -> line.startsWith(kind))
        .map(line -> line.substring(kind.length()))
        .toList();
  }
}
