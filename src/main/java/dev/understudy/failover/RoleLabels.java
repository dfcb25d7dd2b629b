package dev.understudy.failover;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What role labels of Pods add to the evidence of probes. Labels are what an operator of databases
 * last wrote, and lag behind or stay on servers that it cannot reach: to route by them alone leads
 * to stale primaries (cloudnative-pg#10403, #10409). So a label never makes a server usable; it can
 * only speak against one, as a stale claim does ({@link RoleEvidence}). The first row that fits:
 *
 * <table>
 * <caption>One server</caption>
 * <tr><th>probe<th>label<th>condition<th>result
 * <tr><td>not UP<td>any<td><td>not usable: by its health alone
 * <tr><td>UP<td>says that it has the role, or is not known<td><td>as without a label
 * <tr><td>UP<td>says that it has not<td>checks do not {@link Pool#provesRole prove} the role<td>not
 *     usable: the probe shows that it responds, and only the label says in which role
 * <tr><td>UP<td>says that it has not<td>checks prove the role, and another server with it is UP,
 *     not stale, and labelled with the role<td>not usable: of two primaries the one that both
 *     probe and label name
 * <tr><td>UP<td>says that it has not<td>checks prove the role otherwise<td>usable: it was promoted
 *     and its label is not written yet, or nobody is left to write it
 * </table>
 *
 * <p>An operator's switch to a server that is not usable for its label alone is carried out.
 */
public final class RoleLabels {
  private RoleLabels() {}

  /**
   * The candidates; those whose labels contradict their role are marked.
   *
   * @param seen as probes and {@link RoleEvidence} have them
   * @param labels of the servers whose labels are known
   */
  public static Map<ServerId, Candidate> mark(
      Pool pool, Map<ServerId, Candidate> seen, Map<ServerId, PodLabel> labels) {
    if (labels.isEmpty()) {
      return seen;
    }
    boolean labelledIsUp =
        seen.entrySet().stream()
            .anyMatch(
                each -> {
                  PodLabel label = labels.get(each.getKey());
                  return label != null && label.affirms() && each.getValue().fit();
                });
    if (pool.provesRole() && !labelledIsUp) {
      return seen;
    }
    Map<ServerId, Candidate> marked = new LinkedHashMap<>(seen);
    marked.replaceAll(
        (id, candidate) -> {
          PodLabel label = labels.get(id);
          return label == null || label.affirms() || candidate.status() != HealthStatus.UP
              ? candidate
              : candidate.contradicted(label.text());
        });
    return marked;
  }
}
