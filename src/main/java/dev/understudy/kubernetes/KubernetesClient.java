package dev.understudy.kubernetes;

import dev.understudy.agreement.http.AgreementLoop;
import dev.understudy.agreement.http.RegisterHttp;
import dev.understudy.agreement.http.RegisterHttp.Response;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

/**
 * Client of the API on one event loop: each call has a time-out; connections, waiting calls and
 * bodies are bounded. All fields belong to the loop.
 */
public final class KubernetesClient {
  /** Our name towards the API. */
  public static final String US = "understudy";

  /** Limit of connections, without one for each watch. */
  private static final int CONNECTIONS = 16;

  /** Limit of calls that wait for a connection; further ones fail. */
  private static final int MAX_WAITING = 512;

  /** One request. */
  public record Request(
      HttpMethod method, String path, String contentType, String body, String accept) {
    static final String JSON = "application/json";

    public static Request get(String path) {
      return new Request(HttpMethod.GET, path, "", "", JSON);
    }

    public static Request post(String path, String body) {
      return new Request(HttpMethod.POST, path, JSON, body, JSON);
    }

    public static Request patch(String path, String body) {
      return new Request(HttpMethod.PATCH, path, "application/json-patch+json", body, JSON);
    }

    /** A change of some fields (RFC 7396). */
    public static Request merge(String path, String body) {
      return new Request(HttpMethod.PATCH, path, "application/merge-patch+json", body, JSON);
    }

    public static Request delete(String path, String body) {
      return new Request(HttpMethod.DELETE, path, JSON, body, JSON);
    }

    /** The same request for no more than the metadata of each object. */
    public Request ofMetadata(boolean list) {
      String kind = list ? "PartialObjectMetadataList" : "PartialObjectMetadata";
      return new Request(
          method, path, contentType, body, JSON + ";as=" + kind + ";g=meta.k8s.io;v=v1," + JSON);
    }
  }

  private final KubernetesSettings settings;
  private final Credentials credentials;
  private final ApiFailures failures;
  private final AgreementLoop loop;
  private final RegisterHttp http;
  private final Scheduler scheduler;

  /** One call; used on the loop. */
  private static final class Call {
    private final Request request;

    /** Whether the API may have got the request, and given no answer that says what it did. */
    private boolean sent;

    Call(Request request) {
      this.request = request;
    }

    RegisterException failed(RegisterException failure) {
      return sent ? failure : ApiFailures.notSent(failure);
    }
  }

  /** The number of calls that have begun and not ended. */
  private final AtomicInteger calls = new AtomicInteger();

  /** Ends all calls, with a failure. */
  private final Sinks.Empty<Void> closing = Sinks.empty();

  /** Those that are read; disposed with the client. */
  private final Disposable.Composite streams = Disposables.composite();

  /**
   * Creates a client, which connects with the first call.
   *
   * @param thread name of its thread
   */
  public KubernetesClient(
      String thread, KubernetesSettings settings, Credentials credentials, ApiFailures failures) {
    this.loop = new AgreementLoop(thread);
    this.scheduler = Schedulers.fromExecutorService(loop.loop());
    this.settings = settings;
    this.credentials = credentials;
    this.failures = failures;
    this.http = new RegisterHttp(loop, CONNECTIONS, settings.callTimeout(), settings.callTimeout());
  }

  /** Takes up changed files. Connections under the previous trust close when they become idle. */
  private RegisterHttp.Request prepared(Request request) {
    credentials.refresh();
    String token = credentials.token();
    return new RegisterHttp.Request(
        request.method(),
        settings.url() + request.path(),
        credentials.trust(),
        headers -> {
          headers.set(HttpHeaderNames.USER_AGENT, US).set(HttpHeaderNames.ACCEPT, request.accept());
          if (token != null) {
            headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + token);
          }
          if (!request.body().isEmpty()) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, request.contentType());
          }
        },
        request.body());
  }

  /**
   * Sends a request; callable from any thread. It is sent once more after a 401, if the token has
   * changed.
   *
   * @param read makes the result, or throws a {@link RegisterException}
   */
  @SuppressWarnings("NullAway") // A future would be null of an empty Mono; this one has a result.
  public <T> CompletableFuture<T> call(Request request, Function<Response, T> read) {
    Call call = new Call(request);
    return Mono.defer(() -> accepted(call))
        .map(read)
        .onErrorMap(failures::ofError)
        .timeout(settings.callTimeout(), Mono.defer(() -> timedOut(call)), scheduler)
        .takeUntilOther(closing.asMono())
        .subscribeOn(scheduler)
        .onErrorMap(RejectedExecutionException.class, ended -> closedException())
        .toFuture();
  }

  private Mono<Response> accepted(Call call) {
    if (calls.get() >= CONNECTIONS + MAX_WAITING) {
      return Mono.error(
          call.failed(
              ApiFailures.unknownResult("too many calls wait for a connection to the API", null)));
    }
    calls.incrementAndGet();
    return Mono.defer(() -> sent(call))
        .flatMap(
            response ->
                isUnauthorized(response) && credentials.refreshNow()
                    ? sent(call)
                    : Mono.just(response))
        .doFinally(end -> calls.decrementAndGet());
  }

  /** Sends the request, for the first time or after a 401: nothing was carried out before. */
  private Mono<Response> sent(Call call) {
    call.sent = false;
    return http.call(prepared(call.request), () -> call.sent = true)
        .onErrorMap(error -> call.failed(broken(error)));
  }

  private static boolean isUnauthorized(Response response) {
    return response.status() == HttpResponseStatus.UNAUTHORIZED.code();
  }

  private RegisterException broken(Throwable error) {
    RegisterException failure = failures.ofError(error);
    if (failure.reason() == Reason.REFUSED) {
      // TLS failed: the CA may have changed.
      credentials.refreshNow();
    }
    return failure;
  }

  private <T> Mono<T> timedOut(Call call) {
    http.retire(settings.url());
    return Mono.error(
        call.failed(
            ApiFailures.unknownResult(
                "no response within " + settings.callTimeout().toMillis() + " ms", null)));
  }

  /** Runs {@code task} on the loop; false if the loop has ended or is about to. */
  public boolean execute(Runnable task) {
    return loop.later(task);
  }

  /**
   * Runs {@code task} on the loop after that time; called on the loop.
   *
   * @return cancels it
   */
  public Runnable later(Duration wait, Runnable task) {
    try {
      Future<?> timer = loop.loop().schedule(task, wait.toMillis(), TimeUnit.MILLISECONDS);
      return () -> timer.cancel(false);
    } catch (RejectedExecutionException e) {
      return () -> {};
    }
  }

  /** Whether calls are rejected; called on the loop. */
  public boolean isClosed() {
    return streams.isDisposed();
  }

  public static RegisterException closedException() {
    return ApiFailures.unknownResult("the register is closed", null);
  }

  /**
   * Reads an endless response on a connection of its own; called on the loop.
   *
   * @param objects called with those that came after a head of status 200
   * @param end called once, unless disposed before: with an error, or null for a proper end
   */
  public Disposable stream(
      Request request, Consumer<List<JsonNode>> objects, Consumer<@Nullable Throwable> end) {
    Disposable running =
        http.stream(prepared(request), this::refusal)
            .subscribe(objects, end, () -> end.accept(null));
    streams.add(running);
    return () -> {
      streams.remove(running);
      running.dispose();
    };
  }

  private RegisterException refusal(Response response) {
    if (isUnauthorized(response)) {
      credentials.refreshNow();
    }
    return failures.ofStatus(response);
  }

  /** Ends all calls, watches and connections; callable from any thread. */
  public void close() {
    execute(this::end);
  }

  private void end() {
    if (!isClosed()) {
      streams.dispose();
      closing.tryEmitError(closedException());
      http.close();
      loop.close();
    }
  }
}
