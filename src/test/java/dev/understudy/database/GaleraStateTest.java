package dev.understudy.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.DatabaseRole;
import dev.understudy.testing.Rows;
import java.util.HashMap;
import java.util.Map;

class GaleraStateTest {
  // What the node says in the order of the names below, "-" for nothing, then both verdicts.
  @Rows(
      """
      a synced node is good                     | Primary 4 Synced ON                     | good | good
      a donor is good only if donors are wanted | Primary 2 Donor/Desynced ON             | wsrep_local_state is 2 (Donor/Desynced), expected 4 (Synced) | good
      a donor that is blocked is bad            | Primary 2 Donor/Desynced OFF            | wsrep_local_state is 2 (Donor/Desynced), expected 4 (Synced) | wsrep_ready is OFF, expected ON
      a node that gets its data is bad          | Primary 1 Joining OFF                   | wsrep_local_state is 1 (Joining), expected 4 (Synced) | wsrep_local_state is 1 (Joining), expected 4 (Synced) or 2 (Donor/Desynced)
      a node that catches up is bad             | Primary 3 Joined ON                     | wsrep_local_state is 3 (Joined), expected 4 (Synced) | wsrep_local_state is 3 (Joined), expected 4 (Synced) or 2 (Donor/Desynced)
      a node without a quorum is bad            | non-Primary 0 Initialized OFF           | wsrep_cluster_status is non-Primary, expected Primary | wsrep_cluster_status is non-Primary, expected Primary
      a node with Galera off is bad             | Disconnected 0 - OFF                    | wsrep_cluster_status is Disconnected, expected Primary | wsrep_cluster_status is Disconnected, expected Primary
      a synced node that refuses queries is bad | Primary 4 Synced OFF                    | wsrep_ready is OFF, expected ON | wsrep_ready is OFF, expected ON
      a node that does not say it is ready is bad | Primary 4 Synced -                    | wsrep_ready is unknown, expected ON | wsrep_ready is unknown, expected ON
      a node that does not say its state is bad | Primary - - ON                          | wsrep_local_state is unknown, expected 4 (Synced) | wsrep_local_state is unknown, expected 4 (Synced) or 2 (Donor/Desynced)
      a server without Galera is bad            | - - - -                                 | no node of Galera: it has no wsrep_cluster_status | no node of Galera: it has no wsrep_cluster_status
      """)
  void a_node_is_judged_by_its_status_variables(
      String says, String status, String synced, String donorToo) {
    assertThat(verdict(status, DatabaseRole.SYNCED)).isEqualTo(synced);
    assertThat(verdict(status, DatabaseRole.SYNCED_OR_DONOR)).isEqualTo(donorToo);
  }

  private static String verdict(String words, DatabaseRole role) {
    String[] names = {
      "wsrep_cluster_status", "wsrep_local_state", "wsrep_local_state_comment", "wsrep_ready"
    };
    String[] values = words.split(" ", -1);
    Map<String, String> status = new HashMap<>();
    for (int i = 0; i < names.length; i++) {
      if (!values[i].equals("-")) {
        status.put(names[i], values[i]);
      }
    }
    String problem = GaleraState.problem(status, role);
    return problem == null ? "good" : problem;
  }
}
