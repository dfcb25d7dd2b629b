package dev.understudy.settings;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.pool.DnsLabel;
import dev.understudy.text.Words;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the replicas' agreement: {@code understudy.agreement.*}.
 *
 * @param mode the store that the replicas share; {@code standalone} by default
 * @param replica this replica's unique name; null for {@code HOSTNAME}
 * @param name the installation's name, common to all replicas, so that two installations can share
 *     a namespace; {@code understudy} by default
 * @param renew the interval of a replica's signs of life, 500 ms to 30 s; 2 s by default
 * @param onLoss the behaviour of a replica that is out of touch with the others, {@code local} or
 *     {@code hold}; {@code local} by default
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
    if (!DnsLabel.isValid(name)) {
      throw wrong("name", "a DNS label of at most 40 characters (a-z, 0-9, '-')", name);
    }
    if (renew.compareTo(SHORTEST_RENEW) < 0 || renew.compareTo(LONGEST_RENEW) > 0) {
      throw wrong("renew", "a duration from 500ms to 30s", renew.toString());
    }
  }

  /**
   * Normalises a replica's name to lower case.
   *
   * @throws IllegalArgumentException if the name is invalid, with the setting's name
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

  /** Creates an exception whose message describes a problem of one of these settings. */
  static IllegalArgumentException wrong(String setting, String expected, @Nullable String found) {
    return new IllegalArgumentException(
        PREFIX
            + setting
            + ": expected "
            + expected
            + (found == null ? "" : ", found \"" + found + "\""));
  }

  /** The store that replicas share. */
  public enum Mode {
    /** No store: each replica decides alone. */
    STANDALONE,
    /** The Kubernetes API, with Leases of one namespace. */
    KUBERNETES,
    /** An etcd cluster. */
    ETCD;

    /** The constant in lower case, as in the setting. */
    public String word() {
      return Words.lower(this);
    }
  }

  /**
   * Access to the Kubernetes API; needs no settings in a pod that has its service account's token.
   *
   * @param url the API's URL; null for the cluster's own
   * @param namespace null for the pod's
   * @param tokenFile the token file, read again as it is rotated; null for the service account's
   * @param caFile the API's certificate authorities; null for the service account's
   * @param podName this pod's name from the Downward API; null if unknown
   * @param podUid this pod's UID from the Downward API, with which Kubernetes removes the remains
   *     of a lost pod; null if unknown
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
            "a value, because " + (podName == null ? "pod-uid" : "pod-name") + " is set",
            null);
      }
    }
  }

  /**
   * Access to an etcd cluster.
   *
   * @param urls the client URLs of its members; https is verified
   * @param prefix the prefix of all keys, which ends with a slash; null for {@code /NAME/}
   * @param username null to disable authentication
   * @param passwordFile the password's file, read at each request for a token
   * @param bundle the Spring SSL bundle for https URLs; null for the JDK's certificates
   */
  public record Etcd(
      @DefaultValue List<String> urls,
      @Nullable String prefix,
      @Nullable String username,
      @Nullable Path passwordFile,
      @Nullable String bundle) {}
}
