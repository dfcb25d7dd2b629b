package dev.understudy.proxy.tcp;

import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.frontend.ConnectionLimits;
import dev.understudy.snapshot.Snapshot;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All relayed TCP connections of this process: finds a server for each accepted one, relays it, and
 * ends it when its server must be left or the process stops. One instance in each process;
 * thread-safe.
 */
public final class TcpRelays implements AutoCloseable {
  final ConnectionLimits limits;
  final Duration headerTimeout;
  private final Engine engine;
  final AddressSessions sessions = new AddressSessions();
  private final PerEventLoop<RelayLoop> loops = new PerEventLoop<>(this::create);
  private final Runnable unsubscribe;

  /**
   * Creates relays that follow the engine's snapshots.
   *
   * @param limits count the clients that a PROXY protocol header names
   * @param headerTimeout time for all that precedes the bytes to relay: PROXY protocol header, TLS
   *     handshake, ClientHello
   */
  public TcpRelays(Engine engine, ConnectionLimits limits, Duration headerTimeout) {
    this.engine = engine;
    this.limits = limits;
    this.headerTimeout = headerTimeout;
    unsubscribe = engine.snapshots().subscribe(this::published);
  }

  private RelayLoop create(EventLoop loop) {
    RelayLoop created = new RelayLoop(this, engine.on(loop));
    limits.addShedder(loop, created::shed);
    return created;
  }

  private void published(Snapshot snapshot) {
    sessions.retain(snapshot);
    loops.runOnEach(RelayLoop::refresh);
  }

  /**
   * Takes over a connection that is about to be registered with its event loop; called on that
   * loop, when its pipeline is empty.
   *
   * @param context the listener as it is now
   */
  public void accepted(SocketChannel client, Supplier<TcpListenerContext> context) {
    new TcpRelay(loops.on(client.eventLoop()), client, context.get()).install();
  }

  /**
   * Takes over a connection that was accepted for something else; called on its event loop, while
   * the only handler is one that passes the first bytes when this returns.
   *
   * @param context what becomes of it; it awaits no PROXY protocol header and no server name
   * @param serverName the name that the client asks for by TLS; null for none
   */
  public void takeOver(
      SocketChannel client, TcpListenerContext context, @Nullable String serverName) {
    new TcpRelay(loops.on(client.eventLoop()), client, context).takeOver(serverName);
  }

  /** All sessions as text for the next process. */
  public String sessions() {
    return sessions.text();
  }

  /** Takes over the sessions of the process before, before any connection; null for none. */
  public void restoreSessions(@Nullable String text) {
    sessions.restore(text, engine.snapshots().current());
  }

  /**
   * Gives all connections the grace time to end by themselves, then resets them. The listening
   * sockets must be closed before.
   *
   * @return completed when no connection is left
   */
  public CompletionStage<Void> drainAll(Duration grace) {
    return loops.endOnEach(each -> each.drain(grace));
  }

  /** Stops following the snapshots; open connections go on. */
  @Override
  public void close() {
    unsubscribe.run();
  }
}
