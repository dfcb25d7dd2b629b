package dev.understudy.admin;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a call of a hook would send, or start. What may be a secret is replaced by {@code ***}.
 *
 * @param url null for a command, as {@code body}
 * @param program the name of the program; null for a request
 * @param environment variables beside the usual ones
 * @param problem why it cannot be called, in words that follow "expected"; null if nothing is known
 *     to be wrong
 */
public record HookDocument(
    @Nullable String url,
    Map<String, String> headers,
    @Nullable String body,
    @Nullable String program,
    List<String> arguments,
    Map<String, String> environment,
    @Nullable String problem) {
  /** A POST. */
  public static HookDocument request(String url, Map<String, String> headers, String body) {
    return new HookDocument(url, headers, body, null, List.of(), Map.of(), null);
  }
}
