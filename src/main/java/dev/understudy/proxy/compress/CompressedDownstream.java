package dev.understudy.proxy.compress;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.TrafficListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of an exchange whose response may be compressed. Every batch is flushed, so
 * that nothing waits for more of the response; backpressure is that of the side behind it, which
 * counts compressed bytes.
 */
public final class CompressedDownstream implements Downstream {
  private final Downstream to;
  private final Compression settings;
  private final boolean accepted;
  private final TrafficListener listener;
  private @Nullable GzipStream stream;

  /** Bytes of the body that came less those that were sent. */
  private long saved;

  /**
   * Creates the side of that request's client.
   *
   * @param accepted whether the client takes gzip
   */
  public CompressedDownstream(
      Downstream to,
      Compression settings,
      boolean accepted,
      ProxyRequest request,
      TrafficListener listener) {
    this.to = to;
    this.settings = settings;
    this.accepted = accepted && Compression.isPossible(request.method(), request.version());
    this.listener = listener;
  }

  @Override
  public void head(HttpResponse head) {
    HttpHeaders fields = head.headers();
    if (settings.concerns(head)) {
      vary(fields);
      if (accepted) {
        begin(fields);
      }
    } else if (settings.concernsNotModified(head)) {
      vary(fields);
      if (accepted) {
        ofCompressed(fields);
      }
    }
    to.head(head);
  }

  private static void vary(HttpHeaders fields) {
    boolean known =
        fields.containsValue(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING, true)
            || fields.containsValue(HttpHeaderNames.VARY, "*", true);
    if (!known) {
      fields.add(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
    }
  }

  private void begin(HttpHeaders fields) {
    Deflater deflater = Deflaters.SHARED.take(settings.level());
    if (deflater == null) {
      listener.limited(Limit.COMPRESSIONS);
      return;
    }
    stream = new GzipStream(deflater, this::send, Deflaters.SHARED::giveBack);
    fields.set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
    ofCompressed(fields);
  }

  /** Removes what is not true of the compressed content, whose bytes may differ each time. */
  private static void ofCompressed(HttpHeaders fields) {
    fields.remove(HttpHeaderNames.CONTENT_LENGTH);
    fields.remove(HttpHeaderNames.ACCEPT_RANGES);
    String tag = fields.get(HttpHeaderNames.ETAG);
    if (tag != null && !tag.startsWith("W/")) {
      fields.set(HttpHeaderNames.ETAG, "W/" + tag);
    }
  }

  private void send(ByteBuf compressed) {
    saved -= compressed.readableBytes();
    to.body(compressed);
  }

  @Override
  public void body(ByteBuf data) {
    GzipStream through = stream;
    if (through == null) {
      to.body(data);
      return;
    }
    saved += data.readableBytes();
    try {
      through.write(data);
    } finally {
      data.release();
    }
  }

  @Override
  public boolean accepts(HttpResponse response) {
    return to.accepts(response);
  }

  @Override
  public void flush() {
    if (stream != null) {
      stream.flush();
    }
    to.flush();
  }

  @Override
  public void bodyEnds() {
    if (stream != null) {
      stream.finish();
    }
    release();
  }

  @Override
  public void end(HttpHeaders trailers) {
    bodyEnds();
    to.end(trailers);
  }

  @Override
  public void breakOff() {
    // Delivers what came of the response, though its end is missing.
    if (stream != null) {
      stream.flush();
    }
    release();
    to.breakOff();
  }

  @Override
  public void abort() {
    release();
    to.abort();
  }

  @Override
  public void gone() {
    release();
    to.gone();
  }

  private void release() {
    GzipStream used = stream;
    stream = null;
    if (used != null) {
      used.end();
    }
  }

  @Override
  public long saved() {
    return saved;
  }

  @Override
  public void informational(HttpResponse response) {
    to.informational(response);
  }

  @Override
  public boolean isWritable() {
    return to.isWritable();
  }

  @Override
  public boolean isHeadWelcome() {
    return to.isHeadWelcome();
  }

  @Override
  public void requestRead() {
    to.requestRead();
  }

  @Override
  public Channel upgrade(HttpResponse switching) {
    return to.upgrade(switching);
  }
}
