package dev.understudy.condition;

import org.jspecify.annotations.Nullable;

/**
 * A client's TLS session as texts.
 *
 * @param version such as {@code TLSv1.3}
 * @param cipher the name of the cipher suite
 * @param serverName the name that the client asked for (RFC 6066 §3), in small letters; empty if
 *     none
 * @param certificate the client's certificate, verified; null if it gave none
 */
public record TlsSession(
    String version, String cipher, String serverName, @Nullable Certificate certificate) {

  /**
   * A client certificate.
   *
   * @param subject the distinguished name (RFC 2253), such as {@code CN=client,O=Example}
   * @param issuer likewise
   * @param serial the serial number in hexadecimal capitals, an even number of digits
   */
  public record Certificate(String subject, String issuer, String serial) {}
}
