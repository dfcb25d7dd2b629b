package dev.understudy.admin;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/**
 * Refuses what only the pages of others send. Such a page could not read a response of this port,
 * but could use up its streams; and where its name leads here (DNS rebinding), read all that is
 * open. Clients other than browsers, and links of other sites, are allowed.
 *
 * <table>
 * <caption>Statuses</caption>
 * <tr><td>{@code Host} is none of the {@link AllowedHosts}<td>421 (RFC 9110 §15.5.20)
 * <tr><td>more than one {@code Host}<td>400
 * <tr><td>{@code Origin} is another scheme, host or port (RFC 6454 §7)<td>403
 * <tr><td>{@code Sec-Fetch-Site} names another site (W3C Fetch Metadata), which browsers send over
 *     https and to loopback addresses only<td>403
 * </table>
 *
 * <p>A request without {@code Host} comes from no browser, and passes.
 */
final class CrossOriginCheck {
  private final AllowedHosts hosts;
  private final RefusalLog refusals;

  CrossOriginCheck(AllowedHosts hosts, RefusalLog refusals) {
    this.hosts = hosts;
    this.refusals = refusals;
  }

  /** Completes if no foreign page made the request; fails with a {@link ProblemDocument}. */
  Mono<Void> require(ServerHttpRequest request) {
    List<String> fields = request.getHeaders().getOrEmpty(HttpHeaders.HOST);
    if (fields.size() > 1) {
      return Mono.error(
          new ProblemDocument(HttpStatus.BAD_REQUEST, "Expected one Host, found several."));
    }
    String host = fields.isEmpty() ? null : fields.get(0);
    if (isForeign(request, host)) {
      refusals.refused(RefusalLog.Cause.FOREIGN_ORIGIN, request, null);
      return Mono.error(
          new ProblemDocument(
              HttpStatus.FORBIDDEN,
              "Pages of other origins may not use this API. A proxy in front that ends TLS must"
                  + " send X-Forwarded-Proto: https."));
    }
    return host == null
        ? Mono.empty()
        : hosts
            .allow(host)
            .flatMap(allowed -> allowed ? Mono.empty() : Mono.error(misdirected(request)));
  }

  private ProblemDocument misdirected(ServerHttpRequest request) {
    refusals.refused(RefusalLog.Cause.HOST, request, null);
    return new ProblemDocument(
        HttpStatus.MISDIRECTED_REQUEST,
        "The Host header does not name this port. Expected an IP address, localhost, this machine's"
            + " name, or a name in the setting "
            + AllowedHosts.SETTING
            + ".");
  }

  private static boolean isForeign(ServerHttpRequest request, @Nullable String host) {
    HttpHeaders headers = request.getHeaders();
    String site = headers.getFirst("Sec-Fetch-Site");
    boolean fetched = "cross-site".equals(site) || "same-site".equals(site);
    return (fetched && !"navigate".equals(headers.getFirst("Sec-Fetch-Mode")))
        || headers.getOrEmpty(HttpHeaders.ORIGIN).stream()
            .anyMatch(origin -> host == null || !origin.equalsIgnoreCase(own(request, host)));
  }

  /**
   * The origin of this port as the client sees it. A proxy in front that ends TLS says so by {@code
   * X-Forwarded-Proto}, which no page can add without a CORS preflight.
   */
  private static String own(ServerHttpRequest request, String host) {
    boolean secure =
        request.getSslInfo() != null
            || "https".equalsIgnoreCase(request.getHeaders().getFirst("X-Forwarded-Proto"));
    String port = secure ? ":443" : ":80";
    return (secure ? "https://" : "http://")
        + (host.endsWith(port) ? host.substring(0, host.length() - port.length()) : host)
            .toLowerCase(Locale.ROOT);
  }
}
