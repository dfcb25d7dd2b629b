package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;

/** {@code StripPrefix}: removes that many leading segments, and empty ones with them. */
public record StripPrefix(int parts) implements PathRewrite {
  public static final FilterKind KIND = FilterKind.gateway("StripPrefix", "parts").shown();

  static Step compile(FilterSource source) throws NotCompilableException {
    return new StripPrefix(source.left().number("parts", 1));
  }

  @Override
  public String rewrite(String path) {
    StringBuilder rest = new StringBuilder(path.length());
    int segment = 0;
    int end;
    for (int start = 0; start < path.length(); start = end + 1) {
      int slash = path.indexOf('/', start);
      end = slash < 0 ? path.length() : slash;
      if (end > start && segment++ >= parts) {
        rest.append('/').append(path, start, end);
      }
    }
    return rest.isEmpty() || path.endsWith("/") ? rest.append('/').toString() : rest.toString();
  }
}
