package dev.understudy.monitor;

import static dev.understudy.monitor.Bench.ALICE;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;

import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.network.Networks;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Two replicas that agree through a register: events of both say who acted, and why. */
class OperatorsOnReplicasTest {
  static final List<Story> STORIES =
      Story.of(
          """
          a state and the switch that follows from it name the operator everywhere
            start a b; begin; a sets sen2 to DRAIN by alice
            all tell OperatorStateChanged sen2 DRAIN by alice: disk swap, Switched sen1 OPERATOR by alice: disk swap
            each master.operator = "alice: disk swap"; each master.at != null
            b sets sen2 to READY by bob
            each master.operator = bob; each master.at != null
            all tell OperatorStateChanged sen2 READY by bob, Switched sen2 FAILBACK by nobody
          a switch its pin and the end of it name their operators everywhere
            start a b; begin; a switches to sen1 by alice
            all tell Switched sen1 OPERATOR by alice: disk swap, Pinned sen1 by alice: disk swap
            b switches to auto by bob
            all tell Pinned null by bob, Switched sen2 FAILBACK by nobody
          a pin of the serving server names its operator and not that of the switch
            start a b; begin; a switches to sen2 by bob; all tell Pinned sen2 by bob
          messages say by whom and why
            start a b; begin; a switches to sen1 by alice
            b.lastSwitch.message ~ ", by alice: disk swap"; b.lastPin.message ~ ", by alice: disk swap"
          a failure after an operators act is nobodys
            start a b; begin; a switches to sen1 by alice; all forget
            sen1 becomes KILLED; wait 10 s
            all tell Switched sen2 CONNECTION_FAILED by nobody, Pinned null by nobody
          a replica that comes later knows who set a state
            start a; begin; a sets sen1 to MAINTENANCE by alice; start late; wait 15 s
            late.told ~ "OperatorStateChanged sen1 MAINTENANCE by alice: disk swap"
          the maintenance of a pool holds on all replicas and ends on each at its time
            start a b; begin; a maintains the pool for 10 min by alice; start late; wait 15 s
            late.told ~ "PoolStateChanged MAINTENANCE by alice: disk swap"
            keep a.pool.maintenance as maintenance; each pool.maintenance = $maintenance
            a.pool.maintenance.allow.texts = 10.0.0.0/8; a.pool.maintenance.by = "alice: disk swap"
            b switches to sen1 by bob; each pool.maintenance = $maintenance; all forget
            wait 600 s; each pool.maintenance = null; all tell PoolStateChanged READY by nobody
            b maintains the pool by bob; late ends the maintenance by alice
            all tell PoolStateChanged MAINTENANCE by bob, PoolStateChanged READY by alice: disk swap
          a replica that is out of touch refuses the maintenance of a pool
            start a; cut starts and can be cut off; begin; cut it off; wait 15 s
            cut maintains the pool by bob -> unavailable; each pool.maintenance = null
          a record that an earlier version writes ends the maintenance of its pool
            start a; old starts in an earlier version; begin; a maintains the pool by alice
            a.pool.maintenance != null; old.pool.maintenance = null
            old sets sen1 to DRAIN by bob; a.pool.maintenance = null
            a.told ~ PoolStateChanged READY by nobody
          acts on a replica of an earlier version are nobodys and all are followed
            start a; old starts in an earlier version; begin; a sets sen2 to DRAIN by alice
            a.told ~ "OperatorStateChanged sen2 DRAIN by alice: disk swap, "
            old.told = "OperatorStateChanged sen2 DRAIN by nobody, Switched sen1 OPERATOR by nobody"
            old sets sen2 to MAINTENANCE by bob; old sets sen2 to READY by bob
            a.told = "OperatorStateChanged sen2 MAINTENANCE by nobody, OperatorStateChanged sen2 READY by nobody, Switched sen2 FAILBACK by nobody"
            # The second failback is damped.
            old switches to sen1 by bob; a switches to auto by alice; wait 30 s
            a.told = "Switched sen1 OPERATOR by nobody, Pinned sen1 by nobody, Pinned null by alice: disk swap, Switched sen2 FAILBACK by nobody"
            old.serving = sen2
          """);

  static final List<Story> OF_PODS =
      Story.of(
          """
          a pod that terminates is left by the replicas {r0|r0 r1|r0 r1 r2} as by one that decides alone
            both pods are ready; start {}; wait 15 s; each serving = app-10-0-0-1; all forget
            the first pod terminates; wait 1 s
            all tell OperatorStateChanged app-10-0-0-1 DRAIN by cluster: its Pod is terminating, Switched app-10-0-0-2 OPERATOR by nobody
            each lastSwitch.evidence = the cluster set server app-10-0-0-1 to drain
          """);

  static final List<Story> OVER_AGENTS =
      Story.of(
          """
          ready overrides an agent on all replicas until it says another state
            start a b c; begin; agent says maint; each serving = sen1; agent is gone; all forget
            a sets sen2 to READY by alice; wait 1 s
            all tell OperatorStateChanged sen2 READY by alice: disk swap, Switched sen2 FAILBACK by nobody
            each sen2.operatorState = READY; each sen2.agent.overridden = true
            b sets sen2 to READY by bob -> unchanged
            agent says maint; wait 10 s; each serving = sen2
            agent says ready; agent says maint; each serving = sen1
            each sen2.operatorState = MAINTENANCE
          a replica that comes later knows of it, and does not once it is over
            start a b; begin; agent says drain; a sets sen2 to READY by alice; start late; wait 15 s
            each sen2.operatorState = READY; each sen2.agent.overridden = true
            agent says ready; agent says drain; start later; wait 15 s
            each sen2.operatorState = DRAIN; each serving = sen1
          a replica that has not heard of its agent asks for it as the others see it
            start a b c; begin; agent says maint; agent is gone; start late; wait 15 s
            late.sen2.operatorState = READY; each serving = sen1
            late sets sen2 to READY by alice; wait 1 s; each sen2.operatorState = READY
            each serving = sen2
          replicas of which one is of an earlier version
            start a b; old starts in an earlier version; begin; agent says maint; agent is gone
            a sets sen2 to READY by alice; wait 1 s; a.serving = sen2; b.serving = sen2
            old sets sen1 to DRAIN by bob; wait 1 s; a.sen2.operatorState = READY
          """);

  @AutoClose private final Replicas replicas = with(new Replicas(sense()));

  private final CutOff cutOff = new CutOff();

  private Replicas with(Replicas all) {
    return all.means("begin", "wait 15 s; each serving = sen2; all forget")
        .verb("old starts in an earlier version", on -> all.start("old", new EarlierVersion(all)))
        .verb("cut starts and can be cut off", on -> all.start("cut", cutOff))
        .verb("cut it off", on -> cutOff.isCut = true)
        .command("(\\w+) maintains the pool", on -> maintain(on, null))
        .command(
            "(\\w+) maintains the pool for 10 min",
            on -> maintain(on, all.scheduler.now().plusSeconds(600), "10.0.0.0/8"))
        .command(
            "(\\w+) ends the maintenance",
            on ->
                all.monitor(on)
                    .commands()
                    .setState(SENSE, PoolMaintenance.ended(all.scheduler.now(), ALICE), true));
  }

  private CompletionStage<Result> maintain(
      MatchResult on, @Nullable Instant until, String... allow) {
    Networks networks = Networks.of(List.of(allow));
    PoolMaintenance next =
        new PoolMaintenance(true, replicas.scheduler.now(), until, networks, Replicas.by(on));
    return replicas.monitor(on).commands().setState(SENSE, next, true);
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void operators_are_named_everywhere(Story story) {
    replicas.play(story);
  }

  @ParameterizedTest
  @FieldSource("OVER_AGENTS")
  void agents_are_overridden_everywhere(Story story) {
    try (Replicas all = with(new Replicas(MonitorAgentTest.ASKED))) {
      all.verb("agent says (.*)", on -> agentSays(all, on.group(1)))
          .verb("agent is gone", on -> agentSays(all, null))
          .play(story);
    }
  }

  private static void agentSays(Replicas all, @Nullable String line) {
    all.prober.agentSays(SensePool.MASTER, line);
    all.scheduler.advance(Duration.ofMillis(2_500));
  }

  @ParameterizedTest
  @FieldSource("OF_PODS")
  void the_cluster_is_named_everywhere(Story story) {
    try (Replicas all = new Replicas(MonitorEndpointsTest.pool(PoolMode.FAILOVER))) {
      all.verb("both pods are ready", on -> set(all, MonitorEndpointsTest.READY))
          .verb("the first pod terminates", on -> set(all, MonitorEndpointsTest.ENDING))
          .play(story);
    }
  }

  private static void set(Replicas all, Endpoint first) {
    all.endpoints.set(MonitorEndpointsTest.SERVICE, first, MonitorEndpointsTest.OTHER);
  }

  /** The register, of which a replica hears nothing while it is cut off. */
  private final class CutOff extends EarlierVersion {
    private boolean isCut;

    CutOff() {
      super(replicas);
    }

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
    private final Register register;

    EarlierVersion(Replicas all) {
      register = all.register();
    }

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
