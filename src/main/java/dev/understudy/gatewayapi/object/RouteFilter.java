package dev.understudy.gatewayapi.object;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A filter of a rule or a backend. */
public sealed interface RouteFilter {
  /** A header field. */
  record Field(String name, String value) {}

  /** Changes header fields of the request, or of the response. */
  record Headers(boolean ofResponse, List<Field> set, List<Field> add, List<String> remove)
      implements RouteFilter {
    public Headers {
      set = List.copyOf(set);
      add = List.copyOf(add);
      remove = List.copyOf(remove);
    }
  }

  /**
   * Another path.
   *
   * @param prefixOnly whether it replaces the prefix that matched, else the whole path
   */
  record PathChange(boolean prefixOnly, String value) {}

  /**
   * Redirects; null stands for what the request has.
   *
   * @param port null: the scheme's own if there is a scheme, else the listener's
   */
  record Redirect(
      @Nullable String scheme,
      @Nullable String hostname,
      @Nullable Integer port,
      @Nullable PathChange path,
      int status)
      implements RouteFilter {}

  /** Changes host or path of the request that the server gets. */
  record Rewrite(@Nullable String hostname, @Nullable PathChange path) implements RouteFilter {}

  /** A filter that is not supported, by its type. */
  record Unsupported(String type) implements RouteFilter {}
}
