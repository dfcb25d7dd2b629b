package dev.understudy.agreement;

import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The JSON form of {@link OwedHooks}, in state files and in registers. */
public record OwedHooksForm(
    @Nullable String from,
    @Nullable Map<String, Instant> demote,
    @Nullable String promote,
    @Nullable Boolean pin) {
  /** The form; null if nothing is owed. */
  public static @Nullable OwedHooksForm of(OwedHooks owed) {
    if (owed.equals(OwedHooks.NONE)) {
      return null;
    }
    Map<String, Instant> demote = new TreeMap<>();
    owed.demote().forEach((server, since) -> demote.put(server.value(), since));
    return new OwedHooksForm(name(owed.from()), demote, name(owed.promote()), owed.pin());
  }

  /**
   * What is owed.
   *
   * @throws IllegalArgumentException if a value is impossible
   */
  public static OwedHooks value(@Nullable OwedHooksForm form) {
    if (form == null) {
      return OwedHooks.NONE;
    }
    Map<ServerId, Instant> demote = new HashMap<>();
    if (form.demote != null) {
      form.demote.forEach((server, since) -> demote.put(new ServerId(server), since));
    }
    boolean pin = form.pin != null && form.pin;
    return new OwedHooks(server(form.from), demote, server(form.promote), pin);
  }

  private static @Nullable String name(@Nullable ServerId server) {
    return server == null ? null : server.value();
  }

  private static @Nullable ServerId server(@Nullable String name) {
    return name == null ? null : new ServerId(name);
  }
}
