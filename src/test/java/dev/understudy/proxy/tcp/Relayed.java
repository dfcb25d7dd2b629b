package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.SwitchSettings.Connections;
import dev.understudy.pool.SwitchSettings.Streams;
import dev.understudy.pool.SwitchSettings.WebSockets;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.snapshot.Authority;
import dev.understudy.testing.Await;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/** Relayed connections to two servers, "a" and "b"; all that a test opens is closed after it. */
abstract class Relayed {
  @Parameter Transport transport = Transport.available().getLast();
  TcpServer a;
  TcpServer b;
  TcpRig rig;

  /** The ends of the connection that {@link #open} relays. */
  Socket client;

  Socket server;
  private TcpRig.Pause pause = () -> {};
  private final Deque<Closeable> open = new ArrayDeque<>();

  @BeforeEach
  void listen() throws IOException {
    a = new TcpServer();
    b = new TcpServer();
  }

  @AfterEach
  void closeAll() throws IOException {
    for (Closeable each : open) {
      each.close();
    }
    if (rig != null) {
      rig.close();
    }
    a.close();
    b.close();
  }

  TestPools.Builder alone() {
    return TestPools.pool().master("a", a.port());
  }

  TestPools.Builder failover() {
    return alone().backup("b", b.port());
  }

  TestPools.Builder balance() {
    return alone().master("b", b.port()).balance();
  }

  /** What the setting for a switch of open connections is; they are given no time. */
  static SwitchSettings onSwitch(Connections setting) {
    int code = SwitchSettings.DEFAULT.closeCode();
    return new SwitchSettings(WebSockets.CLOSE, Streams.CLOSE, Duration.ZERO, code, setting);
  }

  void start(TestPools.Builder pool) {
    rig = new TcpRig(transport, pool.start());
  }

  /** Starts the relay, and relays one connection to "a". */
  void open(TestPools.Builder pool) throws IOException {
    start(pool);
    client = connect();
    server = accept(a);
  }

  Socket connect() throws IOException {
    return closing(rig.connect());
  }

  Socket accept(TcpServer by) throws IOException {
    return closing(by.accept());
  }

  <T extends Closeable> T closing(T socket) {
    open.addFirst(socket);
    return socket;
  }

  void awaitHeld() {
    Await.until("it is held", () -> rig.seen.held.get() == 1);
  }

  static void passes(Socket from, Socket to, String bytes) throws IOException {
    send(from, bytes);
    assertThat(receive(to, bytes.length())).isEqualTo(bytes);
  }

  void assertBothReset() throws IOException {
    assertThat(rest(client)).isEqualTo("|RST");
    assertThat(rest(server)).isEqualTo("|RST");
  }

  static void exchange(Socket client, Socket server) throws IOException {
    passes(client, server, "?");
    passes(server, client, "!");
  }

  /** The next connection of "a", which the rig has taken for open. */
  Socket opened() throws IOException {
    Socket connection = accept(a);
    Await.until("it is open", () -> rig.pools.server("a").traffic().tunnels().get() == 1);
    return connection;
  }

  /**
   * Plays the steps of a scenario: what the client "c" and the server's side "s" do, or the pool.
   */
  void play(Scenario scenario) {
    scenario.play(this::step);
  }

  void step(Words words) throws Exception {
    String word = words.at(1);
    switch (words.at(0)) {
      case "start" -> start(pool(words));
      case "open" -> open(pool(words));
      case "connect" -> client = connect();
      case "accept" -> server = accept(word.equals("a") ? a : b);
      case "opened" -> server = opened();
      case "c" -> side(client, server, words);
      case "s" -> side(server, client, words);
      case "exchange" -> exchange(client, server);
      case "both" -> assertBothReset();
      case "[" -> pause = rig.pause();
      case "]" -> pause.close();
      case "held" -> awaitHeld();
      case "everheld" -> assertThat(rig.seen.everHeld).hasValue(words.number(1));
      case "unasked" -> assertThat((word.equals("a") ? a : b).isAskedWithin(200)).isFalse();
      case "goes" -> assertThat(rig.seen.connections).isEmpty();
      case "end" -> assertThat(rig.seen.connection().end()).hasToString(word);
      case "server" -> assertThat(String.valueOf(rig.seen.connection().server())).isEqualTo(word);
      case "attempts" -> assertThat(rig.seen.connection().attempts()).isEqualTo(words.number(1));
      case "tunnels" ->
          assertThat(rig.pools.server(word).traffic().tunnels()).hasValue(words.number(2));
      case "retries" ->
          assertThat(rig.seen.retries).extracting(Enum::toString).containsExactly(word);
      case "reported" ->
          Await.until("it is", () -> rig.seen.troubles.contains(Trouble.valueOf(word)));
      // That a server is silent depends on the time only.
      case "troubles" ->
          assertThat(rig.seen.troubles)
              .filteredOn(each -> each != Trouble.SILENT)
              .extracting(Trouble::toString)
              .containsExactly(word.isEmpty() ? new String[0] : new String[] {word});
      default -> happens(rig.pools, words);
    }
  }

  /** A pool by its kind, and a setting of it. */
  private TestPools.Builder pool(Words words) {
    TestPools.Builder pool =
        switch (words.at(1)) {
          case "alone" -> alone();
          case "failover" -> failover();
          default -> throw new IllegalArgumentException(words.at(1));
        };
    return switch (words.at(2)) {
      case "hold" -> pool.hold(Duration.ofMillis(words.number(3)), 10, 0);
      case "idle" -> {
        Duration minute = Duration.ofMinutes(1);
        Duration tunnel = Duration.ofSeconds(words.number(3));
        yield pool.timeouts(TestSettings.timeouts(Duration.ofSeconds(5), minute, minute, tunnel));
      }
      case "drain" -> pool.drain(Duration.ofDays(words.number(3)));
      default -> pool;
    };
  }

  private void side(Socket at, Socket other, Words words) throws IOException {
    String text = text(words.at(2));
    switch (words.at(1)) {
      case "sends" -> send(at, text);
      case "gets" -> assertThat(receive(at, text.length())).isEqualTo(text);
      case "drips" -> {
        at.setTcpNoDelay(true);
        for (char each : text.toCharArray()) {
          send(at, String.valueOf(each));
        }
      }
      case "passes" -> passes(at, other, text);
      case "shuts" -> at.shutdownOutput();
      case "closes" -> at.close();
      case "resets" -> Sockets.reset(at);
      case "ends" -> assertThat(rest(at)).isEqualTo(text);
      case "over" -> assertThat(rest(at)).startsWith("|");
      case "breaks" -> assertThat(rest(at)).endsWith("|RST");
      default -> throw new IllegalArgumentException(words.at(1));
    }
  }

  /** The bytes that a word of a scenario stands for, in which characters are escaped as in Java. */
  String text(String word) {
    return word.translateEscapes();
  }

  /** What may happen to a pool: the word for it, and servers or what else it is about. */
  static void happens(TestPools pools, Words words) {
    String of = words.at(1);
    String to = id(words.at(2));
    switch (words.at(0)) {
      case "down" -> pools.down(of);
      case "up" -> pools.up(of);
      case "silent" -> pools.silent(of);
      case "probed" -> pools.probed(of);
      case "doubted" -> pools.keepDown(of);
      case "serves" -> pools.serve(id(of));
      case "switch" -> pools.serve(of, SwitchReason.valueOf(words.at(2)));
      case "failover" -> pools.failover("a", id(of));
      case "drain" -> pools.drain(of, to);
      case "circuit" -> pools.circuitOpen(of);
      case "reincarnates" -> pools.reincarnate(of);
      case "readdressed" -> pools.readdress(of);
      case "pause" -> pools.pause(of, false);
      case "cut" -> pools.pause(of, true);
      case "moves" -> pools.move();
      case "stays" -> pools.giveUp();
      case "allow" -> pools.maintenance(of);
      case "untouched" -> pools.authority(new Authority(false, true, () -> false));
      case "doubtful" -> pools.authority(new Authority(false, true, () -> true));
      default -> pools.operator(of, OperatorState.valueOf(words.at(0)));
    }
  }

  private static @Nullable String id(String word) {
    return word.equals("nobody") ? null : word;
  }
}
