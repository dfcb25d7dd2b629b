package dev.understudy.bench.fuzz;

import dev.understudy.FuzzedProxy;
import dev.understudy.bench.WorkFolder;
import dev.understudy.fuzz.Campaign;
import dev.understudy.fuzz.Fuzz;
import dev.understudy.fuzz.Http1Fuzz;
import dev.understudy.fuzz.Http2Fuzz;
import dev.understudy.fuzz.StrictServer;
import io.netty.util.ResourceLeakDetector;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code fuzz}: the fuzz tests, for longer than a few seconds. */
@Command(
    name = "fuzz",
    description =
        "Random and damaged HTTP/1 and HTTP/2 in both lanes, judged by strict readers; ends with 1"
            + " if anything was found.",
    mixinStandardHelpOptions = true)
public final class FuzzCommand implements Callable<Integer> {
  private enum Protocol {
    HTTP1,
    TLS,
    HTTP2
  }

  @Option(
      names = "--minutes",
      defaultValue = "10",
      description = "How long for each protocol; default ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(
      names = "--seed",
      description = "The first; the next scripts have the next numbers; default: a random one.")
  private long seed = new Random().nextInt(Integer.MAX_VALUE);

  @Option(
      names = "--protocol",
      split = ",",
      description = "Of ${COMPLETION-CANDIDATES}; default: all.")
  private Protocol[] protocols = Protocol.values();

  @Override
  public Integer call() throws Exception {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    boolean good = true;
    for (Protocol protocol : protocols) {
      try (WorkFolder folder = WorkFolder.make()) {
        good &= fuzz(protocol, folder.path());
      }
    }
    System.out.println(good ? "fuzz: passed" : "fuzz: FAILED");
    return good ? 0 : 1;
  }

  private boolean fuzz(Protocol protocol, Path folder) throws Exception {
    System.out.printf("%s: from seed %d%n", protocol, seed);
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
    Campaign campaign = new Campaign(found -> System.out.println(found + "\n"));
    try (StrictServer server = new StrictServer();
        FuzzedProxy proxy = new FuzzedProxy(folder, protocol != Protocol.HTTP1, server.port())) {
      Fuzz fuzz =
          protocol == Protocol.HTTP2
              ? new Http2Fuzz(proxy, server)
              : new Http1Fuzz(proxy, server, protocol == Protocol.TLS);
      MemoryWatch watched = new MemoryWatch(fuzz);
      campaign.run(watched, seed, next -> System.nanoTime() - end < 0);
      System.out.printf("%s: %s%n", protocol, watched);
    }
    System.out.printf(
        "%s: %d scripts, %d kinds of failures%n",
        protocol, campaign.played(), campaign.failures().size());
    return campaign.failures().isEmpty();
  }
}
