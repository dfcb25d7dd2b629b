package dev.understudy.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.file.FileTenure;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Await;
import dev.understudy.testing.FakeLoop;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StandaloneAgreementTest {
  private static final PoolId SENSE = new PoolId("sense");
  private static final PoolId OTHER = new PoolId("other");
  private static final ServerId SEN1 = new ServerId("sen1");
  private static final ServerId SEN2 = new ServerId("sen2");
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00.123456789Z");
  private static final AgreedRole NOTHING = AgreedRole.nothing(NOW);
  private static final AgreedRole PINNED =
      new AgreedRole(
          new RoleState(SEN1, 7, SEN1, 2, NOW.minusSeconds(90), RoleMemory.NONE),
          SwitchReason.OPERATOR,
          NOW.minusSeconds(5),
          "");

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("state.json");
  }

  private static final AgentOverride OVER =
      new AgentOverride(OperatorState.MAINTENANCE, NOW.plusNanos(123_456_789));

  private StandaloneAgreement restarted() {
    return StandaloneAgreement.withFile(file(), NOW);
  }

  /** Does that in a process of its own, which ends then. */
  private void process(Consumer<StandaloneAgreement> does) {
    try (StandaloneAgreement alone = restarted()) {
      does.accept(alone);
    }
  }

  private static AgreedRole role(ServerId serving, long epoch, Instant since) {
    RoleState roleState = new RoleState(serving, epoch, null, 0, null, RoleMemory.NONE);
    return new AgreedRole(roleState, null, since, "");
  }

  @Test
  void a_proposal_holds_at_once() {
    try (StandaloneAgreement alone = StandaloneAgreement.inMemory()) {
      assertThat(alone.agreed(SENSE)).isEmpty();
      assertThat(alone.propose(SENSE, NOTHING, PINNED)).isCompletedWithValue(PINNED);
      assertThat(alone.agreed(SENSE)).contains(PINNED);
    }
  }

  @Test
  void a_durable_proposal_does_not_undo_one_that_came_while_it_was_written() {
    FakeLoop loop = new FakeLoop();
    process(
        alone -> {
          alone.start(loop, new Told(new LinkedBlockingQueue<>()));
          CompletableFuture<AgreedRole> late =
              alone.durably(() -> alone.propose(SENSE, NOTHING, PINNED));
          alone.propose(SENSE, NOTHING, role(SEN2, 7, NOW));
          Await.until(
              "it has ended",
              () -> {
                loop.settle();
                return late.isDone();
              });
          assertThat(late)
              .failsWithin(Duration.ZERO)
              .withThrowableThat()
              .withCauseInstanceOf(NotKeptException.class)
              .withMessageContaining("another change of pool sense came first");
          assertThat(alone.agreed(SENSE)).contains(role(SEN2, 7, NOW));
        });
    process(alone -> assertThat(alone.agreed(SENSE)).contains(role(SEN2, 7, NOW)));
  }

  @Test
  void all_that_was_agreed_survives_a_restart() {
    RoleMemory memory = new RoleMemory(SEN1, "replication 22af before:11cd", Set.of(SEN2));
    RoleState roleState = new RoleState(null, 3, null, 0, null, memory);
    AgreedRole nobody = new AgreedRole(roleState, SwitchReason.NO_SERVER, NOW, "");
    Operator alice = new Operator("alice", "disk swap");
    Operator bob = new Operator("bob", null);
    AgreedRole pinned = PINNED.with(new RoleOperators(alice, bob));
    process(
        alone -> {
          alone.propose(SENSE, NOTHING, pinned);
          alone.propose(OTHER, NOTHING, nobody);
          alone.operatorState(SENSE, SEN1, OperatorState.DRAIN, null, null);
          alone.operatorState(OTHER, SEN2, OperatorState.MAINTENANCE, null, alice);
          alone.operatorState(OTHER, SEN1, OperatorState.DRAIN, null, alice);
          alone.operatorState(OTHER, SEN1, OperatorState.READY, OVER, bob);
        });
    process(
        alone -> {
          assertThat(alone.agreed(SENSE)).contains(pinned);
          assertThat(alone.agreed(OTHER)).contains(nobody);
          OperatorStates states = alone.operatorStates(OTHER);
          assertThat(states.setter(SEN2)).isEqualTo(alice);
          assertThat(new OperatorStates(Map.of(), states.acts(), null).setter(SEN2)).isNull();
          assertThat(states.setter(SEN1)).isEqualTo(bob);
          assertThat(states.override(SEN1)).isEqualTo(OVER);
          assertThat(states.override(SEN2)).isNull();
          assertThat(alone.operatorStates(SENSE).states())
              .isEqualTo(Map.of(SEN1, OperatorState.DRAIN));
          assertThat(alone.operatorStates(OTHER).states())
              .isEqualTo(Map.of(SEN2, OperatorState.MAINTENANCE));
        });
  }

  @Test
  void a_file_of_an_earlier_version_is_read() throws IOException {
    Files.writeString(
        file(),
        """
        {"version":1,"pools":{"sense":{"serving":"sen1","epoch":7,"reason":"OPERATOR",
          "since":"2026-01-01T12:00:00Z","pinned":"sen1","failbacks":0,"lastFailback":null,
          "operatorStates":{"sen2":"drain"}}}}
        """);
    try (StandaloneAgreement alone = restarted()) {
      AgreedRole agreed = alone.agreed(SENSE).orElseThrow();
      assertThat(agreed.operators()).isEqualTo(RoleOperators.NONE);
      assertThat(agreed.roleState())
          .isEqualTo(new RoleState(SEN1, 7, SEN1, 0, null, RoleMemory.NONE));
      assertThat(alone.operatorStates(SENSE).states()).containsEntry(SEN2, OperatorState.DRAIN);
      assertThat(alone.operatorStates(SENSE).acts()).isEmpty();
    }
  }

  @Test
  void only_the_epoch_of_what_no_longer_exists_is_remembered() {
    process(
        alone -> {
          for (PoolId pool : List.of(SENSE, OTHER)) {
            alone.propose(pool, NOTHING, PINNED);
            alone.operatorState(pool, SEN2, OperatorState.DRAIN, null, null);
          }
          alone.operatorState(SENSE, SEN1, OperatorState.DRAIN, null, null);
          alone.retain(Map.of(SENSE, Set.of(SEN1)));
        });
    process(
        alone -> {
          assertThat(alone.agreed(SENSE)).contains(PINNED);
          assertThat(alone.agreed(OTHER)).contains(PINNED);
          assertThat(alone.operatorStates(SENSE).states())
              .isEqualTo(Map.of(SEN1, OperatorState.DRAIN));
          assertThat(alone.operatorStates(OTHER).states()).isEmpty();
        });
  }

  @Test
  void the_newest_of_many_pools_that_no_longer_exist_are_remembered() {
    try (StandaloneAgreement alone = StandaloneAgreement.inMemory()) {
      for (int i = 0; i <= RememberedPools.MOST_GONE; i++) {
        alone.propose(new PoolId("gone-" + i), NOTHING, role(SEN2, 1, NOW.plusSeconds(i)));
      }
      alone.propose(SENSE, NOTHING, PINNED);
      alone.retain(Map.of(SENSE, Set.of(SEN1)));
      assertThat(alone.agreed(new PoolId("gone-0"))).isEmpty();
      assertThat(alone.agreed(new PoolId("gone-1"))).isPresent();
      assertThat(alone.agreed(SENSE)).isPresent();
    }
  }

  @Test
  void the_newest_of_many_changes_is_the_one_on_disk_and_nothing_else_is_left_there()
      throws IOException {
    process(
        alone -> {
          for (int epoch = 1; epoch <= 500; epoch++) {
            alone.propose(SENSE, NOTHING, role(SEN2, epoch, NOW));
          }
        });
    process(alone -> assertThat(alone.agreed(SENSE)).contains(role(SEN2, 500, NOW)));
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactlyInAnyOrder(file(), directory.resolve("state.json.lock"));
    }
  }

  @Rows(
      """
      ``
      FAR TOO LARGE
      null
      []
      {
      {}
      `\0\0\0`
      {"version":1,"pools":null}
      {"version":2,"pools":{}}
      {"version":1,"pools":{}} trailing
      """)
  void what_a_damaged_file_remembered_is_lost_and_epochs_go_on_above_all_before(String content)
      throws IOException {
    String huge = "\0".repeat(StateFile.MAX_BYTES + 1);
    Files.writeString(file(), content.replace("FAR TOO LARGE", huge));
    byte[] before = Files.readAllBytes(file());
    try (StandaloneAgreement alone = restarted()) {
      StandaloneAgreement.Lost lost = alone.lost().orElseThrow();
      assertThat(lost.pools()).isEmpty();
      assertThat(lost.why()).isNotBlank();
      assertThat(lost.kept()).hasBinaryContent(before);
      assertThat(alone.agreed(SENSE)).isEmpty();
      assertThat(propose(alone, SENSE, role(SEN1, 1, NOW))).isEqualTo(NOW.toEpochMilli() + 1);
      assertThat(propose(alone, SENSE, role(SEN2, NOW.toEpochMilli() + 2, NOW)))
          .isEqualTo(NOW.toEpochMilli() + 2);
    }
    process(
        alone -> {
          assertThat(alone.lost()).isEmpty();
          assertThat(alone.agreed(SENSE)).contains(role(SEN2, NOW.toEpochMilli() + 2, NOW));
        });
  }

  private static long propose(StandaloneAgreement alone, PoolId pool, AgreedRole next) {
    return alone.propose(pool, NOTHING, next).join().roleState().epoch();
  }

  @Rows(
      """
      {"epoch":1}
      {"epoch":-1,"failbacks":0,"since":"2026-01-01T00:00:00Z","operatorStates":{}}
      {"epoch":0,"failbacks":0,"operatorStates":{"Not A Label":"drain"}}
      {"epoch":1,"failbacks":0,"serving":"sen1","since":"yesterday","operatorStates":{}}
      null
      []
      """)
  void of_a_file_that_is_damaged_in_part_the_other_pools_stay(String other) throws IOException {
    process(
        alone -> {
          alone.propose(SENSE, NOTHING, PINNED);
          alone.operatorState(SENSE, SEN2, OperatorState.DRAIN, null, null);
        });
    String content =
        Files.readString(file()).replaceFirst("\"sense\"", "\"other\" : " + other + ", \"sense\"");
    Files.writeString(file(), content);
    try (StandaloneAgreement alone = restarted()) {
      assertThat(alone.agreed(SENSE)).contains(PINNED);
      assertThat(alone.operatorStates(SENSE).of(SEN2)).isEqualTo(OperatorState.DRAIN);
      assertThat(propose(alone, SENSE, role(SEN2, 8, NOW))).isEqualTo(8);
      StandaloneAgreement.Lost lost = alone.lost().orElseThrow();
      assertThat(lost.pools()).containsExactly("other");
      assertThat(lost.why()).startsWith("other: ").doesNotContain("java", "dev.understudy");
      assertThat(lost.kept()).hasContent(content);
      assertThat(propose(alone, OTHER, role(SEN2, 1, NOW))).isEqualTo(NOW.toEpochMilli() + 1);
    }
  }

  @Test
  void a_name_that_is_no_pools_costs_no_pool_its_state() throws IOException {
    Files.writeString(
        file(), "{\"version\":1,\"pools\":{\"Not A Label\":{\"epoch\":0,\"operatorStates\":{}}}}");
    try (StandaloneAgreement alone = restarted()) {
      assertThat(alone.lost().orElseThrow().pools()).containsExactly("Not A Label");
      assertThat(propose(alone, SENSE, role(SEN1, 1, NOW))).isEqualTo(1);
    }
  }

  @Test
  void a_process_does_not_write_the_file_of_another_one() {
    Path file = file();
    StandaloneAgreement one = restarted();
    one.propose(SENSE, NOTHING, PINNED);
    Await.until("it is written", () -> one.isEpochTrusted(SENSE));
    try (StandaloneAgreement other = restarted()) {
      assertThat(other.agreed(SENSE)).contains(PINNED);
      assertThat(other.isEpochTrusted(SENSE)).isFalse();
      other.propose(SENSE, NOTHING, role(SEN2, 8, NOW));
      one.propose(SENSE, NOTHING, role(SEN1, 9, NOW));
      Await.until("it is written", () -> one.isEpochTrusted(SENSE));
      assertThat(file).content().contains("\"epoch\" : 9");
      one.close();
      Await.until("the file is the other's", () -> other.isEpochTrusted(SENSE));
      assertThat(file).content().contains("\"epoch\" : 8");
    }
  }

  @Test
  void a_reason_of_a_later_version_costs_nothing_else() throws IOException {
    process(alone -> alone.propose(SENSE, NOTHING, PINNED));
    Files.writeString(file(), Files.readString(file()).replace("OPERATOR", "BY_THE_MOON"));
    try (StandaloneAgreement alone = restarted()) {
      assertThat(alone.lost()).isEmpty();
      AgreedRole agreed = alone.agreed(SENSE).orElseThrow();
      assertThat(agreed.roleState()).isEqualTo(PINNED.roleState());
      assertThat(agreed.reason()).isNull();
    }
  }

  @Rows(
      """
      // what this version does            | what is no longer there
      nothing of that pool                 | none
      another server of the pool is set    | none
      the role moves                       | /reason /switchedBy/role /history
      the server is set                    | /statesBy/sen2/role
      the sleeping server is set           | /operatorStates/sen4 /statesBy/sen4
      a follower takes it over             | none
      """)
  void what_a_later_version_remembered_is_carried_along(String does, String gone)
      throws IOException {
    Path recorded = Path.of("src/test/resources/dev/understudy/agreement/state-later.json");
    Files.copy(recorded, file());
    Instant later = Instant.parse("2026-12-01T00:00:00Z");
    try (StandaloneAgreement alone = StandaloneAgreement.withFile(file(), later)) {
      assertThat(alone.lost()).isEmpty();
      AgreedRole agreed = alone.agreed(SENSE).orElseThrow();
      assertThat(agreed.roleState().epoch()).isEqualTo(7);
      assertThat(alone.operatorStates(SENSE).states()).isEqualTo(Map.of(SEN2, OperatorState.DRAIN));
      switch (does) {
        case "another server of the pool is set" ->
            alone.operatorState(SENSE, SEN1, OperatorState.DRAIN, null, null);
        case "the role moves" -> {
          RoleMemory memory = new RoleMemory(SEN2, "timeline 9", Set.of());
          RoleState next = new RoleState(SEN2, 8, null, 0, null, memory);
          alone.propose(
              SENSE, agreed, new AgreedRole(next, SwitchReason.CONNECTION_FAILED, later, ""));
        }
        case "the server is set" ->
            alone.operatorState(
                SENSE, SEN2, OperatorState.MAINTENANCE, null, new Operator("carol", null));
        case "the sleeping server is set" ->
            alone.operatorState(
                SENSE,
                new ServerId("sen4"),
                OperatorState.READY,
                null,
                new Operator("carol", null));
        case "a follower takes it over" -> {
          StandaloneAgreement next =
              StandaloneAgreement.following(
                  directory.resolve("next"), alone.state(), later, FileTenure.ours());
          next.use(alone.state());
          next.lead();
          next.propose(OTHER, NOTHING, PINNED);
          next.close();
          Files.copy(directory.resolve("next"), file(), StandardCopyOption.REPLACE_EXISTING);
        }
        default -> {}
      }
      if (!does.startsWith("a follower")) {
        alone.propose(OTHER, NOTHING, PINNED);
      }
    }
    JsonNode before = JsonMapper.shared().readTree(Files.readString(recorded));
    JsonNode now = JsonMapper.shared().readTree(Files.readString(file()));
    assertThat(now.path("lineage")).isEqualTo(before.path("lineage"));
    for (String field :
        List.of(
            "/moon",
            "/reason",
            "/history",
            "/switchedBy/role",
            "/operatorStates/sen4",
            "/statesBy/sen2/role",
            "/statesBy/sen3",
            "/statesBy/sen4")) {
      JsonNode is = now.path("pools").path("sense").at(field);
      JsonNode was = before.path("pools").path("sense").at(field);
      if (List.of(gone.split(" ")).contains(field)) {
        assertThat(is).as(field).isNotEqualTo(was);
      } else {
        assertThat(is).as(field).isEqualTo(was);
      }
    }
  }

  @Test
  void more_of_a_later_version_than_sixteen_kilobytes_is_not_kept() throws IOException {
    Files.writeString(
        file(),
        """
        {"version":1,"huge":"%s","pools":{"sense":{"epoch":0,"failbacks":0,"operatorStates":{},
          "moon":"%s"}}}
        """
            .formatted("x".repeat(LaterFields.MOST), "y".repeat(LaterFields.MOST)));
    process(alone -> alone.propose(OTHER, NOTHING, PINNED));
    assertThat(Files.readString(file())).doesNotContain("xx", "yy").contains("sense");
  }

  @Test
  void no_remembered_time_is_in_the_future() {
    process(alone -> alone.propose(SENSE, NOTHING, PINNED));
    Instant earlier = NOW.minusSeconds(3600);
    try (StandaloneAgreement alone = StandaloneAgreement.withFile(file(), earlier)) {
      AgreedRole agreed = alone.agreed(SENSE).orElseThrow();
      assertThat(agreed.since()).isEqualTo(earlier);
      assertThat(agreed.roleState().lastFailback()).isEqualTo(earlier);
    }
  }

  @Rows(
      """
      the first choice of a process begins above the clock              | 1              | begun + 1
      a process that began a second later begins higher than six moves before | 1 after 1 s | begun + 1001
      what follows counts on                                            | begun + 5      | begun + 5
      """)
  void epochs_that_nobody_kept_begin_at_the_clock_in_milliseconds(
      String row, String proposed, String expected) {
    Instant begun = proposed.contains("after") ? NOW.plusSeconds(1) : NOW;
    try (StandaloneAgreement alone = StandaloneAgreement.inMemory(begun)) {
      assertThat(propose(alone, SENSE, role(SEN1, epoch(proposed.replace(" after 1 s", "")), NOW)))
          .as(row)
          .isEqualTo(epoch(expected));
    }
  }

  @Test
  void the_next_process_goes_on_from_the_epochs_of_the_one_before() throws IOException {
    try (StandaloneAgreement before = StandaloneAgreement.inMemory(NOW)) {
      long first = propose(before, SENSE, role(SEN1, 1, NOW));
      Instant later = NOW.plusSeconds(60);
      try (StandaloneAgreement next =
          StandaloneAgreement.following(null, before.state(), later, FileTenure.ours())) {
        next.lead();
        assertThat(propose(next, SENSE, role(SEN1, first, NOW))).isEqualTo(first);
        assertThat(propose(next, SENSE, role(SEN2, first + 1, NOW))).isEqualTo(first + 1);
        assertThat(propose(next, OTHER, role(SEN2, 1, NOW))).isEqualTo(later.toEpochMilli() + 1);
      }
    }
  }

  private static long epoch(String text) {
    return text.startsWith("begun")
        ? NOW.toEpochMilli() + Long.parseLong(text.replace("begun + ", ""))
        : Long.parseLong(text);
  }

  @Test
  void an_epoch_is_trusted_that_a_restart_would_not_lower() {
    try (StandaloneAgreement alone = StandaloneAgreement.inMemory()) {
      alone.propose(SENSE, NOTHING, PINNED);
      assertThat(alone.isEpochTrusted(SENSE)).isFalse();
    }
    try (StandaloneAgreement alone = restarted()) {
      assertThat(alone.isEpochTrusted(SENSE)).isTrue();
      alone.propose(SENSE, NOTHING, PINNED);
      Await.until("it is written", () -> alone.isEpochTrusted(SENSE));
      try (StandaloneAgreement killed = restarted()) {
        assertThat(killed.agreed(SENSE)).contains(PINNED);
      }
    }
  }

  @Test
  void an_epoch_is_not_trusted_while_the_file_cannot_be_written() throws Exception {
    Path later = directory.resolve("later").resolve("state.json");
    BlockingQueue<PoolId> told = new LinkedBlockingQueue<>();
    try (StandaloneAgreement alone = StandaloneAgreement.withFile(later, NOW)) {
      alone.start(new AtOnce(), new Told(told));
      alone.propose(SENSE, NOTHING, PINNED);
      assertThat(alone.isEpochTrusted(SENSE)).isFalse();
      Files.createDirectory(later.getParent());
      assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo(SENSE);
      assertThat(alone.isEpochTrusted(SENSE)).isTrue();
    }
  }

  /** Runs what it is given at once, on any thread. */
  static final class AtOnce extends FakeLoop {
    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      throw new AssertionError("a replica that decides alone waits for nothing");
    }
  }

  /** Keeps the pools that changed. */
  record Told(Collection<PoolId> pools) implements AgreementLifecycle.Listener {
    @Override
    public void changed(PoolId pool) {
      pools.add(pool);
    }

    @Override
    public void suspected(PoolId pool, ServerId server, String replica) {
      throw new AssertionError("there is no other replica");
    }

    @Override
    public void refused(String why) {
      throw new AssertionError(why);
    }
  }

  @Rows(
      """
      // row                                     | restart | servers before              | servers after               | taken
      renamed in a running process              | no      | sen1=192.0.2.1 sen2=192.0.2.2 | sen1=192.0.2.1 sen2=192.0.2.2 | sen1 in 7
      renamed while it did not run              | yes     | sen1=192.0.2.1 sen2=192.0.2.2 | sen1=192.0.2.1 sen2=192.0.2.2 | sen1 in 7
      its servers have other names              | yes     | sen1=192.0.2.1 sen2=192.0.2.2 | b=192.0.2.2 a=192.0.2.1       | a in 7
      a pool with one more server is another    | no      | sen1=192.0.2.1               | sen1=192.0.2.1 sen2=192.0.2.2 | none
      a pool with one server less is another    | no      | sen1=192.0.2.1 sen2=192.0.2.2 | sen1=192.0.2.1               | none
      a pool of the same names elsewhere        | yes     | sen1=192.0.2.1 sen2=192.0.2.2 | sen1=192.0.2.1 sen2=192.0.2.3 | none
      """)
  void a_pool_whose_servers_are_those_of_one_that_goes_takes_its_role_along(
      String row, String restart, String before, String after, String taken) {
    process(
        alone -> {
          alone.exist(List.of(pool(SENSE, before)), Set.of());
          alone.propose(SENSE, NOTHING, PINNED);
          alone.operatorState(SENSE, SEN1, OperatorState.DRAIN, null, null);
          if (restart.equals("no")) {
            alone.exist(List.of(pool(SENSE, before), pool(OTHER, after)), Set.of(SENSE));
            rename(alone, after, taken);
          }
        });
    process(
        alone -> {
          rename(alone, after, taken);
          alone.exist(List.of(pool(SENSE, before)), Set.of());
          assertThat(alone.agreed(SENSE)).as("renamed back").contains(PINNED);
        });
  }

  /** Two pools of the same servers, as for requests and WebSockets. */
  @Test
  void a_pool_that_was_removed_lends_its_role_to_no_other_of_the_same_servers() {
    String servers = "sen1=192.0.2.1 sen2=192.0.2.2";
    process(
        alone -> {
          alone.exist(List.of(pool(SENSE, servers), pool(OTHER, servers)), Set.of());
          alone.propose(SENSE, NOTHING, PINNED);
          alone.exist(List.of(pool(OTHER, servers)), Set.of());
          assertThat(alone.agreed(OTHER)).isEmpty();
        });
    process(
        alone -> {
          alone.exist(List.of(pool(OTHER, servers)), Set.of());
          assertThat(alone.agreed(OTHER)).isEmpty();
        });
  }

  @Test
  void of_two_pools_of_the_same_servers_that_go_neither_is_the_one_that_was_renamed() {
    String servers = "sen1=192.0.2.1 sen2=192.0.2.2";
    PoolId third = new PoolId("third");
    process(
        alone -> {
          alone.exist(List.of(pool(SENSE, servers), pool(OTHER, servers)), Set.of());
          alone.propose(SENSE, NOTHING, PINNED);
          alone.exist(List.of(pool(third, servers)), Set.of());
          assertThat(alone.agreed(third)).isEmpty();
        });
  }

  private static void rename(StandaloneAgreement alone, String after, String taken) {
    alone.exist(List.of(pool(OTHER, after)), Set.of());
    String found =
        alone
            .agreed(OTHER)
            .map(AgreedRole::roleState)
            .map(role -> role.pinned() + " in " + role.epoch())
            .orElse("none");
    assertThat(found).isEqualTo(taken);
    assertThat(alone.operatorStates(OTHER).states()).hasSize(taken.equals("none") ? 0 : 1);
  }

  private static Pool pool(PoolId id, String servers) {
    return TestPools.pool(id)
        .servers(
            Stream.of(servers.split(" ", -1))
                .map(each -> each.split("=", -1))
                .map(
                    each ->
                        TestServers.of(
                            new ServerId(each[0]),
                            TestSettings.address(false, each[1], 8079),
                            Rank.MASTER,
                            OptionalInt.empty()))
                .toArray(Server[]::new))
        .build();
  }

  @Test
  void a_file_that_cannot_be_written_harms_nothing() throws IOException {
    Path noDirectory = directory.resolve("missing").resolve("state.json");
    try (StandaloneAgreement alone = StandaloneAgreement.withFile(noDirectory, NOW)) {
      alone.propose(SENSE, NOTHING, PINNED);
      assertThat(alone.agreed(SENSE)).contains(PINNED);
      assertThatCode(alone::close).doesNotThrowAnyException();
    }
    assertThat(noDirectory).doesNotExist();
  }

  @Test
  void a_write_that_failed_is_made_up_for_when_closing() throws IOException {
    Path later = directory.resolve("later").resolve("state.json");
    StandaloneAgreement alone = StandaloneAgreement.withFile(later, NOW);
    alone.propose(SENSE, NOTHING, PINNED);
    Files.createDirectory(later.getParent());
    alone.close();
    try (StandaloneAgreement again = StandaloneAgreement.withFile(later, NOW)) {
      assertThat(again.agreed(SENSE)).contains(PINNED);
    }
  }
}
