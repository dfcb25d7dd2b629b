package dev.understudy.gatewayapi.object;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request must have.
 *
 * @param method null for any
 */
public record Match(
    PathMatch path, @Nullable String method, List<FieldMatch> headers, List<FieldMatch> query) {
  /** Every request. */
  public static final Match ANY = new Match(PathMatch.ANY, null, List.of(), List.of());

  /** How a path is compared. */
  public enum PathType {
    EXACT,
    PREFIX,
    REGEX
  }

  /** A path. */
  public record PathMatch(PathType type, String value) {
    public static final PathMatch ANY = new PathMatch(PathType.PREFIX, "/");
  }

  /**
   * A header field or a parameter of the query.
   *
   * @param regex whether {@code value} is an expression
   */
  public record FieldMatch(String name, String value, boolean regex) {}

  public Match {
    headers = List.copyOf(headers);
    query = List.copyOf(query);
  }
}
