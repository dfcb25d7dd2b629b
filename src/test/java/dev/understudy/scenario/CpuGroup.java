package dev.understudy.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A control group of Linux, of version 1 or 2, in which processes share a part of a CPU. Needs root
 * and a mounted {@code cpu} controller. Removed when it is closed; what still runs in it then is
 * set free.
 */
public final class CpuGroup implements AutoCloseable {
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
  private static final String PROCESSES = "cgroup.procs";
  private static final String CONTROLLERS = "cgroup.controllers";
  private static final String CONTROL = "cgroup.subtree_control";

  /** The kernel's default, over which a quota counts. */
  private static final long PERIOD_MICROS = TimeUnit.MILLISECONDS.toMicros(100);

  private static final Duration REMOVAL = Duration.ofSeconds(10);
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Path parent;
  private final Path folder;
  private final boolean unified;

  private CpuGroup(Path parent, Path folder, boolean unified) {
    this.parent = parent;
    this.folder = folder;
    this.unified = unified;
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  /**
   * Makes one without a limit.
   *
   * @throws MissingException if there can be none here
   */
  public static CpuGroup make() {
    return make(MOUNT);
  }

  /**
   * Makes one.
   *
   * @param mount where the controllers are
   */
  static CpuGroup make(Path mount) {
    Path old = mount.resolve("cpu");
    boolean unified = !Files.exists(old.resolve("cpu.cfs_quota_us"));
    Path parent = unified ? mount : old;
    try {
      if (unified) {
        enable(parent);
      }
      return new CpuGroup(parent, Files.createTempDirectory(parent, "understudy-"), unified);
    } catch (IOException e) {
      throw new MissingException(
          "no control group can be made in " + parent + ", which takes root: " + e, e);
    }
  }

  /** Version 2 has limits in a group only once its parent has switched their controller on. */
  private static void enable(Path parent) throws IOException {
    if (!words(parent, CONTROLLERS).contains("cpu")) {
      throw new MissingException(
          "there is no cpu controller: neither cpu/cpu.cfs_quota_us (version 1) nor cpu in "
              + parent.resolve(CONTROLLERS)
              + " (version 2)",
          null);
    }
    if (!words(parent, CONTROL).contains("cpu")) {
      // Refused in a container whose processes stand in the group itself.
      Files.writeString(parent.resolve(CONTROL), "+cpu");
    }
  }

  private static List<String> words(Path folder, String file) throws IOException {
    Path path = folder.resolve(file);
    return Files.exists(path) ? List.of(Files.readString(path).trim().split("\\s+")) : List.of();
  }

  /**
   * Limits what all of its processes use together.
   *
   * @param percent of one CPU
   */
  public void limit(int percent) throws IOException {
    long quota = PERIOD_MICROS * percent / 100;
    if (unified) {
      Files.writeString(folder.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
    } else {
      Files.writeString(folder.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
      Files.writeString(folder.resolve("cpu.cfs_quota_us"), Long.toString(quota));
    }
  }

  /** Takes a process with all of its threads; what it starts from now on is in here, too. */
  public void take(long pid) throws IOException {
    Files.writeString(folder.resolve(PROCESSES), Long.toString(pid));
  }

  /** Where it is. */
  Path folder() {
    return folder;
  }

  @Override
  public void close() {
    long end = System.nanoTime() + REMOVAL.toNanos();
    while (!isRemoved()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException(folder + " cannot be removed");
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  /** One that has just ended stays in it for a moment. */
  private boolean isRemoved() {
    try {
      if (Files.exists(folder)) {
        for (String pid : Files.readAllLines(folder.resolve(PROCESSES))) {
          Files.writeString(parent.resolve(PROCESSES), pid);
        }
        Files.delete(folder);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Says why there can be none. */
  public static final class MissingException extends IllegalStateException {
    MissingException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
