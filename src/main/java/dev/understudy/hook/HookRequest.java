package dev.understudy.hook;

import dev.understudy.hook.HookRunner.Outcome;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.text.Printable;
import dev.understudy.text.Words;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayOutputStream;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** Sends one POST, on a connection of its own. */
final class HookRequest {
  /** The most of a response that is read, and of it that is shown. */
  private static final int MOST_BYTES = 4096;

  private static final int MOST_SHOWN = 200;

  private final Function<UpstreamTls, SslContext> tls;

  HookRequest(Function<UpstreamTls, SslContext> tls) {
    this.tls = tls;
  }

  /** Sends the request and waits for its response; called on a thread that may block. */
  Outcome send(HookInvocation.Http request, UpstreamTls settings, Duration within) {
    byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
    boolean[] connected = new boolean[1];
    HttpClient client =
        HttpClient.newConnection()
            .disableRetry(true)
            .followRedirect(false)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, within.toMillis()))
            .doOnRequest((sent, connection) -> connected[0] = true);
    if ("https".equals(request.url().getScheme())) {
      SslContext context = tls.apply(settings);
      client = client.secure(spec -> spec.sslContext(context).handshakeTimeout(within));
    }
    try {
      Outcome outcome =
          client
              .headers(
                  headers -> {
                    request.headers().forEach(headers::set);
                    headers.set("Content-Length", body.length);
                  })
              .post()
              .uri(request.url())
              .send((sent, out) -> out.send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body))))
              .response(
                  (head, content) ->
                      content
                          .asByteArray()
                          .collect(ByteArrayOutputStream::new, HookRequest::add)
                          .map(bytes -> outcome(head.status().code(), bytes)))
              .single()
              .timeout(within)
              .block();
      return outcome == null ? new Outcome(Call.UNCERTAIN, "no response") : outcome;
    } catch (RuntimeException e) {
      return failed(e.getCause() == null ? e : e.getCause(), connected[0], within);
    }
  }

  private static void add(ByteArrayOutputStream bytes, byte[] chunk) {
    bytes.write(chunk, 0, Math.min(chunk.length, MOST_BYTES - bytes.size()));
  }

  private static Outcome outcome(int status, ByteArrayOutputStream body) {
    String text =
        Words.cut(Printable.escaped(body.toString(StandardCharsets.UTF_8).strip()), MOST_SHOWN);
    return new Outcome(
        status / 100 == 2 ? Call.DONE : Call.REFUSED,
        "status " + status + (text.isEmpty() ? "" : ": " + text));
  }

  private static Outcome failed(Throwable cause, boolean sent, Duration within) {
    if (cause instanceof TimeoutException) {
      return new Outcome(
          sent ? Call.UNCERTAIN : Call.REFUSED, "no response within " + within.toMillis() + " ms");
    }
    boolean unsent =
        !sent
            || cause instanceof ConnectException
            || cause instanceof UnknownHostException
            || cause instanceof SSLException;
    return new Outcome(unsent ? Call.REFUSED : Call.UNCERTAIN, reason(cause));
  }

  private static String reason(Throwable cause) {
    @Nullable String message = cause.getMessage();
    return Words.cut(
        Printable.escaped(message == null ? cause.getClass().getSimpleName() : message),
        MOST_SHOWN);
  }
}
