package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.pool;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.server;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.switchover.SwitchRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Whose clients a planned switch awaits: all replicas that have some, whether they decide or not.
 */
class ClientsOnReplicasTest {
  private static final PoolId RENAMED = new PoolId("renamed");
  private static final PoolId ANOTHER = new PoolId("another");

  static final List<Story> STORIES =
      Story.of(
          """
          a replica that is stopping is awaited until its requests have ended
            start a b c; begin; c has a request; c leaves; wait 1 s; a plans a switch; wait 1 s
            a.phase = PAUSING; the request of c ends; wait 100 ms; each phase = MOVED
            each serving = sen1
          a replica that stops while its requests run gives the switch up in the end
            start a b c; begin; c has a request; a plans a switch; wait 1 s; c leaves; wait 5 s
            a.phase = GIVEN_UP; each serving = sen2
          a replica that stops and has departed is awaited no more
            start a b c; begin; c has a request; a plans a switch; wait 1 s; c leaves; wait 1 s
            a.phase = PAUSING; c departs; wait 100 ms; a.phase = MOVED; a.serving = sen1
          a replica that is stopping holds its clients as the others do
            start a b c; begin; b has a request; c leaves; wait 1 s; a plans a switch; wait 1 s
            each pool.paused = true; the request of b ends; wait 100 ms; each pool.paused = false
            each serving = sen1
          a replica that is stopping drives no switch
            start a b c; begin; b has a request; a plans a switch; wait 100 ms
            a.pool.planned.driver = a; a leaves; the request of b ends; wait 500 ms
            each phase = MOVED; each serving = sen1
          a replica that is stopping does not count
            start a b; begin; b leaves; wait 100 ms; sen2 becomes KILLED; wait 5 s
            a.serving = sen1
          requests of a pool that a file has no more are awaited
            start a b c; begin; c has a request; c has another pool; wait 1 s
            a plans a switch; wait 1 s; a.phase = PAUSING; the request of c ends; wait 200 ms
            a.phase = MOVED; a.serving = sen1; b.serving = sen1
          requests of a pool that a file has no more give the switch up in the end
            start a b c; begin; c has a request; c has another pool; wait 1 s
            a plans a switch; wait 6 s; a.phase = GIVEN_UP; a.serving = sen2
            a.why = "requests are still running on server sen2 at c"
          a replica whose file has no such pool and no such requests is not awaited
            start a b c; begin; c has another pool; wait 1 s; a plans a switch; wait 100 ms
            a.phase = MOVED; a.serving = sen1
          requests of a pool that has another name now are awaited
            start a; begin; a has a request; a renames the pool; wait 1 s
            a plans a switch of renamed; wait 1 s; a.phase = PAUSING; the request of a ends
            wait 200 ms; a.phase = MOVED; a.serving = sen1
          requests of a pool that was removed and is back are awaited
            start a; begin; a has a request; a has another pool; wait 1 s; a has it again; wait 15 s
            a plans a switch; wait 1 s; a.phase = PAUSING; the request of a ends
            wait 200 ms; a.phase = MOVED; a.serving = sen1
          requests at the new server by an earlier name are not awaited
            start a; begin; a switches to sen1; a has a request; a renames the pool; wait 1 s
            a switches renamed to sen2; a plans a switch of renamed; wait 1 s; a.phase = MOVED
          """);

  @AutoClose private final Replicas replicas = with(new Replicas(sense()));
  private final Map<String, ServerTraffic> running = new HashMap<>();

  private Replicas with(Replicas all) {
    return all.means("begin", "wait 15 s; each serving = sen2")
        .verb("(\\w+) leaves", on -> all.agreement(on.group(1)).leave())
        .verb("(\\w+) departs", on -> all.agreement(on.group(1)).depart())
        .verb(
            "(\\w+) has a request",
            on -> {
              PoolState pool = all.monitor(on).current().pool(SENSE);
              ServerTraffic traffic =
                  Objects.requireNonNull(Objects.requireNonNull(pool).serving()).traffic();
              traffic.requests().incrementAndGet();
              running.put(on.group(1), traffic);
            })
        .verb(
            "the request of (\\w+) ends",
            on -> Objects.requireNonNull(running.remove(on.group(1))).requests().decrementAndGet())
        .verb("(\\w+) plans a switch", on -> plan(all, on.group(1), SENSE))
        .verb("(\\w+) plans a switch of renamed", on -> plan(all, on.group(1), RENAMED))
        .command(
            "(\\w+) switches renamed to (\\S+)",
            on -> all.monitor(on).commands().switchTo(RENAMED, new ServerId(on.group(2)), null))
        .verb("(\\w+) renames the pool", on -> all.apply(on, renamed()))
        .verb("(\\w+) has it again", on -> all.apply(on, sense()))
        .verb(
            "(\\w+) has another pool",
            on ->
                all.apply(
                    on,
                    pool(
                        ANOTHER,
                        server(new ServerId("new-2"), "192.0.2.12", Rank.MASTER),
                        server(new ServerId("new-1"), "192.0.2.11", Rank.BACKUP))));
  }

  private static Pool renamed() {
    return pool(RENAMED, master("192.0.2.2"), backup("192.0.2.1"));
  }

  private static void plan(Replicas all, String replica, PoolId pool) {
    var unused =
        all.monitor(replica)
            .commands()
            .planSwitch(
                pool,
                new SwitchRequest(SensePool.BACKUP, Duration.ofSeconds(10), false, null, null));
    all.play("wait 1 ms");
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_planned_switch_awaits_whoever_has_clients(Story story) {
    replicas.play(story);
  }
}
