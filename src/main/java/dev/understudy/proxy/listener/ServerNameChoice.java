package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.pool.TlsUse;
import dev.understudy.pool.TlsUses;
import dev.understudy.proxy.tcp.ServerNamePeek;
import dev.understudy.proxy.tcp.TcpListenerContext;
import dev.understudy.proxy.tcp.TcpRelays;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Decides by the server name whether a connection is served as HTTP, relayed or closed. Until then
 * the limits of an HTTP connection's TLS negotiation hold; a relayed one is then handed to the TCP
 * relay.
 */
final class ServerNameChoice {
  private static final String NAME = NettyPipeline.LEFT + "understudyServerName";

  private final @Nullable TcpRelays relays;
  private volatile @Nullable Current current;

  /**
   * What holds now.
   *
   * @param contexts those of each use by which connections are relayed
   */
  private record Current(TlsUses uses, Map<TlsUse, TcpListenerContext> contexts) {}

  /**
   * @param relays null if no listener relays
   */
  ServerNameChoice(@Nullable TcpRelays relays) {
    this.relays = relays;
  }

  /** Changes what becomes of connections whose names are not known yet. */
  void use(Listener settings, @Nullable TlsSupply supply) {
    TlsUses uses = settings.uses();
    if (uses == null) {
      current = null;
      return;
    }
    Map<TlsUse, TcpListenerContext> contexts = new HashMap<>();
    for (TlsUse each : settings.relayedUses()) {
      boolean ends = each.kind() == TlsUse.Kind.TERMINATED;
      contexts.put(
          each,
          new TcpListenerContext(
              settings.relayed(each), ends && supply != null ? supply.relayed() : null));
    }
    current = new Current(uses, contexts);
  }

  /** Begins to wait for the name, if anything depends on it; before TLS. */
  void install(Channel client) {
    if (current != null) {
      client.pipeline().addFirst(NAME, new ServerNamePeek(name -> choose(client, name)));
    }
  }

  private void choose(Channel client, @Nullable String name) {
    Current now = current;
    TlsUse use = now == null ? TlsUse.HTTP : now.uses().of(name);
    if (now == null || use.kind() == TlsUse.Kind.HTTP) {
      return;
    }
    try {
      removeAllAfter(client.pipeline(), NAME);
      TcpListenerContext context = now.contexts().get(use);
      if (context == null || !(client instanceof SocketChannel socket)) {
        var unused = client.close();
      } else {
        Objects.requireNonNull(relays).takeOver(socket, context, name);
      }
    } catch (RuntimeException | Error e) {
      // Nobody limits its time any more.
      var unused = client.close();
      throw e;
    }
  }

  /** Removes the handlers behind that one, the last first. */
  static void removeAllAfter(ChannelPipeline pipeline, String name) {
    List<String> names = pipeline.names();
    for (String each : names.subList(names.indexOf(name) + 1, names.size()).reversed()) {
      if (pipeline.get(each) != null) {
        pipeline.remove(each);
      }
    }
  }
}
