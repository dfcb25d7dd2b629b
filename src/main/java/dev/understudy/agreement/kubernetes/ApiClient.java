package dev.understudy.agreement.kubernetes;

import dev.understudy.agreement.http.AgreementLoop;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;

/**
 * Client of the API on one event loop: each call has a time-out; connections, waiting calls and
 * bodies are bounded. All fields belong to the loop.
 */
final class ApiClient {
  /** Limit of a body in bytes: larger than all Leases of an installation. */
  private static final int MAX_BODY = 16 * 1024 * 1024;

  /** Limit of calls that wait for a connection; further ones fail. */
  private static final int MAX_WAITING = 512;

  /** Shorter than the idle time-outs of load balancers in front of an API server. */
  private static final Duration MAX_IDLE = Duration.ofSeconds(30);

  /** One request. */
  record Request(HttpMethod method, String path, String contentType, String body) {
    static final String JSON = "application/json";

    static Request get(String path) {
      return new Request(HttpMethod.GET, path, "", "");
    }

    static Request post(String path, String body) {
      return new Request(HttpMethod.POST, path, JSON, body);
    }

    static Request patch(String path, String body) {
      return new Request(HttpMethod.PATCH, path, "application/json-patch+json", body);
    }

    static Request delete(String path, String body) {
      return new Request(HttpMethod.DELETE, path, JSON, body);
    }
  }

  /** A response with any status. */
  record Response(int status, @Nullable String retryAfter, String body) {
    boolean isSuccess() {
      return status / 100 == 2;
    }
  }

  private final KubernetesSettings settings;
  private final Credentials credentials;
  private final ApiFailures failures;
  private final AgreementLoop loop = new AgreementLoop();
  private final ConnectionProvider connections;
  private final Set<Call<?>> calls = new HashSet<>();
  private final Set<Runnable> atEnd = new HashSet<>();
  private @Nullable SslContext trust;
  private HttpClient client;
  private HttpClient streamClient;
  private boolean closed;

  ApiClient(KubernetesSettings settings, Credentials credentials, ApiFailures failures) {
    this.settings = settings;
    this.credentials = credentials;
    this.failures = failures;
    this.connections =
        loop.connections("understudy-agreement", settings.callTimeout())
            .maxConnections(settings.connections())
            .pendingAcquireMaxCount(-1)
            .maxIdleTime(MAX_IDLE)
            .evictInBackground(MAX_IDLE)
            .build();
    this.trust = credentials.trust();
    this.client = configure(HttpClient.create(connections));
    this.streamClient = configure(HttpClient.newConnection());
  }

  private HttpClient configure(HttpClient base) {
    HttpClient made =
        loop.on(base)
            .protocol(HttpProtocol.HTTP11)
            .followRedirect(false)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(settings.callTimeout().toMillis()))
            .headers(headers -> headers.set(HttpHeaderNames.USER_AGENT, LeaseFormat.US))
            .headers(headers -> headers.set(HttpHeaderNames.ACCEPT, Request.JSON));
    SslContext context = trust;
    return context == null
        ? made
        : made.secure(spec -> spec.sslContext(context).handshakeTimeout(settings.callTimeout()));
  }

  /**
   * Sends a request; callable from any thread.
   *
   * @param read makes the result, or throws a {@link RegisterException}
   */
  <T extends @Nullable Object> CompletableFuture<T> call(
      Request request, Function<Response, T> read) {
    Call<T> call = new Call<>(request, read);
    if (!execute(call::start)) {
      call.result.completeExceptionally(closedException());
    }
    return call.result;
  }

  /** Runs {@code task} on the loop; false if the loop has ended or is about to. */
  boolean execute(Runnable task) {
    return loop.later(task);
  }

  /** Whether calls are rejected; called on the loop. */
  boolean isClosed() {
    return closed;
  }

  static RegisterException closedException() {
    return ApiFailures.uncertain("the register is closed", null);
  }

  /**
   * Reads an endless response on a connection of its own; called on the loop.
   *
   * @param chunks called with the bytes after a head of status 200
   * @param end called once, unless disposed before: with an error, or null for a proper end
   */
  Disposable stream(String path, Consumer<ByteBuf> chunks, Consumer<@Nullable Throwable> end) {
    refresh();
    Disposable running =
        streamClient
            .headers(this::authorize)
            .get()
            .uri(settings.url() + path)
            .response((head, body) -> streamed(head, body, chunks))
            .subscribe(nothing -> {}, end, () -> end.accept(null));
    Runnable dispose = running::dispose;
    atEnd.add(dispose);
    return () -> {
      atEnd.remove(dispose);
      running.dispose();
    };
  }

  private Flux<Void> streamed(HttpClientResponse head, ByteBufFlux body, Consumer<ByteBuf> chunks) {
    if (head.status().code() == HttpResponseStatus.OK.code()) {
      return body.doOnNext(chunks).thenMany(Flux.empty());
    }
    return collected(head, body).flatMapMany(response -> Flux.error(refusal(response)));
  }

  private RegisterException refusal(Response response) {
    if (response.status() == HttpResponseStatus.UNAUTHORIZED.code()) {
      credentials.refreshNow();
    }
    return failures.ofStatus(response);
  }

  private static Mono<Response> collected(HttpClientResponse head, ByteBufFlux body) {
    return body.collect(ByteArrayOutputStream::new, ApiClient::add)
        .map(
            bytes ->
                new Response(
                    head.status().code(),
                    head.responseHeaders().get(HttpHeaderNames.RETRY_AFTER),
                    bytes.toString(StandardCharsets.UTF_8)));
  }

  private static void add(ByteArrayOutputStream bytes, ByteBuf chunk) {
    if (bytes.size() + chunk.readableBytes() > MAX_BODY) {
      throw new LeaseFormat.MalformedException("the body is larger than " + MAX_BODY + " bytes");
    }
    byte[] part = new byte[chunk.readableBytes()];
    chunk.getBytes(chunk.readerIndex(), part);
    bytes.writeBytes(part);
  }

  private void authorize(HttpHeaders headers) {
    String token = credentials.token();
    if (token != null) {
      headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + token);
    }
  }

  /** Takes up changed files. Connections under the previous trust close when they become idle. */
  private void refresh() {
    credentials.refresh();
    if (!Objects.equals(credentials.trust(), trust)) {
      trust = credentials.trust();
      client = configure(HttpClient.create(connections));
      streamClient = configure(HttpClient.newConnection());
    }
  }

  /** Ends all calls, watches and connections; callable from any thread. */
  void close() {
    execute(this::end);
  }

  private void end() {
    if (closed) {
      return;
    }
    closed = true;
    Set.copyOf(calls).forEach(call -> call.fail(closedException()));
    Set.copyOf(atEnd).forEach(Runnable::run);
    atEnd.clear();
    connections.disposeLater().subscribe();
    loop.close();
  }

  /** One call; its request is repeated once after a 401, if the token has changed. */
  private final class Call<T extends @Nullable Object> {
    private final Request request;
    private final byte[] body;
    private final Function<Response, T> read;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable Disposable running;
    private boolean repeated;

    Call(Request request, Function<Response, T> read) {
      this.request = request;
      this.body = request.body().getBytes(StandardCharsets.UTF_8);
      this.read = read;
    }

    void start() {
      if (closed) {
        result.completeExceptionally(closedException());
        return;
      }
      if (calls.size() >= settings.connections() + MAX_WAITING) {
        result.completeExceptionally(
            ApiFailures.uncertain("too many calls wait for a connection to the API", null));
        return;
      }
      calls.add(this);
      timer =
          loop.loop()
              .schedule(this::timeOut, settings.callTimeout().toNanos(), TimeUnit.NANOSECONDS);
      send();
    }

    private void send() {
      refresh();
      running =
          client
              .headers(this::headers)
              .request(request.method())
              .uri(settings.url() + request.path())
              .send((sent, out) -> out.send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body))))
              .response(ApiClient::collected)
              .single()
              .subscribe(this::received, this::broken);
    }

    private void headers(HttpHeaders headers) {
      authorize(headers);
      if (body.length > 0) {
        headers.set(HttpHeaderNames.CONTENT_TYPE, request.contentType());
        headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
      }
    }

    private void received(Response response) {
      boolean unauthorized = response.status() == HttpResponseStatus.UNAUTHORIZED.code();
      if (unauthorized && !repeated && credentials.refreshNow()) {
        repeated = true;
        send();
        return;
      }
      try {
        T value = read.apply(response);
        end();
        result.complete(value);
      } catch (RuntimeException e) {
        fail(failures.ofError(e));
      }
    }

    private void broken(Throwable error) {
      RegisterException failure = failures.ofError(error);
      if (failure.reason() == Reason.REFUSED) {
        // TLS failed: the CA may have changed.
        credentials.refreshNow();
      }
      fail(failure);
    }

    private void timeOut() {
      AgreementLoop.retire(connections, settings.url());
      fail(
          ApiFailures.uncertain(
              "no response within " + settings.callTimeout().toMillis() + " ms", null));
    }

    void fail(RegisterException failure) {
      end();
      result.completeExceptionally(failure);
    }

    private void end() {
      calls.remove(this);
      if (timer != null) {
        timer.cancel(false);
      }
      if (running != null) {
        running.dispose();
      }
    }
  }
}
