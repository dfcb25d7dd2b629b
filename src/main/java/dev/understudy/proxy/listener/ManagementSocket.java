package dev.understudy.proxy.listener;

import dev.understudy.handover.Inheritance;
import dev.understudy.handover.OfferedSocket;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** The listening socket of the management port, which a process may inherit and hand over. */
public final class ManagementSocket {
  private static final String NAME = "management";

  private final Inheritance inherited;
  private volatile @Nullable Channel open;

  ManagementSocket(Inheritance inherited) {
    this.inherited = inherited;
  }

  /**
   * Has the server use the inherited socket, if there is one; it accepts after {@link #accept}.
   *
   * @param wanted the address that it would bind
   */
  public HttpServer customize(HttpServer server, InetSocketAddress wanted) {
    HttpServer known = server.doOnBound(bound -> open = bound.channel());
    List<Integer> descriptors = inherited.take(NAME, wanted);
    LoopResources loops = server.configuration().loopResources();
    return descriptors.isEmpty() ? known : known.runOn(new Inherited(loops, descriptors.get(0)));
  }

  /**
   * Begins to accept on an inherited socket: until then its connections are the other process's.
   */
  void accept() {
    Channel known = open;
    if (known != null) {
      try {
        known.eventLoop().execute(() -> AcceptGate.open(known));
      } catch (RejectedExecutionException stopped) {
        // The process is ending, and the socket with its loop.
      }
    }
  }

  /** Offers the socket to a successor. */
  void offer(BiConsumer<OfferedSocket, Integer> to) {
    LoopSockets.offer(NAME, open, to);
  }

  /** Accepts no further connection. */
  void close() {
    Channel known = open;
    if (known != null) {
      var unused = known.close();
    }
  }

  /** The same event loops, with that socket. */
  private record Inherited(LoopResources loops, int descriptor) implements LoopResources {
    @Override
    public EventLoopGroup onServer(boolean useNative) {
      return loops.onServer(useNative);
    }

    @Override
    public EventLoopGroup onServerSelect(boolean useNative) {
      return loops.onServerSelect(useNative);
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // Reactor Netty's own signature
    public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
      EventLoop any = group.next();
      return new AcceptLoop(any, any, false, descriptor).onChannel(type, group);
    }
  }
}
