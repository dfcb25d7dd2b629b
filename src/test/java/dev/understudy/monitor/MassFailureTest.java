package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Alarm;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.MassFailure.ObservedServer;
import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the failure of many servers is a doubt of this replica. */
class MassFailureTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  /**
   * Servers by host, a letter each: U is UP, 1 to 9 failed so many seconds ago, D failed long ago,
   * N was never UP, ? is not known yet.
   */
  private static List<ObservedServer> sights(String text) {
    List<ObservedServer> sights = new ArrayList<>();
    String[] hosts = text.split(" ");
    for (int host = 0; host < hosts.length; host++) {
      for (int i = 0; i < hosts[host].length(); i++) {
        sights.add(sight("host-" + host, "s" + host + "-" + i, hosts[host].charAt(i)));
      }
    }
    return sights;
  }

  private static ObservedServer sight(String host, String id, char state) {
    Instant failed =
        switch (state) {
          case 'U', 'N', '?' -> null;
          case 'D' -> NOW.minusSeconds(60);
          default -> NOW.minusSeconds(state - '0');
        };
    PoolId pool = new PoolId("pool-" + id.charAt(1));
    String cause = state % 2 == 0 ? "status 503" : "connection refused";
    HealthStatus status =
        switch (state) {
          case 'U' -> HealthStatus.UP;
          case '?' -> HealthStatus.UNKNOWN;
          default -> HealthStatus.DOWN;
        };
    return new ObservedServer(pool, host, status, failed, cause);
  }

  private static @Nullable MassFailure judge(String text) {
    return MassFailure.judge(sights(text), null, NOW);
  }

  @ParameterizedTest
  @CsvSource({
    // most servers of most hosts
    "1 1 1, true",
    "1 1 1 U, true",
    "1 1 1 U U, true",
    "1 1 1 U U U, false",
    "11 11 11 UU UU, true",
    "1U 1U 1U, false",
    "11U 11U 11U, true",
    // one host or two are a host's failure, or one pool's
    "1, false",
    "1 1, false",
    "1111111111, false",
    "1111111111 1 U, false",
    "1111111111 1 1, true",
    "1111111111 U U U, false",
    // most servers, but of few hosts; most hosts, but of few servers
    "111111 1 1 U U U, false",
    "1 1 1 1 UUUUUUUU, false",
    // within 10 s
    "9 9 9, true",
    "9 D D, false",
    "D D D U, false",
    // what failed before, or never was UP, is no evidence for either side
    "D D D D D D D 1 1 1, true",
    "N N N N N N N 1 1 1, true",
    "N N N, false",
    "U U U, false"
  })
  void most_servers_on_most_hosts_within_seconds_are_a_doubt(String servers, boolean doubt) {
    assertThat(judge(servers) != null).isEqualTo(doubt);
  }

  @Test
  void nothing_is_no_doubt() {
    assertThat(MassFailure.judge(List.of(), null, NOW)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    // it goes on as long as more than half are DOWN, however long that takes
    "D D D, true",
    "D D U, true",
    "D U U, false",
    "U U U, false",
    // with those that fail meanwhile
    "D U 1, true"
  })
  void it_lasts_while_more_than_half_of_them_are_down(String later, boolean lasts) {
    MassFailure begun = Objects.requireNonNull(MassFailure.judge(sights("1 2 3"), null, NOW));
    List<ObservedServer> then = new ArrayList<>();
    for (ObservedServer each : sights(later.replace('D', '3'))) {
      then.add(each);
    }
    MassFailure next = MassFailure.judge(then, begun, NOW.plusSeconds(3600));
    assertThat(next != null).isEqualTo(lasts);
  }

  @Test
  void it_says_how_many_since_when_why_and_where() {
    MassFailure mass = Objects.requireNonNull(judge("112 1 4 U D N ?"));
    assertThat(mass.together()).isEqualTo(5);
    assertThat(mass.down()).as("whenever they failed").isEqualTo(7);
    assertThat(mass.servers()).isEqualTo(9);
    assertThat(mass.begun()).isEqualTo(NOW.minusSeconds(4));
    assertThat(mass.newest()).isEqualTo(NOW.minusSeconds(1));
    assertThat(mass.hostsUp()).containsExactly("host-3");
    assertThat(mass.causes())
        .containsExactly(
            new Alarm.Group("status 503", 4, 4), new Alarm.Group("connection refused", 3, 2));
    assertThat(mass.hosts())
        .containsExactly(
            new Alarm.Group("host-0", 3, 1),
            new Alarm.Group("host-1", 1, 1),
            new Alarm.Group("host-2", 1, 1),
            new Alarm.Group("host-4", 1, 1),
            new Alarm.Group("host-5", 1, 1));
  }

  @Test
  void the_largest_of_many_causes_and_hosts_are_named() {
    MassFailure mass = Objects.requireNonNull(judge("1 1 1 1 1 1 1 1 11"));
    assertThat(mass.hosts()).hasSize(Alarm.MOST_GROUPS);
    assertThat(mass.hosts().getFirst()).isEqualTo(new Alarm.Group("host-8", 2, 1));
  }

  @Test
  void
      a_server_is_doubted_to_have_failed_if_it_failed_with_the_others_and_none_of_its_host_is_up() {
    List<ObservedServer> all = sights("1 1 1U D N");
    MassFailure mass = Objects.requireNonNull(MassFailure.judge(all, null, NOW));
    assertThat(all.stream().filter(mass::doubts).map(ObservedServer::host))
        .containsExactly("host-0", "host-1");
  }
}
