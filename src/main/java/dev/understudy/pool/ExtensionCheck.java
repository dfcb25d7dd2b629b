package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import java.util.Map;

/**
 * A probe by a check of the directory of extensions.
 *
 * @param arguments what the check gets besides the server
 */
public record ExtensionCheck(
    String name, Map<String, String> arguments, @Inline CheckConnection connection)
    implements Check {
  public ExtensionCheck {
    arguments = Map.copyOf(arguments);
  }

  /** Without the arguments' values. */
  @Override
  public String toString() {
    return "ExtensionCheck[name=%s, arguments=%s, %s]"
        .formatted(name, arguments.keySet(), connection);
  }
}
