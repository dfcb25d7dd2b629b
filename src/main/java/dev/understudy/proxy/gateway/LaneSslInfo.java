package dev.understudy.proxy.gateway;

import dev.understudy.proxy.http.ClientConnection;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.SslInfo;

/** The TLS session of a client's connection as Spring sees it. */
record LaneSslInfo(SSLSession session) implements SslInfo {
  /** Returns null without TLS. */
  static @Nullable SslInfo of(ClientConnection client) {
    SSLSession session = client.tlsSession();
    return session == null ? null : new LaneSslInfo(session);
  }

  @Override
  public @Nullable String getSessionId() {
    byte[] id = session.getId();
    return id == null ? null : HexFormat.of().formatHex(id);
  }

  /** Null if the client has shown none. */
  @Override
  public X509Certificate @Nullable [] getPeerCertificates() {
    Certificate[] shown;
    try {
      shown = session.getPeerCertificates();
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
    return Arrays.stream(shown)
        .filter(X509Certificate.class::isInstance)
        .map(X509Certificate.class::cast)
        .toArray(X509Certificate[]::new);
  }
}
