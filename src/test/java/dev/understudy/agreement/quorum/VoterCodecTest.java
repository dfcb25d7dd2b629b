package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.NOW;
import static dev.understudy.agreement.quorum.Scene.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.Voter.Stage;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.pool.PoolId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.testing.Rows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a replica says, as a document that anybody may have edited. */
class VoterCodecTest {
  private static final Map<dev.understudy.agreement.ServerIdentity, Vote> VOTES =
      Map.of(
          MASTER_IDENTITY,
          new Vote(Finding.SILENT, 0, "3 bad observations in a row, last: \"no answer\""),
          BACKUP_IDENTITY,
          new Vote(Finding.UP, 7, ""));
  private static final Map<dev.understudy.agreement.ServerIdentity, Vote> LATE =
      Map.of(
          MASTER_IDENTITY, new Vote(Finding.LATE_DOWN, 0, "refused"),
          BACKUP_IDENTITY, new Vote(Finding.LATE, 0, ""));

  static List<Voter> voters() {
    Ballot plain = new Ballot(7, null, VOTES);
    Ballot acted = new Ballot(7, new Ballot.Acted(Optional.of(BACKUP_IDENTITY), 6), VOTES);
    Ballot actedOnNobody = new Ballot(7, new Ballot.Acted(Optional.empty(), 7), VOTES);
    Ballot actedBefore = new Ballot(0, new Ballot.Acted(Optional.of(BACKUP_IDENTITY), 0), VOTES);
    return List.of(
        new Voter("a", "run", "pod", Stage.DECIDING, true, Map.of(), Set.of()),
        new Voter("a", "run", "", Stage.STARTING, true, Map.of(), Set.of()),
        new Voter("a", "run", "", Stage.LEAVING, true, Map.of(SENSE, plain), Set.of("1f0c", "a7")),
        new Voter("a", "run", "", Stage.DECIDING, false, Map.of(SENSE, plain), Set.of()),
        voter(Map.of(SENSE, new Ballot(7, null, LATE))),
        voter(Map.of(SENSE, acted, new PoolId("other"), actedOnNobody)),
        voter(Map.of(SENSE, actedBefore)),
        voter(Map.of(SENSE, told(Release.RELEASED))),
        voter(Map.of(SENSE, told(Release.FULL))),
        voter(Map.of(SENSE, new Ballot(0, null, Map.of()))),
        voter(Map.of(SENSE, new Ballot(0, 9, null, Map.of(), null, false))),
        voter(Map.of(SENSE, new Ballot(Long.MAX_VALUE, null, Map.of()))));
  }

  private static Voter voter(Map<PoolId, Ballot> ballots) {
    return new Voter("a", "run", "", Stage.DECIDING, true, ballots, Set.of());
  }

  private static Ballot told(Release release) {
    return new Ballot(7, 12, null, VOTES, new Acknowledgement("7-1f", release), true);
  }

  @ParameterizedTest
  @MethodSource("voters")
  void what_is_written_comes_back(Voter voter) {
    RegisterDocument document = VoterCodec.write(voter, NOW, NOW);
    assertThat(VoterCodec.read("a", document)).isEqualTo(voter);
    assertThat(document.holder()).isEqualTo("a");
    assertThat(document.attributes()).containsEntry("schema", "1");
  }

  @Test
  void the_name_is_the_keys_whatever_the_document_says() {
    RegisterDocument document = VoterCodec.write(voters().getFirst(), NOW, NOW);
    assertThat(VoterCodec.read("b", document).replica()).isEqualTo("b");
  }

  /** With "¦" between them; "«" and "»" around blanks or nothing. */
  static Stream<String> texts(String text) {
    return Stream.of(text.strip().split("\\s+¦\\s+")).map(each -> each.replaceAll("[«»]", ""));
  }

  static Stream<String> unreadable() {
    return texts(
        """
        «» ¦ « » ¦ null ¦ [] ¦ 3 ¦ "text" ¦ { ¦ {} ¦ {"sense":null} ¦ {"sense":3} ¦
        {"sense":"text"} ¦ {"sense":[]} ¦ {"":{"epoch":3,"servers":{}}} ¦
        {"Not A Label":{"epoch":3,"servers":{}}} ¦ {"sense":{"epoch":1e30,"servers":{}}} ¦
        {"sense":{"epoch":"x","servers":{}}} ¦ {"sense":{"epoch":1,"servers":3}} ¦
        {} trailing
        """);
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void a_voter_whose_votes_cannot_be_read_counts_and_abstains(String votes) {
    Voter voter = VoterCodec.read("a", document("votes", votes));
    assertThat(voter.synced()).isTrue();
    assertThat(voter.ballots()).isEmpty();
  }

  @Rows(
      """
      a field of a later schema         | {"sense":{"epoch":7,"later":{"x":[1]},"servers":{"MASTER":"UP:7"}}}
      without what was acted on         | {"sense":{"epoch":7,"servers":{"MASTER":"UP:7"}}}
      another pool that makes no sense  | {"other":{"epoch":"x"},"sense":{"epoch":7,"servers":{"MASTER":"UP:7"}}}
      another pool that is none         | {"other":null,"sense":{"epoch":7,"servers":{"MASTER":"UP:7"}}}
      a pool of a name that we refuse   | {"Not A Label":{"epoch":3},"sense":{"epoch":7,"servers":{"MASTER":"UP:7"}}}
      a server that has no hash         | {"sense":{"epoch":7,"servers":{"sen9":"UP","MASTER":"UP:7"}}}
      a server of a name that we refuse | {"sense":{"epoch":7,"servers":{"No Name@1":"UP","MASTER":"UP:7"}}}
      acted on nothing that we know     | {"sense":{"epoch":7,"acted":"?","actedIn":7,"servers":{"MASTER":"UP:7"}}}
      """)
  void what_can_be_read_counts(String row, String votes) {
    Voter voter = VoterCodec.read("a", document("votes", named(votes)));
    assertThat(voter.ballots()).containsOnlyKeys(SENSE);
    Ballot ballot = voter.ballots().get(SENSE);
    assertThat(ballot.epoch()).isEqualTo(7);
    assertThat(ballot.acted()).isNull();
    assertThat(ballot.votes()).isEqualTo(Map.of(MASTER_IDENTITY, new Vote(Finding.UP, 7, "")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"DEGRADED of a later schema\"", "\"UP:x\"", "\"\"", "null", "3", "{}"})
  void a_vote_that_cannot_be_read_abstains_and_does_not_say_that_the_server_is_gone(String vote) {
    String votes = "{\"sense\":{\"epoch\":7,\"servers\":{\"MASTER\":" + vote + "}}}";
    Voter voter = VoterCodec.read("a", document("votes", named(votes)));
    assertThat(voter.ballots().get(SENSE).votes())
        .isEqualTo(Map.of(MASTER_IDENTITY, new Vote(Finding.UNKNOWN, 0, "")));
  }

  @Test
  void a_negative_epoch_is_none() {
    Voter voter =
        VoterCodec.read("a", document("votes", "{\"sense\":{\"epoch\":-3,\"servers\":{}}}"));
    assertThat(voter.ballots().get(SENSE).epoch()).isZero();
  }

  @Rows(
      """
      all of it              | a     | true  | true
      without attributes     | none  | false | true
      synced of another word | yes   | false | true
      """)
  void attributes_that_are_missing(String row, String synced, boolean isSynced, boolean isReady) {
    Map<String, String> attributes = new HashMap<>();
    if (!synced.equals("none")) {
      attributes.put("synced", synced.equals("a") ? "true" : synced);
    }
    Voter voter = VoterCodec.read("a", new RegisterDocument("", 0, NOW, NOW, attributes));
    assertThat(voter.synced()).isEqualTo(isSynced);
    assertThat(voter.ready()).isEqualTo(isReady);
    assertThat(voter.incarnation()).isEmpty();
    assertThat(voter.pod()).isEmpty();
    assertThat(voter.ballots()).isEmpty();
  }

  private static String named(String votes) {
    return votes.replace("MASTER", MASTER_IDENTITY.toString());
  }

  private static RegisterDocument document(String name, String value) {
    return new RegisterDocument("a", 0, NOW, NOW, Map.of("synced", "true", name, value));
  }
}
