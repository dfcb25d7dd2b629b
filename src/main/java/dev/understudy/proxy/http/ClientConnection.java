package dev.understudy.proxy.http;

import dev.understudy.condition.TlsSession;
import dev.understudy.network.IpAddress;
import dev.understudy.traffic.ClientSide;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The connection from which requests come. Create one per connection, since it caches the {@code
 * X-Forwarded-*} lines.
 */
public final class ClientConnection implements ClientSide {
  /** The name of the listener of {@code server.port}. */
  public static final String MAIN = "main";

  /** A connection to a server that belongs to this client. */
  public interface Owned {
    /** The client's connection has ended. */
    void clientEnded();
  }

  private final InetSocketAddress remote;
  private final @Nullable IpAddress address;
  private final InetSocketAddress local;
  private final boolean tls;
  private final String listener;
  private final @Nullable SSLSession tlsSession;
  private final @Nullable String serverName;
  private final LongConsumer unsent;

  /** Null until it is asked for. Used on the connection's event loop only. */
  private @Nullable TlsSession tlsWords;

  /**
   * The forwarding fields of the last request on this connection; null before the first. Used on
   * the connection's event loop only.
   */
  ForwardedHeaders.@Nullable Block forwarded;

  /**
   * The connections to servers that authenticated this client, the newest last; null before the
   * first. Used on the connection's event loop only.
   */
  private @Nullable List<Owned> owned;

  private boolean ended;

  /**
   * Describes a connection.
   *
   * @param remote the client, or the last proxy in front (PROXY protocol respected)
   * @param local the local address that accepted the connection
   * @param tls whether the connection is TLS
   * @param listener the name of the listener that accepted the connection
   * @param tlsSession null unless the connection is TLS
   * @param serverName by which the certificates were chosen, empty for none; null for the session's
   * @param unsent told by {@link #unsent}
   */
  public ClientConnection(
      InetSocketAddress remote,
      InetSocketAddress local,
      boolean tls,
      String listener,
      @Nullable SSLSession tlsSession,
      @Nullable String serverName,
      LongConsumer unsent) {
    this.remote = IpAddress.normal(remote);
    this.address = IpAddress.of(remote);
    this.local = local;
    this.tls = tls;
    this.listener = listener;
    this.tlsSession = tlsSession;
    this.serverName = serverName;
    this.unsent = unsent;
    if (tlsSession != null) {
      TlsSessions.keepServerName(tlsSession);
    }
  }

  /**
   * Counts bytes that more, or fewer, are kept for this client outside of its connection: of its
   * requests, until servers take them, and of the heads of responses, until their ends.
   */
  public void unsent(long change) {
    unsent.accept(change);
  }

  /** The connections that belong to this client, the newest last. */
  public List<Owned> owned() {
    return owned == null ? List.of() : owned;
  }

  /** Adds a connection that belongs to this client. */
  public void own(Owned connection) {
    if (owned == null) {
      owned = new ArrayList<>(1);
    }
    owned.add(connection);
  }

  /** Removes a connection that has ended. */
  public void disown(Owned connection) {
    if (owned != null) {
      owned.remove(connection);
    }
  }

  /** Ends what belongs to this client; called when its connection has ended. */
  public void end() {
    ended = true;
    List.copyOf(owned()).forEach(Owned::clientEnded);
  }

  /** Whether the connection has ended. */
  public boolean isEnded() {
    return ended;
  }

  /** The client, or the last proxy in front. */
  public InetSocketAddress remote() {
    return remote;
  }

  /** The address of the client, or of the last proxy in front; null if it is not known. */
  public @Nullable IpAddress address() {
    return address;
  }

  @Override
  public int localPort() {
    return local.getPort();
  }

  /** The local address that accepted the connection. */
  public InetSocketAddress local() {
    return local;
  }

  /** Whether the connection is TLS. */
  public boolean tls() {
    return tls;
  }

  @Override
  public String listener() {
    return listener;
  }

  /** The TLS session; null without TLS. */
  public @Nullable SSLSession tlsSession() {
    return tlsSession;
  }

  /** The TLS session as texts, made at the first call; null without TLS. */
  public @Nullable TlsSession tlsWords() {
    if (tlsWords == null && tlsSession != null) {
      tlsWords = TlsSessions.of(tlsSession, serverName);
    }
    return tlsWords;
  }

  @Override
  public @Nullable String tlsVersion() {
    TlsSession words = tlsWords();
    return words == null ? null : words.version();
  }

  @Override
  public @Nullable String tlsCipher() {
    TlsSession words = tlsWords();
    return words == null ? null : words.cipher();
  }

  @Override
  public @Nullable String tlsServerName() {
    TlsSession words = tlsWords();
    return words == null || words.serverName().isEmpty() ? null : words.serverName();
  }

  @Override
  public @Nullable String tlsSubject() {
    TlsSession words = tlsWords();
    TlsSession.Certificate certificate = words == null ? null : words.certificate();
    return certificate == null ? null : certificate.subject();
  }

  @Override
  public String toString() {
    return remote + (tls ? " over TLS to " : " to ") + localPort();
  }
}
