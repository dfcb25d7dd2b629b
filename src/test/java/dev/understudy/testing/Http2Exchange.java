package dev.understudy.testing;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One stream. Frames are read when they are asked for, so that windows fill as of a slow reader.
 */
final class Http2Exchange {
  private static final long TIMEOUT_SECONDS = 120;

  private sealed interface Event {
    record Head(Http2Headers headers, boolean last) implements Event {}

    record Data(byte[] bytes, boolean last) implements Event {}

    record Broken() implements Event {}
  }

  private final Http2StreamChannel stream;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final StringBuilder head = new StringBuilder();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status;
  private boolean ended;
  private boolean broken;

  Http2Exchange(Http2StreamChannel stream) {
    this.stream = stream;
    stream.config().setAutoRead(false);
    stream.pipeline().addLast(new Reader());
  }

  ChannelFuture head(Http2Headers headers, boolean last) {
    return stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers, last));
  }

  ChannelFuture data(byte[] bytes, boolean last) {
    return stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes), last));
  }

  void reset() {
    stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL)).awaitUninterruptibly();
    // What came and was not read is let go.
    stream.close().awaitUninterruptibly();
  }

  Response response() {
    while (!ended && !broken && !isInformational()) {
      take();
    }
    Response response =
        new Response(status, head.toString(), body.toString(StandardCharsets.UTF_8), broken);
    if (isInformational()) {
      status = 0;
      head.setLength(0);
    }
    return response;
  }

  private boolean isInformational() {
    return status >= 100 && status < 200;
  }

  void awaitBody(int bytes) {
    while (body.size() < bytes) {
      if (ended || broken) {
        throw new AssertionError("the answer ended before");
      }
      take();
    }
  }

  void skip(long bytes) {
    long left = bytes;
    while (left > 0) {
      if (body.size() == 0) {
        awaitBody(1);
      }
      left -= body.size();
      body.reset();
    }
  }

  private void take() {
    Event event = events.poll();
    try {
      if (event == null) {
        stream.read();
        event = events.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    switch (event) {
      case Event.Head head -> {
        fields(head.headers());
        ended = head.last();
      }
      case Event.Data data -> {
        body.writeBytes(data.bytes());
        ended = data.last();
      }
      case Event.Broken none -> broken = true;
      case null -> throw new AssertionError("nothing came");
    }
  }

  private void fields(Http2Headers headers) {
    if (headers.status() == null) {
      headers.forEach(
          each ->
              body.writeBytes(
                  ("[" + each.getKey() + ": " + each.getValue() + "]")
                      .getBytes(StandardCharsets.UTF_8)));
      return;
    }
    status = Integer.parseInt(headers.status().toString());
    head.append("HTTP/2 ").append(status).append("\r\n");
    headers.forEach(
        each -> head.append(each.getKey()).append(": ").append(each.getValue()).append("\r\n"));
  }

  private final class Reader extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      try {
        if (frame instanceof Http2HeadersFrame headers) {
          events.add(new Event.Head(headers.headers(), headers.isEndStream()));
        } else if (frame instanceof Http2DataFrame data) {
          byte[] bytes = new byte[data.content().readableBytes()];
          data.content().readBytes(bytes);
          events.add(new Event.Data(bytes, data.isEndStream()));
        }
      } finally {
        ReferenceCountUtil.release(frame);
      }
    }

    /** A reset as well, behind what came before it; its own event overtakes data not yet read. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      events.add(new Event.Broken());
    }
  }
}
