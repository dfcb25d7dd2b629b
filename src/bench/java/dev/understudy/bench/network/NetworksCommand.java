package dev.understudy.bench.network;

import dev.understudy.bench.JvmOptions;
import dev.understudy.bench.Packages;
import dev.understudy.bench.RoundOptions;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.peer.Certificate;
import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.NetworkPeers;
import dev.understudy.bench.peer.NetworkPeers.Distance;
import dev.understudy.bench.peer.NetworkPeers.Ready;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Machine;
import dev.understudy.testing.DelayingRelay;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code networks}. */
@Command(
    name = "networks",
    description = {
      "The time of transfers where one side of the proxy is far away, with HAProxy beside in each"
          + " round.",
      "A relay in this process delays what goes either way by half of the round trip, however much"
          + " it is. Without delay there is no relay."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class NetworksCommand implements Callable<Integer> {
  @Option(names = "--delays", split = ",", description = "of a round trip, in ms; 0 is there too")
  private List<Integer> delays = List.of(10, 50);

  @Option(
      names = "--transfer",
      split = ",",
      description = "only these: ${COMPLETION-CANDIDATES}",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  private Set<Transfer> transfers = EnumSet.allOf(Transfer.class);

  @Mixin private final RoundOptions roundOptions = new RoundOptions();
  @Mixin private final JvmOptions jvmOptions = new JvmOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Packages.requireHaproxy();
    List<AutoCloseable> open = new ArrayList<>();
    try (WorkFolder folder = WorkFolder.make();
        Servers servers = new Servers()) {
      List<Distance> distances = new ArrayList<>();
      distances.add(new Distance("0", servers.http1Port(), servers.http2Port(), servers.tcpPort()));
      for (int delay : delays) {
        distances.add(
            new Distance(
                Integer.toString(delay),
                relay(open, servers.http1Port(), delay),
                relay(open, servers.http2Port(), delay),
                relay(open, servers.tcpPort(), delay)));
      }
      Certificate certificate = Certificate.make(folder.path());
      Ready haproxy = NetworkPeers.haproxy(folder.path(), certificate, distances);
      open.add(haproxy.peer());
      Ready understudy =
          NetworkPeers.understudy(folder.path(), certificate, distances, jvmOptions.jvm());
      open.add(understudy.peer());
      warm(understudy);
      NetworkReport report = new NetworkReport();
      for (Network network : networks()) {
        measure(network, way(open, haproxy, network), way(open, understudy, network), report);
      }
      System.out.println("\n" + Machine.describe() + "\n");
      System.out.println(report.table());
      System.out.println(Goal.table(report.goals()));
    } finally {
      close(open);
    }
    return 0;
  }

  private List<Network> networks() {
    List<Network> networks = new ArrayList<>();
    networks.add(new Network(Side.CLIENT, 0));
    for (Side side : Side.values()) {
      delays.forEach(delay -> networks.add(new Network(side, delay)));
    }
    return networks;
  }

  private static int relay(List<AutoCloseable> open, int port, int delay) {
    DelayingRelay relay =
        new DelayingRelay(port, Duration.ofNanos(TimeUnit.MILLISECONDS.toNanos(delay) / 2));
    open.add(relay);
    return relay.port();
  }

  private Way way(List<AutoCloseable> open, Ready proxy, Network network) {
    if (network.side() == Side.SERVER || network.delayMillis() == 0) {
      int distance = network.delayMillis() == 0 ? 0 : 1 + delays.indexOf(network.delayMillis());
      return new Way(
          proxy.plainPort(),
          proxy.securePort(),
          proxy.tcpPorts().get(distance),
          Integer.toString(network.delayMillis()));
    }
    return new Way(
        relay(open, proxy.plainPort(), network.delayMillis()),
        relay(open, proxy.securePort(), network.delayMillis()),
        relay(open, proxy.tcpPorts().getFirst(), network.delayMillis()),
        "0");
  }

  /** Does all transfers without delay until the JVM has used its CPU time. */
  private void warm(Ready understudy) throws InterruptedException {
    Peer peer = understudy.peer();
    long end = peer.cpuNanos() + roundOptions.warmUp().toNanos();
    Way way = way(List.of(), understudy, new Network(Side.CLIENT, 0));
    while (peer.cpuNanos() < end) {
      for (Transfer transfer : transfers) {
        if (transfer.isFast()) {
          millis(transfer, way, UnderstudyJar.EXPRESS);
        }
      }
    }
  }

  private void measure(Network network, Way haproxy, Way understudy, NetworkReport report)
      throws InterruptedException {
    for (Transfer transfer : transfers) {
      for (int round = 0; round < roundOptions.rounds(); round++) {
        report.add(
            network,
            transfer,
            millis(transfer, haproxy, Haproxy.NAME),
            millis(transfer, understudy, UnderstudyJar.EXPRESS));
      }
      System.err.println(report.line(network, transfer));
    }
  }

  /** NaN: it failed. */
  private static double millis(Transfer transfer, Way way, String proxy)
      throws InterruptedException {
    try {
      return transfer.millis(way);
    } catch (IOException e) {
      System.err.printf(Locale.ROOT, "%s, %s: %s%n", transfer.title(), proxy, e);
      return Double.NaN;
    }
  }

  private static void close(List<AutoCloseable> open) throws IOException {
    for (AutoCloseable each : open.reversed()) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }
}
