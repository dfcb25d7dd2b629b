package dev.understudy.proxy.tcp;

import dev.understudy.pool.FirstBytes;
import dev.understudy.pool.FirstBytes.Match;
import dev.understudy.pool.PoolId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds a listener's pool by what a client sends first: the longest prefix that fits, then the
 * protocol with a name, of which one fits at most. A longer prefix that may still fit is awaited.
 */
final class ProtocolTable {
  /**
   * What the bytes so far lead to.
   *
   * @param awaitsMore whether more bytes may change that
   * @param pool null: none so far
   */
  record Choice(boolean awaitsMore, @Nullable PoolId pool) {}

  private static final Choice MORE = new Choice(true, null);
  private static final Choice NONE = new Choice(false, null);

  private static final class Row {
    private final FirstBytes protocol;
    private final byte[] prefix;
    private final Choice choice;

    Row(FirstBytes protocol, PoolId pool) {
      this.protocol = protocol;
      prefix = protocol.isPrefix() ? protocol.bytes() : new byte[0];
      choice = new Choice(false, pool);
    }

    int length() {
      return prefix.length;
    }

    Match match(byte[] sent, int length) {
      return protocol.isPrefix()
          ? FirstBytes.match(prefix, sent, length)
          : protocol.match(sent, length);
    }
  }

  private final List<Row> rows;

  ProtocolTable(Map<FirstBytes, PoolId> protocols) {
    rows =
        protocols.entrySet().stream()
            .map(each -> new Row(each.getKey(), each.getValue()))
            .sorted(Comparator.comparingInt(Row::length).reversed())
            .toList();
  }

  /**
   * Finds the pool of a client.
   *
   * @param sent its first bytes
   * @param length how many have arrived, {@link FirstBytes#DECIDING} at most
   * @param isComplete whether no more are awaited
   */
  Choice choose(byte[] sent, int length, boolean isComplete) {
    for (Row row : rows) {
      Match match = row.match(sent, length);
      if (match == Match.YES) {
        return row.choice;
      }
      if (match == Match.MORE && !isComplete) {
        return MORE;
      }
    }
    return NONE;
  }
}
