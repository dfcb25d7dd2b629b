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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /** Records that are seen in a second, and the servers then; {@code leaving} are some of them. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a record adds its server in the order of all | 0: 5 = 5, 1: 7 5 3 = 3 5 7
          a server whose record is gone stays for the hold | 0: 1 2 = 1 2, 1: 1 = 1 2, 10: 1 = 1 2, 11: 1 = 1
          a record that comes back in time begins anew | 0: 1 2 = 1 2, 1: 1 = 1 2, 5: 1 2 = 1 2, 12: 1 = 1 2
          records that stay keep their places whatever comes | 0: 4 5 6 = 4 5 6, 1: 1 2 3 4 5 6 = 4 5 6
          a new record takes the place of the one that went first | 0: 4 5 6 = 4 5 6, 1: 5 6 = 4 5 6, 2: 6 = 4 5 6, 3: 6 7 = 5 6 7, 4: 6 7 8 = 6 7 8, 5: 6 7 8 9 = 6 7 8
          a server that is leaving stays unless a new one needs its place | 0: 4 5 6 = 4 5 6, leaving: 4, 60: 4 5 6 = 4 5 6, 61: 4 5 6 7 = 5 6 7
          one that is leaving when it is found takes a place that is left | leaving: 1 2, 0: 1 5 6 7 = 5 6 7, 30: 1 5 6 = 5 6 7, 40: 1 5 6 = 1 5 6
          the first of several new records have places | 0: 9 8 7 6 = 6 7 8
          """)
  void servers_follow_records(String what, String steps) {
    for (String step : steps.split(", ")) {
      String[] parts = step.split(": | = ");
      if (parts[0].equals("leaving")) {
        leaving = Set.of(parts[1].split(" "));
      } else {
        assertThat(see(Integer.parseInt(parts[0]), parts[1].split(" ")))
            .as(step)
            .isEqualTo(parts[2]);
      }
    }
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
