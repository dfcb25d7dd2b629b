package dev.understudy.failover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table in the javadoc of {@link RoleLabels}. */
class RoleLabelsTest {
  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");

  private static Pool pool(boolean proves) {
    return Cast.database(proves ? DatabaseRole.PRIMARY : DatabaseRole.ANY, "a", "b");
  }

  private static Candidate candidate(String look) {
    return look.equals("STALE")
        ? Cast.candidate(Look.UP).with(Cast.candidate(Look.UP).claim(), true)
        : Cast.candidate(Look.valueOf(look));
  }

  private static Map<ServerId, PodLabel> labels(String a, String b) {
    Map<ServerId, PodLabel> labels = new HashMap<>();
    Map.of(A, a, B, b)
        .forEach(
            (id, value) -> {
              if (!value.equals("?")) {
                labels.put(id, new PodLabel(value.equals("primary"), "role=" + value));
              }
            });
    return labels;
  }

  @ParameterizedTest
  @CsvSource({
    // proves, probe and label of a, of b; who is usable
    "false, DOWN, primary, DOWN, replica, ''",
    "true,  DOWN, primary, DOWN, replica, ''",
    "false, SICK, primary, UP, ?, b",
    "true,  SICK, primary, UP, ?, b",
    "false, UP, primary, UP, replica, a",
    "false, UP, ?, UP, ?, a b",
    "false, UP, ?, UP, replica, a",
    "false, DOWN, primary, UP, replica, ''",
    "false, UP, replica, UP, replica, ''",
    "true,  UP, primary, UP, replica, a",
    "true,  DOWN, primary, UP, replica, b",
    "true,  DRAIN, primary, UP, replica, b",
    "true,  STALE, primary, UP, replica, b",
    "true,  UP, replica, UP, replica, a b",
    "true,  UP, replica, UP, ?, a b",
    "true,  UP, primary, UP, primary, a b",
    "true,  UNKNOWN, primary, UP, replica, b",
  })
  void labels_speak_against_servers_and_never_for_them(
      boolean proves, String a, String labelOfA, String b, String labelOfB, String usable) {
    Pool pool = pool(proves);
    Map<ServerId, Candidate> seen = new LinkedHashMap<>();
    seen.put(A, candidate(a));
    seen.put(B, candidate(b));
    Map<ServerId, Candidate> marked = RoleLabels.mark(pool, seen, labels(labelOfA, labelOfB));
    assertThat(
            String.join(" ", Failover.usable(pool, marked).stream().map(ServerId::value).toList()))
        .isEqualTo(usable);
    assertThat(marked.get(A).status()).isEqualTo(seen.get(A).status());
  }

  @Test
  void of_two_primaries_the_serving_one_is_left_if_its_label_moved_to_the_other() {
    Pool pool = pool(true);
    Map<ServerId, Candidate> seen = Map.of(A, candidate("UP"), B, candidate("UP"));
    RoleState serving = RoleState.NONE.next(A);
    Choice lagging =
        Failover.choose(
            pool, RoleLabels.mark(pool, seen, labels("primary", "replica")), serving, Cast.ZERO);
    assertThat(lagging.roleState().serving()).isEqualTo(A);
    Choice moved =
        Failover.choose(
            pool, RoleLabels.mark(pool, seen, labels("replica", "primary")), serving, Cast.ZERO);
    assertThat(moved).isInstanceOf(Choice.Switch.class);
    assertThat(((Choice.Switch) moved).to()).isEqualTo(B);
    assertThat(((Choice.Switch) moved).evidence()).contains("its Pod is labelled role=replica");
  }

  @Test
  void an_operator_may_switch_to_a_server_against_which_only_its_label_speaks() {
    Pool pool = pool(false);
    Map<ServerId, Candidate> seen = Map.of(A, candidate("UP"), B, candidate("UP"));
    Map<ServerId, Candidate> marked = RoleLabels.mark(pool, seen, labels("primary", "replica"));
    assertThat(Failover.switchTo(pool, marked, RoleState.NONE.next(A), B)).isPresent();
  }
}
