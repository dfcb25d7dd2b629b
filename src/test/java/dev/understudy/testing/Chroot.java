package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A small Debian in a folder, in which packages are installed and programs run, without systemd.
 * Root makes it.
 */
public final class Chroot implements AutoCloseable {
  private static final long LIMIT_MINUTES = 15;
  private static final Pattern ADDRESS =
      Pattern.compile("(?m)^(?:URIs:|deb(?: \\[[^\\]]*\\])?)\\s+(\\S+)");
  private static final String VALIDITY = "Acquire::Check-Valid-Until";

  /** What a command printed on both of its outputs, and its exit status. */
  public record Ended(int status, String said) {}

  private final Path folder;
  private final Path root;
  private boolean hasProc;

  /** Makes one of this machine's release; the folder must be empty. */
  public Chroot(Path folder, String... packages) throws IOException, InterruptedException {
    this(folder, suite(), apt().toString(), List.of(), packages);
  }

  private Chroot(Path folder, String suite, String source, List<String> options, String... packages)
      throws IOException, InterruptedException {
    this.folder = folder;
    this.root = folder.resolve("root");
    List<String> command = new ArrayList<>(List.of("mmdebstrap", "--variant=essential"));
    command.addAll(List.of("--mode=root", "--include=" + String.join(",", packages)));
    command.addAll(options);
    command.addAll(List.of(suite, root.toString(), source));
    good(host(command));
    good(host(List.of("mount", "--bind", "/proc", root.resolve("proc").toString())));
    hasProc = true;
  }

  /**
   * Makes one of another release, such as {@code sid}, from where this machine's packages come; the
   * folder must be empty.
   */
  public static Chroot of(String suite, Path folder, String... packages)
      throws IOException, InterruptedException {
    return new Chroot(folder, suite, mirror(Files.readString(apt())), trust(), packages);
  }

  /** The first address in a list of sources, of either form (sources.list(5)). */
  static String mirror(String sources) {
    Matcher address = ADDRESS.matcher(sources);
    if (!address.find()) {
      throw new IllegalStateException("no source with an address in:\n" + sources);
    }
    return address.group(1);
  }

  /**
   * A mirror that stands still has expired lists; the machine's own setting says whether it may.
   */
  private static List<String> trust() throws IOException, InterruptedException {
    Process apt =
        new ProcessBuilder("apt-config", "dump", "--format=%f \"%v\"%n", VALIDITY).start();
    String setting = new String(apt.getInputStream().readAllBytes()).strip();
    return apt.waitFor() == 0 && !setting.isEmpty() ? List.of("--aptopt=" + setting) : List.of();
  }

  /** The release of Debian that this machine runs. */
  public static String suite() throws IOException {
    return Files.readAllLines(Path.of("/etc/os-release")).stream()
        .filter(line -> line.startsWith("VERSION_CODENAME="))
        .map(line -> line.substring(line.indexOf('=') + 1))
        .findFirst()
        .orElseThrow();
  }

  /** Where this machine's packages come from. */
  public static Path apt() {
    Path file = Path.of("/etc/apt/sources.list.d/debian.sources");
    return Files.exists(file) ? file : Path.of("/etc/apt/sources.list");
  }

  /** Takes the machine's /proc out of it, for one of its own; programs cannot run here any more. */
  public void unmountProc() throws IOException, InterruptedException {
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
  public Ended run(String... command) throws IOException, InterruptedException {
    return host(inside(command));
  }

  /** Runs a command that must succeed; what it printed. */
  public String must(String... command) throws IOException, InterruptedException {
    return good(run(command));
  }

  /** Starts a program in it as that user. */
  public Process start(String user, Path log, Map<String, String> environment, String... command)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("chroot", "--userspec=" + user + ":" + user));
    all.addAll(List.of(root.toString(), "/usr/bin/env", "-i"));
    all.add("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    environment.forEach((name, value) -> all.add(name + "=" + value));
    all.addAll(List.of(command));
    return new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Copies a file or a folder of the machine into it; links are followed. */
  public void copy(Path from, String to) throws IOException, InterruptedException {
    Path target = path(to);
    Files.createDirectories(target.getParent());
    good(host(List.of("cp", "--recursive", "--dereference", from.toString(), target.toString())));
  }

  /** The machine's path of one of its paths. */
  public Path path(String inside) {
    return root.resolve(inside.substring(1));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    unmountProc();
    good(host(List.of("rm", "-rf", "--one-file-system", root.toString())));
  }
}
