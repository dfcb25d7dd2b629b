package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.pool;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.server;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import java.util.List;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Replicas whose files name a pool otherwise, or have one that others lack, for a while. */
class RenamedPoolsOnReplicasTest {
  private static final PoolId RENAMED = new PoolId("renamed");

  static final List<Story> STORIES =
      Story.of(
          """
          a renamed pool takes its role epoch pin and states along at the first replica that has it
            start a b c; begin; a switches to sen1 by alice; b sets sen2 to DRAIN by bob
            a renames the pool; a.serving = sen1; wait 1 s; a.serving = sen1; a.pool.epoch = 2
            a.pool.pinned = sen1; a.sen2.operatorState = DRAIN; each serving = sen1
            b renames the pool; wait 1 s; each serving = sen1; each pool.epoch = 2
            c renames the pool; wait 60 s; each serving = sen1; each pool.epoch = 2
            each sen2.operatorState = DRAIN
          both names move together while replicas have the one or the other
            start a b c; begin; a renames the pool; wait 5 s; sen2 becomes KILLED; wait 5 s
            each serving = sen1; each pool.epoch = 2; b renames the pool; wait 5 s
            sen2 becomes HEALTHY; wait 60 s; each serving = sen2; each pool.epoch = 3
          an operators switch under the old name moves the new one
            start a b c; begin; a renames the pool; wait 5 s; b switches to sen1 by alice; wait 1 s
            each serving = sen1; each pool.epoch = 2
          a pool that all rename at once keeps its role
            start a b c; begin; a switches to sen1 by alice
            a renames the pool; b renames the pool; c renames the pool; wait 10 s
            each serving = sen1; each pool.epoch = 2
          one replica that renames its pool keeps its role
            start a; begin; a switches to sen1 by alice; a renames the pool; wait 10 s
            a.serving = sen1; a.pool.epoch = 2
          a pool that is renamed back keeps what was done meanwhile
            start a b c; begin; a renames the pool; b renames the pool; c renames the pool; wait 5 s
            sen2 becomes KILLED; wait 5 s; each serving = sen1; each pool.epoch = 2
            a names it as before; a.serving = sen1; wait 1 s; a.pool.epoch = 2; each serving = sen1
            b names it as before; c names it as before; wait 5 s; each serving = sen1
            each pool.epoch = 2
          a renamed pool whose servers have other names keeps its role
            start a b c; begin; a switches to sen1 by alice
            a renames the pool and its servers; a.serving = app-1; wait 1 s; a.serving = app-1
            a.pool.epoch = 2; a.pool.pinned = app-1; b.serving = sen1
            sen1 becomes KILLED; app-1 becomes KILLED; wait 5 s; a.serving = app-2; b.serving = sen2
          a new pool serves at the first replica that has it
            start a b c; begin; a has another pool; wait 1 s; a.serving = new-2; a.pool.epoch = 1
            new-2 becomes KILLED; wait 5 s; a.serving = new-1; a.pool.epoch = 2
            b has another pool; wait 1 s; b.serving = new-1; b.pool.epoch = 2
          a pool that goes beside another of the same servers leaves that as it is
            start a b c; begin; all have both names; wait 10 s; a switches to sen1 by alice
            a names it as before; wait 10 s; a.serving = sen1; a.pool.epoch = 2
          """);

  @AutoClose private final Replicas replicas = with(new Replicas(sense()));

  private static Replicas with(Replicas all) {
    return all.means("begin", "wait 15 s; each serving = sen2; all forget")
        .verb("(\\w+) renames the pool", on -> apply(all, on, renamed()))
        .verb(
            "(\\w+) renames the pool and its servers",
            on ->
                apply(
                    all,
                    on,
                    pool(
                        RENAMED,
                        server(new ServerId("app-2"), "192.0.2.2", Rank.MASTER),
                        server(new ServerId("app-1"), "192.0.2.1", Rank.BACKUP))))
        .verb("(\\w+) names it as before", on -> apply(all, on, sense()))
        .verb("all have both names", on -> all.apply(sense(), renamed()))
        .verb(
            "(\\w+) has another pool",
            on ->
                apply(
                    all,
                    on,
                    pool(
                        new PoolId("another"),
                        server(new ServerId("new-2"), "192.0.2.12", Rank.MASTER),
                        server(new ServerId("new-1"), "192.0.2.11", Rank.BACKUP)),
                    sense()));
  }

  private static Pool renamed() {
    return pool(RENAMED, master("192.0.2.2"), backup("192.0.2.1"));
  }

  private static void apply(Replicas all, MatchResult on, Pool... pools) {
    all.apply(on, pools);
    all.play("wait 1 ms");
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void renamed_and_new_pools(Story story) {
    replicas.play(story);
  }
}
