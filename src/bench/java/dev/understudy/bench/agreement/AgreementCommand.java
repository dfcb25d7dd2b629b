package dev.understudy.bench.agreement;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.agreement.quorum.QuorumAgreement;
import dev.understudy.agreement.quorum.QuorumSettings;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.report.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code agreement}. */
@Command(
    name = "agreement",
    description = {
      "From the vote that makes a majority to the last replica that follows, and how far apart the"
          + " replicas do.",
      "The serving servers of all pools refuse connections at once, found by probes alone or by all"
          + " replicas' traffic; the servers are pretended, the register is real. In turn with"
          + " replicas that decide alone."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class AgreementCommand implements Callable<Integer> {
  private static final Duration RENEW = Duration.ofSeconds(2);

  @Option(names = "--replicas", description = "how many")
  private int replicas = 3;

  @Option(names = "--pools", split = ",", description = "how many, one run for each")
  private List<Integer> pools = List.of(1, 100);

  @Option(names = "--rounds", description = "of each kind, after one that does not count")
  private int rounds = 20;

  @Option(names = "--rest", description = "seconds for which writes at rest are counted")
  private int restSeconds = 30;

  @Option(names = "--quick", description = "two rounds")
  private boolean quick;

  @Mixin private final StoreOptions storeOptions = new StoreOptions();

  private double restingWrites = Double.NaN;

  @Override
  public Integer call() throws Exception {
    List<Results> all = new ArrayList<>();
    try (WorkFolder folder = WorkFolder.make();
        Store store = storeOptions.open(folder.path())) {
      for (int count : pools) {
        all.addAll(measure(store, count));
      }
      System.out.printf(
          "%n%s%n%d replicas; %s%n%n", Machine.describe(), replicas, store.description());
    }
    System.out.println(AgreementReport.times(all));
    System.out.println(AgreementReport.ratios(all));
    System.out.println(AgreementReport.goals(all, restingWrites));
    return 0;
  }

  private List<Results> measure(Store store, int poolCount) throws Exception {
    String installation = "bench-" + UUID.randomUUID().toString().substring(0, 8);
    Calls calls = new Calls();
    try (Fleet agreeing =
            new Fleet(
                "replicas that agree",
                replicas,
                poolCount,
                number -> agreement(store, installation, "replica-" + number, calls));
        Fleet alone =
            new Fleet(
                "replicas that decide alone",
                replicas,
                poolCount,
                number -> StandaloneAgreement.inMemory())) {
      agreeing.awaitCalm();
      alone.awaitCalm();
      rest(calls);
      List<Results> all = new ArrayList<>();
      for (Fleet.FoundBy foundBy : Fleet.FoundBy.values()) {
        all.add(rounds(new Results(poolCount, foundBy), agreeing, alone, calls));
      }
      return all;
    } finally {
      store.clear(installation);
    }
  }

  private static Agreement agreement(
      Store store, String installation, String replica, Calls calls) {
    QuorumSettings settings =
        new QuorumSettings(
            replica, UUID.randomUUID().toString(), "", RENEW, QuorumSettings.OnLoss.LOCAL);
    return new QuorumAgreement(
        new CountingRegister(store.open(installation, replica), calls),
        settings,
        RandomGenerator.getDefault(),
        Instant.now());
  }

  /** The worst of all numbers of pools. */
  private void rest(Calls calls) throws InterruptedException {
    int seconds = quick ? Math.min(restSeconds, 10) : restSeconds;
    Calls.Count before = calls.count();
    TimeUnit.SECONDS.sleep(seconds);
    double writes = calls.count().minus(before).writes() / (double) (seconds * replicas);
    restingWrites = Double.isNaN(restingWrites) ? writes : Math.max(restingWrites, writes);
  }

  private Results rounds(Results results, Fleet agreeing, Fleet alone, Calls calls)
      throws InterruptedException {
    for (int round = 0; round <= (quick ? 2 : rounds); round++) {
      Results.Pair pair = round(results.foundBy(), agreeing, alone, calls);
      if (round > 0) {
        results.add(pair);
      }
      System.err.printf(
          "%s, round %d: %.1f ms, skew %.1f; alone %.1f, skew %.1f%n",
          results.title(),
          round,
          Times.longest(pair.agreed().decisions()) / 1e6,
          Times.longest(pair.agreed().skews()) / 1e6,
          Times.longest(pair.alone().decisions()) / 1e6,
          Times.longest(pair.alone().skews()) / 1e6);
    }
    return results;
  }

  private static Results.Pair round(Fleet.FoundBy foundBy, Fleet agreeing, Fleet alone, Calls calls)
      throws InterruptedException {
    agreeing.awaitCalm();
    alone.awaitCalm();
    anyTime();
    Calls.Count before = calls.count();
    Outcome agreed = agreeing.fail(foundBy);
    Calls.Count during = calls.count().minus(before);
    agreeing.mend();
    Outcome lonely = alone.fail(foundBy);
    alone.mend();
    return new Results.Pair(agreed, during, lonely);
  }

  /** So that no failure comes at a certain time after the replicas' last probes and renewals. */
  private static void anyTime() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(200, 2200));
  }
}
