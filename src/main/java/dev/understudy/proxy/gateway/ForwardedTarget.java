package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.containsEncodedParts;

import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Computes the request target for the upstream request: the client's own, byte for byte, except for
 * the part (path or query) that a filter changed.
 */
final class ForwardedTarget {
  private ForwardedTarget() {}

  /**
   * @param url the URL to which the Gateway would send the request; null if it has computed none
   */
  static String of(ServerWebExchange exchange, GatewayLaneRequest lane, @Nullable URI url) {
    String target = lane.received.target();
    URI current = exchange.getRequest().getURI();
    URI wanted = url != null && changedLate(current, url) ? url : current;
    boolean samePath = Objects.equals(wanted.getRawPath(), lane.uri().getRawPath());
    boolean sameQuery = Objects.equals(wanted.getRawQuery(), lane.uri().getRawQuery());
    if (samePath && sameQuery) {
      return target;
    }
    int question = target.indexOf('?');
    String path =
        samePath
            ? question < 0 ? target : target.substring(0, question)
            : orSlash(wanted.getRawPath());
    String query =
        sameQuery ? question < 0 ? null : target.substring(question + 1) : wanted.getRawQuery();
    return query == null ? path : path + '?' + query;
  }

  /**
   * Whether a filter replaced the URL after {@code RouteToRequestUrlFilter} had merged it. The
   * merge turns two slashes into one, so the URLs' paths alone do not show it.
   */
  private static boolean changedLate(URI current, URI url) {
    if (Objects.equals(current.getRawPath(), url.getRawPath())
        && Objects.equals(current.getRawQuery(), url.getRawQuery())) {
      return false;
    }
    URI merged =
        UriComponentsBuilder.fromUri(current)
            .scheme(url.getScheme())
            .host(url.getHost())
            .port(url.getPort())
            .build(containsEncodedParts(current))
            .toUri();
    return !merged.equals(url);
  }

  private static String orSlash(@Nullable String path) {
    return path == null || path.isEmpty() ? "/" : path;
  }
}
