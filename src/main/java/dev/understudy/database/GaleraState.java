package dev.understudy.database;

import dev.understudy.pool.DatabaseRole;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The state of a node of Galera, from its status variables (MariaDB 10.11, Galera Cluster Status
 * Variables). The first row that applies counts:
 *
 * <table>
 * <caption>Verdicts</caption>
 * <tr><th>variable<th>value<th>synced<th>synced-or-donor
 * <tr><td>{@code wsrep_cluster_status}<td>none: no Galera<td>bad<td>bad
 * <tr><td><td>any but {@code Primary}: without a quorum<td>bad<td>bad
 * <tr><td>{@code wsrep_local_state}<td>2, donor or desynchronized<td>bad<td>as {@code wsrep_ready}
 * <tr><td><td>4, synced<td>as {@code wsrep_ready}<td>as {@code wsrep_ready}
 * <tr><td><td>any other: it gets its data<td>bad<td>bad
 * <tr><td>{@code wsrep_ready}<td>{@code ON}<td>good<td>good
 * <tr><td><td>any other: it refuses queries<td>bad<td>bad
 * </table>
 */
public final class GaleraState {
  private static final String CLUSTER = "wsrep_cluster_status";
  private static final String LOCAL = "wsrep_local_state";
  private static final String WORDS = "wsrep_local_state_comment";
  private static final String READY = "wsrep_ready";
  private static final String UUID = "wsrep_local_state_uuid";
  private static final String COMMITTED = "wsrep_last_committed";

  private static final String DONOR = "2";
  private static final String SYNCED = "4";

  /** The statement for it, which a node answers without a quorum too. */
  public static final String QUERY =
      List.of(CLUSTER, LOCAL, WORDS, READY, UUID, COMMITTED).stream()
          .map(each -> "'" + each + "'")
          .collect(Collectors.joining(",", "SHOW GLOBAL STATUS WHERE Variable_name IN (", ")"));

  private GaleraState() {}

  /**
   * Judges a node.
   *
   * @param status its variables, by their names
   * @param role a state of Galera
   * @return what is wrong, in words that may quote the server; null if nothing
   */
  public static @Nullable String problem(Map<String, String> status, DatabaseRole role) {
    String cluster = status.get(CLUSTER);
    if (cluster == null) {
      return "no node of Galera: it has no wsrep_cluster_status";
    }
    if (!cluster.equals("Primary")) {
      return "wsrep_cluster_status is %s, expected Primary".formatted(cluster);
    }
    String local = status.getOrDefault(LOCAL, "unknown");
    boolean donates = local.equals(DONOR) && role == DatabaseRole.SYNCED_OR_DONOR;
    if (!local.equals(SYNCED) && !donates) {
      String words = status.get(WORDS);
      return "wsrep_local_state is %s%s, expected 4 (Synced)%s"
          .formatted(
              local,
              words == null ? "" : " (" + words + ")",
              role == DatabaseRole.SYNCED_OR_DONOR ? " or 2 (Donor/Desynced)" : "");
    }
    String ready = status.getOrDefault(READY, "unknown");
    return ready.equals("ON") ? null : "wsrep_ready is %s, expected ON".formatted(ready);
  }

  /**
   * How far its data has come, in the form of {@link DataPosition#stored}; null if it does not say.
   */
  public static @Nullable String position(Map<String, String> status) {
    return GtidSet.ofGalera(status.get(UUID), status.get(COMMITTED));
  }

  /** The state of a node without a problem, for people. */
  public static String word(Map<String, String> status) {
    return SYNCED.equals(status.get(LOCAL)) ? "synced" : "donor or desynchronized";
  }
}
