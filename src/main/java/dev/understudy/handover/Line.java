package dev.understudy.handover;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a handover: messages, and descriptors in between. Its listener is called on the
 * connection's event loop.
 */
final class Line {
  /** Receives what the other side sends. */
  interface Listener {
    void message(Message message);

    void descriptor(FileDescriptor descriptor);

    /** The connection has ended; nothing follows. */
    void closed();
  }

  private final EpollDomainSocketChannel channel;
  private @Nullable Listener listener;

  /** Installs itself in the pipeline of a new connection. */
  Line(EpollDomainSocketChannel channel) {
    this.channel = channel;
    channel.pipeline().addLast(new LineBasedFrameDecoder(Message.MOST_BYTES)).addLast(new Reader());
  }

  /** Set before anything can arrive. */
  void listen(Listener next) {
    listener = next;
  }

  private Listener listener() {
    Listener known = listener;
    if (known == null) {
      throw new IllegalStateException("nobody listens");
    }
    return known;
  }

  /** Whether the other side is a process of this user or of root. */
  boolean isOfOwner(int uid) {
    try {
      int peer = channel.peerCredentials().uid();
      return peer == uid || peer == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** The process at the other side; -1 if it is not known. */
  int pid() {
    try {
      return channel.peerCredentials().pid();
    } catch (IOException e) {
      return -1;
    }
  }

  ChannelFuture send(Message message) {
    return channel.writeAndFlush(Unpooled.wrappedBuffer(message.bytes(), new byte[] {'\n'}));
  }

  void send(FileDescriptor descriptor) {
    var unused = channel.writeAndFlush(descriptor);
  }

  /** Whether descriptors follow, and no messages. */
  void expectDescriptors(boolean expected) {
    channel
        .config()
        .setReadMode(expected ? DomainSocketReadMode.FILE_DESCRIPTORS : DomainSocketReadMode.BYTES);
  }

  void close() {
    var unused = channel.close();
  }

  /** Runs a task after what has arrived. */
  void execute(Runnable task) {
    try {
      channel.eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      // The thread has ended with its connections.
    }
  }

  private final class Reader extends SimpleChannelInboundHandler<Object> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof FileDescriptor descriptor) {
        listener().descriptor(descriptor);
      } else {
        listener().message(Message.read(ByteBufUtil.getBytes((ByteBuf) msg)));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      listener().closed();
    }

    /** A malformed message ends the connection, and so the handover. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var unused = ctx.close();
    }
  }
}
