package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which a file gets other content is noticed. */
class ConfigFileWatcherTest {
  private static final Duration HOURS = Duration.ofHours(1);
  private static final Duration QUIET = Duration.ofMillis(200);

  /** Events alone must do: it never polls within a test. */
  private static final ConfigFileWatcher.Timing BY_EVENTS =
      new ConfigFileWatcher.Timing(HOURS, QUIET);

  private static final ConfigFileWatcher.Timing BY_POLLING =
      new ConfigFileWatcher.Timing(Duration.ofMillis(50), QUIET);

  @TempDir private Path directory;
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private ConfigFileWatcher watcher;
  private Listener listener = content -> {};

  /** What the listener does before it is recorded. */
  private interface Listener {
    void changed(String content) throws IOException;
  }

  @AfterEach
  void stop() {
    if (watcher != null) {
      watcher.close();
    }
  }

  /**
   * {@code write} and {@code read} a file, {@code link} a name to a file or folder, {@code move} it
   * at once; then watch a file whose content was that, by {@code events} or by {@code polling}.
   */
  @Scenario.Each(
      """
      a plain write
        write f one; events f one; write f two; next two; write f three; next three
      an atomic rename
        write f one; events f one; write tmp two; move tmp f; next two
      a config map whose data link is swapped
        write ..v1/f one; write ..v2/f two; link ..data ..v1; link f ..data/f; events f one
        link tmp ..v2; move tmp ..data; next two
      a change without a file event is noticed
        write other/real one; link f other/real; polling f one; write other/real two; next two
      a change between reading and watching
        write f two; events f one; next two
      the same content again is no change
        write f one; polling f one; write f one; write other x; write f two; next two; no more
      a file that vanishes is reported once and read when it is back
        write f one; polling f one; delete f; next vanished; write f one; next one; no more
      a directory that is replaced
        write in/f one; polling in/f one; move in old; next vanished; write in/f two; next two
        write in/f three; next three
      a secret that changes hands the file over again, until it is named no more
        write token a; write f one; read token; polling f one; write token b; next one
        forget; write token c; write f two; last two
      a secret that changes between reading and watching
        write token a; write f one; read token; write token b; events f one; next one
      a secret that changes between two readings of one load
        write other/token a; write f one; read other/token; write other/token b
        read other/token; write other/token a; polling f one; next one
      a listener that throws is called again
        write f one; events f one; write f throw; next throw; write f two; next two
      it ends when it is closed
        write f one; events f two; next one; close
      """)
  void a_change_is_noticed(Scenario scenario) {
    NamedFiles.Reader reader = new NamedFiles.Reader(Path.of(""));
    scenario.play(words -> step(words, directory.resolve(words.at(1)), reader));
  }

  private void step(Scenario.Words words, Path path, NamedFiles.Reader reader) throws Exception {
    switch (words.at(0)) {
      case "write" -> {
        Files.createDirectories(path.getParent());
        Files.writeString(path, words.at(2));
      }
      case "read" -> reader.read(path);
      case "link" -> Files.createSymbolicLink(path, Path.of(words.at(2)));
      case "move" ->
          Files.move(path, directory.resolve(words.at(2)), StandardCopyOption.ATOMIC_MOVE);
      case "delete" -> Files.delete(path);
      case "events" -> watcher = start(path, words.at(2), reader.files(), BY_EVENTS);
      case "polling" -> watcher = start(path, words.at(2), reader.files(), BY_POLLING);
      case "forget" -> watcher.watchNamed(NamedFiles.NONE);
      case "next" -> assertThat(next()).isEqualTo(words.at(1));
      case "last" -> {
        String content = next();
        assertThat(content.equals("one") ? next() : content).isEqualTo(words.at(1));
      }
      case "no" -> assertThat(seen).isEmpty();
      case "close" -> {
        watcher.close();
        assertThat(watcher.isRunning()).isFalse();
      }
      default -> throw new IllegalArgumentException(words.from(0));
    }
  }

  @Test
  void a_secret_that_changes_while_the_listener_reads_it(@TempDir Path elsewhere) throws Exception {
    Path secret = Files.writeString(elsewhere.resolve("token"), "a");
    Path file = Files.writeString(directory.resolve("gateway.yaml"), "one");
    AtomicReference<String> token = new AtomicReference<>("");
    listener =
        content -> {
          NamedFiles read = read(secret);
          token.set(Files.readString(secret));
          // Only the first time: the content in force is then of a secret that is gone.
          if (content.equals("two") && token.get().equals("a")) {
            Files.writeString(secret, "b");
          }
          watcher.watchNamed(read);
        };
    watcher = start(file, "one", read(secret), BY_POLLING);

    Files.writeString(file, "two");
    assertThat(next()).isEqualTo("two");
    assertThat(next()).isEqualTo("two");
    assertThat(token).hasValue("b");
    assertThat(seen).isEmpty();
  }

  private static NamedFiles read(Path... files) throws IOException {
    NamedFiles.Reader reader = new NamedFiles.Reader(Path.of(""));
    for (Path file : files) {
      reader.read(file);
    }
    return reader.files();
  }

  private ConfigFileWatcher start(
      Path file, String content, NamedFiles secrets, ConfigFileWatcher.Timing timing) {
    return ConfigFileWatcher.start(
        file, content.getBytes(StandardCharsets.UTF_8), secrets, timing, new Recorder());
  }

  private String next() throws InterruptedException {
    return seen.poll(20, TimeUnit.SECONDS);
  }

  private final class Recorder implements ConfigFileWatcher.Listener {
    @Override
    public void changed(Path file, byte[] content) {
      String text = new String(content, StandardCharsets.UTF_8);
      try {
        listener.changed(text);
      } catch (IOException e) {
        seen.add(e.toString());
      }
      seen.add(text);
      if (text.equals("throw")) {
        throw new IllegalStateException("on purpose");
      }
    }

    @Override
    public void vanished(Path file, IOException reason) {
      seen.add("vanished");
    }
  }
}
