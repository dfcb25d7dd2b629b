package dev.understudy.proxy.gateway;

import dev.understudy.proxy.LocalAnswer;
import dev.understudy.proxy.front.RefusedRequest;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** The answers to what went wrong before the engine, or without it. */
final class LocalAnswers {
  private static final Logger log = LoggerFactory.getLogger(LocalAnswers.class);

  /** What we forward, whatever a server makes of it. */
  private static final String ALLOWED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE";

  private LocalAnswers() {}

  /** Answers; or, if an answer had begun already, breaks it off. */
  static Mono<Void> answer(ServerWebExchange exchange, LaneRequest request, Throwable error) {
    if (AbortedException.isConnectionReset(error) && !request.channel.isActive()) {
      return Mono.empty();
    }
    if (exchange.getResponse().isCommitted()) {
      log.debug("An answer broke off", error);
      return Mono.<Void>fromRunnable(() -> breakOff(request));
    }
    HttpStatusCode status = status(error);
    if (status.value() == 500) {
      log.error("A filter or predicate failed for {}", request.uri.getRawPath(), error);
    }
    HttpHeaders headers = exchange.getResponse().getHeaders();
    if (error instanceof ErrorResponse response) {
      response.getHeaders().forEach(headers::put);
    }
    return write(exchange, request, status);
  }

  private static void breakOff(LaneRequest request) {
    request.channel.eventLoop().execute(() -> ClientChannel.reset(request.channel));
  }

  static Mono<Void> write(ServerWebExchange exchange, LaneRequest request, HttpStatusCode status) {
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(status);
    LocalAnswer answer = LocalAnswer.of(status.value(), request.headers());
    byte[] body = answer.body();
    HttpHeaders headers = response.getHeaders();
    headers.clearContentHeaders();
    headers.remove(HttpHeaders.TRANSFER_ENCODING);
    headers.set(HttpHeaders.CONTENT_TYPE, answer.contentType());
    headers.setContentLength(body.length);
    if (status.value() == 405 && !headers.containsHeader(HttpHeaders.ALLOW)) {
      // RFC 9110 §15.5.6
      headers.set(HttpHeaders.ALLOW, ALLOWED);
    }
    headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
    headers.set(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
  }

  private static HttpStatusCode status(Throwable error) {
    if (error instanceof ErrorResponse response) {
      return response.getStatusCode();
    }
    if (error instanceof RefusedRequest refused) {
      return HttpStatusCode.valueOf(refused.status());
    }
    if (error instanceof TimeoutException) {
      return HttpStatusCode.valueOf(504);
    }
    if (error instanceof DataBufferLimitException) {
      return HttpStatusCode.valueOf(413);
    }
    return HttpStatusCode.valueOf(error instanceof IOException ? 502 : 500);
  }
}
