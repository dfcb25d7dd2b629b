package dev.understudy.agreement.etcd;

import dev.understudy.agreement.etcd.CallFailure.Remedy;
import dev.understudy.agreement.http.AgreementLoop;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.text.Printable;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import tools.jackson.databind.JsonNode;

/**
 * HTTP to a member's gateway, on the loop. No request is repeated: one on a connection that broke
 * may have been carried out.
 */
final class GatewayHttp implements AutoCloseable {
  /** Limit of an object in bytes, be it a listing or the changes that a watch missed. */
  static final int MOST_BYTES = 16 * 1024 * 1024;

  private static final int MOST_ERROR_BYTES = 64 * 1024;

  /** To one member. Further calls wait: 100 pools at once are 100 calls of some ms. */
  private static final int MOST_CONNECTIONS = 8;

  private static final int MOST_WAITING = 2048;
  private static final int MOST_WATCHES = 16;
  private static final Duration LONGEST_IDLE = Duration.ofSeconds(10);

  private final Duration timeout;
  private final @Nullable Supplier<SslContext> tls;
  private final ConnectionProvider callConnections;
  private final ConnectionProvider watchConnections;
  private final HttpClient calls;
  private final HttpClient watches;

  /**
   * Creates a client without connections.
   *
   * @param tls called for each request to an https URL, on the loop; null for the JVM's trusted
   *     certificates
   */
  GatewayHttp(AgreementLoop loop, Duration timeout, @Nullable Supplier<SslContext> tls) {
    this.timeout = timeout;
    this.tls = tls;
    this.callConnections = connections(loop, "understudy-agreement-calls", MOST_CONNECTIONS);
    this.watchConnections = connections(loop, "understudy-agreement-watches", MOST_WATCHES);
    this.calls = client(loop, callConnections);
    this.watches = client(loop, watchConnections);
  }

  private ConnectionProvider connections(AgreementLoop loop, String name, int most) {
    return loop.connections(name, timeout)
        .maxConnections(most)
        .pendingAcquireMaxCount(MOST_WAITING)
        .maxIdleTime(LONGEST_IDLE)
        .lifo()
        .build();
  }

  private HttpClient client(AgreementLoop loop, ConnectionProvider connections) {
    return loop.on(HttpClient.create(connections))
        // Half the time-out, so that a silent member leaves time for another one.
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, timeout.toMillis() / 2))
        .option(ChannelOption.TCP_NODELAY, true)
        .headers(
            headers ->
                headers
                    .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                    // A member without a quorum reports that instead of staying silent.
                    .set("Grpc-Metadata-hasleader", "true"));
  }

  /** Sends one call; fails with a {@link CallFailure} or the connection's own failure. */
  Mono<JsonNode> call(String url, String path, String token, byte[] body) {
    return send(
            calls,
            url,
            path,
            token,
            body,
            (head, content) ->
                head.status().code() == 200
                    ? bounded(content, MOST_BYTES).map(GatewayJson::object)
                    : failure(url, head, content))
        .single();
  }

  /** Opens a stream of objects, each element those that one chunk completed; no time-out. */
  Flux<List<JsonNode>> stream(String url, String path, String token, byte[] body) {
    return send(
        watches,
        url,
        path,
        token,
        body,
        (head, content) -> {
          if (head.status().code() != 200) {
            return failure(url, head, content);
          }
          JsonObjects objects = new JsonObjects(MOST_BYTES);
          return content.asByteArray().map(objects::add);
        });
  }

  /** Reads a response. */
  private interface Reader<T> {
    Publisher<T> read(HttpClientResponse head, ByteBufFlux content);
  }

  private <T> Flux<T> send(
      HttpClient client, String url, String path, String token, byte[] body, Reader<T> reader) {
    return secured(client, url)
        .headers(
            headers -> {
              if (!token.isEmpty()) {
                headers.set(HttpHeaderNames.AUTHORIZATION, token);
              }
            })
        .post()
        .uri(url + path)
        .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body)))
        .response(reader::read);
  }

  private HttpClient secured(HttpClient client, String url) {
    if (tls == null || !url.startsWith("https:")) {
      return client;
    }
    SslContext context;
    try {
      context = tls.get();
    } catch (RuntimeException e) {
      throw new CallFailure(
          Remedy.NONE,
          Reason.REFUSED,
          "etcd at "
              + url
              + ": TLS cannot be set up: "
              + Printable.oneLine(String.valueOf(e.getMessage()), 200),
          null,
          e);
    }
    // The pool's key includes the context: with the same one, connections are reused.
    return client.secure(tls -> tls.sslContext(context).handshakeTimeout(timeout));
  }

  private static <T> Mono<T> failure(String url, HttpClientResponse head, ByteBufFlux content) {
    String retryAfter = head.responseHeaders().get(HttpHeaderNames.RETRY_AFTER);
    return bounded(content, MOST_ERROR_BYTES)
        .flatMap(
            body -> Mono.error(EtcdErrors.ofResponse(url, head.status().code(), retryAfter, body)));
  }

  private static Mono<byte[]> bounded(ByteBufFlux content, int most) {
    return content
        .asByteArray()
        .collect(
            ByteArrayOutputStream::new,
            (all, chunk) -> {
              if (all.size() + chunk.length > most) {
                throw new IllegalArgumentException("a response of more than " + most + " bytes");
              }
              all.writeBytes(chunk);
            })
        .map(ByteArrayOutputStream::toByteArray);
  }

  /** Stops using the connections to a member that did not respond in time. */
  void retire(String url) {
    AgreementLoop.retire(callConnections, URI.create(url));
  }

  @Override
  public void close() {
    callConnections.dispose();
    watchConnections.dispose();
  }
}
