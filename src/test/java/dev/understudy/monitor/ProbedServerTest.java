package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.ProbedServer.At;
import dev.understudy.monitor.ProbedServer.Change;
import dev.understudy.monitor.ProbedServer.Connections;
import dev.understudy.monitor.ProbedServer.Moving;
import dev.understudy.monitor.ProbedServer.News;
import dev.understudy.monitor.ProbedServer.Wait;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerSettings;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables of a server's address, of what is new, and of what becomes of connections. */
class ProbedServerTest {
  private static final Pool POOL =
      SensePool.with(
          SensePool.sense(), SensePool.master("master.example"), SensePool.backup("192.0.2.1"));
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration TOOK = Duration.ofMillis(5);

  private ProbedServer server = ProbedServer.unknown(POOL, POOL.servers().getFirst(), NOW);
  private Instant now = NOW;

  /** What happens before, the input, where the name leads then, what is new, and connections. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
                               | A           | at A      | SHOWN  | KEPT
                               | none        | UNKNOWN   | NONE   | KEPT
          none                 | A           | at A      | SHOWN  | KEPT
          none, probe BAD      | B           | null to B | NONE   | KEPT
          none, probe BAD, B   | B OK        | at B      | MOVED  | LOST
          A                    | none        | at A      | NONE   | KEPT
          A                    | probe OK    | at A      | JUDGED | KEPT
          A                    | probe BAD   | at A      | JUDGED | LOST
          A                    | B           | A to B    | NONE   | KEPT
          A, B                 | B OK        | at B      | MOVED  | LOST
          A, UP                | A           | at A      | NONE   | KEPT
          A, UP                | probe OK    | at A      | SHOWN  | KEPT
          DOWN                 | A           | at A      | SHOWN  | KEPT
          A, UP                | probe BAD   | at A      | JUDGED | KEPT
          A, UP, probe BAD     | probe BAD   | at A      | SHOWN  | KEPT
          A, UP                | probe LATE  | at A      | JUDGED | KEPT
          A, UP                | refused     | at A      | SHOWN  | KEPT
          A, UP                | DOWN        | at A      | JUDGED | LOST
          A, UP                | doubted     | at A      | JUDGED | KEPT
          A, UP                | anew        | at A      | NONE   | KEPT
          A, UP                | all anew    | at A      | JUDGED | KEPT
          A, UP, B             | A           | at A      | NONE   | KEPT
          A, UP, B             | C           | A to C    | NONE   | KEPT
          A, UP, B             | none        | A to B    | NONE   | KEPT
          A, UP, B             | probe OK    | A to B    | SHOWN  | KEPT
          A, UP, B             | B OK        | at B      | MOVED  | MAY_STAY
          A, UP, B             | B forbidden | at B      | MOVED  | LOST
          A, UP, B             | B BAD       | at B      | MOVED  | LOST
          A, UP, probe BAD, B  | B OK        | at B      | MOVED  | LOST
          A, UP, silent, B     | B OK        | at B      | MOVED  | LOST
          A, UP, refused, B    | B OK        | at B      | MOVED  | LOST
          A, DOWN, B           | B OK        | at B      | MOVED  | LOST
          A, DOWN, B           | anew        | A to B    | JUDGED | KEPT
          A, DOWN, B, anew     | B OK        | at B      | MOVED  | LOST
          """)
  void an_input_leads_there(
      @Nullable String before, String input, String where, News news, Connections connections) {
    if (before != null) {
      for (String each : before.split(", ")) {
        server = take(each).next();
      }
    }
    Change change = take(input);
    assertThat(words(change.next().where())).isEqualTo(where);
    assertThat(change.news()).isEqualTo(news);
    assertThat(change.connections()).isEqualTo(connections);
  }

  @Test
  void a_server_good_at_both_addresses_has_been_up_all_the_time() {
    play("A", "UP");
    Instant since = server.health().statusSince();
    play("B", "B OK");
    assertThat(server.health().statusSince()).isEqualTo(since);
    assertThat(server.lastProbe()).isNotNull();
  }

  @Test
  void the_end_of_a_probe_at_the_address_before_is_in_flight_no_longer() {
    play("A", "UP");
    server = server.probing(now);
    Instant start = server.newestStart();
    play("B", "B OK");
    assertThat(server.health().probes().inFlight()).isEmpty();
    assertThat(server.probing(start).newestStart()).isAfter(start);
  }

  /** What happens before, whether an address is awaited elsewhere, and what a probe waits for. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
                      | false | false | ADDRESS
                      | true  | true  | ADDRESS
          none        | false | false | TIME
          A           | false | true  | TIME
          A           | true  | false | ADDRESS
          A, begin    | false | false | TIME
          A, begin    | false | true  | END
          A, UP, begin| false | false | END
          A, UP, begin| false | true  | END
          A, UP, probe BAD_STATUS| false | false | TIME
          A, UP, probe BAD_STATUS, begin| false | false | TIME
          A, UP, probe BAD_STATUS, begin| false | true | END
          A, UP, five | false | false | END
          """)
  void a_probe_waits_for(@Nullable String before, boolean hostAwaited, boolean crowded, Wait wait) {
    play(before == null ? new String[0] : before.split(", "));
    assertThat(server.next(hostAwaited, crowded)).isEqualTo(wait);
  }

  @Test
  void a_server_that_refused_clients_is_connected_to_at_their_port_first() {
    InetAddress to = address("A");
    play("A", "UP", "refused");
    assertThat(server.connection(to, now)).isNull();
    server = server.reconfigured(POOL, probedOn(8008), now);
    assertThat(server.check(to, now).port()).isEqualTo(8008);
    assertThat(Objects.requireNonNull(server.connection(to, now)).port()).isEqualTo(8079);
    play("UP");
    assertThat(server.connection(to, now)).isNull();
  }

  private static Server probedOn(int port) {
    Server own = POOL.servers().getFirst();
    ServerSettings settings =
        new ServerSettings(Rank.MASTER, OptionalInt.empty(), 1, OptionalInt.of(port), null, null);
    return new Server(own.id(), own.address(), null, settings);
  }

  private void play(String... inputs) {
    for (String each : inputs) {
      server = take(each).next();
    }
  }

  private Change take(String input) {
    now = now.plusMillis(100);
    String[] words = input.split(" ");
    return switch (words[0]) {
      case "none" -> silently(server.withoutAddress());
      case "begin" -> silently(server.probing(now));
      case "five" -> {
        for (int i = 0; i < 5; i++) {
          server = server.probing(now);
        }
        yield silently(server);
      }
      case "UP" -> until(HealthStatus.UP, "probe OK");
      case "DOWN" -> until(HealthStatus.DOWN, "probe BAD");
      case "doubted" -> until(HealthStatus.DOWN, "probe doubted");
      case "probe" -> {
        server = server.probing(now);
        yield server.observed(
            probe(server.newestStart(), words[1]), TOOK, now, words[1].equals("doubted"));
      }
      case "refused" -> trouble(Trouble.CONNECT_FAILED);
      case "silent" -> trouble(Trouble.SILENT);
      case "anew" -> server.judgedAnew(false, now);
      case "all" -> server.judgedAnew(true, now);
      default ->
          words.length == 1
              ? server.found(address(words[0]), now)
              : server.moved(
                  (Moving) server.where(),
                  probe(((Moving) server.where()).start(), words[1]),
                  TOOK,
                  now,
                  !words[1].equals("forbidden"));
    };
  }

  private static Change silently(ProbedServer next) {
    return new Change(next, News.NONE, Connections.KEPT);
  }

  private Change until(HealthStatus status, String input) {
    Change change = take(input);
    while (change.next().health().status() != status) {
      server = change.next();
      change = take(input);
    }
    return change;
  }

  private Change trouble(Trouble trouble) {
    return server.observed(new Observation.Traffic(now, trouble, "a test"), TOOK, now, false);
  }

  private static Observation.Probe probe(Instant start, String outcome) {
    return new Observation.Probe(
        start,
        switch (outcome) {
          case "OK", "forbidden" -> ProbeOutcome.OK;
          case "LATE" -> ProbeOutcome.TIMED_OUT;
          default -> ProbeOutcome.BAD_STATUS;
        },
        "a test");
  }

  private static InetAddress address(String letter) {
    try {
      byte[] literal =
          NetUtil.createByteArrayFromIpAddressString("192.0.2." + (int) letter.charAt(0));
      return InetAddress.getByAddress(literal);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String words(ProbedServer.Whereabouts where) {
    return switch (where) {
      case ProbedServer.Nowhere nowhere -> nowhere.name();
      case At at -> "at " + letter(at.address());
      case Moving move -> letter(move.from()) + " to " + letter(move.to());
    };
  }

  private static String letter(@Nullable InetAddress address) {
    return address == null ? "null" : String.valueOf((char) address.getAddress()[3]);
  }
}
