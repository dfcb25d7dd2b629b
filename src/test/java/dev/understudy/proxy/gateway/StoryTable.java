package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.RetrySettings;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.Response;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What requests experience, in words: {@code two} starts a pool of master a and backup b, {@code
 * hole} one whose master takes no connection. A method, a target, the size of a body and a field
 * are a request on a connection of its own, which the steps that begin with its target are about.
 */
abstract class StoryTable extends LaneProtocolTable {
  private static final Duration LONG = Duration.ofSeconds(60);

  private record Asked(String method, TestClient client) {}

  private final Map<String, Asked> asked = new HashMap<>();

  final void play(Scenario story) {
    story.play(this::step);
  }

  private void step(Scenario.Words words) {
    String object = words.at(1);
    switch (words.at(0)) {
      case "two" -> start(words, two());
      case "hole" -> {
        BlackHole hole = new BlackHole();
        closeLater(hole);
        start(words, TestPools.pool().master("a", hole.port()).backup("b", backup.port()));
      }
      case "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE" -> ask(words);
      case "begin" ->
          asked.put(
              words.at(2),
              new Asked(
                  object, client().begin(object, words.at(2), words.number(3), words.from(4))));
      case "master" -> server(master, words);
      case "backup" -> server(backup, words);
      case "stop" -> stop(Duration.ofMillis(words.number(1)));
      case "go" -> go.countDown();
      case "serve" -> pools.serve(object.equals("none") ? null : object);
      case "failover" -> pools.failover(object, words.at(2));
      case "down" -> pools.down(object);
      case "ends" -> {
        pools.probed("a", ProbeOutcome.valueOf(object));
        pools.failover("a", "b");
      }
      case "sends" -> asked.get(object).client().body(bytes(words.number(2))).end();
      case "silence" -> pools.silent(object);
      case "drain" -> pools.drain(object, words.at(2));
      case "operator" -> pools.operator(object, OperatorState.valueOf(words.at(2)));
      case "reincarnate" -> pools.reincarnate(object);
      case "pause" -> pools.pause(object, false);
      case "cut" -> pools.pause(object, true);
      case "move" -> pools.move();
      case "give-up" -> pools.giveUp();
      case "maintenance" -> pools.maintenance(words.all().length > 1 ? allowed(words) : nobody());
      default -> {
        if (words.at(0).startsWith("/")) {
          response(asked.get(words.at(0)), words);
        } else {
          look(words);
        }
      }
    }
  }

  private static String[] allowed(Scenario.Words words) {
    return words.from(1).split(" ");
  }

  private static String[] nobody() {
    return new String[0];
  }

  private void start(Scenario.Words words, TestPools.Builder pool) {
    TrustedProxies trusted = TrustedProxies.NONE;
    for (int i = 1; i < words.all().length; i++) {
      switch (words.at(i)) {
        case "hold" -> pool.hold(Duration.ofSeconds(20), words.number(++i), 1000);
        case "connect" -> pool.timeouts(Duration.ofMillis(words.number(++i)), LONG, LONG);
        case "response" -> pool.timeouts(LONG, Duration.ofMillis(words.number(++i)), LONG);
        case "quiet" -> pool.timeouts(LONG, LONG, Duration.ofMillis(words.number(++i)));
        case "passive" -> pool.passive();
        case "keyed" -> pool.retry(new RetrySettings(2, RetrySettings.DEFAULT.methods(), true));
        case "undrained" -> pool.drain(Duration.ZERO);
        case "trusting" -> trusted = TrustedProxies.of(List.of("127.0.0.0/8"));
        default -> throw new IllegalArgumentException(words.at(i));
      }
    }
    start(pool, null, trusted);
  }

  private void ask(Scenario.Words words) {
    String size = words.at(2);
    String[] fields = words.from(3).isEmpty() ? nobody() : new String[] {words.from(3)};
    TestClient client = client();
    if (size.isEmpty()) {
      client.request(words.at(0), words.at(1));
    } else {
      client.request(words.at(0), words.at(1), bytes(Integer.parseInt(size)), fields);
    }
    asked.put(words.at(1), new Asked(words.at(0), client));
  }

  private void server(TestServer server, Scenario.Words words) {
    switch (words.from(1)) {
      case "answers later" -> server.script(later(call -> call.reply(200, "master")));
      case "waits" -> server.script(call -> go.await());
      case "begins a download" -> begins(server, "Content-Length: 12", "1234", "56789012");
      case "begins events" ->
          begins(
              server,
              "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked",
              "3\r\nabc\r\n",
              "3\r\ndef\r\n0\r\n\r\n");
      case "speaks no HTTP" ->
          server.script(
              call -> {
                call.write("SSH-2.0-x\r\n\r\n");
                call.close();
              });
      case "resets" -> resets(server, Integer.MAX_VALUE);
      case "resets once" -> resets(server, 1);
      case "freezes" -> server.freeze();
      case "dies" -> server.kill();
      case "restarts" -> server.restart();
      default -> {
        assertThat(words.at(1)).isEqualTo("got");
        assertThat(server.calls()).hasSize(words.number(2));
      }
    }
  }

  private void begins(TestServer server, String fields, String part, String rest) {
    server.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n" + part);
          go.await();
          call.write(rest);
        });
  }

  /** It reads that many requests and resets; it answers the next. */
  private static void resets(TestServer server, int times) {
    server.script(
        call -> {
          call.body();
          if (server.calls().size() <= times) {
            call.reset();
          } else {
            call.reply(200, "again " + call.text().length());
          }
        });
  }

  private static void response(Asked about, Scenario.Words words) {
    switch (words.at(1)) {
      case "leaves" -> about.client().abort();
      case "breaks" -> assertThat(about.client().response().reset()).isTrue();
      case "begins" -> about.client().awaitBody(words.number(2));
      default -> {
        Response response = about.client().response(about.method());
        assertThat(response.status()).isEqualTo(words.number(1));
        if (!words.from(2).isEmpty()) {
          assertThat(response.body()).isEqualTo(words.from(2));
        }
      }
    }
  }

  private void look(Scenario.Words words) {
    String object = words.at(1);
    switch (words.at(0)) {
      case "held" -> Await.until(words.from(0), () -> seen.held.get() == words.number(1));
      case "at" ->
          Await.until("it is at the master", () -> master.calls().size() == words.number(2));
      case "tries" ->
          Await.until("it tries", () -> pools.server(object).traffic().requests().get() == 1);
      case "idle" ->
          Await.until(
              "nothing runs there", () -> pools.server(object).traffic().requests().get() == 0);
      case "paused" -> Await.until("every event loop has seen it", () -> !seen.paused.isEmpty());
      case "silent" -> Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
      case "runs" ->
          assertThat(pools.server(object).traffic().requests()).hasValue(words.number(2));
      case "pauses" -> assertThat(seen.paused).hasSize(words.number(1));
      case "trouble" -> assertThat(seen.troubles).contains(Trouble.valueOf(object));
      case "retried" ->
          assertThat(seen.retries)
              .isEqualTo(Stream.of(words.all()).skip(1).map(RetryReason::valueOf).toList());
      case "attempts" -> assertThat(seen.outcome().attempts()).isEqualTo(words.number(1));
      case "end" -> assertThat(seen.outcome().end()).isEqualTo(RequestEnd.valueOf(object));
      case "left" -> Await.until("the master is left", () -> master.openConnections() == 0);
      case "failures" -> assertThat(seen.calls).containsExactly(Boolean.valueOf(object));
      case "full" -> assertThat(seen.fullHolds).isNotEmpty();
      case "not-full" -> assertThat(seen.fullHolds).isEmpty();
      default -> throw new IllegalArgumentException(words.from(0));
    }
  }
}
