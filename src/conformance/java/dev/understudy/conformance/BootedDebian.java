package dev.understudy.conformance;

import dev.understudy.testing.Await;
import dev.understudy.testing.Chroot;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A {@link Chroot} whose systemd runs as the first process of its own namespaces, but for the
 * network, which is the machine's: tests are clients and servers of what runs there.
 */
final class BootedDebian implements AutoCloseable {
  private static final Duration BOOT = Duration.ofMinutes(3);

  private final Process nspawn;

  /**
   * Boots it.
   *
   * @param log gets what systemd writes to its console
   */
  BootedDebian(Chroot debian, Path log) throws IOException, InterruptedException {
    debian.unmountProc();
    nspawn =
        new ProcessBuilder(
                "systemd-nspawn",
                "--directory=" + debian.path("/"),
                "--boot",
                "--register=no",
                "--keep-unit",
                "--console=pipe",
                "--machine=understudy-test")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    try {
      Await.until("systemd has booted", BOOT, () -> hasBooted(log));
    } catch (RuntimeException | Error e) {
      nspawn.destroyForcibly();
      throw e;
    }
  }

  private boolean hasBooted(Path log) throws IOException, InterruptedException {
    if (!nspawn.isAlive()) {
      throw new IllegalStateException(Files.readString(log));
    }
    // The first child is not the one that stays: it may have ended when it is asked.
    Optional<ProcessHandle> init = init();
    return init.isPresent()
        && run(init.get(), "systemctl", "is-system-running").said().matches("(running|degraded)\n");
  }

  private Optional<ProcessHandle> init() {
    return nspawn.children().findFirst();
  }

  /** Runs a command in it: what it printed, and its status. */
  Chroot.Ended run(String... command) throws IOException, InterruptedException {
    return run(init().orElseThrow(), command);
  }

  private static Chroot.Ended run(ProcessHandle init, String... command)
      throws IOException, InterruptedException {
    List<String> all =
        new ArrayList<>(
            List.of("nsenter", "--target=" + init.pid(), "-m", "-u", "-i", "-n", "-p", "-C", "--"));
    all.addAll(Arrays.asList(command));
    Process process =
        new ProcessBuilder(all)
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    return new Chroot.Ended(process.waitFor(), said);
  }

  /** The value of a property of the unit. */
  String property(String name) throws IOException, InterruptedException {
    return run("systemctl", "show", "understudy.service", "--value", "--property=" + name)
        .said()
        .strip();
  }

  /** Ends all of its processes; what systemd does at an orderly end is not of interest. */
  @Override
  public void close() throws InterruptedException {
    nspawn.destroy();
    if (!nspawn.waitFor(1, TimeUnit.MINUTES)) {
      nspawn.destroyForcibly().waitFor();
    }
  }
}
