package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.OfObjects;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.jspecify.annotations.Nullable;

/**
 * TLS settings of connections to https servers, for traffic and probes alike.
 *
 * @param bundle SSL bundle of [{@code spring.ssl.bundle}](#spring-boots-own) with trusted
 *     certificates and, for mutual TLS, a client certificate.
 * @param serverName Sent as SNI and verified.
 * @param verify Whether the certificate is verified.
 * @param trusted certificates of a BackendTLSPolicy, which are trusted alone; null for the bundle's
 */
public record UpstreamTls(
    @Unset("the JDK's trusted certificates") @Text(TextFormat.NAME) @Nullable String bundle,
    @Unset("the server's host") @Text(TextFormat.HOST) @Nullable String serverName,
    @Default("true") boolean verify,
    @OfObjects @Nullable TrustedCertificates trusted) {
  /** An address rather than a name, as no top-level domain is a number. */
  private static final Pattern IPV4 = Pattern.compile("(?:.*\\.)?[0-9]+");

  public static final UpstreamTls DEFAULT = SectionType.defaults(UpstreamTls.class);

  /** As the file has it. */
  public UpstreamTls(@Nullable String bundle, @Nullable String serverName, boolean verify) {
    this(bundle, serverName, verify, null);
  }

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
