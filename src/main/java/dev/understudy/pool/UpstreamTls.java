package dev.understudy.pool;

import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.jspecify.annotations.Nullable;

/**
 * TLS settings of connections to https servers, for traffic and probes alike.
 *
 * @param bundle the Spring SSL bundle with trusted certificates and, for mutual TLS, our own; null
 *     for the JDK's trusted certificates
 * @param serverName name sent as SNI (RFC 6066 §3) and verified; null for the server's host
 * @param verify whether the certificate is verified; default true
 */
public record UpstreamTls(@Nullable String bundle, @Nullable String serverName, boolean verify) {
  /** An address rather than a name, as no top-level domain is a number. */
  private static final Pattern IPV4 = Pattern.compile("(?:.*\\.)?[0-9]+");

  public static final UpstreamTls DEFAULT = new UpstreamTls(null, null, true);

  /** The name that the server's certificate must be for, without the root's dot. */
  public String peerName(ServerAddress server) {
    String name = serverName == null ? server.host() : serverName;
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /**
   * What is sent as SNI: the name, explicitly, as the JDK by itself sends none without a dot.
   * Nothing for an IP address, nor for a name that can be resolved but is no host name by RFC 6066
   * §3, such as one with an underscore.
   */
  public static List<SNIServerName> sni(String peerName) {
    if (IPV4.matcher(peerName).matches()) {
      return List.of();
    }
    try {
      return List.of(new SNIHostName(peerName));
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }
}
