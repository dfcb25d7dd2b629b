package dev.understudy.agreement.etcd;

import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterKey.Kind;
import java.util.Optional;

/** Keys below the prefix: {@code voter/<replica>} and {@code pool/<pool>}. */
final class EtcdKeys {
  private final String prefix;

  EtcdKeys(String prefix) {
    this.prefix = prefix;
  }

  String prefix() {
    return prefix;
  }

  /** The first key after all keys with the prefix. */
  String end() {
    int last = prefix.length() - 1;
    return prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
  }

  String of(RegisterKey key) {
    return prefix + key.kind().word() + "/" + key.name();
  }

  /** Parses a key; empty if it is not one of an entry. */
  Optional<RegisterKey> key(String text) {
    if (!text.startsWith(prefix)) {
      return Optional.empty();
    }
    String rest = text.substring(prefix.length());
    for (Kind kind : Kind.values()) {
      String folder = kind.word() + "/";
      if (rest.startsWith(folder)) {
        String name = rest.substring(folder.length());
        return name.isEmpty() || name.contains("/")
            ? Optional.empty()
            : Optional.of(new RegisterKey(kind, name));
      }
    }
    return Optional.empty();
  }
}
