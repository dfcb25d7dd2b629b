package dev.understudy.kubernetes;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Location of the Kubernetes API, and of this installation's Leases in it.
 *
 * @param url URL of the API, without a slash at the end
 * @param name name of the installation: the first part of each Lease's name, and a label of it
 * @param replica this replica's name, for the event log
 * @param tokenFile file with the service account's token; null for requests without {@code
 *     Authorization}
 * @param caFile file with the certificates to trust; null for those that Java trusts
 * @param pod owner of this replica's Lease, which is deleted with it; null if there is none
 * @param callTimeout time-out of each call, from its start to the end of the response
 */
public record KubernetesSettings(
    URI url,
    String namespace,
    String name,
    String replica,
    @Nullable Path tokenFile,
    @Nullable Path caFile,
    @Nullable Pod pod,
    Duration callTimeout) {
  /** Directory in which Kubernetes puts a pod's credentials. */
  public static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  public static final String PREFIX = "understudy.agreement.kubernetes.";

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?");
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(1);

  /** A pod, as the Downward API describes it. */
  public record Pod(String name, String uid) {}

  /** Settings by the operator; null or empty for the default of a pod. */
  public record Given(
      @Nullable String url,
      @Nullable String namespace,
      @Nullable String tokenFile,
      @Nullable String caFile) {
    /** Nothing set by the operator: the defaults of a pod hold. */
    public static final Given NOTHING = new Given(null, null, null, null);
  }

  /**
   * Creates settings, with a pod's defaults for missing ones.
   *
   * @param environment returns the value of an environment variable, or null
   * @param serviceAccount directory of the pod's credentials, usually {@link #SERVICE_ACCOUNT}
   * @throws IllegalArgumentException with the setting, its fault and the expectation
   */
  public static KubernetesSettings of(
      Given given,
      String name,
      String replica,
      @Nullable Pod pod,
      UnaryOperator<@Nullable String> environment,
      Path serviceAccount) {
    String url = text(given.url());
    return new KubernetesSettings(
        url.isEmpty() ? inCluster(environment) : url(url),
        namespace(text(given.namespace()), serviceAccount),
        name(name),
        replica,
        file("token-file", text(given.tokenFile()), serviceAccount.resolve("token"), url.isEmpty()),
        file("ca-file", text(given.caFile()), serviceAccount.resolve("ca.crt"), false),
        pod,
        CALL_TIMEOUT);
  }

  /** The same settings with another time-out of calls. */
  public KubernetesSettings withCallTimeout(Duration timeout) {
    return new KubernetesSettings(url, namespace, name, replica, tokenFile, caFile, pod, timeout);
  }

  private static String text(@Nullable String given) {
    return given == null ? "" : given.strip();
  }

  private static URI url(String text) {
    URI url;
    try {
      url = new URI(text.replaceAll("/+$", ""));
    } catch (URISyntaxException e) {
      throw wrongUrl(text, "not a URL (" + e.getReason() + ")");
    }
    if (!"https".equals(url.getScheme()) && !"http".equals(url.getScheme())) {
      throw wrongUrl(text, "neither http: nor https:");
    }
    if (url.getHost() == null) {
      throw wrongUrl(text, "no host in it");
    }
    if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
      throw wrong(
          "url", "has a user, query or fragment; expected scheme, host, port and path only");
    }
    return url;
  }

  private static IllegalArgumentException wrongUrl(String text, String what) {
    return wrong("url", "\"" + text + "\" is " + what + "; expected e.g. https://10.96.0.1:443");
  }

  private static URI inCluster(UnaryOperator<@Nullable String> environment) {
    String host = text(environment.apply("KUBERNETES_SERVICE_HOST"));
    if (host.isEmpty()) {
      throw wrong(
          "url",
          "not set, and there is no KUBERNETES_SERVICE_HOST as in a pod; expected e.g."
              + " https://10.96.0.1:443");
    }
    String port = text(environment.apply("KUBERNETES_SERVICE_PORT"));
    String bracketed = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    return url("https://" + bracketed + ":" + (port.isEmpty() ? "443" : port));
  }

  private static String namespace(String given, Path serviceAccount) {
    if (!given.isEmpty()) {
      return label("namespace", given);
    }
    Path file = serviceAccount.resolve("namespace");
    try {
      return label("namespace", Files.readString(file).strip());
    } catch (IOException e) {
      throw wrong(
          "namespace",
          "not set, and "
              + file
              + " cannot be read as in a pod; expected the namespace of the Leases");
    }
  }

  private static String label(String setting, String value) {
    if (!LABEL.matcher(value).matches()) {
      throw wrong(
          setting,
          "\""
              + value
              + "\" is not a namespace; expected at most 63 lower-case letters, digits and \"-\"");
    }
    return value;
  }

  private static String name(String value) {
    if (!NAME.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "understudy.agreement.name: \""
              + value
              + "\" cannot begin a Lease's name; expected at most 40 lower-case letters, digits"
              + " and \"-\", neither first nor last a \"-\"");
    }
    return value;
  }

  /** The given file, else the pod's if it is readable; null if there is none and none is needed. */
  private static @Nullable Path file(String setting, String given, Path usual, boolean needed) {
    Path file = given.isEmpty() ? usual : Path.of(given);
    if (Files.isReadable(file)) {
      return file;
    }
    if (!given.isEmpty()) {
      throw wrong(setting, file + " cannot be read");
    }
    if (needed) {
      throw wrong(
          setting,
          "not set, and "
              + file
              + " cannot be read as in a pod; is automountServiceAccountToken off?");
    }
    return null;
  }

  private static IllegalArgumentException wrong(String setting, String how) {
    return new IllegalArgumentException(PREFIX + setting + ": " + how);
  }
}
