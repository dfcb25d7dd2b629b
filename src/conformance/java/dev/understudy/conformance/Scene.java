package dev.understudy.conformance;

import dev.understudy.conformance.HitLog.Hit;
import dev.understudy.conformance.ReplicaLoad.Sample;
import dev.understudy.conformance.WitnessServer.Death;
import dev.understudy.scenario.Replica;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One row of the fault table under load: what happens, what must follow, and then what the servers'
 * log and the clients' account say of it.
 */
final class Scene implements AutoCloseable {
  private static final long SKEW_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
  private static final int SOME = 20;

  /** Something that is done to the stage. */
  @FunctionalInterface
  interface Step {
    void take() throws Exception;
  }

  private final Stage stage;
  private final @Nullable Death death;
  private final long start;
  private final long epochBefore;
  private final Map<String, ReplicaLoad> loads = new TreeMap<>();
  private final List<ReplicaLoad> ended = new ArrayList<>();
  private final Map<String, Long> lastEvents = new HashMap<>();
  private final Set<String> apart = new TreeSet<>();
  private final Set<String> excused = new TreeSet<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private long acted;
  private long judged;
  private String holder = Stage.MASTER;
  private long expectedEpochs;
  private long worstSkew;
  private long worstSpread;
  private long latestDecision;
  private long longestGap;
  private boolean nothingIsLost;

  /**
   * Begins a row.
   *
   * @param death what is found in the place of the master; null if it is not killed
   */
  Scene(Stage stage, @Nullable Death death) {
    this.stage = stage;
    this.death = death;
    this.start = System.nanoTime();
    this.acted = start;
    this.epochBefore = stage.running().get(0).pool().at("/epoch").asLong();
    for (Replica replica : stage.running()) {
      lastEvents.put(replica.name(), lastEvent(replica));
      join(replica);
    }
    awaitResponses(Stage.MASTER);
  }

  Stage stage() {
    return stage;
  }

  Replica replica(int number) {
    return stage.replica(number);
  }

  void killMaster() throws IOException {
    if (death == null) {
      throw new IllegalStateException("the row does not say how the master dies");
    }
    stage.master().kill(death);
  }

  /** Clients come to that replica. */
  void join(Replica replica) {
    loads.put(replica.name(), ReplicaLoad.start(replica));
  }

  /** From now on a single client comes to each replica, and sends one GET after the other. */
  void oneClientEach() {
    for (Replica replica : stage.running()) {
      end(loads.put(replica.name(), ReplicaLoad.oneByOne(replica)));
    }
    awaitResponses(Stage.MASTER);
  }

  /** No client comes to that replica any more. */
  void leave(Replica replica) {
    lastEvents.remove(replica.name());
    end(loads.remove(replica.name()));
  }

  private void end(ReplicaLoad load) {
    load.stop();
    ended.add(load);
  }

  /** Losses of its clients are allowed; the row's name gives the reason. */
  void excuse(Replica replica) {
    excused.add(replica.name());
  }

  /** It is out of touch, and may go where it wants. */
  void apart(Replica replica) {
    apart.add(replica.name());
    lastEvents.remove(replica.name());
  }

  /** It has to go with the others again, once it has followed. */
  void together(Replica replica) {
    apart.remove(replica.name());
  }

  /** It has followed to that server, and is judged again from its next responses on. */
  void rejoins(Replica replica, String server) throws Exception {
    together(replica);
    awaitResponses(server);
    act(() -> awaitResponses(server));
  }

  private static long lastEvent(Replica replica) {
    return replica.events().stream().mapToLong(event -> event.at("/id").asLong()).max().orElse(0);
  }

  /** Each replica decides alone, and says so in words of its own. */
  void eachTellsItsOwn() {
    lastEvents.clear();
  }

  /** From here on the log is judged. */
  void act(Step step) throws Exception {
    acted = System.nanoTime();
    step.take();
  }

  void note(String note) {
    notes.add(note);
  }

  double sinceActed() {
    return (System.nanoTime() - acted) / 1e6;
  }

  /** All go there, under one new epoch. */
  void movesTo(String server) {
    awaitResponses(server);
    expectedEpochs++;
    Stage.until("those in touch agree on " + server, () -> agree(server));
    judgeMove(server);
  }

  /** The judged state must remain. */
  private void remains(String server) {
    holder = server;
    judged = System.nanoTime();
  }

  /** Nobody goes elsewhere, for that long. */
  void stays(String server, Duration window) {
    long end = System.nanoTime() + window.toNanos();
    Stage.until(
        "the time is over", window.plus(Stage.PATIENCE), () -> System.nanoTime() - end >= 0);
    stays(server);
  }

  /** Nobody went elsewhere. */
  void stays(String server) {
    List<Hit> elsewhere = together().stream().filter(hit -> !hit.server().equals(server)).toList();
    if (!elsewhere.isEmpty()) {
      wrong.add(elsewhere.size() + " requests left " + server + ": " + elsewhere.get(0));
    }
    remains(server);
  }

  /** Expects that many epochs without a move. */
  void epochs(int count) {
    expectedEpochs += count;
  }

  private boolean agree(String server) {
    List<JsonNode> pools =
        stage.running().stream()
            .filter(replica -> !apart.contains(replica.name()))
            .map(Replica::pool)
            .toList();
    return pools.stream()
        .allMatch(
            pool ->
                pool.at("/serving").asString("").equals(server)
                    && pool.at("/epoch").asLong() == pools.get(0).at("/epoch").asLong());
  }

  /** Waits until every replica in touch has had some more responses of that server. */
  void awaitResponses(String server) {
    Map<String, Long> before = new HashMap<>();
    loads.forEach((name, load) -> before.put(name, load.responsesOf(server)));
    Stage.until(
        server + " responds through all replicas in touch",
        () ->
            loads.entrySet().stream()
                .filter(entry -> !apart.contains(entry.getKey()))
                .allMatch(
                    entry ->
                        entry.getValue().responsesOf(server) >= before.get(entry.getKey()) + SOME));
  }

  /** Waits until requests of these replicas carry no epoch: they are out of touch. */
  void awaitOutOfTouch(Collection<Replica> replicas) {
    long from = System.nanoTime();
    Stage.until(
        "out of touch",
        () -> {
          long since = Math.max(from, System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(300));
          return replicas.stream().allMatch(replica -> lastEpoch(replica, since) == -1);
        });
  }

  /** Waits until requests of these replicas carry an epoch again. */
  void awaitInTouch(Collection<Replica> replicas) {
    Stage.until(
        "in touch",
        () -> {
          long since = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(300);
          return replicas.stream().allMatch(replica -> lastEpoch(replica, since) > 0);
        });
  }

  /** The epoch of its newest request since then; -1: it had none; 0: there was no request. */
  private long lastEpoch(Replica replica, long since) {
    long last = 0;
    for (Hit hit : stage.log().since(since)) {
      if (hit.replica().equals(replica.name())) {
        last = hit.epoch();
      }
    }
    return last;
  }

  private List<Hit> together() {
    return stage.log().since(acted).stream().filter(hit -> !apart.contains(hit.replica())).toList();
  }

  long epochsSoFar() {
    return stage.running().get(0).pool().at("/epoch").asLong() - epochBefore;
  }

  /**
   * Expects that for that time no request of that replica reaches a server, after those already
   * sent.
   */
  void holds(Replica replica, Duration window) {
    long from = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
    long end = from + window.toNanos();
    Stage.until("the time is over", () -> System.nanoTime() - end >= 0);
    List<Hit> sent =
        stage.log().since(from).stream()
            .filter(hit -> hit.replica().equals(replica.name()) && hit.nanos() - end < 0)
            .toList();
    if (!sent.isEmpty()) {
      wrong.add(sent.size() + " requests were not held: " + sent.get(0));
    }
  }

  /** Waits until the clients that left that replica have their responses. */
  void awaitEnded(Replica replica) throws InterruptedException {
    for (ReplicaLoad load : ended) {
      if (load.replica().equals(replica.name())) {
        load.finish();
      }
    }
  }

  /** The log line of the move since the last act. */
  void judgeMove(String server) {
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    for (Hit hit : together()) {
      if (hit.server().equals(server)) {
        first = Math.min(first, hit.nanos());
      } else {
        last = Math.max(last, hit.nanos());
      }
    }
    remains(server);
    long skew = last == Long.MIN_VALUE ? 0 : Math.max(0, last - first);
    worstSkew = Math.max(worstSkew, skew);
    latestDecision = Math.max(latestDecision, first - acted);
    if (skew > SKEW_NANOS) {
      wrong.add("two servers for " + skew / 1_000_000 + " ms");
    }
    for (Map.Entry<String, ReplicaLoad> load : loads.entrySet()) {
      if (!apart.contains(load.getKey()) && !excused.contains(load.getKey())) {
        longestGap = Math.max(longestGap, load.getValue().longestGapSince(acted));
      }
    }
  }

  /** Each client that was judged so far had a good response once in that time. */
  void longestGapIsBelow(Duration bound) {
    if (longestGap > bound.toNanos()) {
      wrong.add("no good response for " + longestGap / 1_000_000 + " ms");
    }
  }

  /** No request reached the new server while one could still reach the old one, or was lost. */
  void nothingIsNoticed() {
    if (worstSkew > 0) {
      wrong.add("two servers had requests for " + worstSkew / 1_000 + " us");
    }
    nothingIsLost = true;
  }

  /** Ends the load and judges the whole row; all faults must be repaired before. */
  Measured end(boolean overlapExcused) throws Exception {
    Stage.until("all agree in the end", this::allAgree);
    List<Sample> samples = new ArrayList<>();
    for (ReplicaLoad load : loads.values()) {
      samples.addAll(load.finish());
    }
    for (ReplicaLoad load : ended) {
      samples.addAll(load.finish());
    }
    List<Hit> hits = stage.log().since(start);
    long back =
        together().stream()
            .filter(hit -> hit.nanos() - judged >= 0 && !hit.server().equals(holder))
            .count();
    if (back > 0) {
      wrong.add(back + " requests left " + holder + " afterwards");
    }
    long epochs = epochsSoFar();
    if (epochs != expectedEpochs) {
      wrong.add("expected " + expectedEpochs + " new epochs, found " + epochs);
    }
    long twice = judgeOrders(hits, samples);
    judgeEpochs(hits);
    judgeEvents();
    long lostGets = lost(samples, false, false);
    long lostPosts = lost(samples, true, false);
    if (nothingIsLost && lostPosts > 0) {
      wrong.add(lostPosts + " POSTs lost");
    }
    if (lostGets > 0) {
      wrong.add(lostGets + " GETs lost: " + firstLost(samples));
    }
    if (overlapExcused) {
      wrong.removeIf(what -> what.startsWith("two servers for"));
    }
    return new Measured(
        epochs,
        worstSkew / 1_000_000,
        worstSpread,
        latestDecision / 1_000_000,
        longestGap / 1_000_000,
        lostGets,
        lostPosts,
        lost(samples, false, true) + lost(samples, true, true),
        twice,
        List.copyOf(notes),
        List.copyOf(wrong));
  }

  private boolean allAgree() {
    List<JsonNode> pools = stage.running().stream().map(Replica::pool).toList();
    return pools.stream()
        .allMatch(
            pool ->
                pool.at("/serving").equals(pools.get(0).at("/serving"))
                    && pool.at("/epoch").equals(pools.get(0).at("/epoch")));
  }

  private long lost(List<Sample> samples, boolean posts, boolean ofExcused) {
    return samples.stream()
        .filter(
            sample ->
                !sample.ok()
                    && sample.post() == posts
                    && excused.contains(sample.replica()) == ofExcused)
        .count();
  }

  private String firstLost(List<Sample> samples) {
    return samples.stream()
        .filter(s -> !s.ok() && !s.post() && !excused.contains(s.replica()))
        .findFirst()
        .map(Sample::toString)
        .orElse("");
  }

  private long judgeOrders(List<Hit> hits, List<Sample> samples) {
    Set<String> executed = new HashSet<>();
    List<String> twice = new ArrayList<>();
    for (Hit hit : hits) {
      if (!hit.order().isEmpty() && !executed.add(hit.order())) {
        twice.add(hit.order());
      }
    }
    if (!twice.isEmpty()) {
      wrong.add("executed twice: " + twice);
    }
    for (Sample sample : samples) {
      if (sample.post() && sample.ok() && !executed.contains(sample.order())) {
        wrong.add("confirmed and not executed: " + sample);
      }
    }
    return twice.size();
  }

  /**
   * Each epoch has one server and never decreases at a replica, except for requests already sent.
   */
  private void judgeEpochs(List<Hit> hits) {
    Map<Long, String> servers = new TreeMap<>();
    Map<String, Hit> highest = new HashMap<>();
    for (Hit hit : hits) {
      if (hit.epoch() == HitLog.NO_EPOCH) {
        continue;
      }
      String before = servers.putIfAbsent(hit.epoch(), hit.server());
      if (before != null && !before.equals(hit.server())) {
        wrong.add("epoch " + hit.epoch() + " names " + before + ", but: " + hit);
      }
      Hit high = highest.get(hit.replica());
      if (high == null || hit.epoch() > high.epoch()) {
        highest.put(hit.replica(), hit);
      } else if (hit.epoch() < high.epoch() && hit.nanos() - high.nanos() > SKEW_NANOS) {
        wrong.add("an epoch fell: " + high + ", then " + hit);
      }
    }
  }

  /** The same switches with the same evidence, whichever replica is asked. */
  private void judgeEvents() {
    Map<String, List<JsonNode>> told = new TreeMap<>();
    for (Map.Entry<String, Long> last : lastEvents.entrySet()) {
      Replica replica = replicaNamed(last.getKey());
      Stage.until(
          "the switches that others tell are told by " + replica.name(),
          () -> {
            told.put(replica.name(), switches(replica, last.getValue()));
            return told.get(replica.name()).size() >= told.values().iterator().next().size();
          });
    }
    List<List<String>> words =
        told.values().stream().map(all -> all.stream().map(Scene::words).toList()).toList();
    if (new HashSet<>(words).size() > 1) {
      wrong.add("switches are told in different words: " + told.keySet() + words);
    } else if (!words.isEmpty()) {
      measureSpread(told.values());
      words.get(0).forEach(this::awaitAnnouncement);
    }
  }

  /** By the events' times: all replicas have the same clock here. */
  private void measureSpread(Collection<List<JsonNode>> told) {
    Map<Long, List<Instant>> times = new TreeMap<>();
    for (List<JsonNode> changes : told) {
      for (JsonNode change : changes) {
        times
            .computeIfAbsent(change.at("/epoch").asLong(), epoch -> new ArrayList<>())
            .add(Instant.parse(change.at("/at").asString()));
      }
    }
    for (List<Instant> same : times.values()) {
      long spread = Duration.between(Collections.min(same), Collections.max(same)).toMillis();
      worstSpread = Math.max(worstSpread, spread);
    }
  }

  private void awaitAnnouncement(String change) {
    String epoch = "in epoch " + change.substring(0, change.indexOf(' ')) + ":";
    Stage.until(
        "there is a Kubernetes Event " + epoch,
        () -> stage.kubernetesEvents().stream().anyMatch(text -> text.contains(epoch)));
  }

  private Replica replicaNamed(String name) {
    return stage.replica(Integer.parseInt(name.substring(1)));
  }

  private static List<JsonNode> switches(Replica replica, long after) {
    return replica.events().stream()
        .filter(event -> event.at("/type").asString().equals("switched"))
        .filter(event -> event.at("/id").asLong() > after)
        .toList();
  }

  private static String words(JsonNode event) {
    return "%d %s -> %s, %s by %s: %s"
        .formatted(
            event.at("/epoch").asLong(),
            event.at("/from").asString(""),
            event.at("/to").asString(""),
            event.at("/reason").asString(""),
            event.at("/decidedBy").asString(""),
            event.at("/evidence").asString(""));
  }

  @Override
  public void close() throws Exception {
    for (ReplicaLoad load : loads.values()) {
      load.close();
    }
    for (ReplicaLoad load : ended) {
      load.close();
    }
  }

  /**
   * A row's figures.
   *
   * @param skewMillis for how long two servers got traffic at once
   * @param spreadMillis from the first replica to follow to the last, by their events
   * @param decidedMillis from the fault to the first request at the other server
   * @param gapMillis the longest without a good response at any replica
   * @param wrong what must not be
   */
  record Measured(
      long epochs,
      long skewMillis,
      long spreadMillis,
      long decidedMillis,
      long gapMillis,
      long lostGets,
      long lostPosts,
      long excusedLost,
      long twice,
      List<String> notes,
      List<String> wrong) {}
}
