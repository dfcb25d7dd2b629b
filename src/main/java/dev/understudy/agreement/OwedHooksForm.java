package dev.understudy.agreement;

import com.fasterxml.jackson.annotation.JsonInclude;
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
    @Nullable Boolean pin,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer passed) {
  /** The form; null if nothing is owed. */
  public static @Nullable OwedHooksForm of(OwedHooks owed) {
    if (owed.equals(OwedHooks.NONE)) {
      return null;
    }
    Map<String, Instant> demote = new TreeMap<>();
    owed.demote().forEach((server, since) -> demote.put(server.value(), since));
    return new OwedHooksForm(
        ServerId.text(owed.from()),
        demote,
        ServerId.text(owed.promote()),
        owed.pin(),
        owed.passed() == 0 ? null : owed.passed());
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
    if (demote.containsValue(null)) {
      throw new IllegalArgumentException("an owed hook without its time");
    }
    boolean pin = form.pin != null && form.pin;
    int passed = form.passed == null ? 0 : form.passed;
    return new OwedHooks(
        ServerId.ofText(form.from), demote, ServerId.ofText(form.promote), pin, passed);
  }
}
