package dev.understudy.notification;

import dev.understudy.pool.DnsLabel;
import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Required;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A receiver of [notifications](../deploy/notifications.md).
 *
 * @param name Its name in metrics, the API and {@code understudy notify}.
 * @param url Where a POST goes. Never shown, as it may hold a token. Redirects are not followed.
 * @param format The form of a message.
 * @param events What is sent, of [these](../deploy/notifications.md#events).
 * @param headers Further header fields, name: value.
 * @param secretFile Secret that signs each message; read again when it changes.
 * @param bundle SSL bundle with trusted certificates and, for mutual TLS, a client certificate.
 */
public record ReceiverSettings(
    @Required(EXPECTED_NAME) @Values("a DNS label of at most 40 characters") String name,
    @Required(EXPECTED_URL) @Values("`http` or `https`") String url,
    @Default("cloudevents") Format format,
    @Unset("all but `health` and `routine`") List<Topic> events,
    @Default Map<String, String> headers,
    @Unset("not signed") @Values("a file of 16 to 4096 bytes") @Nullable Path secretFile,
    @Unset("the JDK's trusted certificates") @Nullable String bundle) {
  private static final String EXPECTED_NAME =
      "a DNS label of at most 40 characters (a-z, 0-9, '-')";
  private static final String EXPECTED_URL = "an http or https URL with a host";

  /** The most receivers. */
  private static final int MOST = 16;

  @SuppressWarnings("NullAway") // what is not set is null
  public ReceiverSettings {
    name = name == null ? "" : name;
    url = url == null ? "" : url;
    format = format == null ? Format.CLOUDEVENTS : format;
    events = events == null ? List.of() : List.copyOf(events);
    headers = headers == null ? Map.of() : Map.copyOf(headers);
  }

  /** What is sent. */
  Set<Topic> topics() {
    return events.isEmpty() ? Topic.USUAL : Set.copyOf(events);
  }

  /**
   * Requires receivers that can be used. Messages have no URL, which may hold a secret.
   *
   * @throws IllegalArgumentException with the name of a setting
   */
  public static void require(List<ReceiverSettings> all) {
    if (all.size() > MOST) {
      throw new IllegalArgumentException(
          "understudy.notifications: expected at most %d, found %d".formatted(MOST, all.size()));
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < all.size(); i++) {
      ReceiverSettings each = all.get(i);
      String at = "understudy.notifications[" + i + "].";
      if (!DnsLabel.isValid(each.name)) {
        throw new IllegalArgumentException(
            at + "name: expected " + EXPECTED_NAME + found(each.name));
      }
      if (!names.add(each.name)) {
        throw new IllegalArgumentException(
            at + "name: expected a name that no other receiver has" + found(each.name));
      }
      if (!isUrl(each.url)) {
        throw new IllegalArgumentException(at + "url: expected " + EXPECTED_URL);
      }
      if (each.secretFile != null) {
        try {
          var unused = Signature.read(each.secretFile);
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(at + "secret-file: " + e.getMessage(), e);
        }
      }
    }
  }

  private static String found(String value) {
    return value.isEmpty() ? ", found nothing" : ", found \"" + value + "\"";
  }

  private static boolean isUrl(String text) {
    try {
      URI url = URI.create(text);
      return ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Leaves out what may be secret. */
  @Override
  public String toString() {
    return name + " (" + format + ")";
  }
}
