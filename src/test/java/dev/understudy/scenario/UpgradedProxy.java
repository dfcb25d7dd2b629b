package dev.understudy.scenario;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A proxy that is upgraded by {@code understudy upgrade}, with all processes that serve it. */
public final class UpgradedProxy implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("process (\\d+) was started");

  /**
   * An argument for tests that are not about what a process does for itself before it takes over.
   */
  public static final String AT_ONCE = "--understudy.handover.warm-up=0s";

  /** What an upgrade printed, and its exit status. */
  public record Upgrade(int status, String printed) {}

  private final Path folder;
  private final Path socket;
  private final ProxyProcess first;
  private final List<ProcessHandle> processes = new CopyOnWriteArrayList<>();
  private volatile @Nullable Running upgrade;

  private UpgradedProxy(Path folder, Path socket, ProxyProcess first) {
    this.folder = folder;
    this.socket = socket;
    this.first = first;
    processes.add(ProcessHandle.of(first.pid()).orElseThrow());
  }

  /** Starts the first process, and waits until it can be upgraded. */
  public static UpgradedProxy start(Path folder, Path config, String... arguments)
      throws IOException, InterruptedException {
    return start(folder, config, Map.of(), arguments);
  }

  /** The same with further environment variables. */
  public static UpgradedProxy start(
      Path folder, Path config, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Path socket = folder.resolve("handover.sock");
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--understudy.handover.socket=" + socket);
    ProxyProcess proxy =
        ProxyProcess.start(folder, config, environment, all.toArray(String[]::new));
    Await.until("it can be upgraded", () -> Files.exists(socket));
    return new UpgradedProxy(folder, socket, proxy);
  }

  /** Its ports, which stay, and the log of all processes. */
  public ProxyProcess proxy() {
    return first;
  }

  /** The process that was started last. */
  public ProcessHandle newest() {
    return processes.getLast();
  }

  /** All processes that were started, the oldest first. */
  public List<ProcessHandle> processes() {
    return processes;
  }

  /** Those that live. */
  List<ProcessHandle> alive() {
    return processes.stream().filter(ProcessHandle::isAlive).toList();
  }

  /** Upgrades it; waits for the end. */
  public Upgrade upgrade() throws IOException, InterruptedException {
    return begin().end();
  }

  /** Begins an upgrade. */
  public Running begin() throws IOException {
    List<String> command = Processes.archived(List.of());
    command.addAll(List.of("upgrade", "--socket", socket.toString()));
    Path printed = Files.createTempFile(folder, "upgrade", ".out");
    Running begun =
        new Running(
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start(),
            printed);
    upgrade = begun;
    return begun;
  }

  /** An upgrade that is under way. */
  public final class Running {
    private final Process command;
    private final Path printed;

    private Running(Process command, Path printed) {
      this.command = command;
      this.printed = printed;
    }

    /** Waits until it has printed that. */
    public void await(String text) {
      Await.until(
          "the upgrade has printed " + text,
          () -> {
            note();
            return Files.readString(printed).contains(text);
          });
    }

    /** Whether it has ended. */
    boolean isOver() {
      return !command.isAlive();
    }

    /** Waits for its end; a process that has not taken over is none of the proxy's, and ends. */
    public Upgrade end() throws IOException, InterruptedException {
      int status = command.waitFor();
      note();
      String all = Files.readString(printed);
      if (all.contains("has not taken over") || all.contains("ended at its start")) {
        long next = started();
        processes.removeIf(process -> process.pid() == next);
      }
      return new Upgrade(status, all);
    }

    private void note() {
      ProcessHandle.of(started())
          .filter(process -> !processes.contains(process))
          .ifPresent(processes::add);
    }

    /** The number of the process that was started; -1 before. */
    private long started() {
      try {
        Matcher started = STARTED.matcher(Files.readString(printed));
        return started.find() ? Long.parseLong(started.group(1)) : -1;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Ends all processes, that of an upgrade under way too. */
  @Override
  public void close() throws InterruptedException {
    Running last = upgrade;
    if (last != null && !last.isOver()) {
      last.note();
    }
    first.close();
    processes.forEach(ProcessHandle::destroyForcibly);
  }
}
