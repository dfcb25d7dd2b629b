package dev.understudy.bench.network;

import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Spread;
import dev.understudy.bench.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The times of transfers, and what they are of HAProxy's. */
final class NetworkReport {
  private static final double MUST = 1.2;
  private static final double AIM = 1.0;

  /** Uploads over HTTP/2 of our own over HTTP/1.1, both over TLS. */
  private static final double MUST_OF_HTTP1 = 2;

  private static final double AIM_OF_HTTP1 = 1.2;

  /**
   * One transfer in one network, round by round, in milliseconds; NaN: it failed.
   *
   * @param haproxy HAProxy's times
   * @param understudy ours
   */
  private record Times(List<Double> haproxy, List<Double> understudy) {
    Times() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    Spread ratio() {
      return Spread.of(
          IntStream.range(0, haproxy.size())
              .mapToDouble(i -> understudy.get(i) / haproxy.get(i))
              .filter(Double::isFinite));
    }

    static double median(List<Double> values) {
      return Spread.of(values.stream().mapToDouble(Double::doubleValue).filter(Double::isFinite))
          .median();
    }

    String text() {
      return "%s / %s = %s"
          .formatted(
              number(median(understudy)),
              number(median(haproxy)),
              Spread.number(ratio().median(), 2));
    }

    /** Ours, one by one. */
    String rounds() {
      return understudy.stream().map(Times::number).collect(Collectors.joining(" "));
    }

    private static String number(double millis) {
      return Spread.number(millis, millis < 10 ? 2 : 0);
    }
  }

  private final Map<Network, Map<Transfer, Times>> all = new LinkedHashMap<>();

  void add(Network network, Transfer transfer, double haproxy, double understudy) {
    Times times =
        all.computeIfAbsent(network, key -> new LinkedHashMap<>())
            .computeIfAbsent(transfer, key -> new Times());
    times.haproxy().add(haproxy);
    times.understudy().add(understudy);
  }

  /** The result so far. */
  String line(Network network, Transfer transfer) {
    Times times = all.get(network).get(transfer);
    return "%s: %s: %s; ours %s"
        .formatted(network.title(), transfer.title(), times.text(), times.rounds());
  }

  /** A row for each transfer, a column for each network. */
  String table() {
    List<String> head = new ArrayList<>(List.of("ms: Understudy / HAProxy = ratio"));
    all.keySet().forEach(network -> head.add(network.title()));
    Table table = new Table(head.toArray(String[]::new));
    for (Transfer transfer : all.values().iterator().next().keySet()) {
      List<String> row = new ArrayList<>(List.of(transfer.title()));
      all.values().forEach(transfers -> row.add(transfers.get(transfer).text()));
      table.add(row.toArray(String[]::new));
    }
    return table.toString();
  }

  /** The worst ratio in each network with a delay, and HTTP/2 beside HTTP/1.1. */
  List<Goal> goals() {
    List<Goal> goals = new ArrayList<>();
    all.forEach(
        (network, transfers) -> {
          if (network.delayMillis() > 0) {
            goals.add(worst(network, transfers));
            goals.add(upload(network, transfers));
          }
        });
    return goals;
  }

  private static Goal worst(Network network, Map<Transfer, Times> transfers) {
    Map.Entry<Transfer, Times> worst =
        transfers.entrySet().stream()
            .filter(entry -> Double.isFinite(entry.getValue().ratio().median()))
            .max(
                Map.Entry.comparingByValue(
                    java.util.Comparator.comparingDouble(times -> times.ratio().median())))
            .orElse(null);
    String name = network.title() + ": the worst, of HAProxy's time";
    return worst == null
        ? new Goal(name, MUST, AIM, Double.NaN, "x")
        : new Goal(
            name + " (" + worst.getKey().title() + ")",
            MUST,
            AIM,
            worst.getValue().ratio().median(),
            "x");
  }

  private static Goal upload(Network network, Map<Transfer, Times> transfers) {
    Times http2 = transfers.getOrDefault(Transfer.HTTP2_UP, new Times());
    Times http1 = transfers.getOrDefault(Transfer.TLS_UP, new Times());
    return new Goal(
        network.title() + ": 10 MB up over HTTP/2, of our HTTP/1.1",
        MUST_OF_HTTP1,
        AIM_OF_HTTP1,
        Times.median(http2.understudy()) / Times.median(http1.understudy()),
        "x");
  }
}
