package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.server;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** With an agreement that takes its time and has other replicas: the form that is to come. */
class MonitorAgreementTest {
  static final List<Story> STORIES =
      Story.of(
          """
          nothing is adopted before it is agreed on and nothing is proposed meanwhile
            begin sense; serving = null; proposals.size = 1
            it is agreed on; serving = sen2; reasons = INITIAL
          a pool of a refused file exists no longer and costs no state
            apply sense other; apply sense; retain
            told = "exist [other, sense], exist [sense], retain [sense]"
          a command is done when it is agreed on
            begin sense; it is agreed on; ask to switch to sen1; wait 1 s; asked = pending
            switch to sen2 -> conflict; it is agreed on; asked = Done[changed=true, inMemoryOnly=null]; serving = sen1
          changes of the trust in the epoch are published
            begin sense; it is agreed on; sen2-is-told = true
            the epoch is not trusted; sen2-is-told = false; the epoch is trusted; sen2-is-told = true
          the epoch is not told of a server chosen alone while news of the agreement is on its way
            begin sense; it is agreed on; the epoch is not trusted
            they chose sen1 in epoch 1; serving = sen1
            they are about to tell of sen2 in epoch 1; sen2 becomes KILLED; wait 5 s; pool.epoch = 1
            # It was published.
            sen2.status = DOWN; serving = sen1; sen1-is-told = false
            they tell; serving = sen2; sen2-is-told = true
          what ends a choice made alone is what the replicas agree on and no decision of before
            begin sense; it is agreed on; the epoch is not trusted
            they chose sen1 in epoch 1; serving = sen1; count.Switched = 2; count.Kept = 0
            the epoch is trusted; they chose sen2 in epoch 1; serving = sen2; count.Switched = 2
            last.Kept.evidence = kept as the replicas agreed
          without agreement a command is a conflict and the choice is proposed again
            begin sense; there is no agreement; wait 900 ms; proposals = ""
            wait 200 ms; proposals.size = 1; it is agreed on
            ask to switch to sen1; there is no agreement; asked ~ Conflict; serving = sen2
          a decision of another replica is followed
            begin sense; it is agreed on; they chose sen1 in epoch 5; serving = sen1
            pool.epoch = 5; last.Switched.evidence = seen elsewhere
          news that came while a command found no agreement is looked at
            begin sense; it is agreed on; ask to switch to sen1; sen2 becomes KILLED; wait 5 s
            sen2.status = DOWN; there is no agreement
            asked = "Conflict[why=the replicas did not agree: cut off]"
            wait 1 s; it is agreed on; serving = sen1; last.Switched.reason = CONNECTION_FAILED
          a command that another replica was quicker than is a conflict
            begin sense; it is agreed on; ask to switch to sen1; it is agreed on nobody in epoch 2
            asked = "Conflict[why=the replicas did not agree: another replica made a change first]"
            count.Switched = 2; last.Switched.evidence = seen elsewhere
          an agreement that comes after its pool is gone does not bring it back
            begin sense; apply nothing; it is agreed on; wait 10 s
            pools = ""; proposals = ""; count.Switched = 0
          a newer decision during a proposal is adopted at once
            begin sense; it is agreed on; ask to switch to sen1; they chose sen1 in epoch 7
            serving = sen1; pool.epoch = 7; it is agreed on sen1 in epoch 7
            asked = "Conflict[why=the replicas did not agree: another replica made a change first]"
          a lower epoch is not adopted
            begin sense; it is agreed on sen2 in epoch 5; they chose sen1 in epoch 4
            serving = sen2; pool.epoch = 5
          news is reported while a proposal is under way
            begin sense; it is agreed on; ask to switch to sen1; sen2 becomes KILLED; wait 5 s
            proposals.size = 1; reported-of-sen2.status = DOWN
          a server that is {KILLED|KILLED_BEHIND_RELAY|FROZEN} here is published as down and serving until all have left it
            begin sense; it is agreed on; keep sen2.incarnation as before; sen2 becomes {}; wait 5 s
            serving = sen2; pool.serving.status = DOWN; sen2.status = DOWN
            sen2.lastProbe.outcome.hasResponse = false
            # It is left by connections.
            sen2.incarnation != $before; it is agreed on; serving = sen1
          an operator state that was set elsewhere is followed
            begin sense; it is agreed on; they set sen1 to drain; sen1.operatorState = DRAIN
            they set all to ready; sen1.operatorState = READY
          an operator state is set when it is agreed on
            begin sense; it is agreed on; ask to set sen1 to maintenance; wait 1 s; asked = pending
            sen1.operatorState = READY; the state is agreed on
            asked = Done[changed=true, inMemoryOnly=null]; sen1.operatorState = MAINTENANCE
          out of touch what is so here is no answer either, as it may have been changed elsewhere
            begin sense; it is agreed on; ask to set sen1 to maintenance; the state is agreed on
            ask to set sen1 to maintenance; asked = Done[changed=false, inMemoryOnly=null]
            ask to end maintenance; asked = Done[changed=false, inMemoryOnly=null]; out of touch
            ask to set sen1 to maintenance; asked = "Unavailable[why=out of touch]"
            ask to end maintenance; asked = "Unavailable[why=out of touch]"
          """);

  private final Elsewhere elsewhere = new Elsewhere();
  private CompletionStage<Result> asked = new CompletableFuture<>();

  @AutoClose
  private final Stage stage =
      new Stage(elsewhere)
          .pool("other", SensePool.pool(new PoolId("other"), master("192.0.2.3")))
          .verb("retain", on -> settled(() -> bench().monitor.retain()))
          .verb("it is agreed on", on -> settled(elsewhere::agree))
          .verb(
              "it is agreed on (\\S+) in epoch (\\d+)",
              on -> settled(() -> elsewhere.agreeOn(decision(on))))
          .verb("there is no agreement", on -> settled(elsewhere::fail))
          .verb(
              "they chose (\\S+) in epoch (\\d+)",
              on -> settled(() -> elsewhere.decide(decision(on))))
          .verb("they are about to tell of (\\S+) in epoch (\\d+)", this::aboutToTell)
          .verb("they tell", on -> settled(elsewhere::tell))
          .verb("the epoch is trusted", on -> settled(() -> elsewhere.trust(true)))
          .verb("the epoch is not trusted", on -> settled(() -> elsewhere.trust(false)))
          .verb(
              "they set sen1 to drain",
              on -> settled(() -> elsewhere.set(Map.of(BACKUP, OperatorState.DRAIN))))
          .verb("they set all to ready", on -> settled(() -> elsewhere.set(Map.of())))
          .verb("the state is agreed on", on -> settled(elsewhere::agreeOnState))
          .verb(
              "ask to switch to sen1",
              on -> ask(bench().monitor.commands().switchTo(SENSE, BACKUP, null)))
          .verb("out of touch", on -> elsewhere.outOfTouch = true)
          .verb(
              "ask to end maintenance",
              on ->
                  ask(
                      bench()
                          .monitor
                          .commands()
                          .setState(SENSE, PoolMaintenance.ended(Instant.EPOCH, null), false)))
          .verb(
              "ask to set sen1 to maintenance",
              on ->
                  ask(
                      bench()
                          .monitor
                          .commands()
                          .setState(SENSE, BACKUP, OperatorState.MAINTENANCE, false, null)))
          .fact("asked", this::asked)
          .fact("told", () -> elsewhere.told)
          .fact("proposals", () -> elsewhere.proposals)
          .fact("reported-of-sen2", () -> elsewhere.reports.getLast().get(MASTER))
          .fact("sen1-is-told", () -> isTold(BACKUP))
          .fact("sen2-is-told", () -> isTold(MASTER));

  private Bench bench() {
    return stage.bench;
  }

  private void settled(Runnable act) {
    act.run();
    bench().scheduler.settle();
  }

  private void ask(CompletionStage<Result> command) {
    settled(() -> asked = command);
  }

  private Object asked() {
    CompletableFuture<Result> result = asked.toCompletableFuture();
    return result.isDone() ? result.join() : "pending";
  }

  private boolean isTold(ServerId server) {
    return bench().pool().tellsEpoch(bench().server(server));
  }

  private void aboutToTell(MatchResult on) {
    elsewhere.agreed = decision(on);
    elsewhere.trusted = true;
  }

  private AgreedRole decision(MatchResult on) {
    ServerId serving = on.group(1).equals("nobody") ? null : new ServerId(on.group(1));
    long epoch = Long.parseLong(on.group(2));
    RoleState roleState = new RoleState(serving, epoch, null, 0, null, RoleMemory.NONE);
    return new AgreedRole(
        roleState, SwitchReason.OPERATOR, bench().scheduler.now(), "seen elsewhere");
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void replicas_agree_before_one_acts(Story story) {
    stage.play(story);
  }

  @Test
  void a_reload_that_fails_loses_no_server() {
    stage.play("begin sense; keep sen2.incarnation as before");
    elsewhere.unanswerable = true;
    Pool longer =
        with(
            sense(),
            server(new ServerId("sen3"), "192.0.2.3", Rank.MASTER),
            sense().servers().getFirst());
    var applied = bench().monitor.apply(List.of(longer)).toCompletableFuture();
    assertThatThrownBy(bench().scheduler::settle).hasMessage("as the test wants");
    assertThat(applied).isCompletedExceptionally();
    elsewhere.unanswerable = false;
    stage.play("apply sense; sen2.incarnation = $before");
    // One each two seconds.
    stage.play("count probes of sen1 anew; wait 10 s; probes.sen1 in 4..6");
  }

  private static final class Elsewhere extends FakeAgreement {
    private record Proposal(AgreedRole next, CompletableFuture<AgreedRole> response) {}

    final Queue<Proposal> proposals = new ArrayDeque<>();
    boolean unanswerable;
    boolean outOfTouch;
    private boolean trusted = true;
    private CompletableFuture<Void> stateAsked = new CompletableFuture<>();
    private Map<ServerId, OperatorState> states = Map.of();
    final List<Map<ServerId, Candidate>> reports = new ArrayList<>();

    /** What was told: the pools that exist, and whose operator states are kept. */
    final List<String> told = new ArrayList<>();

    @Override
    public void exist(Collection<Pool> pools, Set<PoolId> going) {
      told.add("exist " + new TreeSet<>(pools.stream().map(pool -> pool.id().value()).toList()));
    }

    @Override
    public void retain(Map<PoolId, Set<ServerId>> servers) {
      told.add("retain " + servers.keySet());
    }

    void agree() {
      agreeOn(proposals.element().next());
    }

    void agreeOn(AgreedRole next) {
      agreed = next;
      proposals.remove().response().complete(next);
    }

    void fail() {
      proposals.remove().response().completeExceptionally(new IllegalStateException("cut off"));
    }

    void trust(boolean value) {
      trusted = value;
      tell();
    }

    void set(Map<ServerId, OperatorState> value) {
      states = value;
      tell();
    }

    void agreeOnState() {
      loop.execute(() -> stateAsked.complete(null));
    }

    @Override
    public boolean isEpochTrusted(PoolId pool) {
      return trusted;
    }

    @Override
    public Optional<String> whyNoCommands() {
      return outOfTouch ? Optional.of("out of touch") : Optional.empty();
    }

    @Override
    public void report(Pool file, Pool inForce, Map<ServerId, Candidate> own) {
      reports.add(own);
    }

    @Override
    public Optional<Duration> turn(PoolId pool, int passed) {
      return Optional.of(Duration.ZERO);
    }

    @Override
    public CompletableFuture<AgreedRole> propose(PoolId pool, AgreedRole current, AgreedRole next) {
      Proposal proposal = new Proposal(next, new CompletableFuture<>());
      proposals.add(proposal);
      return proposal.response();
    }

    @Override
    public OperatorStates operatorStates(PoolId pool) {
      if (unanswerable) {
        throw new IllegalStateException("as the test wants");
      }
      return new OperatorStates(states, Map.of(), null);
    }

    @Override
    public CompletableFuture<Void> operatorState(
        PoolId pool,
        ServerId server,
        OperatorState state,
        @Nullable AgentOverride over,
        @Nullable Operator by) {
      stateAsked = new CompletableFuture<>();
      return stateAsked.thenRun(() -> states = Map.of(server, state));
    }
  }
}
