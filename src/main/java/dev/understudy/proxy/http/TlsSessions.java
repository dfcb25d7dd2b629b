package dev.understudy.proxy.http;

import dev.understudy.condition.TlsSession;
import java.math.BigInteger;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** Puts TLS sessions of clients into words. */
public final class TlsSessions {
  private TlsSessions() {}

  /**
   * Has a session keep the server name, which Netty's engine for BoringSSL forgets with the end of
   * the connection unless it was asked before.
   */
  static void keepServerName(SSLSession session) {
    if (session instanceof ExtendedSSLSession extended) {
      var unused = extended.getRequestedServerNames();
    }
  }

  /**
   * @param serverName null for the session's
   */
  static TlsSession of(SSLSession session, @Nullable String serverName) {
    return new TlsSession(
        session.getProtocol(),
        session.getCipherSuite(),
        serverName == null ? serverName(session) : serverName,
        certificate(session));
  }

  /** The server name that the client asks for (RFC 6066 §3), in small letters; empty if none. */
  public static String serverName(@Nullable SSLSession session) {
    List<SNIServerName> names =
        session instanceof ExtendedSSLSession extended
            ? extended.getRequestedServerNames()
            : List.of();
    for (SNIServerName each : names) {
      if (each instanceof SNIHostName host) {
        return host.getAsciiName().toLowerCase(Locale.ROOT);
      }
    }
    return "";
  }

  /** The handshake has verified a certificate, or failed. */
  private static TlsSession.@Nullable Certificate certificate(SSLSession session) {
    try {
      Certificate[] chain = session.getPeerCertificates();
      if (chain.length > 0 && chain[0] instanceof X509Certificate certificate) {
        return new TlsSession.Certificate(
            certificate.getSubjectX500Principal().getName(X500Principal.RFC2253),
            certificate.getIssuerX500Principal().getName(X500Principal.RFC2253),
            hex(certificate.getSerialNumber()));
      }
      return null;
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  private static String hex(BigInteger serial) {
    String text = serial.toString(16).toUpperCase(Locale.ROOT);
    return text.length() % 2 == 0 ? text : "0" + text;
  }
}
