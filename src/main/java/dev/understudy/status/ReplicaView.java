package dev.understudy.status;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All pools as one replica sees them.
 *
 * @param document {@code GET /api/overview}
 * @param pools worst first, then by name
 */
public record ReplicaView(JsonValue document, List<PoolView> pools) {
  private static final Comparator<PoolView> WORST_FIRST =
      Comparator.comparingLong(PoolView::severity).reversed().thenComparing(PoolView::name);

  /** Whether a document has pools. */
  public static boolean isIn(JsonValue document) {
    return document.at("pools").isArray()
        && document.at("pools").list().stream().allMatch(PoolView::isIn);
  }

  /** The view that a document of {@code GET /api/overview} gives. */
  public static ReplicaView of(JsonValue document) {
    return new ReplicaView(
        document,
        document.at("pools").list().stream().map(PoolView::new).sorted(WORST_FIRST).toList());
  }

  /** The time of the document by the replica's clock; null if it has none. */
  public @Nullable String now() {
    return document.at("now").text();
  }

  /** Its name; {@code replica} if it has none. */
  public String replica() {
    return document.at("replica").text("replica");
  }

  private long count(PoolCondition condition) {
    return pools.stream().filter(pool -> pool.condition() == condition).count();
  }

  /** The worst condition; well if there are no pools. */
  public PoolCondition worst() {
    return pools.stream()
        .map(PoolView::condition)
        .max(Comparator.naturalOrder())
        .orElse(PoolCondition.WELL);
  }

  /** {@code 200 pools: 198 well, 1 degraded, 1 nobody}. */
  public String counts() {
    long maintenance = count(PoolCondition.MAINTENANCE);
    long unknown = count(PoolCondition.UNKNOWN);
    return pools.size()
        + (pools.size() == 1 ? " pool: " : " pools: ")
        + count(PoolCondition.WELL)
        + " well, "
        + count(PoolCondition.DEGRADED)
        + " degraded, "
        + count(PoolCondition.NOBODY)
        + " nobody"
        + (maintenance == 0 ? "" : ", " + maintenance + " in maintenance")
        + (unknown == 0 ? "" : ", " + unknown + " unknown");
  }

  /** Whether the last dynamic file is not in force. */
  public boolean isFileRefused() {
    return document.at("config").at("rejected").flag();
  }

  /** The sentence that what was set is in memory only; null if it is not. */
  private @Nullable String unwritten() {
    return document.at("alarms").list().stream()
        .filter(alarm -> alarm.at("kind").text("").equals("state-unwritten"))
        .map(alarm -> alarm.at("message").text(""))
        .findFirst()
        .orElse(null);
  }

  /**
   * The exit status of {@code status}: a replica with a refused file is not well, nor is one whose
   * state file cannot be written.
   */
  public int exitStatus() {
    boolean well = !isFileRefused() && unwritten() == null;
    return Math.max(worst().exitStatus(), well ? 0 : PoolCondition.DEGRADED.exitStatus());
  }

  /** {@code checks are late: 37 of 400 servers, one of them not checked for 14s; …}. */
  private String late(JsonValue checks) {
    Double stretch = checks.at("stretch").number();
    return String.format(
        Locale.ROOT,
        "checks are late: %d of %d servers, one of them not checked for %s%s",
        checks.at("late").whole(),
        checks.at("servers").whole(),
        AgeText.of(checks.at("oldest").text(), now()),
        stretch == null || stretch == 1
            ? ""
            : String.format(Locale.ROOT, "; intervals are %.2f times as long", stretch));
  }

  /** What is wrong with the replica itself, as sentences. */
  public List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    if (isFileRefused()) {
      long problems = document.at("config").at("problems").whole();
      remarks.add(
          "the last file was refused, the one before is in force: "
              + problems
              + (problems == 1 ? " problem" : " problems"));
    }
    String unwritten = unwritten();
    if (unwritten != null) {
      remarks.add(unwritten);
    }
    JsonValue checks = document.at("checks");
    if (checks.at("late").whole() > 0) {
      remarks.add(late(checks));
    }
    JsonValue agreement = document.at("agreement");
    if (agreement.isObject() && !agreement.at("contact").flag()) {
      remarks.add("this replica is out of touch with the others: see GET /api/agreement");
    }
    return remarks;
  }
}
