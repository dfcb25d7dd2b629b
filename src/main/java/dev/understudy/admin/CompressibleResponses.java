package dev.understudy.admin;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Decides which responses of the management port are compressed for clients that accept it: text
 * and JSON of {@value #LEAST} bytes and more, but no stream of events, which each client has to get
 * at once. Marks them by {@code Vary: Accept-Encoding}, as {@link Console} marks all of its files,
 * and Reactor Netty compresses what is marked.
 *
 * <p>Lengths give nothing away as they do on pages with secrets (BREACH): no response holds a
 * secret, and no foreign page can have a browser send a token, which is no cookie.
 */
final class CompressibleResponses implements WebFilter {
  static final int LEAST = 1024;

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    HttpHeaders headers = exchange.getResponse().getHeaders();
    exchange
        .getResponse()
        .beforeCommit(
            () -> {
              if (suits(headers)) {
                headers.set(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
                // The length of a GET is known once it is compressed (RFC 9110 8.6).
                if (exchange.getRequest().getMethod().equals(HttpMethod.HEAD)) {
                  headers.remove(HttpHeaders.CONTENT_LENGTH);
                }
              }
              return Mono.empty();
            });
    return chain.filter(exchange);
  }

  private static boolean suits(HttpHeaders headers) {
    long length = headers.getContentLength();
    return isText(headers.getContentType()) && (length < 0 || length >= LEAST);
  }

  private static boolean isText(@Nullable MediaType type) {
    return type != null
        && !type.equalsTypeAndSubtype(MediaType.TEXT_EVENT_STREAM)
        && (type.getType().equals("text")
            || type.getSubtype().endsWith("json")
            || type.getSubtype().equals("openmetrics-text"));
  }

  /** Whether Reactor Netty compresses a response; never one that is compressed already. */
  static boolean isMarked(HttpServerResponse response) {
    return response.responseHeaders().contains(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING, true);
  }
}
