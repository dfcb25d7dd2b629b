package dev.understudy.proxy.gateway;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Stands in for the engine: each request does what the test's script says, on its event loop. */
final class ScriptedEngine implements ExchangeFactory {
  /** Newest last. */
  final CopyOnWriteArrayList<Call> calls = new CopyOnWriteArrayList<>();

  private volatile Consumer<Call> script = Call::echo;
  private volatile ExchangeFactory real;

  /** Has a real engine do it; null: the script again. */
  void standInFor(ExchangeFactory engine) {
    real = engine;
  }

  void script(Consumer<Call> next) {
    calls.clear();
    script = next;
  }

  Call last() {
    return calls.get(calls.size() - 1);
  }

  @Override
  public Exchange exchange(ProxyRequest request, Downstream downstream, EventLoop loop) {
    ExchangeFactory engine = real;
    if (engine != null) {
      return engine.exchange(request, downstream, loop);
    }
    Call call = new Call(request, downstream, loop, script);
    calls.add(call);
    return call;
  }

  static HttpResponse head(int status, String... headers) {
    HttpHeaders fields = new DefaultHttpHeaders();
    for (int i = 0; i < headers.length; i += 2) {
      fields.add(headers[i], headers[i + 1]);
    }
    return new DefaultHttpResponse(
        HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), fields);
  }

  static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  /** One request. */
  static final class Call implements Exchange {
    final ProxyRequest request;
    final Downstream downstream;
    final EventLoop loop;
    final AtomicBoolean gone = new AtomicBoolean();
    final AtomicBoolean ended = new AtomicBoolean();
    final AtomicLong received = new AtomicLong();
    final Queue<String> threads = new ConcurrentLinkedQueue<>();
    volatile Consumer<ByteBuf> onBody;
    volatile HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
    volatile Runnable onEnd = () -> {};
    volatile Runnable onWritable = () -> {};
    private final Consumer<Call> script;

    Call(ProxyRequest request, Downstream downstream, EventLoop loop, Consumer<Call> script) {
      this.request = request;
      this.downstream = downstream;
      this.loop = loop;
      this.script = script;
      this.onBody =
          data -> {
            data.release();
            downstream.requestRead();
          };
    }

    @Override
    public TraceContext trace() {
      return null;
    }

    @Override
    public void start() {
      threads.add(Thread.currentThread().getName());
      script.accept(this);
    }

    @Override
    public void requestBody(ByteBuf data) {
      received.addAndGet(data.readableBytes());
      onBody.accept(data);
    }

    @Override
    public void requestEnd(HttpHeaders trailers) {
      this.trailers = trailers;
      ended.set(true);
      onEnd.run();
    }

    @Override
    public void refuse(int status) {
      gone.set(true);
      respond(status, "refused");
    }

    @Override
    public void clientGone() {
      gone.set(true);
    }

    @Override
    public void writabilityChanged() {
      onWritable.run();
    }

    void respond(HttpResponse head, String body) {
      downstream.head(head);
      if (!body.isEmpty()) {
        downstream.body(text(body));
      }
      downstream.end(EmptyHttpHeaders.INSTANCE);
    }

    void respond(int status, String body) {
      respond(head(status, "Content-Length", String.valueOf(body.length())), body);
    }

    /** Says what it got: the target, then the request's body. */
    void echo() {
      if (!request.body()) {
        respond(200, request.target());
        return;
      }
      StringBuilder all = new StringBuilder(request.target()).append('\n');
      onBody =
          data -> {
            all.append(data.toString(StandardCharsets.UTF_8));
            data.release();
            downstream.requestRead();
          };
      onEnd = () -> respond(200, all.toString());
      downstream.requestRead();
    }
  }
}
