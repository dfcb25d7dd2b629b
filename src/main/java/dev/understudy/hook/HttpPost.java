package dev.understudy.hook;

import dev.understudy.pool.UpstreamTls;
import dev.understudy.text.FailureText;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/** Sends one POST, on a connection of its own. Redirects are not followed. */
public final class HttpPost {
  /** The most of a response that is read. */
  private static final int MOST_BYTES = 4096;

  /** What came of a POST. */
  public sealed interface Result {
    /**
     * For people, on one line.
     *
     * @return the status and the beginning of the response, or why there is none
     */
    String detail();
  }

  /**
   * A response.
   *
   * @param retryAfter the field of that name; null if there is none
   */
  public record Response(int status, @Nullable String retryAfter, String detail)
      implements Result {}

  /**
   * No response.
   *
   * @param sent whether the request may have arrived
   */
  public record Failure(boolean sent, String detail) implements Result {}

  private final Function<UpstreamTls, SslContext> tls;

  /**
   * @param tls the context of TLS settings
   */
  public HttpPost(Function<UpstreamTls, SslContext> tls) {
    this.tls = tls;
  }

  /** Sends the request and waits for its response; called on a thread that may block. */
  public Result send(
      URI url, Map<String, String> fields, byte[] body, UpstreamTls settings, Duration within) {
    // Set once the connection is there, with its TLS.
    AtomicBoolean sent = new AtomicBoolean();
    try {
      HttpClient client =
          HttpClient.newConnection()
              .disableRetry(true)
              .followRedirect(false)
              .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, within.toMillis()))
              .doOnRequest((request, connection) -> sent.set(true));
      if ("https".equals(url.getScheme())) {
        SslContext context = tls.apply(settings);
        client = client.secure(spec -> spec.sslContext(context).handshakeTimeout(within));
      }
      Result result =
          client
              .headers(
                  headers -> {
                    fields.forEach(headers::set);
                    headers.set("Content-Length", body.length);
                  })
              .post()
              .uri(url)
              .send(
                  (request, out) -> out.send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body))))
              .response(
                  (head, content) ->
                      content
                          .asByteArray()
                          .collect(ByteArrayOutputStream::new, HttpPost::add)
                          .map(bytes -> response(head, bytes)))
              .single()
              .timeout(within)
              .block();
      return result == null ? new Failure(true, "no response") : result;
    } catch (RuntimeException e) {
      return failed(e.getCause() == null ? e : e.getCause(), sent.get(), within);
    }
  }

  private static void add(ByteArrayOutputStream bytes, byte[] chunk) {
    bytes.write(chunk, 0, Math.min(chunk.length, MOST_BYTES - bytes.size()));
  }

  private static Result response(HttpClientResponse head, ByteArrayOutputStream body) {
    String text = HookRunner.shown(body.toString(StandardCharsets.UTF_8));
    int status = head.status().code();
    return new Response(
        status,
        head.responseHeaders().get("Retry-After"),
        "status " + status + (text.isEmpty() ? "" : ": " + text));
  }

  private static Failure failed(Throwable cause, boolean sent, Duration within) {
    if (cause instanceof TimeoutException) {
      return new Failure(sent, "no response within " + within.toMillis() + " ms");
    }
    return new Failure(sent, FailureText.of(cause, HookRunner.MOST_SHOWN));
  }
}
