package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;

import dev.understudy.database.DataHistory.Replication;
import dev.understudy.database.DataHistory.Timeline;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What claims to be primary is doubted, and never followed by itself. */
class MonitorTwoPrimariesTest {
  static final List<Story> STORIES =
      Story.of(
          """
          a stale primary is shown and not followed under the policy {IMMEDIATE|DELAYED|MANUAL}
            in pool {} sen2 returns from FROZEN after a promotion; wait 120 s
            serving = sen1; sen2.usable = false; sen2.isStale = true
            count.TwoPrimaries = 1; last.TwoPrimaries.serving = sen1
            last.TwoPrimaries.server = sen2; last.TwoPrimaries.over = false
            last.TwoPrimaries.message ~ "Pool sense: two primaries: server sen2 has claimed to be primary since "
            last.TwoPrimaries.message ~ " UTC, while server sen1 serves: fence server sen2"
            pool.twoPrimaries != null; fell-back = false
          a stale primary that was {FROZEN|KILLED|KILLED_BEHIND_RELAY|BLACK_HOLED|ILL} does not get the role when the serving one fails
            sen2 returns from {} after a promotion; sen1 becomes KILLED; wait 60 s; serving != sen2
            sen1 becomes HEALTHY; until sen1 serves; wait 60 s; serving = sen1
          an operator may switch to a stale primary
            sen2 returns from FROZEN after a promotion; switch to sen2; serving = sen2
          fencing the second primary is an event and a promoted one may serve again
            sen2 returns from FROZEN after a promotion; wait 1 s; sen2 becomes STANDBY; wait 10 s
            all.TwoPrimaries.over = "false, true"; pool.twoPrimaries = null
            sen1 becomes KILLED; wait 2 s; sen2 becomes HEALTHY; until sen2 serves
            last.Switched.reason = RECOVERED
          two primaries of a pool that a file removes are over
            sen2 returns from FROZEN after a promotion; apply nothing
            all.TwoPrimaries.over = "false, true"
          a switchover that promotes one and demotes the other is followed and is no alarm
            sen1 becomes STANDBY; begin MANUAL
            sen1 becomes HEALTHY; wait 50 ms; sen2 becomes STANDBY; until sen1 serves; wait 30 s
            sen2 becomes HEALTHY; wait 50 ms; sen1 becomes STANDBY; until sen2 serves; wait 30 s
            count.TwoPrimaries = 0
          a primary that restarts by itself serves again
            sen1 becomes STANDBY; begin MANUAL; sen2 becomes KILLED; until nobody serves
            sen2 becomes HEALTHY; until sen2 serves; last.Switched.reason = RECOVERED
          a redis that restarts empty before any promotion waits for an operator
            sen1 becomes STANDBY; sen2 has data 1111 after 0000; begin MANUAL
            sen2 becomes KILLED; until nobody serves
            sen2 lost its data, 2222 after 0000; sen2 becomes HEALTHY; wait 60 s; serving = null
            # It was the backup's turn: its data is there.
            sen1 has data 3333 after 1111; sen1 becomes HEALTHY; until sen1 serves
          a redis that restarts empty between two probes waits for an operator
            sen1 becomes STANDBY; sen2 has data 1111 after 0000; begin MANUAL
            wait 10 s; serving = sen2; sen2 lost its data, 2222 after 0000; until nobody serves
            last.Switched.message ~ "came back without its data (replication ID 1111)"
            wait 60 s; serving = null; switch to sen2; wait 60 s; serving = sen2
            switch to auto; wait 60 s; serving = sen2
          a redis that is flushed goes on
            sen1 becomes STANDBY; sen2 has data 1111 after 0000; begin MANUAL
            sen2 lost its data, 1111 after 0000; wait 60 s; serving = sen2
          a redis that restarts with its data goes on
            sen1 becomes STANDBY; sen2 has data 1111 after 0000; begin MANUAL
            sen2 has data 2222 after 0000; wait 60 s; serving = sen2
          the one whose data went on serves if two claim the role at the start
            sen2 has timeline 1; sen1 has timeline 2; begin MANUAL; serving = sen1
            wait 60 s; serving = sen1; count.TwoPrimaries in 1..9
          the promoted one of two redis serves at the start
            sen2 has data 1111 after 0000; sen1 has data 2222 after 1111; begin MANUAL
            serving = sen1
          a restart keeps who served and follows no other claim
            sen2 returns from FROZEN after a promotion; restart
            begin MANUAL; wait 60 s; serving = sen1; count.TwoPrimaries in 1..9
          a restart does not follow a second primary while the serving one is frozen
            second primary; restart; sen1 becomes FROZEN
            both have their data; apply MANUAL; wait 60 s; serving = null
          a restart does not follow a second primary whose data does not follow
            second primary; restart; sen1 becomes FROZEN
            sen2 has data 4444 after 0000; sen1 has data 2222 after 1111
            apply MANUAL; wait 60 s; serving = null
          a restart follows a second primary whose data follows
            second primary; restart; sen1 becomes FROZEN
            sen2 has data 3333 after 2222; sen1 has data 2222 after 1111
            apply MANUAL; wait 60 s; serving = sen2
          a restart follows a second primary of which the serving one is a standby now
            second primary; restart; sen1 becomes STANDBY
            both have their data; apply MANUAL; wait 60 s; serving = sen2
          a restart does not follow a second primary while the serving one claims to be primary
            second primary; restart; both have their data; apply MANUAL; wait 60 s; serving = sen1
          a restart while nobody serves forgets no stale claim
            sen2 returns from FROZEN after a promotion; sen1 becomes FROZEN; until nobody serves
            restart; sen1 becomes FROZEN; apply MANUAL; wait 60 s; serving = null
            sen1 becomes HEALTHY; until sen1 serves
          a restart while nobody serves forgets no stale claim whose data is seen
            both have their data; sen2 returns from FROZEN after a promotion
            sen1 becomes FROZEN; until nobody serves
            restart; both have their data; sen1 becomes FROZEN
            apply MANUAL; wait 60 s; serving = null
            sen1 becomes HEALTHY; until sen1 serves
          a standby that was promoted while the proxy was away is followed
            sen1 becomes STANDBY; begin MANUAL; wait 10 s
            restart; sen2 becomes KILLED; begin MANUAL; until sen1 serves
          a promotion is followed also if the serving one had begun a new history before
            # A Redis without the replication ID in its file begins a new one with each start.
            sen1 becomes STANDBY; sen2 has data 4444 after 0000; begin MANUAL
            sen2 has data 1111 after 0000; wait 10 s
            restart; sen2 becomes KILLED; sen1 has data 2222 after 1111
            begin MANUAL; until sen1 serves
          after a switch to the second primary there are still two
            sen2 returns from FROZEN after a promotion; switch to sen2; wait 10 s
            count.TwoPrimaries = 2; last.TwoPrimaries.over = false
            last.TwoPrimaries.serving = sen2; last.TwoPrimaries.server = sen1
            pool.twoPrimaries != null
          there are two primaries still while the serving one does not respond
            sen2 returns from FROZEN after a promotion
            sen1 becomes FROZEN; until nobody serves; wait 10 s
            pool.twoPrimaries != null; count.TwoPrimaries = 1
            sen1 becomes HEALTHY; until sen1 serves; wait 10 s; count.TwoPrimaries = 1
            sen1 becomes FROZEN; until nobody serves; sen2 becomes STANDBY; wait 10 s
            pool.twoPrimaries = null; all.TwoPrimaries.over = "false, true"
          maintenance acknowledges a second primary
            sen2 returns from FROZEN after a promotion; set sen2 to MAINTENANCE; wait 1 s
            pool.twoPrimaries = null; last.TwoPrimaries.over = true
          """);

  @AutoClose private final Stage stage;

  MonitorTwoPrimariesTest(@TempDir Path directory) {
    stage = new Stage(directory);
    for (FailbackSettings.Policy policy : FailbackSettings.Policy.values()) {
      stage.pool(policy.name(), database(policy));
    }
    stage
        .verb("(\\S+) (has|lost its) data,? (\\d+) after (\\d+)", this::data)
        .verb("(\\S+) has timeline (\\d+)", this::timeline)
        .means(
            "both have their data", "sen2 has data 1111 after 0000; sen1 has data 2222 after 1111")
        .verb("in pool (\\S+) sen2 returns from (\\S+) after a promotion", this::returns)
        .verb("sen2 returns from ()(\\S+) after a promotion", this::returns)
        .means(
            "second primary",
            "both have their data; sen2 returns from FROZEN after a promotion;"
                + " sen2 becomes FROZEN; wait 30 s")
        .fact("fell-back", () -> stage.bench.reasons().toString().contains("FAILBACK"));
  }

  private static Server server(ServerId id, String host, Rank rank) {
    ServerAddress address = new ServerAddress(Protocol.TCP, false, host, 6379);
    return TestServers.of(id, address, rank, OptionalInt.empty());
  }

  private static Pool database(FailbackSettings.Policy policy) {
    RedisCheck check = new RedisCheck(null, null, DatabaseRole.PRIMARY, CheckConnection.DEFAULT);
    return TestPools.pool(SENSE)
        .servers(server(MASTER, "192.0.2.2", Rank.MASTER), server(BACKUP, "192.0.2.1", Rank.BACKUP))
        .health(TestSettings.health(check))
        .failback(TestSettings.failback(policy, Duration.ofSeconds(30)))
        .build();
  }

  /** A pool whose checks prove the role. */
  static Pool database() {
    return database(FailbackSettings.Policy.MANUAL);
  }

  private void data(MatchResult on) {
    boolean lost = on.group(2).startsWith("lost");
    Replication data = new Replication(on.group(3), on.group(4), lost);
    stage.bench.prober.data(new ServerId(on.group(1)), data);
  }

  private void timeline(MatchResult on) {
    Timeline timeline = new Timeline(Long.parseLong(on.group(2)));
    stage.bench.prober.data(new ServerId(on.group(1)), timeline);
  }

  /** The master is left in one way or another, the backup promoted, and the master is back. */
  private void returns(MatchResult on) {
    String pool = on.group(1).isEmpty() ? "MANUAL" : on.group(1);
    stage.play("sen1 becomes STANDBY; begin " + pool + "; serving = sen2");
    stage.play("sen2 becomes " + on.group(2) + "; until sen2.status = DOWN");
    stage.play("sen1 becomes HEALTHY; until sen1 serves; wait 5 s");
    stage.play("sen2 becomes HEALTHY; until sen2.status = UP");
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_second_primary_is_not_followed(Story story) {
    stage.play(story);
  }
}
