package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The table in the javadoc of {@link DiscoveredServers}. */
class DiscoveredServersTest {
  private static final Instant START = Instant.EPOCH;
  private static final ServerTemplate TEMPLATE =
      new ServerTemplate(
          new ServerId("app"),
          TestSettings.address(false, "app.example", 80),
          ServerTemplate.Records.ADDRESSES,
          3,
          TestServers.settings(Rank.MASTER, OptionalInt.empty(), 1),
          Duration.ofSeconds(10));

  private DiscoveredServers servers = DiscoveredServers.NONE;
  private Set<String> leaving = Set.of();

  private String see(int second, String... last) {
    SortedMap<String, Server> found = new TreeMap<>();
    Arrays.stream(last)
        .forEach(
            each ->
                found.put(
                    each, TEMPLATE.at(FakeResolver.address("10.0.0." + each).getHostAddress())));
    servers = servers.seen(found, leaving, TEMPLATE, START.plusSeconds(second));
    List<String> ids =
        servers.servers().stream()
            .map(server -> server.id().value().replace("app-10-0-0-", ""))
            .toList();
    return String.join(" ", ids);
  }

  @Test
  void a_record_adds_its_server_in_the_order_of_all() {
    assertThat(see(0, "5")).isEqualTo("5");
    assertThat(see(1, "7", "5", "3")).isEqualTo("3 5 7");
  }

  @Test
  void a_server_whose_record_is_gone_stays_for_the_hold() {
    see(0, "1", "2");
    assertThat(see(1, "1")).isEqualTo("1 2");
    assertThat(see(10, "1")).isEqualTo("1 2");
    assertThat(see(11, "1")).isEqualTo("1");
  }

  @Test
  void a_record_that_comes_back_in_time_begins_anew() {
    see(0, "1", "2");
    see(1, "1");
    see(5, "1", "2");
    assertThat(see(12, "1")).isEqualTo("1 2");
  }

  @Test
  void records_that_stay_keep_their_places_whatever_comes() {
    see(0, "4", "5", "6");
    assertThat(see(1, "1", "2", "3", "4", "5", "6")).isEqualTo("4 5 6");
  }

  @Test
  void a_new_record_takes_the_place_of_the_one_that_went_first() {
    see(0, "4", "5", "6");
    see(1, "5", "6");
    see(2, "6");
    assertThat(see(3, "6", "7")).isEqualTo("5 6 7");
    assertThat(see(4, "6", "7", "8")).isEqualTo("6 7 8");
    assertThat(see(5, "6", "7", "8", "9")).isEqualTo("6 7 8");
  }

  @Test
  void a_server_that_is_leaving_stays_unless_a_new_one_needs_its_place() {
    see(0, "4", "5", "6");
    leaving = Set.of("4");
    assertThat(see(60, "4", "5", "6")).isEqualTo("4 5 6");
    assertThat(see(61, "4", "5", "6", "7")).isEqualTo("5 6 7");
  }

  @Test
  void one_that_is_leaving_when_it_is_found_takes_a_place_that_is_left() {
    leaving = Set.of("1", "2");
    assertThat(see(0, "1", "5", "6", "7")).isEqualTo("5 6 7");
    assertThat(see(30, "1", "5", "6")).isEqualTo("5 6 7");
    assertThat(see(40, "1", "5", "6")).isEqualTo("1 5 6");
  }

  @Test
  void the_first_of_several_new_records_have_places() {
    assertThat(see(0, "9", "8", "7", "6")).isEqualTo("6 7 8");
  }

  @Test
  void ids_follow_from_addresses_alone() {
    assertThat(TEMPLATE.at(FakeResolver.address("10.0.3.7").getHostAddress()).id())
        .hasToString("app-10-0-3-7");
    String six = TEMPLATE.at(FakeResolver.address("2001:db8::1").getHostAddress()).id().value();
    assertThat(six).matches("app-[0-9a-f]{10}");
    assertThat(TEMPLATE.at(FakeResolver.address("2001:db8:0::1").getHostAddress()).id())
        .hasToString(six);
    assertThat(TEMPLATE.at("one.example", 80).id())
        .isNotEqualTo(TEMPLATE.at("one.example", 81).id());
    assertThat(TEMPLATE.names(new ServerId(six))).isTrue();
    assertThat(TEMPLATE.names(new ServerId("app"))).isFalse();
  }
}
