package dev.understudy.pool;

import dev.understudy.file.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names of what objects of a cluster come to: {@code gw.shop.sense}. No name in the dynamic file
 * has a dot, so that neither can be taken for the other. They are names of hosts too (RFC 3986
 * §3.2.2), as routes have them in URIs, and fit into the names of Leases.
 */
public final class ClusterName {
  /** Characters. */
  private static final int MOST = 160;

  /** Of a digest: so many that nobody finds two names with the same ones. */
  private static final int DIGITS = 26;

  private static final Pattern PATTERN =
      Pattern.compile(
          "gw(-[a-z0-9]+)*(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\\.[a-z]([a-z0-9-]*[a-z0-9])?");

  /** The end of a name with a digest. */
  private static final Pattern DIGEST = Pattern.compile("\\.x[0-9a-f]{" + DIGITS + "}$");

  private static final Pattern LISTENER = Pattern.compile("gw\\.[0-9]{1,5}(-[a-z0-9-]{1,63})?");

  private ClusterName() {}

  /** Whether a text is such a name. */
  public static boolean isValid(String text) {
    return text.startsWith("gw") && text.length() <= MOST && PATTERN.matcher(text).matches();
  }

  /** Whether a text is the name of a listener of that kind: {@code gw.80}. */
  static boolean isListener(String text) {
    return LISTENER.matcher(text).matches();
  }

  /**
   * The name of the listener for a port that Gateways ask for: {@code gw.80} for the first Service,
   * {@code gw.80-second} for a further one of that name.
   */
  public static String listener(int port, @Nullable String further) {
    return "gw." + port + (further == null ? "" : "-" + further);
  }

  /**
   * The name with these parts: as they are, if that makes a name that does not look like one with a
   * digest, else what fits of them and a digest of the whole.
   *
   * @param first {@code gw}, or {@code gw-} and more
   * @param parts names of Kubernetes, in small letters
   */
  public static String of(String first, String... parts) {
    String whole = first + "." + String.join(".", parts);
    if (isValid(whole) && !DIGEST.matcher(whole).find()) {
      return whole;
    }
    String digest = Sha256.hex(Sha256.of(whole.getBytes(StandardCharsets.UTF_8)), DIGITS);
    String start = whole.substring(0, Math.min(whole.length(), MOST - DIGITS - 2));
    return start.replaceAll("[.-]+$", "") + ".x" + digest;
  }
}
