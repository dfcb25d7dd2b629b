package dev.understudy.agreement.kubernetes;

import dev.understudy.agreement.register.RegisterKey;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** UIDs of the existing Leases, by which {@code kubectl describe} finds their Events. */
final class KnownUids {
  private final LeaseFormat format;
  private Map<RegisterKey, String> uids = new HashMap<>();

  KnownUids(LeaseFormat format) {
    this.format = format;
  }

  void put(RegisterKey key, JsonNode lease) {
    uids.put(key, LeaseFormat.uid(lease));
  }

  void remove(RegisterKey key) {
    uids.remove(key);
  }

  /** Takes the UIDs of a list of Leases, and drops all others. */
  void replace(JsonNode list) {
    uids = new HashMap<>();
    for (JsonNode lease : list.path("items")) {
      RegisterKey key = format.key(lease);
      if (key != null) {
        put(key, lease);
      }
    }
  }

  /** The UID of an entry's Lease; empty if it is not known. */
  String of(RegisterKey key) {
    return uids.getOrDefault(key, "");
  }
}
