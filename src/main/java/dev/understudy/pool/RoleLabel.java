package dev.understudy.pool;

/**
 * A label of Pods as the server that has the role should have it: {@code
 * cnpg.io/instanceRole=primary}.
 *
 * @param key its name, with a prefix or without
 * @param value its value at the server that has the role
 */
public record RoleLabel(String key, String value) {
  /** Names and values of labels, as Kubernetes has them; a value is not empty. */
  static final String REGEX =
      "([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
          + "=[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";

  /** Parses a text of the form {@link TextFormat#POD_LABEL}. */
  public static RoleLabel parse(String text) {
    int equals = text.indexOf('=');
    return new RoleLabel(text.substring(0, equals), text.substring(equals + 1));
  }

  /** The label with another value. */
  public String with(String other) {
    return key + "=" + other;
  }

  @Override
  public String toString() {
    return with(value);
  }
}
