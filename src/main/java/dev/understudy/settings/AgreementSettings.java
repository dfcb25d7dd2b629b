package dev.understudy.settings;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.pool.DnsLabel;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
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
 * @param mode {@code standalone}: each replica decides alone. Otherwise the store through which
 *     replicas agree.
 * @param replica Name of this replica, different from all others.
 * @param name Name of the installation, the same for all its replicas.
 * @param renew Interval at which a replica renews its sign of life. After twice this time without
 *     one the replica is out of touch; after three times it is no longer counted.
 * @param onLoss What a replica does while out of touch. {@code local}: it keeps the agreed server,
 *     and decides alone if that fails. {@code hold}: its requests wait, then get 503, and it is not
 *     ready.
 */
public record AgreementSettings(
    @DefaultValue("standalone") Mode mode,
    @Unset("`HOSTNAME`, else the machine's name")
        @Values("at most 200 of `a`-`z`, `0`-`9`, `-`, `.`")
        @Nullable String replica,
    @Values("a DNS label of at most 40 characters") @DefaultValue("understudy") String name,
    @Values("500ms to 30s") @DefaultValue("2s") Duration renew,
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
   * @param url The Kubernetes API.
   * @param namespace Namespace of the Leases.
   * @param tokenFile Token for the API, read again as it is rotated.
   * @param caFile Certificates that verify the API.
   * @param podName This pod's name, by the Downward API; its Lease is removed together with the
   *     pod. Set together with {@code pod-uid}.
   * @param podUid This pod's UID, by the Downward API.
   */
  public record Kubernetes(
      @Unset("the pod's cluster") @Values("`https://HOST:PORT`") @Nullable String url,
      @Unset("the pod's") @Values("a namespace") @Nullable String namespace,
      @Unset("the service account's") @Values("a path") @Nullable String tokenFile,
      @Unset("the service account's") @Values("a path") @Nullable String caFile,
      @Unset("unknown") @Nullable String podName,
      @Unset("unknown") @Nullable String podUid) {
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
   * @param urls Client URLs of the members.
   * @param prefix Prefix of all keys.
   * @param username Set together with {@code password-file}.
   * @param passwordFile File with the password, read for each new token.
   * @param bundle For {@code https} URLs.
   */
  public record Etcd(
      @Values("1 to 16 such as `https://etcd-0:2379` in mode `etcd`") @DefaultValue
          List<String> urls,
      @Unset("`/NAME/` with `agreement.name`") @Values("at most 200 characters, ends with `/`")
          @Nullable String prefix,
      @Unset("no authentication") @Nullable String username,
      @Unset("no authentication") @Nullable Path passwordFile,
      @Unset("the JDK's certificates") @Values("an SSL bundle") @Nullable String bundle) {}
}
