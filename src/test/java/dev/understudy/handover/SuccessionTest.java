package dev.understudy.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.handover.Message.Kind;
import dev.understudy.handover.Succession.Phase;
import dev.understudy.testing.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each message of a successor does, on a real socket. */
class SuccessionTest {
  @TempDir Path dir;

  /** A process that hands over, and writes down what it is asked for. */
  private static final class RecordingHost implements HandoverServer.Host {
    final ConcurrentLinkedQueue<String> calls = new ConcurrentLinkedQueue<>();
    volatile @Nullable String refusal;

    @Override
    public @Nullable String refusal() {
      return refusal;
    }

    @Override
    public HandoverServer.Offer offer(Consumer<Map<String, String>> changes) {
      calls.add("offer");
      return new HandoverServer.Offer(List.of(), List.of(), Map.of());
    }

    @Override
    public Map<String, String> tables() {
      return Map.of();
    }

    @Override
    public Map<String, String> handOver(
        long successor, Consumer<Map<String, String>> news, CompletableFuture<?> led) {
      calls.add("handOver");
      var unused = led.thenRun(() -> calls.add("led"));
      return Map.of();
    }

    @Override
    public void follow(Map<String, String> state) {
      calls.add("follow");
    }

    @Override
    public void stop() {
      calls.add("stop");
    }

    @Override
    public void resume(CompletableFuture<?> exit) {
      calls.add("resume");
    }
  }

  @ParameterizedTest(name = "{0} takes {1}")
  @CsvSource({
    "OFFERED, 'DESCRIPTORS=OFFERED RECEIVED=STARTING'",
    "STARTING, 'READY=STARTING ACCEPTING=LEADING'",
    "LEADING, 'LEADS=LEADING STATE=LEADING STOP=LEADING'",
    "ENDED, ''"
  })
  void a_phase_takes_its_own_messages_alone(Phase phase, String expected) {
    assertThat(
            Arrays.stream(Kind.values())
                .filter(phase::takes)
                .map(step -> step + "=" + phase.after(step))
                .collect(Collectors.toSet()))
        .isEqualTo(
            Arrays.stream(expected.split(" ", -1))
                .filter(each -> !each.isEmpty())
                .collect(Collectors.toSet()));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a successor that leads is followed, 'HELLO READY ACCEPTING LEADS STATE STOP', '', 'offer"
        + " handOver led follow stop'",
    "one that is slow holds this process until it leads or ends, 'HELLO READY ACCEPTING STATE', '',"
        + " 'offer handOver follow led'",
    "one that was given up and says all the same that it accepts is not, 'HELLO READY ACCEPTING"
        + " STATE STOP', it is late, 'offer resume'",
    "one that has not begun is not followed, 'HELLO STATE STOP', '', 'offer resume'",
    "what it says twice is done once, 'HELLO ACCEPTING ACCEPTING STOP', '', 'offer handOver stop"
        + " led'"
  })
  void what_a_successor_sends(String name, String messages, String refusal, String calls)
      throws IOException {
    RecordingHost host = new RecordingHost();
    Path socket = dir.resolve("socket");
    try (HandoverServer server = HandoverServer.listen(socket, host, "1");
        SocketChannel successor = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      assertThat(server).isNotNull();
      successor.connect(UnixDomainSocketAddress.of(socket));
      BufferedReader answers =
          new BufferedReader(Channels.newReader(successor, StandardCharsets.UTF_8));
      for (String each : messages.split(" ", -1)) {
        send(successor, each);
        if (each.equals("HELLO")) {
          assertThat(answers.readLine()).contains("OFFER");
          host.refusal = refusal.isEmpty() ? null : refusal;
        }
      }
      successor.shutdownOutput();
      List<String> expected = List.of(calls.split(" ", -1));
      Await.until("all of " + expected, () -> host.calls.size() >= expected.size());
      while (answers.readLine() != null) {
        // Until the server has closed the connection, and nothing more can follow.
      }
      assertThat(host.calls).containsExactlyElementsOf(expected);
    }
  }

  private static void send(SocketChannel successor, String step) throws IOException {
    Message message =
        Kind.valueOf(step) == Kind.STATE
            ? Message.state(Kind.STATE, Map.of())
            : Message.of(Kind.valueOf(step));
    ByteBuffer bytes =
        StandardCharsets.UTF_8.encode(new String(message.bytes(), StandardCharsets.UTF_8) + "\n");
    while (bytes.hasRemaining()) {
      var unused = successor.write(bytes);
    }
  }
}
