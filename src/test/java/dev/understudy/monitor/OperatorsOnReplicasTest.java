package dev.understudy.monitor;

import static dev.understudy.monitor.Bench.ALICE;
import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.QuorumAgreement;
import dev.understudy.agreement.quorum.QuorumSettings;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.MemoryRegister;
import dev.understudy.agreement.register.MemoryStore;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.network.Networks;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two replicas that agree through a register: events of both say who acted, and why. */
class OperatorsOnReplicasTest {
  private static final Operator BOB = new Operator("bob", null);

  private final FakeScheduler scheduler = new FakeScheduler();
  private final MemoryStore store = new MemoryStore();
  private final FakeEndpoints endpoints = new FakeEndpoints();
  private final List<Replica> replicas = new ArrayList<>();

  @AfterEach
  void close() {
    replicas.forEach(replica -> replica.monitor.close());
  }

  private Replica replica(String name) {
    return replica(name, new MemoryRegister(store, "understudy", scheduler::execute));
  }

  private Replica replica(String name, Register register) {
    return replica(name, register, sense());
  }

  private Replica replica(String name, Register register, Pool pool) {
    Replica replica = new Replica(name, register, pool);
    replicas.add(replica);
    return replica;
  }

  private void begin() {
    advance(15_000);
    replicas.forEach(replica -> assertThat(replica.serving()).isEqualTo("sen2"));
    replicas.forEach(replica -> replica.forget());
  }

  private void advance(long millis) {
    scheduler.advance(Duration.ofMillis(millis));
  }

  private void everywhere(String... acts) {
    replicas.forEach(each -> assertThat(each.acts()).as(each.name).containsExactly(acts));
  }

  private void done(CompletionStage<Result> command) {
    advance(1_000);
    assertThat(command.toCompletableFuture()).isCompletedWithValue(new Result.Done(true));
  }

  @Test
  void a_state_and_the_switch_that_follows_from_it_name_the_operator_everywhere() {
    Replica a = replica("a");
    Replica b = replica("b");
    begin();

    done(a.monitor.setState(SENSE, MASTER, OperatorState.DRAIN, false, ALICE));

    everywhere(
        "OperatorStateChanged sen2 DRAIN by alice: disk swap",
        "Switched sen1 OPERATOR by alice: disk swap");

    replicas.forEach(each -> assertThat(each.act(MASTER)).as(each.name).isEqualTo(ALICE));

    done(b.monitor.setState(SENSE, MASTER, OperatorState.READY, false, BOB));

    for (Replica each : replicas) {
      assertThat(each.act(MASTER)).as(each.name).isEqualTo(BOB);
      assertThat(each.acts())
          .as(each.name)
          .containsExactly(
              "OperatorStateChanged sen2 READY by bob", "Switched sen2 FAILBACK by nobody");
    }
  }

  @Test
  void a_switch_its_pin_and_the_end_of_it_name_their_operators_everywhere() {
    Replica a = replica("a");
    Replica b = replica("b");
    begin();

    done(a.monitor.switchTo(SENSE, BACKUP, ALICE));

    everywhere("Switched sen1 OPERATOR by alice: disk swap", "Pinned sen1 by alice: disk swap");

    done(b.monitor.switchTo(SENSE, null, BOB));

    everywhere("Pinned null by bob", "Switched sen2 FAILBACK by nobody");
  }

  @Test
  void a_pin_of_the_serving_server_names_its_operator_and_not_that_of_the_switch() {
    Replica a = replica("a");
    replica("b");
    begin();

    done(a.monitor.switchTo(SENSE, MASTER, BOB));

    everywhere("Pinned sen2 by bob");
  }

  @Test
  void messages_say_by_whom_and_why() {
    Replica a = replica("a");
    Replica b = replica("b");
    begin();

    done(a.monitor.switchTo(SENSE, BACKUP, ALICE));

    assertThat(b.events.newest(SENSE, 2))
        .extracting(entry -> entry.event().message())
        .hasSize(2)
        .allSatisfy(message -> assertThat(message).endsWith(", by alice: disk swap"));
  }

  @Test
  void a_failure_after_an_operators_act_is_nobodys() {
    Replica a = replica("a");
    replica("b");
    begin();
    done(a.monitor.switchTo(SENSE, BACKUP, ALICE));
    replicas.forEach(Replica::forget);

    replicas.forEach(each -> each.prober.set(BACKUP, FakeProber.Behaviour.KILLED));
    advance(10_000);

    everywhere("Switched sen2 CONNECTION_FAILED by nobody", "Pinned null by nobody");
  }

  @Test
  void a_replica_that_comes_later_knows_who_set_a_state() {
    Replica a = replica("a");
    begin();
    done(a.monitor.setState(SENSE, BACKUP, OperatorState.MAINTENANCE, false, ALICE));

    Replica late = replica("late");
    advance(15_000);

    assertThat(late.acts()).contains("OperatorStateChanged sen1 MAINTENANCE by alice: disk swap");
  }

  @Test
  void the_maintenance_of_a_pool_holds_on_all_replicas_and_ends_on_each_at_its_time() {
    Replica a = replica("a");
    Replica b = replica("b");
    begin();
    Instant until = scheduler.now().plusSeconds(600);
    PoolMaintenance maintenance =
        new PoolMaintenance(
            true, scheduler.now(), until, Networks.of(List.of("10.0.0.0/8")), ALICE);

    done(a.monitor.setState(SENSE, maintenance));

    Replica late = replica("late");
    advance(15_000);
    assertThat(late.acts()).contains("PoolStateChanged MAINTENANCE by alice: disk swap");
    for (Replica each : replicas) {
      assertThat(each.pool().maintenance()).as(each.name).isEqualTo(maintenance);
    }
    done(b.monitor.switchTo(SENSE, BACKUP, BOB));
    replicas.forEach(each -> assertThat(each.pool().maintenance()).isEqualTo(maintenance));
    replicas.forEach(Replica::forget);

    advance(600_000);

    for (Replica each : replicas) {
      assertThat(each.pool().maintenance()).as(each.name).isNull();
      assertThat(each.acts()).as(each.name).containsExactly("PoolStateChanged READY by nobody");
    }

    done(b.monitor.setState(SENSE, new PoolMaintenance(true, until, null, Networks.NONE, BOB)));
    done(late.monitor.setState(SENSE, PoolMaintenance.ended(until, ALICE)));

    everywhere("PoolStateChanged MAINTENANCE by bob", "PoolStateChanged READY by alice: disk swap");
  }

  @Test
  void a_replica_that_is_out_of_touch_refuses_the_maintenance_of_a_pool() {
    Replica a = replica("a");
    CutOff register = new CutOff();
    Replica cut = replica("cut", register);
    begin();
    register.isCut = true;
    advance(15_000);

    CompletionStage<Result> refused =
        cut.monitor.setState(
            SENSE, new PoolMaintenance(true, scheduler.now(), null, Networks.NONE, BOB));
    advance(5_000);

    assertThat(refused.toCompletableFuture().join()).isInstanceOf(Result.Unavailable.class);
    assertThat(cut.pool().maintenance()).isNull();
    assertThat(a.pool().maintenance()).isNull();
  }

  @Test
  void a_record_that_an_earlier_version_writes_ends_the_maintenance_of_its_pool() {
    Replica a = replica("a");
    Replica old = replica("old", new EarlierVersion());
    begin();
    done(
        a.monitor.setState(
            SENSE, new PoolMaintenance(true, scheduler.now(), null, Networks.NONE, ALICE)));
    assertThat(a.pool().maintenance()).isNotNull();
    assertThat(old.pool().maintenance()).isNull();

    done(old.monitor.setState(SENSE, BACKUP, OperatorState.DRAIN, false, BOB));

    assertThat(a.pool().maintenance()).isNull();
    assertThat(a.acts()).contains("PoolStateChanged READY by nobody");
  }

  @Test
  void acts_on_a_replica_of_an_earlier_version_are_nobodys_and_all_are_followed() {
    Replica a = replica("a");
    Replica old = replica("old", new EarlierVersion());
    begin();

    done(a.monitor.setState(SENSE, MASTER, OperatorState.DRAIN, false, ALICE));

    assertThat(a.acts()).first().isEqualTo("OperatorStateChanged sen2 DRAIN by alice: disk swap");
    assertThat(old.acts())
        .containsExactly(
            "OperatorStateChanged sen2 DRAIN by nobody", "Switched sen1 OPERATOR by nobody");
    a.forget();

    done(old.monitor.setState(SENSE, MASTER, OperatorState.MAINTENANCE, false, BOB));
    done(old.monitor.setState(SENSE, MASTER, OperatorState.READY, false, BOB));

    assertThat(a.acts())
        .containsExactly(
            "OperatorStateChanged sen2 MAINTENANCE by nobody",
            "OperatorStateChanged sen2 READY by nobody",
            "Switched sen2 FAILBACK by nobody");

    done(old.monitor.switchTo(SENSE, BACKUP, BOB));
    done(a.monitor.switchTo(SENSE, null, ALICE));
    advance(30_000); // The second failback is damped.

    assertThat(a.acts())
        .containsExactly(
            "Switched sen1 OPERATOR by nobody",
            "Pinned sen1 by nobody",
            "Pinned null by alice: disk swap",
            "Switched sen2 FAILBACK by nobody");
    assertThat(old.serving()).isEqualTo("sen2");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void a_pod_that_terminates_is_left_as_by_one_replica_that_decides_alone(int count) {
    Pool pool = MonitorEndpointsTest.pool(PoolMode.FAILOVER);
    endpoints.set(
        MonitorEndpointsTest.SERVICE, MonitorEndpointsTest.READY, MonitorEndpointsTest.OTHER);
    for (int i = 0; i < count; i++) {
      replica("r" + i, new MemoryRegister(store, "understudy", scheduler::execute), pool);
    }
    advance(15_000);
    replicas.forEach(each -> assertThat(each.serving()).isEqualTo("app-10-0-0-1"));
    replicas.forEach(Replica::forget);

    endpoints.set(
        MonitorEndpointsTest.SERVICE, MonitorEndpointsTest.ENDING, MonitorEndpointsTest.OTHER);
    advance(1_000);

    for (Replica each : replicas) {
      assertThat(each.acts())
          .as(each.name)
          .containsExactly(
              "OperatorStateChanged app-10-0-0-1 DRAIN by cluster: its Pod terminates",
              "Switched app-10-0-0-2 OPERATOR by nobody");
      assertThat(each.events.newest(SENSE, EventLog.CAPACITY))
          .extracting(EventLog.Entry::event)
          .filteredOn(Event.Switched.class::isInstance)
          .last()
          .extracting(event -> ((Event.Switched) event).evidence())
          .isEqualTo("the cluster set app-10-0-0-1 to drain");
    }
  }

  /** One replica, as a process of its own would be. */
  private final class Replica {
    final String name;
    final FakeProber prober = new FakeProber(scheduler);
    final EventHistory events = new EventHistory(scheduler);
    final Monitor monitor;
    private long seen;

    Replica(String name, Register register, Pool pool) {
      this.name = name;
      this.monitor =
          Monitor.builder(prober, new FakeResolver())
              .agreement(
                  new QuorumAgreement(
                      register,
                      new QuorumSettings(
                          name, "run-of-" + name, "", Duration.ofSeconds(2), OnLoss.LOCAL),
                      Bench.NO_JITTER,
                      scheduler.now()))
              .endpoints(endpoints)
              .events(events)
              .random(Bench.NO_JITTER)
              .build(scheduler);
      monitor.apply(List.of(pool));
    }

    PoolState pool() {
      return Objects.requireNonNull(monitor.current().pool(SENSE), "the pool");
    }

    String serving() {
      ServerState serving = pool().serving();
      return serving == null ? "nobody" : serving.server().id().value();
    }

    /** Who set the state of a server, as the pool's document shows it. */
    @Nullable Operator act(ServerId server) {
      ServerState state = Objects.requireNonNull(monitor.current().pool(SENSE)).server(server);
      assertThat(state.operatorAct().at()).isNotNull();
      return state.operatorAct().operator();
    }

    void forget() {
      var unused = acts();
    }

    /** What operators did since the last call, and the switches. */
    List<String> acts() {
      List<String> acts = new ArrayList<>();
      for (EventLog.Entry entry : events.newest(null, EventLog.CAPACITY)) {
        String act = entry.id() <= seen ? null : act(entry.event());
        seen = Math.max(seen, entry.id());
        if (act != null) {
          acts.add(act);
        }
      }
      return acts;
    }

    private static @Nullable String act(Event event) {
      return switch (event) {
        case Event.Switched e -> "Switched " + e.to() + " " + e.reason() + by(e.operator());
        case Event.Pinned e -> "Pinned " + e.server() + by(e.operator());
        case Event.PoolStateChanged e -> "PoolStateChanged " + e.to() + by(e.operator());
        case Event.OperatorStateChanged e ->
            "OperatorStateChanged " + e.server() + " " + e.to() + by(e.operator());
        default -> null;
      };
    }

    private static String by(@Nullable Operator operator) {
      return " by " + (operator == null ? "nobody" : operator);
    }
  }

  /** The register, of which a replica hears nothing while it is cut off. */
  private final class CutOff extends EarlierVersion {
    private boolean isCut;

    @Override
    public CompletableFuture<Long> compareAndSet(
        RegisterKey key, RegisterDocument document, long expected) {
      return isCut
          ? CompletableFuture.failedFuture(
              new RegisterException(RegisterException.Reason.UNCERTAIN, "cut off"))
          : super.compareAndSet(key, document, expected);
    }
  }

  /** The register as a version sees it that neither reads nor writes operators. */
  private class EarlierVersion implements Register {
    private final Register register = new MemoryRegister(store, "understudy", scheduler::execute);

    private static RegisterDocument known(RegisterDocument document) {
      Map<String, String> attributes = new HashMap<>(document.attributes());
      attributes
          .keySet()
          .removeAll(List.of("switched-by", "pinned-by", "states-by", "maintenance"));
      return new RegisterDocument(
          document.holder(),
          document.transitions(),
          document.acquired(),
          document.renewed(),
          attributes);
    }

    private static RegisterEntry known(RegisterEntry entry) {
      return new RegisterEntry(entry.key(), entry.revision(), known(entry.document()));
    }

    @Override
    public String description() {
      return register.description();
    }

    @Override
    public CompletableFuture<RegisterListing> list() {
      return register
          .list()
          .thenApply(
              all ->
                  new RegisterListing(
                      all.entries().stream().map(EarlierVersion::known).toList(), all.revision()));
    }

    @Override
    public CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key) {
      return register.get(key).thenApply(found -> found.map(EarlierVersion::known));
    }

    @Override
    public CompletableFuture<Long> compareAndSet(
        RegisterKey key, RegisterDocument document, long expected) {
      return register.compareAndSet(key, known(document), expected);
    }

    @Override
    public CompletableFuture<Void> delete(RegisterKey key, long expected) {
      return register.delete(key, expected);
    }

    @Override
    public Watch watch(long revision, WatchListener listener) {
      return register.watch(
          revision,
          new WatchListener() {
            @Override
            public void changed(RegisterEntry entry) {
              listener.changed(known(entry));
            }

            @Override
            public void deleted(RegisterKey key, long at) {
              listener.deleted(key, at);
            }

            @Override
            public void progress(long at) {
              listener.progress(at);
            }

            @Override
            public void ended(RegisterException why) {
              listener.ended(why);
            }
          });
    }

    @Override
    public void close() {
      register.close();
    }
  }
}
