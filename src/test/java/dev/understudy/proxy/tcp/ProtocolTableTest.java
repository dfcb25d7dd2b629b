package dev.understudy.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.FirstBytes;
import dev.understudy.pool.PoolId;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProtocolTableTest {
  /**
   * What a client sends, the pool that it leads to, the number of bytes after which that is known,
   * and the pool of each part of them that is all that comes.
   */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "tls ssh http | 1603010200 | tls | 2 | - -",
        "tls ssh http | 5353482d322e30 | ssh | 4 | - - - -",
        "tls ssh http | 474554202f20 | http | 5 | - - - - -",
        "tls ssh http | 000e38 | - | 1 | -",
        "ssh | 474554202f20 | - | 1 | -",
        "0x0300 0x03000013 | 0300001300 | 0x03000013 | 4 | - - 0x0300 0x0300",
        "0x0300 0x03000013 | 0300002a00 | 0x0300 | 4 | - - 0x0300 0x0300",
        "0x03000013 0x0300 | 0300002a00 | 0x0300 | 4 | - - 0x0300 0x0300",
        "tls 0x160301 | 1603010200 | 0x160301 | 3 | - - tls",
        "tls 0x160301 | 1603030200 | tls | 3 | - - tls",
        "ssh 0x5353482d322e30 | 5353482d312e3939 | ssh | 5 | - - - - ssh",
        "http 0x47455420 | 474554202f | 0x47455420 | 4 | - - - -",
        "http 0x47455420 | 50555420 2f | http | 5 | - - - - -",
        "http 0x47455420 | 475554202f | http | 5 | - - - - -",
        "0x | 00 | - | 0 |",
      })
  void the_longest_prefix_counts_once_no_longer_one_can(
      String protocols, String hex, String pool, int needed, String parts) {
    ProtocolTable table = table(protocols);
    byte[] sent = HexFormat.of().parseHex(hex.replace(" ", ""));
    for (int length = 0; length <= sent.length; length++) {
      ProtocolTable.Choice choice = table.choose(sent, length, false);
      assertThat(choice.awaitsMore()).as("after %s", length).isEqualTo(length < needed);
      assertThat(choice.pool()).as("after %s", length).isEqualTo(length < needed ? null : id(pool));
      String all = length < needed ? parts.split(" ")[length] : pool;
      assertThat(table.choose(sent, length, true))
          .as("all are %s", length)
          .isEqualTo(new ProtocolTable.Choice(false, id(all)));
    }
  }

  private static PoolId id(String protocol) {
    return protocol.equals("-") ? null : new PoolId("to-" + protocol);
  }

  private static ProtocolTable table(String protocols) {
    Map<FirstBytes, PoolId> table = new LinkedHashMap<>();
    for (String each : protocols.split(" ")) {
      if (!each.equals("0x")) {
        table.put(new FirstBytes(each), id(each));
      }
    }
    return new ProtocolTable(table);
  }
}
