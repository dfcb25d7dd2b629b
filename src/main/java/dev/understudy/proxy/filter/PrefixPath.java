package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.http.NormalTarget;

/**
 * {@code PrefixPath}: puts a prefix before the path.
 *
 * @param prefix starts with a slash; unreserved characters and single slashes only
 */
public record PrefixPath(String prefix) implements PathRewrite {
  public static final FilterKind KIND =
      FilterKind.gateway("PrefixPath", "prefix").with(Trait.REQUIRED);

  /** Compiles a plain prefix; the Gateway would encode any other. */
  static Step compile(FilterSource source) throws NotCompilableException {
    String prefix = source.left().required("prefix");
    boolean plain =
        prefix.startsWith("/")
            && !prefix.contains("//")
            && prefix.equals(NormalTarget.of(prefix))
            && prefix
                .chars()
                .allMatch(c -> NormalTarget.isInLabel((char) c) || "/.~".indexOf(c) >= 0);
    if (!plain) {
      throw new NotCompilableException("the prefix of filter PrefixPath has special characters");
    }
    return new PrefixPath(prefix);
  }

  @Override
  public String rewrite(String path) {
    return prefix + path;
  }
}
