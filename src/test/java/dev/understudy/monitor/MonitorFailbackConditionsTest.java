package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;

import dev.understudy.pool.DailyWindow;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.WarmUpSettings;
import dev.understudy.probe.Prober;
import dev.understudy.testing.TestPools;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A failback that waits for a warm-up, for tunnels to end, and for the time of the day. */
class MonitorFailbackConditionsTest {
  static final List<Story> STORIES =
      Story.of(
          """
          a returned server gets its warm-up requests before the role
            in pool 20-within-10-s the master returns; serving = sen1
            pool.explanation.why = warms up server sen2
            # A response comes after 5 ms.
            until sen2 serves; took in 95..105; warm-ups = 20
            all.FailbackAwaited.heldBy = warms up server sen2; last.Switched.reason = FAILBACK
            wait 5 s; warm-ups = 20
          a slow server is warm when the time is over
            in pool 1000-within-3-s the master returns; until sen2 serves; took in 2990..3000
            warm-ups in 1..999
          each return is warmed up anew
            in pool 3-within-10-s the master returns; until sen2 serves
            sen2 becomes KILLED; until sen1 serves; sen2 becomes HEALTHY; until sen2 serves
            warm-ups = 6
          another address is warmed up anew
            master.example resolves to 192.0.2.2; in pool named-1000 the master returns
            wait 1 s; warm-ups in 1..1000
            master.example resolves to 192.0.2.9; until sen2 serves; warm-ups-at-9 = 1000
          a failover during a warm-up does not wait for it
            in pool 10000 the master returns; sen1 becomes KILLED; until sen2 serves
            last.Switched.reason = CONNECTION_FAILED
            # It stopped.
            wait 10 ms; keep warm-ups as sent; wait 10 s; warm-ups = $sent
          the role stays while more tunnels are open
            begin tunnels; sen1 has 2 tunnels; in pool tunnels the master returns; wait 30 s
            serving = sen1; count.FailbackAwaited = 1
            pool.explanation.why = waits until at most 1 tunnel is open on server sen1
            sen1 has 1 tunnels; until sen2 serves; took in 0..1000
          the role stays until the time of the day
            in pool daily the master returns; pool.explanation.why = waits for 00:01-00:11 Z
            until sen2 serves; time = 60000
          the role stays until the time of the day of the clock on the wall, which was three hours behind
            the wall steps PT-3H; in pool daily the master returns; wait 5 min; serving = sen1
            the wall steps PT3H; wait 100 ms; serving = sen2; last.Switched.reason = FAILBACK
          the role stays until the time of the day of the clock on the wall, which was three hours ahead
            the wall steps PT3H; in pool daily the master returns; wait 5 min; serving = sen1
            pool.explanation.due = 2026-01-02T00:01:00Z
            last.FailbackAwaited.message ~ failback due at 00:01:00 UTC, in 756
            the wall steps PT-3H; wait 100 ms; serving = sen2
          how long a server has to be UP is not a matter of the clock on the wall set {PT3H|PT-3H}
            begin delayed; sen2 becomes KILLED; until sen1 serves; sen2 becomes HEALTHY
            until sen2.usable = true; the wall steps {}; wait 29 s; serving = sen1; until sen2 serves
            took in 900..1000
          an operators switch waits for nothing
            in pool 10000 the master returns; switch to sen2; serving = sen2
          """);

  private static Pool warm(int requests, Duration within) {
    return pool(new WarmUpSettings("/warm", requests, within), OptionalInt.empty(), null);
  }

  private static Pool pool(
      @Nullable WarmUpSettings warmUp, OptionalInt maxTunnels, @Nullable DailyWindow between) {
    FailbackSettings failback =
        new FailbackSettings(
            Policy.IMMEDIATE, Duration.ZERO, warmUp, maxTunnels, between, ZoneOffset.UTC);
    return TestPools.like(sense()).failback(failback).build();
  }

  private static final Pool LONG = warm(1_000, Duration.ofMinutes(5));

  @AutoClose
  private final Stage stage =
      new Stage()
          .pool("20-within-10-s", warm(20, Duration.ofSeconds(10)))
          .pool("1000-within-3-s", warm(1_000, Duration.ofSeconds(3)))
          .pool("3-within-10-s", warm(3, Duration.ofSeconds(10)))
          .pool("10000", warm(10_000, Duration.ofMinutes(5)))
          .pool("named-1000", with(LONG, master("master.example"), backup("192.0.2.1")))
          .pool("tunnels", pool(null, OptionalInt.of(1), null))
          .pool("daily", pool(null, OptionalInt.empty(), DailyWindow.parse("00:01-00:11")))
          .verb("in pool (\\S+) the master returns", on -> masterReturns(on.group(1)))
          .fact("warm-ups", () -> warmUps().count())
          .fact("warm-ups-at-9", this::warmUpsAtTheOtherAddress);

  /** The backup serves, and the master has just been found UP again. */
  private void masterReturns(String pool) {
    stage.play("begin " + pool + "; sen2 becomes KILLED; until sen1 serves");
    stage.play("sen2 becomes HEALTHY; until sen2.usable = true");
  }

  private Stream<Prober.Request> warmUps() {
    return stage.bench.prober.requests.stream()
        .filter(each -> each.check() instanceof HttpCheck http && http.path().equals("/warm"));
  }

  private long warmUpsAtTheOtherAddress() {
    return warmUps().filter(each -> each.address().getHostAddress().equals("192.0.2.9")).count();
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_failback_waits_for_its_conditions(Story story) {
    stage.play(story);
  }
}
