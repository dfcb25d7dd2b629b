package dev.understudy.agreement.etcd;

import dev.understudy.agreement.http.AgreementLoop;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import tools.jackson.databind.JsonNode;

/** Calls of the gateway, sent to the working member, with a token if one is needed. */
final class EtcdClient implements AutoCloseable {
  private final AgreementLoop loop = new AgreementLoop();
  private final EtcdMembers members;
  private final Duration timeout;
  private final GatewayHttp http;
  private final AuthToken token;

  EtcdClient(EtcdSettings settings, @Nullable Supplier<SslContext> tls) {
    this.members = new EtcdMembers(settings.urls());
    this.timeout = settings.timeout();
    this.http = new GatewayHttp(loop, timeout, tls);
    this.token = new AuthToken(this, settings.username(), settings.passwordFile());
  }

  AgreementLoop loop() {
    return loop;
  }

  EtcdMembers members() {
    return members;
  }

  Duration timeout() {
    return timeout;
  }

  GatewayHttp http() {
    return http;
  }

  AuthToken token() {
    return token;
  }

  /**
   * Sends a call; called on the loop, where its future completes too. Fails with a {@link
   * CallFailure}.
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
    Call call = new Call(path, GatewayJson.bytes(body), deadline, authenticated);
    call.begin();
    return call.result;
  }

  private final class Call extends Attempt {
    private final String path;
    private final byte[] body;
    private final CompletableFuture<JsonNode> result = new CompletableFuture<>();

    Call(String path, byte[] body, long deadline, boolean authenticated) {
      super(EtcdClient.this, authenticated, deadline);
      this.path = path;
      this.body = body;
    }

    @Override
    Disposable send(String url, String token) {
      return http.call(url, path, token, body)
          .subscribe(
              response -> loop.run(() -> succeeded(response)),
              failure -> loop.later(() -> failed(failure)));
    }

    private void succeeded(JsonNode response) {
      if (isOver()) {
        return;
      }
      if (!isEtcds(response)) {
        loop.later(() -> failed(new IllegalArgumentException("no response of etcd's")));
        return;
      }
      end();
      result.complete(response);
    }

    @Override
    void gaveUp(CallFailure why) {
      result.completeExceptionally(why);
    }
  }

  /** Whether the response is etcd's: its revision is 1 or more, so it is never left out. */
  private static boolean isEtcds(JsonNode response) {
    JsonNode header = response.has("result") ? response.path("result") : response;
    try {
      return GatewayJson.number(header.path("header"), "revision") > 0;
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
