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
 * What became of the requests of one run.
 *
 * @param lostGets not answered with 200
 * @param lostPosts not answered with 200; their senders can't know whether they were executed
 * @param losses how many were lost by status; 0: the connection broke
 * @param executedTwice POSTs that the servers, together, executed more than once
 * @param forgotten POSTs that were answered with 200 and that no server executed
 * @param longestGapMillis the longest time in which nobody was answered
 * @param worstMillis the longest that one request took to its end, answered or not
 */
record LoadAccount(
    int requests,
    long lostGets,
    long lostPosts,
    SortedMap<Integer, Long> losses,
    long executedTwice,
    long forgotten,
    double longestGapMillis,
    double worstMillis) {

  /**
   * @param executed the ids that each server wrote down, all servers in one list
   */
  static LoadAccount of(List<Sample> samples, List<String> executed) {
    Set<String> once = new HashSet<>();
    Set<String> twice =
        executed.stream().filter(order -> !once.add(order)).collect(Collectors.toSet());
    List<Sample> posts = samples.stream().filter(Sample::post).toList();
    return new LoadAccount(
        samples.size(),
        samples.stream().filter(s -> !s.post() && !s.ok()).count(),
        posts.stream().filter(s -> !s.ok()).count(),
        samples.stream()
            .filter(s -> !s.ok())
            .collect(Collectors.groupingBy(Sample::status, TreeMap::new, Collectors.counting())),
        posts.stream().filter(s -> twice.contains(s.order())).count(),
        posts.stream().filter(s -> s.ok() && !once.contains(s.order())).count(),
        Load.longestGapMillis(samples),
        Load.worstMillis(samples));
  }

  long lost() {
    return lostGets + lostPosts;
  }
}
