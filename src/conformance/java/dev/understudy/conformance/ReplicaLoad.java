package dev.understudy.conformance;

import dev.understudy.scenario.Load;
import dev.understudy.scenario.Replica;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A load through one replica, whose orders differ from those through the others. */
final class ReplicaLoad implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(15);
  private static final AtomicInteger IDS = new AtomicInteger(1);

  /** One request through that replica, and what became of it. */
  record Sample(String replica, Load.Sample request) {
    boolean post() {
      return request.post();
    }

    String order() {
      return request.order();
    }

    boolean ok() {
      return request.ok();
    }
  }

  private final String replica;
  private final Load load;

  private ReplicaLoad(String replica, Load load) {
    this.replica = replica;
    this.load = load;
  }

  static ReplicaLoad start(Replica replica) {
    return new ReplicaLoad(
        replica.name(), Load.start(replica.process().port(), PERIOD, IDS, mark(replica)));
  }

  /** One client, which sends GETs and waits for the response to each. */
  static ReplicaLoad oneByOne(Replica replica) {
    return new ReplicaLoad(
        replica.name(), Load.oneByOne(replica.process().port(), IDS, mark(replica)));
  }

  private static String mark(Replica replica) {
    return "X-Replica: " + replica.name();
  }

  String replica() {
    return replica;
  }

  /** The number of responses of that server so far. */
  long responsesOf(String server) {
    return load.answeredBy(server);
  }

  /** The longest time without a good response, from then until now. */
  long longestGapSince(long from) {
    long before = from;
    long longest = 0;
    for (long end :
        load.samples().stream()
            .filter(s -> s.ok() && s.endNanos() - from >= 0)
            .mapToLong(Load.Sample::endNanos)
            .sorted()
            .toArray()) {
      longest = Math.max(longest, end - before);
      before = end;
    }
    return longest;
  }

  /** Sends no more; those under way go on. */
  void stop() {
    load.stop();
  }

  /** Stops, waits for those under way and returns all, in the order of their ends. */
  List<Sample> finish() throws InterruptedException {
    return load.finish().stream()
        .sorted(Comparator.comparingLong(Load.Sample::endNanos))
        .map(sample -> new Sample(replica, sample))
        .toList();
  }

  @Override
  public void close() throws InterruptedException, IOException {
    load.close();
  }
}
