package dev.understudy.agreement.etcd;

import dev.understudy.text.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the connection to etcd, and of the place of the documents in it.
 *
 * @param urls the members' client URLs, such as {@code http://etcd-0:2379}; the first that works is
 *     used until it fails
 * @param prefix prefix of all keys, which is this installation's alone; ends with {@code /}
 * @param username null if etcd has no authentication
 * @param passwordFile file with the user's password, read whenever a token is requested; null
 *     without a user name
 * @param timeout time-out of each call; default 1 s, at most 1 min
 * @param voterTtl lifetime of a voter's key after its last write; default 60 s, 1 s to 24 h
 */
public record EtcdSettings(
    List<String> urls,
    String prefix,
    @Nullable String username,
    @Nullable Path passwordFile,
    Duration timeout,
    Duration voterTtl) {
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);
  public static final Duration DEFAULT_VOTER_TTL = Duration.ofSeconds(60);

  private static final String AT = "understudy.agreement.etcd.";
  private static final int MOST_URLS = 16;
  private static final int LONGEST_PREFIX = 200;
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration LONGEST_TTL = Duration.ofDays(1);

  /**
   * Checks all settings.
   *
   * @throws IllegalArgumentException with the setting, the expectation and the value found
   */
  public EtcdSettings {
    check(
        !urls.isEmpty() && urls.size() <= MOST_URLS,
        "urls",
        urls.size() + " URLs",
        "1 to " + MOST_URLS);
    for (int i = 0; i < urls.size(); i++) {
      checkUrl("urls[" + i + "]", urls.get(i));
    }
    urls = urls.stream().map(EtcdSettings::withoutLastSlash).toList();
    check(
        isPrefix(prefix),
        "prefix",
        show(prefix),
        "printable ASCII without blanks that ends with \"/\", at most "
            + LONGEST_PREFIX
            + " characters, such as \"/understudy/shop/\"");
    check(username == null || !username.isBlank(), "username", "a blank", "a name, or none");
    check(
        username == null || passwordFile != null,
        "password-file",
        "nothing",
        "a path, as there is a username");
    check(
        username != null || passwordFile == null,
        "username",
        "nothing",
        "a name, as there is a password-file");
    check(
        timeout.isPositive() && timeout.compareTo(LONGEST_TIMEOUT) <= 0,
        "timeout",
        timeout,
        "more than 0 and at most 60s");
    check(
        voterTtl.toSeconds() >= 1 && voterTtl.compareTo(LONGEST_TTL) <= 0,
        "voter-ttl",
        voterTtl,
        "1s to 24h");
  }

  /** Settings without authentication and with default times. */
  public static EtcdSettings of(List<String> urls, String prefix) {
    return new EtcdSettings(urls, prefix, null, null, DEFAULT_TIMEOUT, DEFAULT_VOTER_TTL);
  }

  private static void checkUrl(String where, String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      throw problem(where, isSecret(text) ? null : show(text), URL_EXPECTED);
    }
    check(!isSecret(text), where, null, URL_EXPECTED + " without user and password");
    check(isUrl(url), where, show(text), URL_EXPECTED);
  }

  private static final String URL_EXPECTED =
      "http or https, host and port, such as http://etcd-0:2379";

  /** Whether the URL may contain a password, and so must not be shown. */
  private static boolean isSecret(String url) {
    return url.contains("@");
  }

  private static boolean isUrl(URI url) {
    return ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        && url.getHost() != null
        && url.getPort() > 0
        && url.getPort() <= 65535
        && url.getRawQuery() == null
        && url.getRawFragment() == null;
  }

  private static boolean isPrefix(String prefix) {
    return prefix.endsWith("/")
        && prefix.length() <= LONGEST_PREFIX
        && prefix.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private static String withoutLastSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private static String show(String text) {
    return "\"" + Printable.oneLine(text, 60) + "\"";
  }

  private static void check(boolean holds, String where, @Nullable Object found, String expected) {
    if (!holds) {
      throw problem(where, found, expected);
    }
  }

  /**
   * The exception for one setting.
   *
   * @param found null if it must not be shown
   */
  private static IllegalArgumentException problem(
      String where, @Nullable Object found, String expected) {
    return new IllegalArgumentException(
        AT + where + ": expected " + expected + (found == null ? "" : ", found " + found));
  }
}
