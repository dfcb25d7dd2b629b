package dev.understudy.agreement.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
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
 * HTTP client of one register, on its {@link AgreementLoop}. Connections, waiting calls and bodies
 * are bounded. No request is repeated: one on a connection that broke may have been carried out.
 */
public final class RegisterHttp implements AutoCloseable {
  /** Limit in bytes of a response, and of an object of a stream; above the list of all entries. */
  private static final int MAX_BYTES = 16 * 1024 * 1024;

  private static final int MAX_WAITING = 2048;

  /** Shorter than the idle time-outs of load balancers in front of a store. */
  private static final Duration MAX_IDLE = Duration.ofSeconds(10);

  private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

  /**
   * A request.
   *
   * @param tls context for https; null for the JVM's trusted certificates
   * @param headers adds the header fields
   * @param body empty if there is none
   */
  public record Request(
      HttpMethod method,
      String url,
      @Nullable SslContext tls,
      Consumer<HttpHeaders> headers,
      String body) {}

  /** A response with any status; {@code retryAfter} is null if the store asks for no wait. */
  public record Response(int status, @Nullable Duration retryAfter, String body) {
    public boolean isSuccess() {
      return status / 100 == 2;
    }
  }

  private final Duration timeout;
  private final ConnectionProvider connections;
  private final HttpClient calls;
  private final HttpClient streams;

  /**
   * Creates a client without connections.
   *
   * @param most limit of connections to one server, without one for each stream
   * @param timeout time-out of a TLS handshake, and of the wait for a connection of the pool
   * @param connectTimeout time-out of a new connection
   */
  public RegisterHttp(AgreementLoop loop, int most, Duration timeout, Duration connectTimeout) {
    this.timeout = timeout;
    this.connections =
        loop.connections("understudy-agreement", timeout)
            .maxConnections(most)
            .pendingAcquireMaxCount(MAX_WAITING)
            .maxIdleTime(MAX_IDLE)
            .evictInBackground(MAX_IDLE)
            .lifo()
            .build();
    this.calls = client(loop, HttpClient.create(connections), connectTimeout);
    this.streams = client(loop, HttpClient.newConnection(), connectTimeout);
  }

  private static HttpClient client(AgreementLoop loop, HttpClient base, Duration connectTimeout) {
    return loop.on(base)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, connectTimeout.toMillis()));
  }

  /**
   * Sends a request and reads its response.
   *
   * @param sending run on the loop before the first byte is sent, and not at all if there is no
   *     connection: the server cannot have carried the request out then
   */
  public Mono<Response> call(Request request, Runnable sending) {
    return send(calls, request, sending, RegisterHttp::response).single();
  }

  /**
   * Reads an endless response of JSON objects, on a connection of its own; each element has those
   * that one chunk completed.
   *
   * @param refusal makes the failure for a response with another status than 200
   */
  public Flux<List<JsonNode>> stream(Request request, Function<Response, Throwable> refusal) {
    return send(
        streams,
        request,
        () -> {},
        (head, body) -> {
          if (head.status().code() != HttpResponseStatus.OK.code()) {
            return response(head, body).flatMap(refused -> Mono.error(refusal.apply(refused)));
          }
          JsonObjectSplitter objects = new JsonObjectSplitter(MAX_BYTES);
          return body.asByteArray().map(objects::add);
        });
  }

  private <T> Flux<T> send(
      HttpClient client,
      Request request,
      Runnable sending,
      BiFunction<HttpClientResponse, ByteBufFlux, Publisher<T>> reader) {
    byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
    SslContext context = request.tls();
    // The pool's key includes the context: with the same one, connections are reused.
    HttpClient secured =
        context == null
            ? client
            : client.secure(tls -> tls.sslContext(context).handshakeTimeout(timeout));
    return secured
        .headers(
            headers -> {
              request.headers().accept(headers);
              if (body.length > 0) {
                headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
              }
            })
        .request(request.method())
        .uri(request.url())
        .send(
            (sent, out) -> {
              sending.run();
              return out.send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body)));
            })
        .response(reader);
  }

  private static Mono<Response> response(HttpClientResponse head, ByteBufFlux body) {
    return body.asByteArray()
        .collect(ByteArrayOutputStream::new, RegisterHttp::add)
        .map(
            bytes ->
                new Response(
                    head.status().code(),
                    seconds(head.responseHeaders().get(HttpHeaderNames.RETRY_AFTER)),
                    bytes.toString(StandardCharsets.UTF_8)));
  }

  private static void add(ByteArrayOutputStream bytes, byte[] chunk) {
    if (bytes.size() + chunk.length > MAX_BYTES) {
      throw new IllegalArgumentException("a response of more than " + MAX_BYTES + " bytes");
    }
    bytes.writeBytes(chunk);
  }

  private static @Nullable Duration seconds(@Nullable String retryAfter) {
    return retryAfter == null || !retryAfter.matches("[0-9]{1,9}")
        ? null
        : Duration.ofSeconds(Math.min(LONGEST_RETRY_AFTER.toSeconds(), Long.parseLong(retryAfter)));
  }

  /**
   * Stops using the present connections to {@code server}: a silent one is seldom the only one, as
   * when a firewall has forgotten them all.
   */
  public void retire(URI server) {
    int implied = "https".equals(server.getScheme()) ? 443 : 80;
    int port = server.getPort() < 0 ? implied : server.getPort();
    connections.disposeWhen(InetSocketAddress.createUnresolved(server.getHost(), port));
  }

  /** Closes the connections of the pool; those of streams end with these. */
  @Override
  public void close() {
    connections.dispose();
  }
}
