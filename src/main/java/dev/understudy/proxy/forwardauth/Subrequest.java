package dev.understudy.proxy.forwardauth;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.RetryAllowance;
import dev.understudy.proxy.http.TimeLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request to an authenticator, and the client's side of its exchange.
 *
 * <table>
 *   <caption>States and their successors</caption>
 *   <tr><td>ASKED</td><td>head of a 2xx: the request is admitted</td><td>DRAINED</td></tr>
 *   <tr><td></td><td>head of 1xx to 4xx otherwise</td><td>REFUSED</td></tr>
 *   <tr><td></td><td>head of a 5xx, as of the proxy itself if no server can be reached: failed</td>
 *       <td>DRAINED</td></tr>
 *   <tr><td>REFUSED: the body is kept, for the client</td><td>its end: refused; too long, or broken
 *       off: failed</td><td>OVER</td></tr>
 *   <tr><td>DRAINED: the body is dropped</td><td>its end; too long</td><td>OVER</td></tr>
 *   <tr><td>any but OVER</td><td>the time is over: failed; cancelled</td><td>OVER</td></tr>
 * </table>
 */
final class Subrequest implements Downstream {
  /** The most bytes of a body; a login page that is sent with a 401 is smaller. */
  static final int MOST_BODY = 65_536;

  /** What a trusted proxy says of the client, which the engine extends. */
  static final List<String> FORWARDED =
      List.of(
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-port",
          "x-forwarded-proto",
          "forwarded");

  private static final List<String> TRACE = List.of("traceparent", "tracestate");

  private final ForwardAuth auth;
  private final AuthQuestion question;
  private final EventLoop loop;
  private final Consumer<Subrequest> ended;
  private final CompletableFuture<AuthVerdict> verdict = new CompletableFuture<>();
  private @Nullable Exchange exchange;
  private @Nullable Future<?> timer;

  /** The head of a refusal; null if there is none, or not yet. */
  private @Nullable HttpResponse refusal;

  private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private int received;
  private boolean answered;
  private boolean over;

  /**
   * @param ended is called once, when nothing more comes of it
   */
  Subrequest(ForwardAuth auth, AuthQuestion question, EventLoop loop, Consumer<Subrequest> ended) {
    this.auth = auth;
    this.question = question;
    this.loop = loop;
    this.ended = ended;
  }

  CompletableFuture<AuthVerdict> start(ExchangeFactory engine) {
    Exchange begun = engine.exchange(request(), this, loop);
    exchange = begun;
    timer = loop.schedule(this::late, auth.settings().timeout().toNanos(), TimeUnit.NANOSECONDS);
    var unused =
        verdict.whenComplete(
            (found, failure) -> {
              if (verdict.isCancelled()) {
                loop.execute(this::leave);
              }
            });
    begun.start();
    return verdict;
  }

  /** Whether the authenticator itself has admitted the request. */
  boolean isAnswered() {
    return answered;
  }

  private ProxyRequest request() {
    HttpHeaders fields = new DefaultHttpHeaders();
    if (question.host() != null) {
      fields.set(HttpHeaderNames.HOST, question.host());
    }
    for (List<String> names : List.of(FORWARDED, TRACE, auth.settings().requestHeaders())) {
      names.forEach(name -> fields.set(name, question.fields().apply(name)));
    }
    fields
        .set("x-request-id", question.id())
        .set("x-forwarded-method", question.method())
        .set("x-forwarded-uri", question.target())
        .set("x-original-method", question.method());
    if (question.host() != null) {
      fields.set("x-original-url", question.scheme() + "://" + question.host() + question.target());
    }
    return new ProxyRequest(
        auth.settings().target(),
        question.host(),
        auth,
        auth.settings().pool(),
        null,
        HttpMethod.GET,
        auth.settings().target(),
        HttpVersion.HTTP_1_1,
        fields,
        false,
        null,
        RetryAllowance.UNLIMITED,
        TimeLimits.NONE,
        question.client());
  }

  /** Gives it up for another client network's; on any thread. */
  void displace() {
    var unused = PerEventLoop.run(loop, this::displaced);
  }

  private void displaced() {
    leave();
    verdict.complete(AuthVerdict.Unanswered.BUSY);
  }

  private void late() {
    leave();
    fail();
  }

  /** Leaves the exchange; an answer that has been given stands. */
  private void leave() {
    if (!over) {
      finish();
      if (exchange != null) {
        exchange.clientGone();
      }
    }
  }

  private void finish() {
    if (!over) {
      over = true;
      if (timer != null) {
        timer.cancel(false);
      }
      ended.accept(this);
    }
  }

  private void fail() {
    verdict.complete(
        auth.settings().opens()
            ? AuthVerdict.Admitted.WITHOUT_FIELDS
            : AuthVerdict.Unanswered.FAILED);
  }

  @Override
  public void informational(HttpResponse response) {
    // Nobody waits for one.
  }

  @Override
  public void head(HttpResponse head) {
    int status = head.status().code();
    if (status >= 200 && status < 300) {
      answered = true;
      verdict.complete(new AuthVerdict.Admitted(taken(head.headers())));
    } else if (status >= 500) {
      fail();
    } else {
      refusal = head;
    }
  }

  private Map<String, List<String>> taken(HttpHeaders from) {
    Map<String, List<String>> taken = new LinkedHashMap<>();
    for (String name : auth.settings().responseHeaders()) {
      List<String> values = from.getAll(name);
      if (!values.isEmpty()) {
        taken.put(name, List.copyOf(values));
      }
    }
    return taken;
  }

  @Override
  public void body(ByteBuf data) {
    received += data.readableBytes();
    try {
      if (refusal != null && received <= MOST_BODY) {
        body.writeBytes(ByteBufUtil.getBytes(data));
      }
    } finally {
      data.release();
    }
    if (received > MOST_BODY && !over) {
      // The exchange still runs the batch that this is a part of.
      finish();
      fail();
      Exchange left = exchange;
      if (left != null) {
        loop.execute(left::clientGone);
      }
    }
  }

  @Override
  public void end(HttpHeaders trailers) {
    finish();
    HttpResponse head = refusal;
    if (head != null) {
      verdict.complete(
          new AuthVerdict.Refused(head.status().code(), head.headers(), body.toByteArray()));
    }
  }

  @Override
  public boolean isWritable() {
    return !over;
  }

  @Override
  public boolean isHeadWelcome() {
    return true;
  }

  @Override
  public void requestRead() {
    // There is no body.
  }

  @Override
  public void breakOff() {
    finish();
    fail();
  }

  @Override
  public void abort() {
    breakOff();
  }

  @Override
  public Channel upgrade(HttpResponse switching) {
    throw new IllegalStateException("an upgrade that was not asked for");
  }
}
