package dev.understudy.database;

import dev.understudy.failover.Lag.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Transactions by their global identifiers, in intervals of numbers from one source each.
 *
 * <table>
 * <caption>What counts as a source</caption>
 * <tr><th>server<th>text<th>source<th>numbers
 * <tr><td>MySQL, {@code gtid_executed} (MySQL 8.4, 19.1.3)<td>{@code UUID:1-5:7,UUID:tag:1}<td>the
 *     UUID, with its tag<td>the intervals
 * <tr><td>MariaDB, {@code gtid_current_pos}<td>{@code 0-1-270,1-2-5}: domain, server, number<td>the
 *     domain<td>from 1
 * <tr><td>Galera, {@code wsrep_local_state_uuid} and {@code wsrep_last_committed}<td>{@code
 *     UUID:1-270}<td>the cluster's UUID<td>from 1
 * </table>
 *
 * @param sources the intervals of each, in order and apart
 * @param text as the server has it
 */
public record GtidSet(Map<String, List<Interval>> sources, String text) implements DataPosition {
  private static final String PREFIX = "gtid ";
  private static final Pattern MARIADB = Pattern.compile("(\\d{1,10})-\\d{1,10}-(\\d{1,18})");
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final Pattern TAG = Pattern.compile("[a-z_][a-z0-9_]{0,31}");
  private static final Pattern INTERVAL = Pattern.compile("(\\d{1,18})(?:-(\\d{1,18}))?");

  /** Numbers, both ends included. */
  public record Interval(long first, long last) {}

  public GtidSet {
    sources = Map.copyOf(sources);
  }

  /**
   * The stored form of what a server says.
   *
   * @return null if it says no transaction, more than {@value DataPosition#MAX_TEXT} characters of
   *     them, or anything else
   */
  public static @Nullable String stored(String said) {
    if (said.length() > MAX_TEXT) {
      return null;
    }
    GtidSet set = ofStored(PREFIX + said.replaceAll("\\s", "").toLowerCase(Locale.ROOT));
    return set == null ? null : set.stored();
  }

  /** The stored form of a node of Galera; null if it does not say where it is. */
  static @Nullable String ofGalera(@Nullable String cluster, @Nullable String committed) {
    return cluster == null || committed == null ? null : stored(cluster + ":1-" + committed);
  }

  static @Nullable GtidSet ofStored(String stored) {
    if (!stored.startsWith(PREFIX)) {
      return null;
    }
    String text = stored.substring(PREFIX.length());
    Map<String, List<Interval>> sources = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      if (!read(part, sources)) {
        return null;
      }
    }
    sources.replaceAll((source, intervals) -> joined(intervals));
    return new GtidSet(sources, text);
  }

  private static boolean read(String part, Map<String, List<Interval>> to) {
    Matcher mariadb = MARIADB.matcher(part);
    if (mariadb.matches()) {
      return add(mariadb.group(1), "1-" + mariadb.group(2), to);
    }
    String[] words = part.split(":", -1);
    if (words.length < 2 || !UUID.matcher(words[0]).matches()) {
      return false;
    }
    String source = words[0];
    boolean any = false;
    for (int i = 1; i < words.length; i++) {
      if (TAG.matcher(words[i]).matches()) {
        source = words[0] + ":" + words[i];
      } else if (add(source, words[i], to)) {
        any = true;
      } else {
        return false;
      }
    }
    return any;
  }

  private static boolean add(String source, String numbers, Map<String, List<Interval>> to) {
    Matcher ends = INTERVAL.matcher(numbers);
    if (!ends.matches()) {
      return false;
    }
    long first = Long.parseLong(ends.group(1));
    long last = ends.group(2) == null ? first : Long.parseLong(ends.group(2));
    if (last >= first) {
      to.computeIfAbsent(source, any -> new ArrayList<>()).add(new Interval(first, last));
    }
    return true;
  }

  private static List<Interval> joined(List<Interval> intervals) {
    List<Interval> joined = new ArrayList<>();
    intervals.sort(Comparator.comparingLong(Interval::first));
    for (Interval each : intervals) {
      Interval before = joined.isEmpty() ? null : joined.getLast();
      if (before != null && each.first <= before.last + 1) {
        joined.removeLast();
        joined.add(new Interval(before.first, Math.max(before.last, each.last)));
      } else {
        joined.add(each);
      }
    }
    return List.copyOf(joined);
  }

  @Override
  public Unit unit() {
    return Unit.TRANSACTIONS;
  }

  @Override
  public OptionalLong lacks(DataPosition other) {
    if (!(other instanceof GtidSet that)) {
      return OptionalLong.empty();
    }
    long missing = 0;
    for (Map.Entry<String, List<Interval>> each : that.sources.entrySet()) {
      List<Interval> here = sources.getOrDefault(each.getKey(), List.of());
      for (Interval wanted : each.getValue()) {
        missing += wanted.last - wanted.first + 1 - common(wanted, here);
      }
    }
    return OptionalLong.of(missing);
  }

  private static long common(Interval wanted, List<Interval> here) {
    long common = 0;
    for (Interval each : here) {
      long first = Math.max(each.first, wanted.first);
      long last = Math.min(each.last, wanted.last);
      common += Math.max(0, last - first + 1);
    }
    return common;
  }

  @Override
  public String stored() {
    return PREFIX + text;
  }

  @Override
  public String toString() {
    return text;
  }
}
