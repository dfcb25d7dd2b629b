package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A small Debian in a folder, in which packages are installed and programs run, without systemd
 * unless {@link BootedDebian} boots it.
 */
final class Chroot implements AutoCloseable {
  private static final long LIMIT_MINUTES = 15;

  /** What a command printed on both of its outputs, and its exit status. */
  record Ended(int status, String said) {}

  private final Path folder;
  private final Path root;
  private boolean hasProc;

  /** Makes it; the folder must be empty. */
  Chroot(Path folder, String... packages) throws IOException, InterruptedException {
    this.folder = folder;
    this.root = folder.resolve("root");
    List<String> command = new ArrayList<>(List.of("mmdebstrap", "--variant=essential"));
    command.addAll(List.of("--mode=root", "--include=" + String.join(",", packages)));
    command.addAll(List.of(ImageBuilder.suite(), root.toString(), ImageBuilder.apt().toString()));
    good(host(command));
    good(host(List.of("mount", "--bind", "/proc", root.resolve("proc").toString())));
    hasProc = true;
  }

  /** Takes the machine's /proc out of it, for one of its own; programs cannot run here any more. */
  void unmountProc() throws IOException, InterruptedException {
    if (hasProc) {
      good(host(List.of("umount", root.resolve("proc").toString())));
      hasProc = false;
    }
  }

  private Ended host(List<String> command) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly();
    }
    return new Ended(ended ? process.exitValue() : -1, Files.readString(out));
  }

  private static String good(Ended ended) {
    assertThat(ended.status()).as(ended.said()).isZero();
    return ended.said();
  }

  private List<String> inside(String... command) {
    List<String> all = new ArrayList<>(List.of("chroot", root.toString(), "/usr/bin/env", "-i"));
    all.addAll(List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"));
    all.addAll(List.of(command));
    return all;
  }

  /** Runs a command in it. */
  Ended run(String... command) throws IOException, InterruptedException {
    return host(inside(command));
  }

  /** Runs a command that must succeed; what it printed. */
  String must(String... command) throws IOException, InterruptedException {
    return good(run(command));
  }

  /** Starts a program in it as that user. */
  Process start(String user, Path log, Map<String, String> environment, String... command)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("chroot", "--userspec=" + user + ":" + user));
    all.addAll(List.of(root.toString(), "/usr/bin/env", "-i"));
    all.add("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    environment.forEach((name, value) -> all.add(name + "=" + value));
    all.addAll(List.of(command));
    return new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Copies a file or a folder of the machine into it; links are followed. */
  void copy(Path from, String to) throws IOException, InterruptedException {
    Path target = path(to);
    Files.createDirectories(target.getParent());
    good(host(List.of("cp", "--recursive", "--dereference", from.toString(), target.toString())));
  }

  /** The machine's path of one of its paths. */
  Path path(String inside) {
    return root.resolve(inside.substring(1));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    unmountProc();
    good(host(List.of("rm", "-rf", "--one-file-system", root.toString())));
  }
}
