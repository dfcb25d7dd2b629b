package dev.understudy.admin.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.testing.Extent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How clients share a bounded number of places. */
@Tag(Extent.FULL)
class FairPlacesTest {
  private static final ClientNetwork A = new ClientNetwork("192.0.2.1");
  private static final ClientNetwork B = new ClientNetwork("192.0.2.2");
  private static final ClientNetwork C = new ClientNetwork("192.0.2.3");

  private final AtomicLong now = new AtomicLong();
  private FairPlaces places = new FairPlaces(4, FairPlacesTest::full);
  private final List<String> displaced = new ArrayList<>();

  private static IllegalStateException full() {
    return new IllegalStateException("full");
  }

  private FairPlaces.Place take(ClientNetwork network, String name) {
    FairPlaces.Place place = places.take(network);
    place.displaced().subscribe(nothing -> {}, e -> {}, () -> displaced.add(name));
    return place;
  }

  /** All four places, for one network. */
  private List<FairPlaces.Place> takeAll() {
    return IntStream.range(0, 4).mapToObj(i -> take(A, "a" + i)).toList();
  }

  private void refuses(ClientNetwork network) {
    assertThatThrownBy(() -> places.take(network)).hasMessage("full");
  }

  @Test
  void one_network_may_have_all_places_while_nobody_else_wants_one() {
    takeAll();
    refuses(A);
    assertThat(places.used()).isEqualTo(4);
    assertThat(displaced).isEmpty();
  }

  @Test
  void others_get_the_places_of_its_newest_clients_until_they_have_as_many() {
    takeAll();
    assertThat(take(B, "b0")).isNotNull();
    assertThat(displaced).containsExactly("a3");
    assertThat(take(B, "b1")).isNotNull();
    assertThat(displaced).containsExactly("a3", "a2");

    refuses(B);
    refuses(A);
    assertThat(take(C, "c0")).isNotNull();
    assertThat(displaced).hasSize(3);
    assertThat(places.used()).isEqualTo(4);
  }

  @Test
  void a_place_is_given_back_once_also_if_another_client_has_it() {
    List<FairPlaces.Place> taken = takeAll();
    take(B, "b0");
    taken.get(3).close();
    assertThat(places.used()).isEqualTo(4);
    taken.get(0).close();
    taken.get(0).close();
    assertThat(places.used()).isEqualTo(3);
    assertThat(take(A, "a5")).isNotNull();
  }

  @Test
  void a_lent_place_is_anybodys_after_its_time_however_many_networks_have_one() {
    places = new FairPlaces(4, Duration.ofNanos(10), now::get, FairPlacesTest::full);
    for (int i = 0; i < 4; i++) {
      now.set(i);
      take(new ClientNetwork("198.51.100." + i), "slow" + i);
    }
    now.set(9);
    refuses(A);
    now.set(10);
    assertThat(take(A, "a0")).isNotNull();
    refuses(B);
    assertThat(displaced).containsExactly("slow0");
    assertThat(places.used()).isEqualTo(4);
  }

  @Test
  void never_are_more_taken_than_there_are_and_all_can_be_given_back() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<FairPlaces.Place> taken = new ArrayList<>();
    List<ClientNetwork> networks = List.of(A, B, C);
    for (int i = 0; i < Extent.rounds(10_000); i++) {
      if (random.nextBoolean()) {
        try {
          taken.add(take(networks.get(random.nextInt(3)), "any"));
        } catch (IllegalStateException full) {
          assertThat(places.used()).as("seed %d", seed).isEqualTo(4);
        }
      } else if (!taken.isEmpty()) {
        taken.remove(random.nextInt(taken.size())).close();
      }
      assertThat(places.used()).as("seed %d", seed).isBetween(0, 4);
    }
    taken.forEach(FairPlaces.Place::close);
    assertThat(places.used()).as("seed %d", seed).isZero();
  }

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @CsvSource({
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.2, false",
    "2001:db8:1:2::1, 2001:db8:1:2:ffff::1, true",
    "2001:db8:1:200::1, 2001:db8:1:2ff::1, true",
    "2001:db8:1:200::1, 2001:db8:1:300::1, false",
    "::ffff:192.0.2.1, 192.0.2.1, true",
    "::192.0.2.1, 192.0.2.1, true",
    "fe80::1%1, fe80::1, true",
  })
  void a_network_is_an_ipv4_address_or_a_56_of_ipv6(String one, String other, boolean same) {
    ClientNetwork first = ClientNetwork.of(new InetSocketAddress(one, 1));
    ClientNetwork second = ClientNetwork.of(new InetSocketAddress(other, 2));
    assertThat(first.equals(second)).isEqualTo(same);
  }
}
