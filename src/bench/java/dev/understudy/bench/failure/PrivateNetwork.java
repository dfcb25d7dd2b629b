package dev.understudy.bench.failure;

import dev.understudy.scenario.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A network namespace with a loopback interface of its own, in which packets to one port can be
 * dropped without a word and without touching the machine's network.
 *
 * <p>A JVM cannot move into one, so the benchmark starts itself again in it. Dropping is left to an
 * IPsec policy that blocks, for it needs neither iptables nor a kernel module.
 */
final class PrivateNetwork {
  /** Root may simply do it; others where the kernel lets users have namespaces. */
  private static final List<List<String>> WAYS_IN =
      List.of(
          List.of("unshare", "--net"), List.of("unshare", "--user", "--map-root-user", "--net"));

  private static final List<String> SIDES = List.of("sport", "dport");

  private PrivateNetwork() {}

  /** The prefix of a command that runs in one; empty if this user may not create one. */
  static Optional<List<String>> wayIn() {
    return WAYS_IN.stream()
        .filter(way -> succeeds(command(way, "ip", "xfrm", "policy", "list")))
        .findFirst();
  }

  /** Brings the loopback interface up; only inside. */
  static void enter() throws IOException {
    run("ip", "link", "set", "lo", "up");
    // Policies are not asked on loopback otherwise.
    for (String switchedOff : List.of("disable_policy", "disable_xfrm")) {
      Files.writeString(Path.of("/proc/sys/net/ipv4/conf/lo", switchedOff), "0");
    }
  }

  /** From now on no packet from or to this port arrives; only inside. */
  static void swallow(int port) throws IOException {
    policies("add", port, "action", "block");
  }

  /** Undoes {@link #swallow}. */
  static void release(int port) throws IOException {
    policies("delete", port);
  }

  private static void policies(String what, int port, String... rest) throws IOException {
    for (String side : SIDES) {
      List<String> command =
          command(
              List.of("ip", "xfrm", "policy", what, "src", "127.0.0.0/8", "dst", "127.0.0.0/8"),
              "proto",
              "tcp",
              side,
              Integer.toString(port),
              "dir",
              "in");
      command.addAll(List.of(rest));
      run(command.toArray(String[]::new));
    }
  }

  private static void run(String... command) throws IOException {
    if (!succeeds(List.of(command))) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  private static List<String> command(List<String> start, String... rest) {
    List<String> all = new ArrayList<>(start);
    all.addAll(List.of(rest));
    return all;
  }

  private static boolean succeeds(List<String> command) {
    try {
      return Processes.succeeds(command);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
