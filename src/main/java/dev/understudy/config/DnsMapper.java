package dev.understudy.config;

import dev.understudy.pool.DnsSettings;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Maps the {@code dns} section and fills in defaults. */
final class DnsMapper {
  private static final int PORT = 53;

  private DnsMapper() {}

  static DnsSettings map(@Nullable MapNode node, RecordReader reader, Problems problems) {
    DnsSettings read = reader.read(node, DnsSettings.class);
    return node != null && node.get("servers") instanceof ListNode list
        ? new DnsSettings(servers(read.servers(), list, problems), read.hold())
        : read;
  }

  private static List<String> servers(List<String> raw, ListNode list, Problems problems) {
    List<String> servers = new ArrayList<>();
    for (int i = 0; i < Math.min(raw.size(), list.items().size()); i++) {
      String server = server(raw.get(i));
      if (server == null) {
        problems.wrong(
            list.items().get(i), "the address of a name server such as 10.0.0.10:53 or [fd00::53]");
      } else {
        servers.add(server);
      }
    }
    return servers;
  }

  /** The server as {@code ADDRESS:PORT}; null if it is not one. */
  private static @Nullable String server(String text) {
    boolean six = text.startsWith("[");
    int end = six ? text.indexOf(']') : text.indexOf(':');
    String address =
        six ? (end < 0 ? "" : text.substring(1, end)) : end < 0 ? text : text.substring(0, end);
    String rest = end < 0 ? "" : text.substring(six ? end + 1 : end);
    boolean valid = six ? NetUtil.isValidIpV6Address(address) : NetUtil.isValidIpV4Address(address);
    if (!valid || !rest.matches("(:[0-9]{1,5})?")) {
      return null;
    }
    int port = rest.isEmpty() ? PORT : Integer.parseInt(rest.substring(1));
    return port < 1 || port > 65_535 ? null : (six ? "[" + address + "]" : address) + ":" + port;
  }
}
