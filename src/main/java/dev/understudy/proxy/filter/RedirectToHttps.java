package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code RedirectToHttps}: ends the request unless the client is on TLS.
 *
 * @param status 301, 302, 307 or 308
 * @param port the part of {@code Location} after the host: empty, or a colon and the port
 */
public record RedirectToHttps(int status, String port) implements Step {
  /**
   * {@code RedirectToHttps=STATUS[, PORT]}
   *
   * <p>Redirects a request that came without TLS to the same host and target on https. Status 301,
   * 302, 307 or 308; port 443 unless given.
   *
   * <p>Example: {@code RedirectToHttps=301}
   */
  public static final FilterKind KIND =
      FilterKind.own("RedirectToHttps", "status", "port").with(Trait.GUARD, Trait.FIRST).shown();

  private static final Set<Integer> STATUSES = Set.of(301, 302, 307, 308);
  private static final int HTTPS = 443;
  private static final int LARGEST_PORT = 65535;

  public RedirectToHttps {
    if (!STATUSES.contains(status)) {
      throw new IllegalArgumentException("status: expected 301, 302, 307 or 308, found " + status);
    }
  }

  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.arguments();
    int status = args.number("status", 301);
    Integer port = args.number("port");
    if (port != null && (port < 1 || port > LARGEST_PORT)) {
      throw new IllegalArgumentException("port: expected 1 to 65535, found " + port);
    }
    return new RedirectToHttps(status, port == null || port == HTTPS ? "" : ":" + port);
  }

  /**
   * The location to redirect to; null if the request names no host, in which case the response is
   * 400: {@code https:///evil.test/} would lead browsers to wherever the client chose.
   *
   * @param host the {@code Host} header; empty if there is none
   * @param target in origin-form, as it came
   */
  private @Nullable String location(String host, String target) {
    int colon = host.indexOf(':', host.startsWith("[") ? host.indexOf(']') + 1 : 0);
    String name = colon < 0 ? host : host.substring(0, colon);
    // "OPTIONS *" has no path.
    String path = target.startsWith("/") ? target : "/";
    return name.isEmpty() ? null : "https://" + name + port + path;
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    if (request.tls()) {
      return FilterResult.PASS;
    }
    String location = location(request.hostText(), request.target());
    return location == null ? request.refuse(400) : new FilterResult.Redirected(status, location);
  }
}
