package dev.understudy.settings;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.pool.Label;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How replicas agree: {@code understudy.agreement.*}.
 *
 * @param mode where they meet; default: this one decides alone
 * @param replica this one's name, which no other has; null: {@code HOSTNAME}
 * @param name the installation's, common to all replicas, by which two can share a namespace
 * @param renew how often a replica says that it lives, 500 ms to 30 s; default 2 s
 * @param onLoss what one does that is out of touch with the others; default local
 */
public record AgreementSettings(
    @DefaultValue("standalone") Mode mode,
    @Nullable String replica,
    @DefaultValue("understudy") String name,
    @DefaultValue("2s") Duration renew,
    @DefaultValue("local") OnLoss onLoss,
    @DefaultValue Kubernetes kubernetes,
    @DefaultValue Etcd etcd) {
  private static final String PREFIX = "understudy.agreement.";
  private static final Pattern REPLICA = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
  private static final int LONGEST_REPLICA = 200;
  private static final Duration SHORTEST_RENEW = Duration.ofMillis(500);
  private static final Duration LONGEST_RENEW = Duration.ofSeconds(30);

  public AgreementSettings {
    if (replica != null) {
      replica = replicaName(replica);
    }
    if (!Label.isValid(name)) {
      throw wrong("name", "a DNS label of at most 40 characters (a-z, 0-9, '-')", name);
    }
    if (renew.compareTo(SHORTEST_RENEW) < 0 || renew.compareTo(LONGEST_RENEW) > 0) {
      throw wrong("renew", "a duration from 500ms to 30s", renew.toString());
    }
  }

  /**
   * The form in which a replica's name is used: in lower case.
   *
   * @throws IllegalArgumentException if it is none, with the setting's name
   */
  public static String replicaName(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    if (name.length() > LONGEST_REPLICA || !REPLICA.matcher(name).matches()) {
      throw wrong(
          "replica",
          "at most 200 of a-z, 0-9, '-' and '.' that begin and end with a letter or a digit",
          text);
    }
    return name;
  }

  /** A sentence about one of these settings. */
  static IllegalArgumentException wrong(String setting, String expected, @Nullable String found) {
    return new IllegalArgumentException(
        PREFIX
            + setting
            + ": expected "
            + expected
            + (found == null ? "" : ", found \"" + found + "\""));
  }

  /** Where replicas meet. */
  public enum Mode {
    /** Nowhere: each decides alone. */
    STANDALONE,
    /** In the Kubernetes API, as Leases of one namespace. */
    KUBERNETES,
    /** In etcd. */
    ETCD;

    /** As the setting has it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The Kubernetes API; all of it is found by itself in a pod that has its token.
   *
   * @param url null: the cluster's own
   * @param namespace null: the pod's
   * @param tokenFile read again as it is rotated; null: the service account's
   * @param caFile the API's certificate authorities; null: the service account's
   * @param podName this pod's, by the Downward API; null: unknown
   * @param podUid this pod's, by the Downward API, so that Kubernetes removes what a lost pod left;
   *     null: unknown
   */
  public record Kubernetes(
      @Nullable String url,
      @Nullable String namespace,
      @Nullable String tokenFile,
      @Nullable String caFile,
      @Nullable String podName,
      @Nullable String podUid) {
    public Kubernetes {
      if ((podName == null) != (podUid == null)) {
        throw wrong(
            "kubernetes." + (podName == null ? "pod-name" : "pod-uid"),
            "a value, as the other of pod-name and pod-uid has one",
            null);
      }
    }
  }

  /**
   * An etcd cluster.
   *
   * @param urls of its members' client ports; https is verified
   * @param prefix of all keys, which ends with a slash; null: {@code /NAME/}
   * @param username null: without authentication
   * @param passwordFile read when a token is asked for
   * @param bundle the Spring SSL bundle for https URLs; null: the JDK's certificates
   */
  public record Etcd(
      @DefaultValue List<String> urls,
      @Nullable String prefix,
      @Nullable String username,
      @Nullable Path passwordFile,
      @Nullable String bundle) {}
}
