package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.BACKUP2;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.ZERO;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.database.ObservedClaim;
import dev.understudy.failover.Cast.Look;
import dev.understudy.failover.Promotion.Pending;
import dev.understudy.failover.Promotion.Progress;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of each choice where the new server must be promoted before it serves. */
class PromotionTest {
  private static final Instant NOW = ZERO.plusSeconds(600);
  private static final Pool PLAIN = pool(Policy.MANUAL);

  /** A pool whose checks prove the role. */
  private static final Pool DATABASE =
      TestPools.like(tcp(PLAIN))
          .health(
              TestSettings.health(
                  new RedisCheck(null, null, DatabaseRole.PRIMARY, CheckConnection.DEFAULT)))
          .build();

  /** The same, but a server is promoted before it serves. */
  private static final Pool PROMOTED =
      TestPools.like(DATABASE)
          .hooks(
              new HookSettings(
                  null,
                  new Hook("http://hooks.test/", List.of(), Map.of(), Duration.ofSeconds(5), true)))
          .build();

  /** A look, with "!" of a server that denies the role, and "<" of one that is too far behind. */
  private static Candidate seen(String look) {
    Candidate seen = Cast.candidate(Look.valueOf(look.replaceAll("[!<]", "")));
    RoleClaim denied = new ObservedClaim(ObservedClaim.Origin.FOUND, true, null, null, null, null);
    Candidate marked = look.contains("!") ? seen.with(denied, false) : seen;
    return look.endsWith("<") ? marked.tooFarBehind("17 MB behind server master") : marked;
  }

  /** What is seen of master, backup and backup2, in that order; "." of one that is gone. */
  private static Map<ServerId, Candidate> view(String looks) {
    String[] words = looks.split(" ", -1);
    ServerId[] ids = {MASTER, BACKUP, BACKUP2};
    Map<ServerId, Candidate> view = new LinkedHashMap<>();
    for (int i = 0; i < words.length; i++) {
      if (!words[i].equals(".")) {
        view.put(ids[i], seen(words[i]));
      }
    }
    return view;
  }

  /** From "backup DONE pin". */
  private static @Nullable Pending pending(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String[] words = text.split(" ", -1);
    return new Pending(new ServerId(words[0]), words.length > 2, Progress.valueOf(words[1]));
  }

  private static RoleState current(String served) {
    return switch (served) {
      case "new" -> RoleState.NONE;
      case "nobody" -> new RoleState(null, 8, null, 0, null, RoleMemory.NONE);
      default -> serving(new ServerId(served));
    };
  }

  // Of each row: the pool, what is seen of master, backup and backup2, who serves, the promotion
  // that is pending, and what comes of it.
  @Rows(
      """
      the first choice of a new pool stands                                 | plain    | UP UP UP             | new    |                   | master +1 INITIAL
      a server that serves stays                                            | plain    | UP UP UP             | master |                   | master
      a failover promotes the best first                                    | plain    | DOWN UP UP           | master |                   | nobody +1 HEALTH_CHECK_FAILED, first backup
      without a usable server nobody is promoted                            | plain    | DOWN SICK!           | master |                   | nobody +1 NO_SERVER
      a standby that responds is promoted if checks prove the role          | database | DOWN SICK! SICK!     | master |                   | nobody +1 NO_SERVER, first backup
      a standby is promoted also if nobody served                           | database | DOWN SICK! SICK!     | nobody |                   | nobody +1 CONNECTION_FAILED, first backup
      a standby waits for the first probe of another                        | database | UNKNOWN SICK!        | nobody |                   | nobody
      a standby that does not say that it is one is not promoted            | database | DOWN SICK            | nobody |                   | nobody
      a standby in maintenance is not promoted                              | database | DOWN SICK_MAINTENANCE! | nobody |                 | nobody
      one that gave the role up comes last                                  | database | SICK! SICK!          | master |                   | nobody +1 NO_SERVER, first backup
      one that gave the role up is promoted for want of another             | database | SICK! DOWN           | master |                   | nobody +1 NO_SERVER, first master
      a standby that is too far behind is not promoted                      | database | DOWN SICK!<          | master |                   | nobody +1 NO_SERVER
      nor is it once nobody serves                                          | database | DOWN SICK!<          | nobody |                   | nobody
      another one is promoted instead                                       | database | DOWN SICK!< SICK!    | master |                   | nobody +1 NO_SERVER, first backup2
      one that gave the role up has all data, so it is promoted instead     | database | SICK! SICK!<         | master |                   | nobody +1 NO_SERVER, first master
      one that falls behind while it is promoted is promoted                | database | DOWN SICK!<          | nobody | backup UNDER_WAY  | nobody, first backup
      one that is promoted serves, however far it was behind                | database | DOWN UP<             | nobody | backup DONE pin   | backup pinned +1 CONNECTION_FAILED
      one that failed is tried again for want of one that is not too far    | database | DOWN SICK! SICK!<    | nobody | backup FAILED pin | nobody, first backup pin
      a usable server goes before a standby                                 | database | DOWN SICK! UP        | master |                   | nobody +1 HEALTH_CHECK_FAILED, first backup2
      a server that recovers is promoted first                              | plain    | UP UP UP             | nobody |                   | nobody +1 RECOVERED, first master
      nobody is usable                                                      | plain    | DOWN                 | nobody |                   | nobody
      a promotion under way is awaited, whoever recovers                    | plain    | UP UP UP             | nobody | backup UNDER_WAY  | nobody, first backup
      a promotion under way is awaited while the server does not respond    | plain    | UP DOWN              | nobody | backup UNDER_WAY  | nobody, first backup
      a promoted server serves                                              | plain    | UP UP UP             | nobody | backup DONE       | backup +1 CONNECTION_FAILED
      a promoted server to which an operator switched is pinned             | plain    | UP UP UP             | nobody | backup DONE pin   | backup pinned +1 CONNECTION_FAILED
      a promoted server serves once its check is good                       | plain    | UP SICK              | nobody | backup DONE       | nobody, first backup
      the next one is promoted after one that failed                        | plain    | DOWN UP UP           | nobody | backup FAILED     | nobody +1 CONNECTION_FAILED, first backup2
      the first one is promoted after the last that failed                  | plain    | DOWN UP UP           | nobody | backup2 FAILED    | nobody +1 CONNECTION_FAILED, first backup
      one that failed is tried again for want of another                    | plain    | DOWN UP              | nobody | backup FAILED pin | nobody, first backup pin
      the next one is promoted if one is drained meanwhile                  | plain    | UP DRAIN             | nobody | backup DONE       | nobody +1 CONNECTION_FAILED, first master
      none is promoted any more if the last one is drained meanwhile        | plain    | DOWN DRAIN           | nobody | backup UNDER_WAY  | nobody +1 CONNECTION_FAILED
      the next one is promoted if one is gone from the pool                 | plain    | UP .                 | nobody | backup UNDER_WAY  | nobody +1 CONNECTION_FAILED, first master
      """)
  void the_first_row_that_fits_decides(
      String sentence,
      String kind,
      String looks,
      String served,
      @Nullable String pending,
      String expected) {
    Pool pool = kind.equals("plain") ? PLAIN : DATABASE;
    RoleState current = current(served);
    Choice chosen = Failover.choose(pool, view(looks), current, NOW);
    Promotion.Result result =
        new Promotion(pool, view(looks), current)
            .of(chosen, pending(pending), SwitchReason.CONNECTION_FAILED, "the evidence");
    RoleState next = result.choice().roleState();
    String serves = next.serving() == null ? "nobody" : next.serving().value();
    String pinned = next.pinned() == null ? "" : " pinned";
    String first = result.first() == null ? "" : ", first " + result.first();
    String change =
        result.choice() instanceof Choice.Switch moved
            ? " +" + (next.epoch() - current.epoch()) + " " + moved.reason()
            : "";
    assertThat(serves + pinned + change + first + (result.pin() ? " pin" : "")).isEqualTo(expected);
  }

  // The pool, what is seen of master and backup, who serves, and whether an operator who accepts a
  // loss, and one who does not, can switch to backup.
  @Rows(
      """
      a usable server                                     | promoted | UP UP           | master | true  | true
      a standby that is too far behind                    | promoted | DOWN SICK!<     | nobody | true  | false
      a standby that is not                               | promoted | DOWN SICK!      | nobody | true  | false
      a standby while the primary serves                  | promoted | UP SICK!<       | master | true  | false
      a standby that is not promoted before it serves     | database | DOWN SICK!<     | nobody | false | false
      a server that does not say that it is a standby     | promoted | DOWN SICK<      | nobody | false | false
      a server that does not respond                      | promoted | DOWN DOWN       | nobody | false | false
      a standby in maintenance                            | promoted | DOWN SICK_MAINTENANCE!< | nobody | false | false
      a standby before anybody served                     | promoted | DOWN SICK!<     | new    | false | false
      """)
  void an_operator_who_accepts_a_loss_has_a_standby_promoted(
      String server, String kind, String looks, String served, boolean accepting, boolean plainly) {
    Pool pool = kind.equals("promoted") ? PROMOTED : DATABASE;
    RoleState current = current(served);
    assertThat(Failover.switchTo(pool, view(looks), current, BACKUP, true).isPresent())
        .isEqualTo(accepting);
    assertThat(Failover.switchTo(pool, view(looks), current, BACKUP).isPresent())
        .isEqualTo(plainly);
    if (accepting && !plainly) {
      Choice chosen = Failover.switchTo(pool, view(looks), current, BACKUP, true).orElseThrow();
      Promotion.Result result =
          new Promotion(pool, view(looks), current).byCommand((Choice.Switch) chosen);
      assertThat(result.first()).isEqualTo(BACKUP);
      assertThat(result.pin()).isTrue();
      assertThat(result.choice().roleState().serving()).isNull();
    }
  }

  @Test
  void who_is_too_far_behind_is_told_with_the_change_that_leaves_nobody_serving() {
    Choice choice = Failover.choose(DATABASE, view("DOWN SICK!<"), serving(MASTER), NOW);
    assertThat(((Choice.Switch) choice).evidence())
        .endsWith(
            "; no other server is usable; server backup is 17 MB behind server master, too far to"
                + " be promoted: an operator has to decide (switch with --accept-loss)");
  }

  @Test
  void an_operators_switch_promotes_its_server_first_and_pins_it() {
    Map<ServerId, Candidate> seen = view("UP UP");
    Choice.Switch chosen =
        (Choice.Switch) Failover.switchTo(PLAIN, seen, serving(MASTER), BACKUP).orElseThrow();

    Promotion.Result result = new Promotion(PLAIN, seen, serving(MASTER)).byCommand(chosen);

    assertThat(result.choice().roleState().serving()).isNull();
    assertThat(result.first()).isEqualTo(BACKUP);
    assertThat(result.pin()).isTrue();
  }

  @Test
  void who_served_last_is_kept_while_another_is_promoted() {
    String history = "replication 1111 before:0000";
    RoleMemory memory = new RoleMemory(MASTER, history, java.util.Set.of());
    Map<ServerId, Candidate> seen = view("DOWN SICK! SICK!");
    RoleState current = serving(MASTER).with(memory);

    Promotion.Result result =
        new Promotion(DATABASE, seen, current)
            .of(Failover.choose(DATABASE, seen, current, NOW), null, SwitchReason.INITIAL, "");

    assertThat(List.of(result.choice().roleState().memory().holder())).containsExactly(MASTER);
    assertThat(result.choice().roleState().memory().history()).isEqualTo(history);
  }
}
