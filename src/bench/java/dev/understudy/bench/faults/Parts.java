package dev.understudy.bench.faults;

import java.util.List;

/** The names of an installation's parts. */
final class Parts {
  /** The master first. */
  static final List<String> SERVERS = List.of("sen2", "sen1");

  static final List<String> REPLICAS = List.of("r1", "r2", "r3");

  /** A replica and a server: {@code r1-sen2}. */
  static final List<String> PAIRS =
      REPLICAS.stream()
          .flatMap(replica -> SERVERS.stream().map(server -> replica + "-" + server))
          .toList();

  private Parts() {}
}
