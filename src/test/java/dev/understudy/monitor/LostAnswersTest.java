package dev.understudy.monitor;

import static dev.understudy.monitor.Bench.ALICE;
import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterKey.Kind;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.network.Networks;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;

/** What operators are told of a command whose write into the replicas' store had no answer. */
class LostAnswersTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @AutoClose private final Replicas replicas = new Replicas(sense());
  private final Lossy store = new Lossy(replicas.register());

  private final Map<String, Function<OperatorCommands, CompletionStage<Result>>> commands =
      Map.of(
          "drain", to -> to.setState(SENSE, BACKUP, OperatorState.DRAIN, false, ALICE),
          "maintenance", to -> to.setState(SENSE, BACKUP, OperatorState.MAINTENANCE, false, ALICE),
          "ready", to -> to.setState(SENSE, BACKUP, OperatorState.READY, false, ALICE),
          "pool maintenance", to -> to.setState(SENSE, maintenance(), true),
          "its end", to -> to.setState(SENSE, PoolMaintenance.ended(now(), ALICE), false),
          "switch", to -> to.switchTo(SENSE, BACKUP, ALICE),
          "pin", to -> to.switchTo(SENSE, MASTER, ALICE),
          "unpin", to -> to.switchTo(SENSE, null, ALICE),
          "plan", to -> to.planSwitch(SENSE, later()),
          "give up", to -> to.giveUpSwitch(SENSE, ALICE));

  private Instant now() {
    return replicas.scheduler.now();
  }

  private PoolMaintenance maintenance() {
    return new PoolMaintenance(true, now(), null, Networks.of(List.of()), ALICE);
  }

  private SwitchRequest later() {
    return new SwitchRequest(
        BACKUP, SwitchRequest.DEFAULT_PAUSE, false, now().plusSeconds(3600), ALICE);
  }

  /** Each command, and what another replica does before it. */
  @Rows(
      """
      drain            | ``
      maintenance      | ``
      ready            | drain
      pool maintenance | ``
      its end          | pool maintenance
      switch           | ``
      pin              | ``
      unpin            | pin
      plan             | ``
      give up          | plan
      """)
  void an_operator_is_told_that_it_is_done_or_that_it_is_not_known(String command, String before) {
    replicas.start("a", replicas.register());
    replicas.start("b", store);
    advance(Duration.ofSeconds(15));
    if (!before.isEmpty()) {
      assertThat(told("a", before)).startsWith("done");
    }

    store.loses(false, Duration.ZERO, Reason.REFUSED);
    assertThat(told("b", command))
        .as("the store refuses")
        .doesNotStartWith("done")
        .doesNotStartWith("not known");

    store.loses(false, Duration.ZERO, Reason.NOT_TAKEN);
    assertThat(told("b", command))
        .as("the store is not reached")
        .doesNotStartWith("done")
        .doesNotStartWith("not known");

    store.loses(false, LONG, Reason.UNCERTAIN);
    assertThat(told("b", command)).as("neither taken nor read").startsWith("not known: no answer");
    advance(LONG);

    store.loses(true, Duration.ofSeconds(3), Reason.UNCERTAIN);
    assertThat(told("b", command)).as("taken, and read after 3 s").isEqualTo("done");
  }

  @Rows(
      """
      drain
      switch
      plan
      """)
  void what_was_taken_is_not_known_here_while_it_is_in_force_elsewhere(String command) {
    replicas.start("a", replicas.register());
    replicas.start("b", store);
    advance(Duration.ofSeconds(15));

    store.loses(true, LONG, Reason.UNCERTAIN);
    assertThat(told("b", command)).startsWith("not known: no answer");
    assertThat(told("a", command)).as("it is so at the other replica").doesNotStartWith("done");
  }

  @Rows(
      """
      drain
      switch
      plan
      """)
  void what_was_lost_on_its_way_is_sent_again(String command) {
    replicas.start("a", replicas.register());
    replicas.start("b", store);
    advance(Duration.ofSeconds(15));

    store.loses(false, Duration.ofSeconds(3), Reason.UNCERTAIN);
    assertThat(told("b", command)).isEqualTo("done");
  }

  private String told(String replica, String command) {
    CompletableFuture<Result> result =
        Objects.requireNonNull(commands.get(command))
            .apply(replicas.monitor(replica).commands())
            .toCompletableFuture();
    advance(Duration.ofSeconds(12));
    assertThat(result).as(command).isCompleted();
    return Stage.said(result.join());
  }

  private void advance(Duration time) {
    replicas.scheduler.advance(time);
  }

  /**
   * The register, of which one write of a record fails, with or without effect; then its records
   * can neither be written nor read nor watched for a while. The replica stays in touch.
   */
  private final class Lossy implements Register {
    private final Register register;
    private @Nullable Reason next;
    private boolean taken;
    private Duration away = Duration.ZERO;
    private Instant back = Instant.MIN;

    Lossy(Register register) {
      this.register = register;
    }

    /** The next write of a record fails. */
    void loses(boolean itIsTaken, Duration thenAway, Reason reason) {
      taken = itIsTaken;
      away = thenAway;
      next = reason;
    }

    private boolean isAway(RegisterKey key) {
      return key.kind() == Kind.POOL && now().isBefore(back);
    }

    private <T> CompletableFuture<T> failed(Reason reason) {
      return CompletableFuture.failedFuture(new RegisterException(reason, "no answer"));
    }

    @Override
    public CompletableFuture<Long> compareAndSet(
        RegisterKey key, RegisterDocument document, long expected) {
      Reason reason = next;
      if (key.kind() == Kind.POOL && reason != null) {
        next = null;
        back = now().plus(away);
        if (taken) {
          var unused = register.compareAndSet(key, document, expected);
        }
        return failed(reason);
      }
      return isAway(key)
          ? failed(Reason.UNCERTAIN)
          : register.compareAndSet(key, document, expected);
    }

    @Override
    public CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key) {
      return isAway(key) ? failed(Reason.UNCERTAIN) : register.get(key);
    }

    @Override
    public String description() {
      return register.description();
    }

    @Override
    public CompletableFuture<RegisterListing> list() {
      return register.list();
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
              if (!isAway(entry.key())) {
                listener.changed(entry);
              }
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
