package dev.understudy.assembly;

import dev.understudy.handover.TableText;
import dev.understudy.health.CircuitPenalty;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.KnownServer;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of servers, as text for the next process: a row for each server. */
final class ServerTable {
  private static final String FORM = "servers";
  private static final int VERSION = 1;
  private static final int WORDS = 5;
  private static final int WORDS_WITH_CIRCUIT = 9;
  private static final String NONE = "-";

  private ServerTable() {}

  static String text(List<KnownServer> servers) {
    TableText table = new TableText(FORM, VERSION);
    for (KnownServer each : servers) {
      List<String> words = new ArrayList<>(WORDS_WITH_CIRCUIT);
      words.add(TableText.word(each.pool().value()));
      words.add(TableText.word(each.server().value()));
      words.add(each.status().name());
      words.add(each.since().toString());
      words.add(TableText.word(each.evidence()));
      KnownServer.Circuit circuit = each.circuit();
      if (circuit != null) {
        Instant until = circuit.penalty().until();
        words.add(Integer.toString(circuit.penalty().openings()));
        words.add(until == null ? NONE : until.toString());
        words.add(Boolean.toString(circuit.open()));
        words.add(TableText.word(circuit.evidence()));
      }
      if (!table.add(String.join(" ", words))) {
        break;
      }
    }
    return table.text();
  }

  /**
   * @param text null if there is no such table
   */
  static List<KnownServer> read(@Nullable String text) {
    List<KnownServer> servers = new ArrayList<>();
    TableText.read(FORM, VERSION, text, words -> servers.add(server(words)));
    return servers;
  }

  private static KnownServer server(List<String> words) {
    return new KnownServer(
        new PoolId(TableText.textOf(words.get(0))),
        new ServerId(TableText.textOf(words.get(1))),
        HealthStatus.valueOf(words.get(2)),
        Instant.parse(words.get(3)),
        TableText.textOf(words.get(4)),
        words.size() < WORDS_WITH_CIRCUIT ? null : circuit(words.subList(WORDS, words.size())));
  }

  private static KnownServer.Circuit circuit(List<String> words) {
    Instant until = words.get(1).equals(NONE) ? null : Instant.parse(words.get(1));
    return new KnownServer.Circuit(
        new CircuitPenalty(Integer.parseInt(words.get(0)), until),
        Boolean.parseBoolean(words.get(2)),
        TableText.textOf(words.get(3)));
  }
}
