package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

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

  @Test
  void a_plain_write() throws Exception {
    Path file = watched(BY_EVENTS);

    Files.writeString(file, "two");
    assertThat(next()).isEqualTo("two");
    Files.writeString(file, "three");
    assertThat(next()).isEqualTo("three");
  }

  @Test
  void an_atomic_rename() throws Exception {
    Path file = watched(BY_EVENTS);

    Path other = write("gateway.yaml.tmp", "two");
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
    assertThat(next()).isEqualTo("two");
  }

  @Test
  void a_config_map_whose_data_link_is_swapped() throws Exception {
    Files.createDirectory(directory.resolve("..v1"));
    Files.createDirectory(directory.resolve("..v2"));
    write("..v1/gateway.yaml", "one");
    write("..v2/gateway.yaml", "two");
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("..v1"));
    Path file = directory.resolve("gateway.yaml");
    Files.createSymbolicLink(file, Path.of("..data/gateway.yaml"));
    watch(file, "one", BY_EVENTS);

    Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..v2"));
    Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    assertThat(next()).isEqualTo("two");
  }

  @Test
  void a_change_without_a_file_event_is_noticed(@TempDir Path elsewhere) throws Exception {
    Path target = Files.writeString(elsewhere.resolve("real.yaml"), "one");
    Path file = Files.createSymbolicLink(directory.resolve("gateway.yaml"), target);
    watch(file, "one", BY_POLLING);

    Files.writeString(target, "two");
    assertThat(next()).isEqualTo("two");
  }

  @Test
  void a_change_between_reading_and_watching() throws Exception {
    watch(write("gateway.yaml", "two"), "one", BY_EVENTS);
    assertThat(next()).isEqualTo("two");
  }

  @Test
  void the_same_content_again_is_no_change() throws Exception {
    Path file = watched(BY_POLLING);

    Files.writeString(file, "one");
    write("other.yaml", "x");
    Files.writeString(file, "two");
    assertThat(next()).isEqualTo("two");
    assertThat(seen).isEmpty();
  }

  @Test
  void a_file_that_vanishes_is_reported_once_and_read_when_it_is_back() throws Exception {
    Path file = watched(BY_POLLING);

    Files.delete(file);
    assertThat(next()).isEqualTo("vanished");
    Files.writeString(file, "one");
    assertThat(next()).isEqualTo("one");
    assertThat(seen).isEmpty();
  }

  @Test
  void a_directory_that_is_replaced() throws Exception {
    Path inner = Files.createDirectory(directory.resolve("inner"));
    Path file = write("inner/gateway.yaml", "one");
    watch(file, "one", BY_POLLING);

    Files.move(inner, directory.resolve("old"));
    assertThat(next()).isEqualTo("vanished");
    Files.createDirectory(inner);
    Files.writeString(file, "two");
    assertThat(next()).isEqualTo("two");
    Files.writeString(file, "three");
    assertThat(next()).isEqualTo("three");
  }

  @Test
  void a_secret_that_changes_hands_the_file_over_again() throws Exception {
    Path secret = write("token", "a");
    Path file = write("gateway.yaml", "one");
    watcher = start(file, "one", read(secret), BY_POLLING);

    Files.writeString(secret, "b");
    assertThat(next()).isEqualTo("one");
    watcher.watchNamed(NamedFiles.NONE);
    Files.writeString(secret, "c");
    Files.writeString(file, "two");
    String content = next();
    assertThat(content.equals("one") ? next() : content).isEqualTo("two");
  }

  private static NamedFiles read(Path... files) throws IOException {
    NamedFiles.Reader reader = new NamedFiles.Reader(Path.of(""));
    for (Path file : files) {
      reader.read(file);
    }
    return reader.files();
  }

  @Test
  void a_secret_that_changes_between_reading_and_watching() throws Exception {
    Path secret = write("token", "a");
    Path file = write("gateway.yaml", "one");
    NamedFiles read = read(secret);
    Files.writeString(secret, "b");

    watcher = start(file, "one", read, BY_EVENTS);
    assertThat(next()).isEqualTo("one");
  }

  @Test
  void a_secret_that_changes_while_the_listener_reads_it(@TempDir Path elsewhere) throws Exception {
    Path secret = Files.writeString(elsewhere.resolve("token"), "a");
    Path file = write("gateway.yaml", "one");
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

  @Test
  void a_secret_that_changes_between_two_readings_of_one_load(@TempDir Path elsewhere)
      throws Exception {
    Path secret = Files.writeString(elsewhere.resolve("token"), "a");
    Path file = write("gateway.yaml", "one");
    NamedFiles.Reader reader = new NamedFiles.Reader(Path.of(""));
    reader.read(secret);
    Files.writeString(secret, "b");
    reader.read(secret);
    Files.writeString(secret, "a");

    watcher = start(file, "one", reader.files(), BY_POLLING);
    assertThat(next()).isEqualTo("one");
  }

  @Test
  void a_listener_that_throws_is_called_again() throws Exception {
    Path file = watched(BY_EVENTS);

    Files.writeString(file, "throw");
    assertThat(next()).isEqualTo("throw");
    Files.writeString(file, "two");
    assertThat(next()).isEqualTo("two");
  }

  @Test
  void it_ends_when_it_is_closed() throws Exception {
    watch(write("gateway.yaml", "one"), "two", BY_EVENTS);
    assertThat(next()).isEqualTo("one");
    watcher.close();
    assertThat(watcher.isRunning()).isFalse();
  }

  private Path watched(ConfigFileWatcher.Timing timing) throws IOException {
    Path file = write("gateway.yaml", "one");
    watch(file, "one", timing);
    return file;
  }

  private void watch(Path file, String content, ConfigFileWatcher.Timing timing) {
    watcher = start(file, content, NamedFiles.NONE, timing);
  }

  private ConfigFileWatcher start(
      Path file, String content, NamedFiles secrets, ConfigFileWatcher.Timing timing) {
    return ConfigFileWatcher.start(
        file, content.getBytes(StandardCharsets.UTF_8), secrets, timing, new Recorder());
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
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
