package dev.understudy.agreement.etcd;

import dev.understudy.agreement.etcd.EtcdCallFailure.Remedy;
import dev.understudy.agreement.http.AgreementLoop;
import dev.understudy.agreement.http.JsonObjectSplitter;
import dev.understudy.agreement.http.RegisterHttp;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.text.Printable;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;

/** Calls of the gateway, sent to the working member, with a token if one is needed. */
final class EtcdClient implements AutoCloseable {
  /** Limit to one member. Further calls wait: 100 pools at once are 100 calls of some ms. */
  private static final int MOST_CONNECTIONS = 8;

  final AgreementLoop loop = new AgreementLoop(AgreementLoop.THREAD);
  final Duration timeout;
  private final RegisterHttp http;
  private final @Nullable Supplier<SslContext> tls;
  private final List<String> members;
  final AuthToken token;

  /** Index of the member in use, which is the working one until it fails. */
  private int member;

  EtcdClient(EtcdSettings settings, @Nullable Supplier<SslContext> tls) {
    this.members = settings.urls();
    this.timeout = settings.timeout();
    // Half the time-out to connect, so that a silent member leaves time for another one.
    this.http = new RegisterHttp(loop, MOST_CONNECTIONS, timeout, timeout.dividedBy(2));
    this.tls = tls;
    this.token = new AuthToken(this, settings.username(), settings.passwordFile());
  }

  /** URL of the member in use. */
  String member() {
    return members.get(member);
  }

  /** The number of members. */
  int members() {
    return members.size();
  }

  /** Moves on to the next member, unless {@code url} is no longer in use. */
  void memberFailed(String url) {
    if (url.equals(member())) {
      member = (member + 1) % members.size();
    }
  }

  /** Stops using the connections to a member that did not respond in time. */
  void retire(String url) {
    http.retire(URI.create(url));
  }

  /** Opens a watch at one member. */
  Flux<List<JsonNode>> stream(String url, String token, String body) {
    return http.stream(
        request(url, "/v3/watch", token, body), refused -> EtcdErrors.ofResponse(url, refused));
  }

  private RegisterHttp.Request request(String url, String path, String token, String body) {
    return new RegisterHttp.Request(
        HttpMethod.POST,
        url + path,
        tls == null || !url.startsWith("https:") ? null : context(url, tls),
        headers -> {
          headers
              .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
              // A member without a quorum reports that instead of staying silent.
              .set("Grpc-Metadata-hasleader", "true");
          if (!token.isEmpty()) {
            headers.set(HttpHeaderNames.AUTHORIZATION, token);
          }
        },
        body);
  }

  private static SslContext context(String url, Supplier<SslContext> tls) {
    try {
      return tls.get();
    } catch (RuntimeException e) {
      throw new EtcdCallFailure(
          Remedy.NONE,
          Reason.REFUSED,
          "etcd at "
              + url
              + ": TLS cannot be set up: "
              + Printable.oneLine(String.valueOf(e.getMessage()), 200),
          null,
          e);
    }
  }

  /**
   * Sends a call; called on the loop, where its future completes too. Fails with a {@link
   * EtcdCallFailure}.
   *
   * @param deadline by {@link System#nanoTime}
   */
  CompletableFuture<JsonNode> call(String path, Object body, long deadline) {
    return call(path, body, deadline, true);
  }

  /** Sends a call as {@link #call(String, Object, long)} does, but without a token. */
  CompletableFuture<JsonNode> callWithoutToken(String path, Object body, long deadline) {
    return call(path, body, deadline, false);
  }

  private CompletableFuture<JsonNode> call(
      String path, Object body, long deadline, boolean authenticated) {
    Call call = new Call(path, EtcdJson.write(body), deadline, authenticated);
    call.begin();
    return call.result;
  }

  private final class Call extends EtcdCall {
    private final String path;
    private final String body;
    private final CompletableFuture<JsonNode> result = new CompletableFuture<>();

    Call(String path, String body, long deadline, boolean authenticated) {
      super(EtcdClient.this, authenticated, deadline);
      this.path = path;
      this.body = body;
    }

    @Override
    Disposable send(String url, String token) {
      return http.call(request(url, path, token, body), this::sending)
          .map(response -> object(url, response))
          .subscribe(
              response -> loop.run(() -> succeeded(response)),
              failure -> loop.later(() -> failed(failure)));
    }

    private void succeeded(JsonNode response) {
      if (isOver()) {
        return;
      }
      if (!isEtcds(response)) {
        loop.later(() -> failed(new IllegalArgumentException("not a response from etcd")));
        return;
      }
      end();
      result.complete(response);
    }

    @Override
    void gaveUp(EtcdCallFailure why) {
      result.completeExceptionally(why);
    }
  }

  private static JsonNode object(String url, RegisterHttp.Response response) {
    if (response.status() != HttpResponseStatus.OK.code()) {
      throw EtcdErrors.ofResponse(url, response);
    }
    return JsonObjectSplitter.object(response.body());
  }

  /** Whether the response is etcd's: its revision is 1 or more, so it is never left out. */
  private static boolean isEtcds(JsonNode response) {
    JsonNode header = response.has("result") ? response.path("result") : response;
    try {
      return EtcdJson.number(header.path("header"), "revision") > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public void close() {
    http.close();
    loop.close();
  }
}
