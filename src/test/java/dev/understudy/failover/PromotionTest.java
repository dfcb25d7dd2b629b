package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.BACKUP2;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.ZERO;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.tcp;
import static dev.understudy.failover.Cast.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.understudy.failover.Cast.Look;
import dev.understudy.failover.Promotion.Pending;
import dev.understudy.failover.Promotion.Progress;
import dev.understudy.health.DataHistory;
import dev.understudy.health.RoleClaim;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of each choice where the new server must be promoted before it serves. */
class PromotionTest {
  private static final Instant NOW = ZERO.plusSeconds(600);
  private static final RoleState NOBODY = new RoleState(null, 8, null, 0, null, RoleMemory.NONE);
  private static final Pool PLAIN = pool(Policy.MANUAL);

  /** A pool whose checks prove the role. */
  private static final Pool DATABASE =
      TestPools.like(tcp(PLAIN))
          .health(
              TestSettings.health(
                  new RedisCheck(null, null, DatabaseRole.PRIMARY, CheckConnection.DEFAULT)))
          .build();

  private static String result(
      Pool pool, Map<ServerId, Candidate> view, RoleState current, @Nullable Pending pending) {
    Choice chosen = Failover.choose(pool, view, current, NOW);
    Promotion.Result result =
        new Promotion(pool, view, current)
            .of(chosen, pending, SwitchReason.CONNECTION_FAILED, "the evidence");
    RoleState next = result.choice().roleState();
    String serves = next.serving() == null ? "nobody" : next.serving().value();
    String pinned = next.pinned() == null ? "" : " pinned";
    String first = result.first() == null ? "" : ", first " + result.first();
    String change =
        result.choice() instanceof Choice.Switch moved
            ? " +" + (next.epoch() - current.epoch()) + " " + moved.reason()
            : "";
    return serves + pinned + change + first + (result.pin() ? " pin" : "");
  }

  private static Pending pending(ServerId server, Progress progress) {
    return new Pending(server, false, progress);
  }

  /** The same servers, of which those that respond badly deny the role. */
  private static Map<ServerId, Candidate> denying(Map<ServerId, Candidate> seen) {
    Map<ServerId, Candidate> denying = new HashMap<>(seen);
    RoleClaim denied = new RoleClaim(RoleClaim.Origin.FOUND, true, null, null, null);
    denying.replaceAll(
        (id, each) -> each.lastProbeHadResponse() && !each.fit() ? each.with(denied, false) : each);
    return denying;
  }

  static Stream<Arguments> choices() {
    Map<ServerId, Candidate> failed = view(MASTER, Look.DOWN, BACKUP, Look.UP, BACKUP2, Look.UP);
    Map<ServerId, Candidate> all = view(MASTER, Look.UP, BACKUP, Look.UP, BACKUP2, Look.UP);
    Map<ServerId, Candidate> standbys =
        denying(view(MASTER, Look.DOWN, BACKUP, Look.SICK, BACKUP2, Look.SICK));
    return Stream.of(
        arguments(
            "the first choice of a new pool stands",
            PLAIN,
            all,
            RoleState.NONE,
            null,
            "master +1 INITIAL"),
        arguments("a server that serves stays", PLAIN, all, serving(MASTER), null, "master"),
        arguments(
            "a failover promotes the best first",
            PLAIN,
            failed,
            serving(MASTER),
            null,
            "nobody +1 HEALTH_CHECK_FAILED, first backup"),
        arguments(
            "without a usable server nobody is promoted",
            PLAIN,
            denying(view(MASTER, Look.DOWN, BACKUP, Look.SICK)),
            serving(MASTER),
            null,
            "nobody +1 NO_SERVER"),
        arguments(
            "a standby that responds is promoted if checks prove the role",
            DATABASE,
            standbys,
            serving(MASTER),
            null,
            "nobody +1 NO_SERVER, first backup"),
        arguments(
            "a standby is promoted also if nobody served",
            DATABASE,
            standbys,
            NOBODY,
            null,
            "nobody +1 CONNECTION_FAILED, first backup"),
        arguments(
            "a standby waits for the first probe of another",
            DATABASE,
            denying(view(MASTER, Look.UNKNOWN, BACKUP, Look.SICK)),
            NOBODY,
            null,
            "nobody"),
        arguments(
            "a standby that does not say that it is one is not promoted",
            DATABASE,
            view(MASTER, Look.DOWN, BACKUP, Look.SICK),
            NOBODY,
            null,
            "nobody"),
        arguments(
            "a standby in maintenance is not promoted",
            DATABASE,
            denying(view(MASTER, Look.DOWN, BACKUP, Look.SICK_MAINTENANCE)),
            NOBODY,
            null,
            "nobody"),
        arguments(
            "one that gave the role up comes last",
            DATABASE,
            denying(view(MASTER, Look.SICK, BACKUP, Look.SICK)),
            serving(MASTER),
            null,
            "nobody +1 NO_SERVER, first backup"),
        arguments(
            "one that gave the role up is promoted for want of another",
            DATABASE,
            denying(view(MASTER, Look.SICK, BACKUP, Look.DOWN)),
            serving(MASTER),
            null,
            "nobody +1 NO_SERVER, first master"),
        arguments(
            "a usable server goes before a standby",
            DATABASE,
            denying(view(MASTER, Look.DOWN, BACKUP, Look.SICK, BACKUP2, Look.UP)),
            serving(MASTER),
            null,
            "nobody +1 HEALTH_CHECK_FAILED, first backup2"),
        arguments(
            "a server that recovers is promoted first",
            PLAIN,
            all,
            NOBODY,
            null,
            "nobody +1 RECOVERED, first master"),
        arguments("nobody is usable", PLAIN, view(MASTER, Look.DOWN), NOBODY, null, "nobody"),
        arguments(
            "a promotion under way is awaited, whoever recovers",
            PLAIN,
            all,
            NOBODY,
            pending(BACKUP, Progress.UNDER_WAY),
            "nobody, first backup"),
        arguments(
            "a promotion under way is awaited while the server does not respond",
            PLAIN,
            view(MASTER, Look.UP, BACKUP, Look.DOWN),
            NOBODY,
            pending(BACKUP, Progress.UNDER_WAY),
            "nobody, first backup"),
        arguments(
            "a promoted server serves",
            PLAIN,
            all,
            NOBODY,
            pending(BACKUP, Progress.DONE),
            "backup +1 CONNECTION_FAILED"),
        arguments(
            "a promoted server to which an operator switched is pinned",
            PLAIN,
            all,
            NOBODY,
            new Pending(BACKUP, true, Progress.DONE),
            "backup pinned +1 CONNECTION_FAILED"),
        arguments(
            "a promoted server serves once its check is good",
            PLAIN,
            view(MASTER, Look.UP, BACKUP, Look.SICK),
            NOBODY,
            pending(BACKUP, Progress.DONE),
            "nobody, first backup"),
        arguments(
            "the next one is promoted after one that failed",
            PLAIN,
            failed,
            NOBODY,
            pending(BACKUP, Progress.FAILED),
            "nobody +1 CONNECTION_FAILED, first backup2"),
        arguments(
            "the first one is promoted after the last that failed",
            PLAIN,
            failed,
            NOBODY,
            pending(BACKUP2, Progress.FAILED),
            "nobody +1 CONNECTION_FAILED, first backup"),
        arguments(
            "one that failed is tried again for want of another",
            PLAIN,
            view(MASTER, Look.DOWN, BACKUP, Look.UP),
            NOBODY,
            new Pending(BACKUP, true, Progress.FAILED),
            "nobody, first backup pin"),
        arguments(
            "the next one is promoted if one is drained meanwhile",
            PLAIN,
            view(MASTER, Look.UP, BACKUP, Look.DRAIN),
            NOBODY,
            pending(BACKUP, Progress.DONE),
            "nobody +1 CONNECTION_FAILED, first master"),
        arguments(
            "none is promoted any more if the last one is drained meanwhile",
            PLAIN,
            view(MASTER, Look.DOWN, BACKUP, Look.DRAIN),
            NOBODY,
            pending(BACKUP, Progress.UNDER_WAY),
            "nobody +1 CONNECTION_FAILED"),
        arguments(
            "the next one is promoted if one is gone from the pool",
            PLAIN,
            view(MASTER, Look.UP, BACKUP, Look.GONE),
            NOBODY,
            pending(BACKUP, Progress.UNDER_WAY),
            "nobody +1 CONNECTION_FAILED, first master"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("choices")
  void the_first_row_that_fits_decides(
      String sentence,
      Pool pool,
      Map<ServerId, Candidate> seen,
      RoleState current,
      @Nullable Pending pending,
      String expected) {
    assertThat(result(pool, seen, current, pending)).as(sentence).isEqualTo(expected);
  }

  @Test
  void an_operators_switch_promotes_its_server_first_and_pins_it() {
    Map<ServerId, Candidate> seen = view(MASTER, Look.UP, BACKUP, Look.UP);
    Choice.Switch chosen =
        (Choice.Switch) Failover.switchTo(PLAIN, seen, serving(MASTER), BACKUP).orElseThrow();

    Promotion.Result result = new Promotion(PLAIN, seen, serving(MASTER)).byCommand(chosen);

    assertThat(result.choice().roleState().serving()).isNull();
    assertThat(result.first()).isEqualTo(BACKUP);
    assertThat(result.pin()).isTrue();
  }

  @Test
  void who_served_last_is_kept_while_another_is_promoted() {
    DataHistory history = new DataHistory.Replication("1111", "0000", false);
    RoleMemory memory = new RoleMemory(MASTER, history, java.util.Set.of());
    Map<ServerId, Candidate> seen =
        denying(view(MASTER, Look.DOWN, BACKUP, Look.SICK, BACKUP2, Look.SICK));
    RoleState current = serving(MASTER).with(memory);

    Promotion.Result result =
        new Promotion(DATABASE, seen, current)
            .of(Failover.choose(DATABASE, seen, current, NOW), null, SwitchReason.INITIAL, "");

    assertThat(List.of(result.choice().roleState().memory().holder())).containsExactly(MASTER);
    assertThat(result.choice().roleState().memory().history()).isEqualTo(history);
  }
}
