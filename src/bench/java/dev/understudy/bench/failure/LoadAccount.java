package dev.understudy.bench.failure;

import dev.understudy.scenario.Load;
import dev.understudy.scenario.Load.Sample;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The results of one run's requests.
 *
 * @param lostGets GETs without a response of 200
 * @param lostPosts POSTs without a response of 200; their senders cannot know whether they were
 *     executed
 * @param lostInFlight those of them that a server may have executed: nobody may repeat them
 * @param losses how many were lost by status; 0: the connection broke
 * @param executedTwice POSTs that the servers, together, executed more than once
 * @param forgotten POSTs with a response of 200 that no server executed
 * @param longestGapMillis the longest time without a response
 * @param worstMillis the longest duration of a request, with or without a response
 */
record LoadAccount(
    int requests,
    long lostGets,
    long lostPosts,
    long lostInFlight,
    SortedMap<Integer, Long> losses,
    long executedTwice,
    long forgotten,
    double longestGapMillis,
    double worstMillis) {

  /**
   * @param executed the ids that each server wrote down, all servers in one list
   * @param strikeEndNanos a POST that began before may have reached the server that failed
   */
  static LoadAccount of(List<Sample> samples, List<String> executed, long strikeEndNanos) {
    Set<String> once = new HashSet<>();
    Set<String> twice =
        executed.stream().filter(order -> !once.add(order)).collect(Collectors.toSet());
    List<Sample> posts = samples.stream().filter(Sample::post).toList();
    List<Sample> lostPosts = posts.stream().filter(s -> !s.ok()).toList();
    return new LoadAccount(
        samples.size(),
        samples.stream().filter(s -> !s.post() && !s.ok()).count(),
        lostPosts.size(),
        lostPosts.stream()
            .filter(s -> s.startNanos() - strikeEndNanos < 0 || once.contains(s.order()))
            .count(),
        samples.stream()
            .filter(s -> !s.ok())
            .collect(Collectors.groupingBy(Sample::status, TreeMap::new, Collectors.counting())),
        posts.stream().filter(s -> twice.contains(s.order())).count(),
        posts.stream().filter(s -> s.ok() && !once.contains(s.order())).count(),
        Load.longestGapMillis(samples),
        Load.worstMillis(samples));
  }

  /** Requests that were lost although repeating them could have done no harm. */
  long lostForNothing() {
    return lost() - lostInFlight;
  }

  long lost() {
    return lostGets + lostPosts;
  }
}
