package dev.understudy.proxy.listener;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/** The newest context of a listener: a connection gets the certificates of the moment it begins. */
final class CurrentSslContext extends SslContext {
  private volatile Supplier<SslContext> current;

  CurrentSslContext(Supplier<SslContext> current) {
    this.current = current;
  }

  /** Changes the contexts of connections that begin from now on. */
  void use(Supplier<SslContext> next) {
    current = next;
  }

  @Override
  public boolean isClient() {
    return false;
  }

  @Override
  public List<String> cipherSuites() {
    return current.get().cipherSuites();
  }

  @Override
  @SuppressWarnings("deprecation") // Netty's own method has that type
  public io.netty.handler.ssl.ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return current.get().applicationProtocolNegotiator();
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator alloc) {
    return current.get().newEngine(alloc);
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
    return current.get().newEngine(alloc, peerHost, peerPort);
  }

  /** {@inheritDoc} By the context itself, which knows how its engine is used best. */
  @Override
  protected SslHandler newHandler(ByteBufAllocator alloc, boolean startTls) {
    return current.get().newHandler(alloc);
  }

  @Override
  public SSLSessionContext sessionContext() {
    return current.get().sessionContext();
  }
}
