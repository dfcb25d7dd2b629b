package dev.understudy.proxy.gateway;

import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.frontend.RequestRefusedException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Writes local and error responses in the Gateway lane. */
final class LocalResponses {
  private static final Logger log = LoggerFactory.getLogger(LocalResponses.class);

  private static final LogRateLimit FAILURES = new LogRateLimit();

  private LocalResponses() {}

  /** Writes the error response for a failure, or truncates a response that had begun already. */
  static Mono<Void> writeError(ServerWebExchange exchange, Throwable error) {
    GatewayLaneRequest request = GatewayLaneRequest.of(exchange);
    if (request.isGone()) {
      return Mono.empty();
    }
    if (exchange.getResponse().isCommitted()) {
      LogTrace.with(request.trace(), () -> log.debug("A filter failed after the response", error));
      // A response without a body is only written when this completes.
      return request.response().hasBegun() ? breakOff(request) : Mono.empty();
    }
    int status = status(error);
    if (status == 500 && !(error instanceof ExtensionLog.Failure)) {
      failed(request, error);
    }
    HttpHeaders headers = exchange.getResponse().getHeaders();
    if (error instanceof ErrorResponse response) {
      response.getHeaders().forEach(headers::put);
    }
    return write(exchange, status);
  }

  private static void failed(GatewayLaneRequest request, Throwable error) {
    long leftOut = FAILURES.permit();
    if (leftOut != LogRateLimit.SILENT) {
      String path = request.uri().getRawPath();
      LogTrace.with(
          request.trace(),
          () ->
              log.error(
                  "A filter failed for {} ({} more since the last line)", path, leftOut, error));
    }
  }

  /** Truncates the response. */
  private static Mono<Void> breakOff(GatewayLaneRequest request) {
    return onLoop(request, request::breakOff);
  }

  private static Mono<Void> onLoop(GatewayLaneRequest request, Runnable end) {
    return Mono.create(
        sink ->
            GatewayLaneRequest.on(
                request.loop,
                () -> {
                  end.run();
                  sink.success();
                }));
  }

  /** Writes an error response. */
  static Mono<Void> write(ServerWebExchange exchange, int status) {
    return write(exchange, ExchangeRequest.of(exchange).error(status, 0));
  }

  /** Writes a local response with the same fields, in the same order, as in the express lane. */
  static Mono<Void> write(ServerWebExchange exchange, LocalResponse local) {
    ServerHttpResponse response = exchange.getResponse();
    HttpResponse head = local.head();
    response.setStatusCode(HttpStatusCode.valueOf(head.status().code()));
    GatewayLaneRequest.of(exchange).response().keepReason(head.status());
    HttpHeaders headers = response.getHeaders();
    headers.clearContentHeaders();
    headers.remove(HttpHeaders.TRANSFER_ENCODING);
    for (String name : head.headers().names()) {
      headers.put(name, head.headers().getAll(name));
    }
    if (head.status().code() == 405 && !headers.containsHeader(HttpHeaders.ALLOW)) {
      // RFC 9110 §15.5.6
      headers.set(HttpHeaders.ALLOW, LocalResponse.ALLOWED_METHODS);
    }
    byte[] body = local.body();
    // Spring would hold back the head of a response to HEAD for filters already passed.
    boolean silent = exchange.getRequest().getMethod().equals(HttpMethod.HEAD);
    return body.length == 0 || silent
        ? response.setComplete()
        : response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
  }

  /** Closes the client's connection, or resets its stream, without a response. */
  static Mono<Void> reject(ServerWebExchange exchange) {
    GatewayLaneRequest request = GatewayLaneRequest.of(exchange);
    return onLoop(request, request::abort);
  }

  /** Writes a redirect with an empty body. */
  static Mono<Void> redirect(ServerWebExchange exchange, int status, String location) {
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(HttpStatusCode.valueOf(status));
    response.getHeaders().set(HttpHeaderNames.LOCATION.toString(), location);
    response.getHeaders().setContentLength(0);
    return response.setComplete();
  }

  /** Whether the error names its own status, rather than that a filter failed. */
  static boolean hasStatus(Throwable error) {
    return error instanceof ErrorResponse
        || error instanceof RequestRefusedException
        || error instanceof DataBufferLimitException;
  }

  private static int status(Throwable error) {
    if (error instanceof ErrorResponse response) {
      return response.getStatusCode().value();
    }
    if (error instanceof RequestRefusedException refused) {
      return refused.status();
    }
    if (error instanceof ExtensionLog.Failure failure) {
      return failure.status;
    }
    if (error instanceof TimeoutException) {
      return 504;
    }
    if (error instanceof DataBufferLimitException) {
      return 413;
    }
    return error instanceof IOException ? 502 : 500;
  }
}
