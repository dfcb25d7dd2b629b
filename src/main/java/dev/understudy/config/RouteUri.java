package dev.understudy.config;

import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.text.Suggestions;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks the URIs of routes, which name one of the file's pools or a target that the Gateway serves
 * itself.
 */
record RouteUri(PoolNames pools, Problems problems) {
  /** Schemes of the routes that the Gateway itself forwards. */
  static final Set<String> WITH_HOST = Set.of("http", "https", "ws", "wss");

  private static final Set<String> WITHOUT_HOST = Set.of("forward", "no");
  private static final String EXPECTED =
      "a uri such as pool://name, http://host, https://host, forward:/path or no://op";

  /** Returns the URI, or null after reporting a problem of the route's {@code uri}. */
  @Nullable URI parse(String text, MapNode route) {
    SectionReader section = new SectionReader(route, problems);
    URI uri = uri(text);
    String scheme = uri == null || uri.getScheme() == null ? "" : uri.getScheme();
    if (uri != null && scheme.equals(RouteSpec.POOL_SCHEME)) {
      return pool(uri, text, section);
    }
    String lower = scheme.toLowerCase(Locale.ROOT);
    if (uri != null
        && (WITHOUT_HOST.contains(lower) || (WITH_HOST.contains(lower) && uri.getHost() != null))) {
      return uri;
    }
    section.wrong("uri", EXPECTED);
    return null;
  }

  private @Nullable URI pool(URI uri, String text, SectionReader section) {
    String name = text.substring(Math.min(RouteSpec.POOL.length(), text.length()));
    boolean unknowable = pools.names().isEmpty(); // reported already
    if (unknowable || (pools.names().contains(name) && text.startsWith(RouteSpec.POOL))) {
      section.wrong("uri", pools.problem(name, Protocol.HTTP));
      return uri;
    }
    String nearest = Suggestions.nearest(name, pools.names());
    section.wrong(
        "uri",
        nearest == null
            ? "pool:// and the name of a pool in this file"
            : "the name of a pool in this file; did you mean " + RouteSpec.POOL + nearest + "?");
    return null;
  }

  private static @Nullable URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
